/**
 * Folding of the YAML around blocks of Rego. An editor that is told of any range in a file folds by indentation no
 * more, so that the rest of the file is told, too.
 */
import type { FoldingRange } from 'vscode-languageserver';
import type { EmbeddedPlace } from './places.ts';

/** By indentation; a line in a block begins no range, since the block's own ranges are told by its tree. */
export function yamlFolding(text: string, blocks: readonly Pick<EmbeddedPlace, 'lines'>[]): FoldingRange[] {
  const found: FoldingRange[] = [];
  const open: { line: number; depth: number }[] = [];
  let last = 0;
  const closeTo = (depth: number) => {
    for (let top = open.at(-1); top && top.depth >= depth; top = open.at(-1)) {
      open.pop();
      if (last > top.line) found.push({ startLine: top.line, endLine: last });
    }
  };
  for (const [line, content] of text.split(/\r?\n/).entries()) {
    const depth = content.search(/\S/);
    if (depth < 0) continue;
    if (!blocks.some(({ lines }) => line >= lines.start && line < lines.end)) {
      closeTo(depth);
      open.push({ line, depth });
    }
    last = line;
  }
  closeTo(0);
  return found;
}
