/** How a quoted, plain or folded scalar is written: where each character of its value stands. */
import type { EmbeddedText } from './templates.ts';

export type Style = 'double' | 'single' | 'folded' | 'plain';

/** Offsets are in the YAML text. */
export interface Written {
  readonly style: Style;
  /** Where each unit of the value begins, in order, and after the last one where the value ends. */
  readonly starts: readonly number[];
  /** Where each unit of the value ends: a line may be broken between it and the next. */
  readonly ends: readonly number[];
}

/** Undefined for a scalar whose value is not what is known of YAML's styles. */
export function writtenIn(yaml: string, { span, value }: EmbeddedText): Written | undefined {
  const source = yaml.slice(span.start, span.end);
  for (const { style, units, end } of readings(source)) {
    if (units.text !== value) continue;
    const moved = (place: number) => place + span.start;
    return { style, starts: [...units.starts, end].map(moved), ends: units.ends.map(moved) };
  }
  return undefined;
}

/** The value as far as it is read, and where each of its UTF-16 units is written. */
interface Units {
  text: string;
  starts: number[];
  ends: number[];
}

interface Reading {
  style: Style;
  units: Units;
  /** Where the value ends, before a quote. */
  end: number;
}

/** Two units, where it is a character beyond the first plane, are written as one. */
function add(units: Units, text: string, start: number, end: number): void {
  units.text += text;
  for (let at = 0; at < text.length; at++) {
    units.starts.push(start);
    units.ends.push(end);
  }
}

function* readings(source: string): Generator<Reading> {
  if (source.startsWith('"')) yield flow(source, 'double');
  else if (source.startsWith("'")) yield flow(source, 'single');
  else if (source.startsWith('>')) yield* folded(source);
  else yield flow(source, 'plain');
}

/** What is not written as it is: blanks with a line break, escapes, a quote within quotes. */
const special = {
  double: /[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*|\\(?:\r?\n[ \t]*)?/g,
  single: /[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*|''/g,
  plain: /[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*/g,
} as const;

/** https://yaml.org/spec/1.2.2/#73-flow-scalar-styles */
function flow(source: string, style: Exclude<Style, 'folded'>): Reading {
  const units: Units = { text: '', starts: [], ends: [] };
  const end = source.length - (style === 'plain' ? 0 : 1);
  const pattern = new RegExp(special[style]);
  let at = style === 'plain' ? 0 : 1;
  const takeTo = (stop: number) => {
    units.text += source.slice(at, stop);
    for (; at < stop; at++) {
      units.starts.push(at);
      units.ends.push(at + 1);
    }
  };
  for (;;) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    takeTo(Math.min(found?.index ?? end, end));
    if (!found || at >= end) return { style, units, end };
    const [whole] = found;
    if (whole === '\\') {
      const [text, length] = escaped(source, at);
      add(units, text, at, at + length);
      at += length;
      continue;
    }
    if (whole === "''") add(units, "'", at, at + 2);
    else if (!whole.startsWith('\\')) lineBreaks(units, whole, at);
    at += whole.length;
  }
}

/** One break is a space, of more each but the first is one. */
function lineBreaks(units: Units, broken: string, at: number): void {
  const breaks = [...broken.matchAll(/\n/g)].map(({ index }) => at + index + 1);
  const end = at + broken.length;
  if (breaks.length === 1) add(units, ' ', at, end);
  for (let index = 1; index < breaks.length; index++) {
    const start = index === 1 ? at : (breaks[index - 1] ?? at);
    add(units, '\n', start, index + 1 < breaks.length ? (breaks[index] ?? end) : end);
  }
}

/** https://yaml.org/spec/1.2.2/#57-escaped-characters */
function escaped(source: string, at: number): [text: string, length: number] {
  const letter = source.charAt(at + 1);
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits === undefined) return [escapes[letter] ?? letter, 2];
  const point = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
  return [point <= 0x10ffff ? String.fromCodePoint(point) : letter, 2 + digits];
}

const escapes: Record<string, string> = {
  ...{ 0: '\0', a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029' },
};

/** https://yaml.org/spec/1.2.2/#813-folded-style */
function* folded(source: string): Generator<Reading> {
  const header = /^>[-+\d]*[^\n]*\n/.exec(source)?.[0];
  if (!header) return;
  const lines = linesOf(source, header.length);
  const spaces = lines.find(({ text }) => text.trim() !== '')?.text.search(/[^ ]|$/) ?? 0;
  // Where the header says the indentation, it does so from a place that is not known here.
  const indents = /^>[-+]?\d/.test(header) ? Array.from({ length: spaces }, (_, less) => spaces - less) : [spaces];
  for (const indent of indents) yield* foldedAt(lines, indent);
}

interface Line {
  text: string;
  start: number;
  /** Behind its line break. */
  next: number;
}

function linesOf(source: string, from: number): Line[] {
  const lines: Line[] = [];
  for (const { 0: whole, index } of source.slice(from).matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const start = from + index;
    lines.push({ text: whole.replace(/\r?\n$/, ''), start, next: start + whole.length });
  }
  return lines;
}

/** The readings for an end that is cut off, that has one line break, and that is kept as it is. */
function* foldedAt(lines: readonly Line[], indent: number): Generator<Reading> {
  const last = lines.findLastIndex(({ text }) => text.length > indent || text.trim() !== '');
  const units: Units = { text: '', starts: [], ends: [] };
  /** The breaks since the last line with something on it. */
  let pending: { start: number; end: number }[] = [];
  /** Beside a line that is indented more, and above all, breaks are kept. */
  let isKept = true;
  for (const { text, start, next } of lines.slice(0, last + 1)) {
    const content = text.slice(indent);
    const end = start + text.length;
    if (content !== '') {
      const isMore = /^[ \t]/.test(content);
      const [first, ...others] = pending;
      if (!isKept && !isMore && first) {
        if (others.length === 0) add(units, ' ', first.start, first.end);
        for (const [at, one] of others.entries()) add(units, '\n', at === 0 ? first.start : one.start, one.end);
      } else for (const one of pending) add(units, '\n', one.start, one.end);
      units.text += content;
      for (let at = start + indent; at < end; at++) {
        units.starts.push(at);
        units.ends.push(at + 1);
      }
      pending = [];
      isKept = isMore;
    }
    pending.push({ start: end, end: next });
  }
  const end = lines[last];
  yield { style: 'folded', units, end: end ? end.start + end.text.length : 0 };
  const [clip] = pending;
  if (clip) add(units, '\n', clip.start, clip.end);
  yield { style: 'folded', units, end: end?.next ?? 0 };
  for (const { text, start, next } of lines.slice(last + 1)) add(units, '\n', start + text.length, next);
  yield { style: 'folded', units, end: lines.at(-1)?.next ?? 0 };
}
