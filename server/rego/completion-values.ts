/** Values that make sense where one is compared, asked for or handed over. */
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import { rangeOf } from './places.ts';
import type { Expected } from './types/expected.ts';
import { valuesListed } from './types/parts.ts';
import { alternatives, type ScalarValue } from './types/type.ts';

/** More values than this are no choice. */
const maxValues = 200;

export function valueItems(document: Document, { type, string, isKey }: Expected): CompletionItem[] {
  const isBoolean = alternatives(type).every(({ kind }) => kind === 'boolean');
  // Both truths are keywords, too.
  const listed = isBoolean ? [] : (valuesListed(type) ?? knownValues(type)).slice(0, maxValues);
  return listed.flatMap((value, at) => {
    if (string && typeof value !== 'string') return [];
    const written = JSON.stringify(value);
    const item = {
      kind: isKey ? CompletionItemKind.Field : CompletionItemKind.EnumMember,
      sortText: `0${String(at).padStart(3, '0')}`,
    };
    if (!string) return { ...item, label: written };
    const { text } = document;
    const isClosed = string.end - string.start > 1 && text[string.end - 1] === text[string.start];
    const inner = { start: string.start + 1, end: isClosed ? string.end - 1 : string.end };
    const newText = isClosed ? written.slice(1, -1) : written.slice(1);
    return { ...item, label: String(value), textEdit: { range: rangeOf(document, inner), newText } };
  });
}

/** Values that are known although there may be others: names of fields, one alternative of a union. */
function knownValues(type: Expected['type']): ScalarValue[] {
  return alternatives(type).flatMap((one) => ('values' in one && one.values ? one.values : []));
}
