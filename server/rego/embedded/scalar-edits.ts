/**
 * Edits of the Rego in a quoted, plain or folded scalar as edits of the YAML text: in the scalar's own writing where
 * the YAML then reads back as what is meant, else the scalar becomes a literal block, where one can hold it.
 */
import { LSPErrorCodes, type Range, ResponseError, type TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Document } from '../../snapshot.ts';
import type { Span } from '../syntax/tree.ts';
import { blockOf } from './as-block.ts';
import { readsAs } from './proof.ts';
import type { ScalarPlaces } from './scalar-places.ts';
import type { EmbeddedText } from './templates.ts';
import type { Style } from './written.ts';

/** A scalar with Rego in a YAML document. */
export interface ScalarText {
  readonly yaml: Document;
  readonly source: EmbeddedText;
  readonly places: ScalarPlaces;
}

/** Edits whose ranges are in the file and whose texts are Rego. Rejects with a ResponseError where YAML cannot hold the outcome there. */
export function scalarEdits(scalar: ScalarText, edits: readonly TextEdit[]): TextEdit[] {
  const { places, source } = scalar;
  const own = edits.map(({ range, newText }) =>
    shortened(source.value, { span: spanOf(places, range), text: newText.replace(/\r\n/g, '\n') }),
  );
  const value = applied(source.value, own);
  return value === source.value ? [] : (inPlace(scalar, own, value) ?? rewritten(scalar, value));
}

/** The scalar with another value as a literal block. Rejects with a ResponseError where no block can hold it there. */
export function rewritten(scalar: ScalarText, value: string): TextEdit[] {
  const edit = asBlock(scalar, value);
  if (edit) return [edit];
  const message = `YAML cannot hold the changed Rego where it is: write ${scalar.source.name} as a block scalar, \`|\`, on lines of its own.`;
  throw new ResponseError<void>(LSPErrorCodes.RequestFailed, message);
}

/** The same; undefined where no block can hold it there. */
export function asBlock({ yaml, source }: ScalarText, value: string): TextEdit | undefined {
  const newText = blockOf(yaml, source, value);
  if (newText === undefined) return undefined;
  const lines = TextDocument.create('', 'yaml', 0, yaml.text);
  return { range: { start: lines.positionAt(source.span.start), end: lines.positionAt(source.span.end) }, newText };
}

/** Rego as it is written within a scalar; undefined where only the whole scalar could tell. */
export function writtenAs(style: Style, text: string): string | undefined {
  switch (style) {
    case 'double':
      return escaped(text);
    case 'single':
      return /[\n\r]/.test(text) ? undefined : text.replaceAll("'", "''");
    default:
      return /[\n\r]/.test(text) ? undefined : text;
  }
}

/** What a double-quoted text cannot hold as it is, and what would not be seen in it. */
function escaped(text: string): string {
  return text.replace(/["\\]|\p{Cc}|[\u2028\u2029\ufeff]|\p{Cs}/gu, (character) => {
    const known = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' }[character];
    return known ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

interface Own {
  span: Span;
  text: string;
}

function spanOf(places: ScalarPlaces, { start, end }: Range): Span {
  return { start: places.offsetAt(start), end: places.offsetAt(end) };
}

/** Without what it leaves as it is, so that an edit of lines touches no line break. */
function shortened(value: string, { span, text }: Own): Own {
  const old = value.slice(span.start, span.end);
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old.charCodeAt(start) === text.charCodeAt(start)) start++;
  // Half a character is written nowhere.
  if (/[\uD800-\uDBFF]/.test(old.charAt(start - 1))) start--;
  let end = 0;
  while (end < shorter - start && old.charCodeAt(old.length - 1 - end) === text.charCodeAt(text.length - 1 - end))
    end++;
  if (/[\uDC00-\uDFFF]/.test(old.charAt(old.length - end))) end--;
  return { span: { start: span.start + start, end: span.end - end }, text: text.slice(start, text.length - end) };
}

function applied(value: string, edits: readonly Own[]): string {
  let [result, at] = ['', 0];
  for (const { span, text } of edits.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)) {
    result += value.slice(at, span.start) + text;
    at = span.end;
  }
  return result + value.slice(at);
}

/** Undefined unless the YAML would be read as it was, with the one value changed. */
function inPlace(scalar: ScalarText, edits: readonly Own[], value: string): TextEdit[] | undefined {
  const { places, yaml, source } = scalar;
  const style = places.written()?.style;
  if (!style) return undefined;
  const written: TextEdit[] = [];
  for (const { span, text } of edits) {
    const newText = writtenAs(style, text);
    if (newText === undefined) return undefined;
    written.push({ range: places.rangeOf(span), newText });
  }
  const after = TextDocument.applyEdits(TextDocument.create('', 'yaml', 0, yaml.text), written);
  return readsAs(yaml.text, after, source.span.start, value) ? written : undefined;
}
