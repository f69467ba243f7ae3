/** References of a JSON Schema to its own parts. */
import { isRecord } from '../../../core/plain-data.ts';

/** Where a reference leads within its document: `#`, `#/a/b`, `#anchor`; undefined where it leads elsewhere or nowhere. */
export function referred(top: unknown, reference: string): { schema: unknown; pointer: readonly string[] } | undefined {
  if (!reference.startsWith('#')) return undefined;
  const fragment = decoded(reference.slice(1));
  if (fragment !== '' && !fragment.startsWith('/')) return anchored(top, fragment, []);
  const pointer = fragment === '' ? [] : fragment.slice(1).split('/');
  const names = pointer.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let schema = top;
  for (const name of names) {
    if (typeof schema !== 'object' || schema === null) return undefined;
    schema = (schema as Record<string, unknown>)[name];
  }
  return schema === undefined ? undefined : { schema, pointer: names };
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** A definition that names itself, by `$anchor` or, in old drafts, `$id`. */
function anchored(
  top: unknown,
  name: string,
  pointer: readonly string[],
): { schema: unknown; pointer: readonly string[] } | undefined {
  if (!isRecord(top)) return undefined;
  for (const word of ['$defs', 'definitions']) {
    for (const [key, schema] of Object.entries(isRecord(top[word]) ? top[word] : {})) {
      if (!isRecord(schema)) continue;
      if (schema.$anchor === name || schema.$id === `#${name}`) return { schema, pointer: [...pointer, word, key] };
    }
  }
  return undefined;
}
