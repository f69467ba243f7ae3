/**
 * What Gatekeeper gives the Rego of a template as `input`: the object under review, and the constraint's parameters as
 * the template's own schema describes them.
 */
import { derived } from '../../derived.ts';
import type { Document } from '../../snapshot.ts';
import type { InputSchema } from '../types/input-schemas.ts';
import { masked } from './block-scalar.ts';
import review from './review.schema.json' with { type: 'json' };
import type { EmbeddedTarget, ParametersSchema } from './templates.ts';

/** The parts of the input that are known for a target; undefined where none is. */
export function inputSchemasOf(
  yaml: Document,
  path: string,
  { target, parameters }: EmbeddedTarget,
): readonly InputSchema[] | undefined {
  const known: InputSchema[] = [];
  if (target === 'admission.k8s.gatekeeper.sh') {
    const name = "Kubernetes' admission request";
    known.push({ at: ['review'], value: review, name, own: 'review.schema.json', pointer: [] });
  }
  if (parameters) {
    const { document, pointer } = parameters;
    known.push({
      at: ['parameters'],
      value: closed(parameters),
      name: `${path}, openAPIV3Schema`,
      document: documentAt(yaml)(document.start, document.end),
      pointer,
    });
  }
  return known.length > 0 ? known : undefined;
}

/** A file may hold several documents; the schema's is the one that is left, where it was. */
const documentAt = derived((yaml: Document) => {
  const made = new Map<number, Document>();
  return (start: number, end: number): Document => {
    const known = made.get(start) ?? { ...yaml, text: masked(yaml.text, { start, end }) };
    made.set(start, known);
    return known;
  };
});

/**
 * Kubernetes drops what a schema does not name, wherever it has not been told to keep it:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
function closed({ schema, open }: ParametersSchema): unknown {
  return open ? schema : pruned(schema);
}

function pruned(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { properties, items, additionalProperties } = schema;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...schema,
    ...(isObject(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, pruned(inner)])),
      ...(additionalProperties === undefined && !keepsUnknown && { additionalProperties: false }),
    }),
    ...(isObject(additionalProperties) && { additionalProperties: pruned(additionalProperties) }),
    ...(isObject(items) && { items: pruned(items) }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
