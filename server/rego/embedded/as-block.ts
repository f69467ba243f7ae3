/** Rego in quotes, folded or plain, as a block scalar that keeps it as it is. */
import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from 'vscode-languageserver';
import type { Document, Root } from '../../snapshot.ts';
import { rangeOf } from '../places.ts';
import type { Span } from '../syntax/tree.ts';
import { readTargets } from './documents.ts';
import type { EmbeddedText } from './templates.ts';

/** For each text at the range that is no block. */
export function blockActions(roots: readonly Root[], range: Range, diagnostics: readonly Diagnostic[]): CodeAction[] {
  return roots.flatMap(({ template }) => {
    if (!template) return [];
    const { document, target } = template;
    return target.texts.flatMap((text): CodeAction[] => {
      const whole = rangeOf(document, text.span);
      if (text.block || range.end.line < whole.start.line || range.start.line > whole.end.line) return [];
      const newText = asBlock(document, text);
      if (newText === undefined) return [];
      return [
        {
          title: 'Write as a block scalar',
          kind: CodeActionKind.QuickFix,
          diagnostics: diagnostics.filter(
            (one) => one.code === 'no-block' && one.range.start.line === whole.start.line,
          ),
          isPreferred: true,
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

/** The scalar as a block; undefined where no block holds the same text. */
function asBlock({ text: yaml }: Document, { span, value }: EmbeddedText): string | undefined {
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
  const block = `|${chomping}${ending}${lines.join(ending)}${kept}${isLineEnded ? ending : ''}`;
  return holds(yaml, span, block, value) ? block : undefined;
}

/** The proof of it: what is read afterwards is what was read before. */
function holds(yaml: string, { start, end }: Span, block: string, value: string): boolean {
  const after = readTargets(yaml.slice(0, start) + block + yaml.slice(end));
  return after.some(({ texts }) =>
    texts.some((text) => text.span.start === start && text.block && text.value === value),
  );
}
