/** What can be folded: rules, bodies and terms over several lines, blocks of comments, the imports. */
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import { rangeOf } from './places.ts';
import type { Node, Span, Tree } from './syntax/tree.ts';
import { visit } from './syntax/walk.ts';

const foldable: ReadonlySet<Node['kind']> = new Set([
  'rule',
  'body',
  'array',
  'set',
  'object',
  'comprehension',
  'call',
  'parens',
  'every',
  'template',
  'string',
]);

export function foldingRanges(document: Document, { root, comments }: Tree): FoldingRange[] {
  const found = new Map<number, FoldingRange>();
  const add = (span: Span, kind?: FoldingRangeKind) => {
    const { start, end } = rangeOf(document, span);
    // The line of the closing bracket stays in view.
    const closes = '}])'.includes(document.text[span.end - 1] ?? ' ');
    const endLine = kind === undefined && closes ? end.line - 1 : end.line;
    const outer = found.get(start.line);
    if (endLine <= start.line || (outer && outer.endLine >= endLine)) return;
    found.set(start.line, { startLine: start.line, endLine, ...(kind && { kind }) });
  };
  visit(root, (node) => {
    if (foldable.has(node.kind)) add(node);
  });
  const imports = root.items.filter(({ kind }) => kind === 'import');
  const [first] = imports;
  const last = imports.at(-1);
  if (first && last) add({ start: first.start, end: last.end }, FoldingRangeKind.Imports);
  for (const block of blocksOf(document, comments)) add(block, FoldingRangeKind.Comment);
  return [...found.values()].sort((a, b) => a.startLine - b.startLine);
}

/** Comments on lines of their own that follow each other. */
function blocksOf(document: Document, comments: readonly Span[]): Span[] {
  const blocks: { start: number; end: number; line: number }[] = [];
  for (const comment of comments) {
    const { start } = rangeOf(document, comment);
    if (document.text.slice(comment.start - start.character, comment.start).trim() !== '') continue;
    const last = blocks.at(-1);
    if (last && last.line + 1 === start.line) Object.assign(last, { end: comment.end, line: start.line });
    else blocks.push({ ...comment, line: start.line });
  }
  return blocks;
}
