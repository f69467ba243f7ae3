/** Broken Rego: prefixes of modules, and modules with a few tokens deleted, added, doubled or swapped. */

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text with one edit, and where the edit is in the text before and after. */
export interface Damaged {
  text: string;
  what: string;
  /** Offset at which both texts begin to differ. */
  start: number;
  /** Offset in the whole text, and in the damaged one, from which on both are the same. */
  oldEnd: number;
  newEnd: number;
}

// Reads enough of Rego to cut it where its tokens are; kept apart from the lexer that it is to test.
const token = /\s+|#[^\n]*|\$?"(?:\\.|[^"\\\n])*"?|\$?`[^`]*`?|\w+|:=|[=!<>]=|./gsu;

const inserted = [
  ...[
    'package',
    'import',
    'as',
    'default',
    'else',
    'not',
    'some',
    'with',
    'every',
    'in',
    'contains',
    'if',
    'and',
    'or',
  ],
  ...['null', 'true', 'x', '_', 'data', 'input', '0', '1.5e3', '07', '.5', '"s"', '"', '`', '$"', '$`', '$"{x}"', '\\'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ',',
    ':',
    ':=',
    '=',
    '==',
    '!',
    '!=',
    '<',
    '+',
    '-',
    '*',
    '/',
    '%',
    '&',
    '|',
    ';',
    '.',
  ],
  ...['\n', '\r\n', '\t', ' ', '#', '# METADATA', '\n# METADATA\n# title: [', '\ufeff', '\0', 'é', '😀', '$', '@'],
];

/** The text with one random edit at its tokens. */
export function damage(text: string, random: () => number): Damaged {
  const pick = (count: number) => Math.floor(random() * count);
  const offsets: number[] = [];
  for (const { index } of text.matchAll(token)) {
    offsets.push(index);
  }
  offsets.push(text.length);
  const count = offsets.length - 1;
  const at = pick(Math.max(count, 1));
  const [start, end] = [offsets[at] ?? 0, offsets[at + 1] ?? 0];
  const replaced = (what: string, from: number, to: number, by: string): Damaged => ({
    text: text.slice(0, from) + by + text.slice(to),
    what,
    start: from,
    oldEnd: to,
    newEnd: from + by.length,
  });
  switch (pick(6)) {
    case 0:
      return replaced('delete', start, end, '');
    case 1:
      return replaced('double', end, end, text.slice(start, end));
    case 2: {
      const word = inserted[pick(inserted.length)]!;
      return replaced('insert', start, start, random() < 0.5 ? word : ` ${word} `);
    }
    case 3: {
      const word = inserted[pick(inserted.length)]!;
      return replaced('replace', start, end, word);
    }
    case 4: {
      const next = offsets[Math.min(at + 3, count)] ?? end;
      return replaced('swap', start, next, text.slice(end, next) + text.slice(start, end));
    }
    default:
      return replaced('delete more', start, offsets[Math.min(at + 1 + pick(8), count)] ?? end, '');
  }
}

/** Up to `most` offsets at which to cut a text, all of them if there are no more; never within a surrogate pair. */
export function cutsOf(text: string, most: number, random: () => number): number[] {
  const all = Array.from({ length: text.length }, (_, index) => index).filter(
    (index) => !/[\udc00-\udfff]/.test(text[index]!),
  );
  if (all.length <= most) {
    return all;
  }
  return [...new Set(Array.from({ length: most }, () => all[Math.floor(random() * all.length)]!))].sort(
    (a, b) => a - b,
  );
}
