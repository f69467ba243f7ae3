/** What literals say. */
import type { Span } from './tree.ts';

/** The value of a string, in double quotes or in backquotes. */
export function stringValue(text: string, { start, end }: Span): string {
  const inner = text.slice(start + 1, end - 1);
  return text.charCodeAt(start) === 96 ? inner : unescaped(inner);
}

/** The value of the text of a template string between its quotes and braces. */
export function templateValue(text: string, { start, end }: Span, raw: boolean): string {
  // `$"` or `}` begins it.
  const from = text.charCodeAt(start) === 36 ? start + 2 : start + 1;
  const inner = text.slice(from, end - 1);
  if (raw) return inner.replaceAll('\\{', '{');
  return inner.includes('\\')
    ? unescaped(inner.replaceAll(/\\(.)/gs, (all, next) => (next === '{' ? '{' : all)))
    : inner;
}

/** Escapes are those of JSON; halves of surrogate pairs become the replacement character, as Go reads them. */
function unescaped(inner: string): string {
  if (!inner.includes('\\')) return inner;
  try {
    return (JSON.parse(`"${inner}"`) as string).replaceAll(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    );
  } catch {
    return inner;
  }
}
