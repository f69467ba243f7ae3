/**
 * Formatting of a part of a module: the statements that the range touches get the text that OPA's formatter gives
 * them, with the comments above them; every other line stays as it is. Only the package, the imports and these
 * statements are formatted, so that a module that is broken elsewhere is formatted, too.
 */
import type { Range, TextEdit } from 'vscode-languageserver';
import type { Document, Root, Snapshot } from '../snapshot.ts';
import { deadlineMs } from './check.ts';
import { formatModule } from './format.ts';
import { lineEdits } from './line-edits.ts';
import { versionOf } from './module-version.ts';
import { treeOf } from './names/trees.ts';
import { offsetAt, rangeOf } from './places.ts';
import { parse } from './syntax/parse.ts';
import type { Span, Tree } from './syntax/tree.ts';

/** Edits for all of the ranges; undefined where everything that they touch has syntax errors. */
export async function formatRanges(
  snapshot: Snapshot,
  root: Root,
  path: string,
  document: Document,
  ranges: readonly Range[],
  signal: AbortSignal,
): Promise<TextEdit[] | undefined> {
  const version = versionOf(root, path, document);
  const tree = treeOf(document, version);
  const regions = regionsOf(tree);
  const spans = ranges.map(({ start, end }) => ({ start: offsetAt(document, start), end: offsetAt(document, end) }));
  if (regions.length === 0 || spans.some((span) => touched(regions, span).length === regions.length)) {
    return formatModule(snapshot, root, path, document, signal);
  }
  const edits: TextEdit[] = [];
  let formatted = false;
  for (const run of runsOf(regions, spans)) {
    const span = { start: run[0]!.start, end: run.at(-1)!.end };
    const head = regions[0]!;
    const holdsHead = run[0] === head;
    const before = document.text.slice(span.start, span.end);
    const above = holdsHead ? '' : `${document.text.slice(head.start, head.end)}\n\n`;
    const params = { path, text: above + before, regoVersion: version };
    const { text } = await snapshot.ask.plain('format', params, { signal, deadlineMs });
    const after = text === undefined ? undefined : holdsHead ? text : belowHead(parse(text, { version }));
    // What is broken there its diagnostics show; the other parts need not wait for it.
    if (after === undefined) continue;
    formatted = true;
    const { line } = rangeOf(document, span).start;
    // The last line of the text may have no end: then none is added to it.
    const ended = span.end === document.text.length && !before.endsWith('\n') ? after.replace(/\n$/, '') : after;
    edits.push(...lineEdits(before, ended).map((edit) => below(edit, line)));
  }
  return formatted || spans.length === 0 ? edits : undefined;
}

/** Whole lines: a statement with the comments above it; the package and the imports are one. */
interface Region extends Span {
  readonly isHead: boolean;
}

/** The regions of a module in the order of the text; the last one may be comments alone. */
function regionsOf({ text, root, comments }: Tree): Region[] {
  const regions: { start: number; end: number; isHead: boolean }[] = [];
  const add = (span: Span, isHead: boolean) => {
    const start = text.lastIndexOf('\n', span.start - 1) + 1;
    const last = regions.at(-1);
    // Two on one line, or the package and its imports: taken together.
    if (last && (last.end > start || (isHead && last.isHead))) last.end = lineEnd(text, span.end);
    else regions.push({ start, end: lineEnd(text, span.end), isHead });
  };
  for (const item of root.items) add(item, item.kind === 'package' || item.kind === 'import');
  let at = 0;
  for (const region of regions) {
    while (at < comments.length && comments[at]!.start < region.start) {
      // The first comment after the region before.
      region.start = Math.min(region.start, text.lastIndexOf('\n', comments[at]!.start - 1) + 1);
      at++;
    }
    while (at < comments.length && comments[at]!.start < region.end) at++;
  }
  const [rest] = comments.slice(at);
  if (rest) {
    const start = text.lastIndexOf('\n', rest.start - 1) + 1;
    regions.push({ start, end: lineEnd(text, comments.at(-1)!.end), isHead: false });
  }
  return regions;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** A selection that ends at the beginning of a line does not mean that line. */
function touched<R extends Span>(regions: readonly R[], { start, end }: Span): R[] {
  return regions.filter((region) => region.start <= end && start < region.end && (start === end || region.start < end));
}

/** The touched regions, those that follow each other together. */
function runsOf(regions: readonly Region[], spans: readonly Span[]): Region[][] {
  const chosen = new Set(spans.flatMap((span) => touched(regions, span)));
  const runs: Region[][] = [];
  for (const [at, region] of regions.entries()) {
    if (!chosen.has(region)) continue;
    if (at > 0 && chosen.has(regions[at - 1]!)) runs.at(-1)!.push(region);
    else runs.push([region]);
  }
  return runs;
}

/** What stands below the package and the imports. */
function belowHead(tree: Tree): string | undefined {
  const regions = regionsOf(tree);
  const first = regions.findIndex(({ isHead }) => !isHead);
  return first < 0 ? undefined : tree.text.slice(regions[first]!.start);
}

function below(edit: TextEdit, lines: number): TextEdit {
  const { start, end } = edit.range;
  const range = {
    start: { ...start, line: start.line + lines },
    end: { ...end, line: end.line + lines },
  };
  return { ...edit, range };
}
