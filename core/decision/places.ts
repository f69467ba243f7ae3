/** Where a rule's source stands, for messages: good enough to open the right file. */
import type { Prepared } from './decide.ts';
import { canFind } from './entrypoints.ts';

/**
 * The `file:line` of each rule that some violation names. A set of violations does not say which
 * of its rules made each, so the line is that of the rule's name in the package's text, if it is there.
 */
export function rulePlaces(prepared: Pick<Prepared, 'policies' | 'entrypoints' | 'schemas'>, rules: Iterable<string>) {
  const places = new Map<string, string>();
  for (const rule of new Set(rules)) {
    const place = placeOfSchema(prepared, rule) ?? placeOfName(prepared, rule) ?? placeOfEntrypoint(prepared, rule);
    if (place !== undefined) places.set(rule, place);
  }
  return places;
}

function placeOfSchema({ schemas }: Pick<Prepared, 'schemas'>, rule: string): string | undefined {
  return schemas.find((schema) => schema.rule === rule)?.path;
}

function placeOfName({ policies }: Pick<Prepared, 'policies'>, rule: string): string | undefined {
  const quoted = JSON.stringify(rule);
  for (const { kind, path, text } of policies.files) {
    if (kind !== 'module') continue;
    const at = text.indexOf(quoted);
    if (at >= 0) return `${path}:${text.slice(0, at).split('\n').length}`;
  }
  return undefined;
}

function placeOfEntrypoint({ entrypoints }: Pick<Prepared, 'entrypoints'>, rule: string): string | undefined {
  const only = entrypoints.filter(canFind);
  const found = only.find((entrypoint) => entrypoint.rule === rule) ?? (only.length === 1 ? only[0] : undefined);
  return found && `${found.location.path}:${found.location.range.start.line + 1}`;
}
