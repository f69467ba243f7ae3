/** The proof of an edit of YAML: it is read again, and must be what was meant. */
import { parseAllDocuments } from 'yaml';
import { readTargets } from './documents.ts';

/** Whether the text of Rego that begins at an offset is another one afterwards, all others what they were, and no error new. */
export function readsAs(before: string, after: string, start: number, value: string): boolean {
  const expected = readTargets(before).map(({ texts }) =>
    texts.map((text) => (text.span.start === start ? value : text.value)),
  );
  const read = readTargets(after).map(({ texts }) => texts.map((text) => text.value));
  return JSON.stringify(read) === JSON.stringify(expected) && errorsOf(after) <= errorsOf(before);
}

/** What one reader forgives, another may not. */
function errorsOf(text: string): number {
  const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
  return Array.isArray(documents) ? documents.reduce((sum, { errors }) => sum + errors.length, 0) : 0;
}
