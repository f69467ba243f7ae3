/** The tokens of Rego, and the table that the lexer makes of a text. */

/** Kinds of tokens; numbers rather than literal types, since the kind at the parser changes with each step. Contextual keywords keep their kind wherever they are written; the parser knows where they are names. */
const kinds = {
  end: 0,
  illegal: 1,
  name: 2,
  number: 3,
  string: 4,
  rawString: 5,
  /** A template string without expressions. */
  template: 6,
  /** `$"text{`: up to the first expression. */
  templateHead: 7,
  /** `}text{`: between two expressions. */
  templateMiddle: 8,
  /** `}text"`: after the last expression. */
  templateTail: 9,
  // Keywords everywhere.
  package: 10,
  import: 11,
  as: 12,
  default: 13,
  else: 14,
  not: 15,
  some: 16,
  with: 17,
  null: 18,
  true: 19,
  false: 20,
  // Keywords by version or import.
  in: 21,
  every: 22,
  contains: 23,
  if: 24,
  and: 25,
  or: 26,
  // Brackets: each closing one follows its opening one.
  leftBracket: 30,
  rightBracket: 31,
  leftBrace: 32,
  rightBrace: 33,
  leftParen: 34,
  rightParen: 35,
  comma: 36,
  colon: 37,
  semicolon: 38,
  dot: 39,
  assign: 40,
  unify: 41,
  // Infix operators.
  equal: 42,
  notEqual: 43,
  less: 44,
  lessOrEqual: 45,
  greater: 46,
  greaterOrEqual: 47,
  pipe: 48,
  ampersand: 49,
  plus: 50,
  minus: 51,
  times: 52,
  divide: 53,
  remainder: 54,
};

export const T: { readonly [Kind in keyof typeof kinds]: number } = kinds;

/** Tokens other than whitespace and comments, in order; the last one is the end of the text. */
export interface Tokens {
  /** How many there are, without the end. */
  readonly count: number;
  readonly kinds: Uint8Array;
  /** UTF-16 offsets. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Of a bracket, the index of the one that closes or opens it; -1 where there is none, and for other tokens. */
  readonly partners: Int32Array;
  /** 1 where a line break lies between the token and the one before it. */
  readonly breaks: Uint8Array;
}

const words: readonly (readonly [string, number])[] = [
  ['package', T.package],
  ['import', T.import],
  ['as', T.as],
  ['default', T.default],
  ['else', T.else],
  ['not', T.not],
  ['some', T.some],
  ['with', T.with],
  ['null', T.null],
  ['true', T.true],
  ['false', T.false],
  ['in', T.in],
  ['every', T.every],
  ['contains', T.contains],
  ['if', T.if],
  ['and', T.and],
  ['or', T.or],
];

/** By the first letter, so that most names are told from keywords by one look. */
const byLetter: (readonly (readonly [string, number])[] | undefined)[] = [];
for (let code = 0; code < 128; code++) {
  const found = words.filter(([word]) => word.charCodeAt(0) === code);
  byLetter.push(found.length > 0 ? found : undefined);
}

/** The kind of the word from start to end: a keyword's, or `name`. */
export function wordKind(text: string, start: number, end: number): number {
  const candidates = byLetter[text.charCodeAt(start)];
  if (candidates === undefined) return T.name;
  for (const [word, kind] of candidates) {
    if (word.length === end - start && text.startsWith(word, start)) return kind;
  }
  return T.name;
}

/** True for words that are keywords somewhere. */
export function isWord(kind: number): boolean {
  return kind === T.name || (kind >= T.package && kind <= T.or);
}

/** The index of the first token that starts at the offset or after it. */
export function tokenFrom({ starts, count }: Tokens, offset: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
