/** The documents of a YAML file with the templates in them, read again as little as an edit asks for. */
import type { Span } from '../syntax/tree.ts';
import { isHelm } from './helm.ts';
import { mayHoldTemplates } from './mark.ts';
import { reread } from './reread.ts';
import { type EmbeddedTarget, targetsIn } from './templates.ts';

/** More of them no file has that people edit; each one is a workspace of its own for the engine. */
const maxTargets = 200;

/** The targets with Rego of all templates of a file; none where the file is not plain YAML. */
export function readTargets(text: string): readonly EmbeddedTarget[] {
  if (!mayHoldTemplates(text)) return [];
  const targets: EmbeddedTarget[] = [];
  const covered: Span[] = [];
  for (const piece of documentsOf(text)) {
    if (!mayHoldTemplates(piece.text)) continue;
    for (const target of keptTargets(piece.text)) {
      const moved = atPlace(target, piece, targets.length);
      targets.push(moved);
      covered.push(...moved.texts.map(({ span }) => span), ...moved.unread);
    }
  }
  return isHelm(text, covered) ? [] : targets.slice(0, maxTargets);
}

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly line: number;
}

/** The documents of a stream: no block scalar can hold such a line either. */
function documentsOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let line = 0;
  const add = (end: number) => {
    const piece = text.slice(start, end);
    pieces.push({ text: piece, start, line });
    line += piece.split('\n').length - 1;
    start = end;
  };
  for (const { index, 0: found } of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    if (index > start) add(index);
    // What follows the dashes on their line belongs to the document.
    start = index + found.length;
  }
  add(text.length);
  return pieces;
}

/** By the text of a document: in a file with many, an edit reads one again. */
const kept = new Map<string, readonly EmbeddedTarget[]>();
const maxKept = 100;

/** What was read last, of a document that has changed since. */
let last: { text: string; targets: readonly EmbeddedTarget[] } | undefined;

function keptTargets(text: string): readonly EmbeddedTarget[] {
  let targets = kept.get(text);
  if (!targets) {
    targets = (last && reread(last.text, last.targets, text)) ?? targetsIn(text);
    const [oldest] = kept.keys();
    if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest);
    kept.set(text, targets);
    last = { text, targets };
  }
  return targets;
}

function atPlace(target: EmbeddedTarget, { start, line, text: { length } }: Piece, at: number): EmbeddedTarget {
  const span = (one: Span): Span => ({ start: one.start + start, end: one.end + start });
  const { texts, unread, missing, parameters } = target;
  return {
    ...target,
    name: String(at),
    texts: texts.map((one) => ({
      ...one,
      span: span(one.span),
      block: one.block && { ...one.block, ...span(one.block), firstLine: one.block.firstLine + line },
    })),
    unread: unread.map(span),
    missing: missing && span(missing),
    parameters: parameters && { ...parameters, document: { start, end: start + length } },
  };
}
