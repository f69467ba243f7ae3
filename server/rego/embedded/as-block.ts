/** Rego in quotes, folded or plain, as a block scalar that keeps it as it is. */
import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from 'vscode-languageserver';
import type { Document, Root } from '../../snapshot.ts';
import { rangeOf } from '../places.ts';
import { readsAs } from './proof.ts';
import type { EmbeddedText } from './templates.ts';

/** For each text at the range that is no block, the kinds that are asked for. */
export function blockActions(
  roots: readonly Root[],
  range: Range,
  diagnostics: readonly Diagnostic[],
  isAsked: (kind: CodeActionKind) => boolean,
): CodeAction[] {
  return roots.flatMap(({ template }) => {
    if (!template) return [];
    const { document, target } = template;
    return target.texts.flatMap((text): CodeAction[] => {
      const whole = rangeOf(document, text.span);
      if (text.block || range.end.line < whole.start.line || range.start.line > whole.end.line) return [];
      const mended = diagnostics.filter((one) => one.code === 'no-block' && one.range.start.line === whole.start.line);
      const kind = mended.length > 0 ? CodeActionKind.QuickFix : CodeActionKind.RefactorRewrite;
      const newText = isAsked(kind) ? blockOf(document, text) : undefined;
      if (newText === undefined) return [];
      return [
        {
          title: 'Write as a block scalar',
          kind,
          ...(mended.length > 0 && { diagnostics: mended, isPreferred: true }),
          edit: {
            documentChanges: [
              {
                textDocument: { uri: document.uri, version: document.version },
                edits: [{ range: whole, newText }],
              },
            ],
          },
        },
      ];
    });
  });
}

/**
 * What a scalar is as a literal block; undefined where no block holds its text.
 *
 * @param value the text, where it is to be another one
 */
export function blockOf({ text: yaml }: Document, { span, value: now }: EmbeddedText, value = now): string | undefined {
  const lineStart = yaml.lastIndexOf('\n', span.start - 1) + 1;
  const before = yaml.slice(lineStart, span.start);
  const column = /^[ ]*(?:-[ ]+)*/.exec(before)?.[0].length ?? 0;
  const indent = ' '.repeat(column + (column < before.length ? 2 : 0));
  const ending = yaml.includes('\r\n') ? '\r\n' : '\n';
  const content = value.replace(/\n+$/, '');
  const chomping = value === content ? '-' : value === `${content}\n` ? '' : '+';
  const lines = content.split('\n').map((line) => (line === '' ? '' : indent + line));
  const kept = chomping === '+' ? ending.repeat(value.length - content.length - 1) : '';
  // What follows on its line, such as a comment, would become a line of the block.
  const isLineEnded = yaml[span.end - 1] === '\n';
  if (!isLineEnded && !/^[ \t]*(?:\r?\n|$)/.test(yaml.slice(span.end))) return undefined;
  const body = `${chomping}${ending}${lines.join(ending)}${kept}${isLineEnded ? ending : ''}`;
  // What begins with blanks has to say how many of them are the block's.
  return [`|${body}`, `|2${body}`].find((block) =>
    readsAs(yaml, yaml.slice(0, span.start) + block + yaml.slice(span.end), span.start, value),
  );
}
