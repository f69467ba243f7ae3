/** What completion puts into a quoted, plain or folded scalar, as that is written. */
import { type CompletionItem, InsertTextFormat, type Position, type TextEdit } from 'vscode-languageserver';
import type { EmbeddedPlace } from './places.ts';
import { writtenAs } from './scalar-edits.ts';
import type { Style } from './written.ts';

/** Undefined where the scalar cannot hold it: to rewrite the scalar while somebody types would be no completion. */
export function scalarItem(
  { source, scalar }: EmbeddedPlace,
  item: CompletionItem,
  position: Position,
): CompletionItem | undefined {
  const style = scalar?.written()?.style;
  if (!scalar || !style) return undefined;
  const { textEdit, insertText, label, insertTextFormat, additionalTextEdits } = item;
  const isSnippet = insertTextFormat === InsertTextFormat.Snippet;
  const newText = ownWriting(style, textEdit?.newText ?? insertText ?? label, isSnippet);
  const additions = additionalTextEdits?.map((edit) => addition(style, edit));
  if (newText === undefined || additions?.some((edit) => edit === undefined)) return undefined;
  const own = {
    ...item,
    ...(additions && { additionalTextEdits: additions.filter((edit) => edit !== undefined) }),
  };
  if (textEdit) return { ...own, textEdit: { ...textEdit, newText } };
  // In YAML, an editor would take the letter of an escape for the beginning of the word.
  const offset = scalar.offsetAt(position);
  const [typed = ''] = /\w*$/.exec(source.value.slice(0, offset)) ?? [];
  const { start } = scalar.rangeOf({ start: offset - typed.length, end: offset });
  if (start.line !== position.line) return undefined;
  const { insertText: _, ...rest } = own;
  return { ...rest, textEdit: { range: { start, end: position }, newText } };
}

function ownWriting(style: Style, text: string, isSnippet: boolean): string | undefined {
  if (!isHeldBy(style, text)) return undefined;
  return isSnippet && style === 'double' ? snippet(text) : writtenAs(style, text);
}

/** The rest could be a comment, a key, or the end of a list in braces. */
function isHeldBy(style: Style, text: string): boolean {
  return style !== 'plain' || !/[#[\]{},]|:(?!=)/.test(text);
}

/** A snippet's own escapes stay; the backslashes of YAML's have to be escaped in it. */
function snippet(text: string): string {
  return text.replace(/\\([$}\\])|["\n\t]/g, (written, own?: string) => {
    if (own === '\\') return '\\\\\\\\';
    if (own !== undefined) return written;
    return { '"': '\\\\"', '\n': '\\\\n', '\t': '\\\\t' }[written] ?? written;
  });
}

/** Elsewhere in the text, such as an import. A blank at its edge could stand at the end of a line, where YAML has none. */
function addition(style: Style, edit: TextEdit): TextEdit | undefined {
  const newText = style === 'double' ? writtenAs(style, edit.newText) : undefined;
  return newText === undefined || /^ | $/.test(newText) ? undefined : { ...edit, newText };
}
