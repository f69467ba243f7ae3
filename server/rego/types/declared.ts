/** Types as OPA's capabilities declare them for built-ins, as JSON. */
import { isRecord, records } from '../../../core/plain-data.ts';
import { anObject, any, type Field, objectOf, type ScalarKind, scalar, setOf, type Type, union } from './type.ts';

/** https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/types/decode.go */
export function typeOfDeclaration(raw: unknown): Type {
  if (!isRecord(raw)) return any;
  switch (raw.type) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return scalar(raw.type as ScalarKind);
    case 'array': {
      const rest = raw.dynamic === undefined ? {} : { rest: typeOfDeclaration(raw.dynamic) };
      return { kind: 'array', first: records(raw.static).map(typeOfDeclaration), ...rest };
    }
    case 'set':
      return setOf(typeOfDeclaration(raw.of));
    case 'object': {
      const fields = new Map(
        records(raw.static).map(({ key, value }): [string, Field] => [
          String(key),
          { type: typeOfDeclaration(value), required: true },
        ]),
      );
      const { key, value } = isRecord(raw.dynamic) ? raw.dynamic : {};
      if (!isRecord(raw.dynamic)) return fields.size > 0 ? { kind: 'object', fields } : anObject;
      return { ...objectOf(typeOfDeclaration(key), typeOfDeclaration(value)), fields };
    }
    case 'any': {
      const options = records(raw.of).map(typeOfDeclaration);
      return options.length > 0 ? union(options) : any;
    }
    default:
      return any;
  }
}
