/**
 * Between the Rego in a quoted, plain or folded scalar and the YAML text: a module in one is the scalar's value, and
 * all that is said of places in it is said of those where its characters are written.
 */
import type { Position, Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { derived } from '../../derived.ts';
import type { Document } from '../../snapshot.ts';
import type { Span } from '../syntax/tree.ts';
import type { EmbeddedText } from './templates.ts';
import { type Written, writtenIn } from './written.ts';

export interface ScalarPlaces {
  /** The YAML text, which positions are in. */
  readonly text: string;
  /** Undefined where it is written in a way that is not understood: all of it is then where the scalar begins. */
  written(): Written | undefined;
  /** The offset in the value of what stands at a position, or next behind it. */
  offsetAt(position: Position): number;
  /** Where a span of the value is written. */
  rangeOf(span: Span): Range;
  /** Whether a position is in the text, from its first character to behind its last. */
  holds(position: Position): boolean;
}

const linesOf = derived(({ text }: Document) => TextDocument.create('', 'yaml', 0, text));

/** Costs nothing until it is asked. */
export function scalarPlaces(yaml: Document, source: EmbeddedText): ScalarPlaces {
  const { span, value } = source;
  let known: { written: Written | undefined } | undefined;
  const written = () => {
    known ??= { written: writtenIn(yaml.text, source) };
    return known.written;
  };
  const startAt = (offset: number) => written()?.starts[offset] ?? span.start;
  return {
    text: yaml.text,
    written,
    offsetAt: (position) => firstFrom(written()?.starts ?? [], linesOf(yaml).offsetAt(position), value.length),
    rangeOf: ({ start, end }) => {
      const from = startAt(start);
      const to = end > start ? (written()?.ends[end - 1] ?? from) : from;
      return { start: linesOf(yaml).positionAt(from), end: linesOf(yaml).positionAt(to) };
    },
    holds: (position) => {
      const { starts = [] } = written() ?? {};
      const offset = linesOf(yaml).offsetAt(position);
      const [first] = starts;
      // A line break at the end of a folded text is written before what comes next.
      const last = starts[value.trimEnd().length];
      return first !== undefined && last !== undefined && offset >= first && offset <= last;
    },
  };
}

/** The first of the places, which ascend, that is not before one. */
function firstFrom(starts: readonly number[], at: number, all: number): number {
  let [low, high] = [0, Math.min(starts.length, all)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
