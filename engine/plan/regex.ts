/**
 * RE2's regular expressions, as OPA has them, by JavaScript's: only what both are known to understand alike. The
 * pattern is read by RE2's syntax (https://github.com/google/re2/wiki/Syntax) and written anew, each class and
 * assertion spelled out, so that nothing depends on JavaScript's own `\s`, `\b`, `.` or flags. Whatever is left over
 * is {@link Undecided}: Unicode classes, `\C`, `\Q`, octal escapes, named groups, `(?U)`, …
 */
import { loneSurrogate, Undecided } from './value.ts';

interface Pattern {
  source: string;
  /** Finds from `lastIndex` on; made when first needed, as is the next. */
  search?: RegExp;
  /** Finds at `lastIndex`. */
  there?: RegExp;
  mayBeEmpty: boolean;
  /**
   * Why its matches, not only whether there is one, could differ: a repeated group keeps its last match in Go and
   * forgets it in JavaScript, and a repetition of what may be empty prefers other matches.
   */
  matchesDiffer: boolean;
}

const known = new Map<string, Pattern | Undecided>();

function compiled(pattern: string): Pattern {
  let found = known.get(pattern);
  if (found === undefined) {
    try {
      found = compile(pattern);
    } catch (error) {
      found = error instanceof Undecided ? error : new Undecided(`the pattern ${JSON.stringify(pattern)}: ${error}`);
    }
    if (known.size > 5000) known.clear();
    known.set(pattern, found);
  }
  if (found instanceof Undecided) throw found;
  return found;
}

/** Whether the pattern is found in the text. Throws {@link Undecided}. */
export function regexMatch(pattern: string, text: string): boolean {
  return find(compiled(pattern), text, 0) !== undefined;
}

/** Whether it is a pattern; of those that cannot be read here, nobody but OPA knows. */
export function regexIsValid(pattern: string): boolean {
  compiled(pattern);
  return true;
}

/** Go's `FindAllStringSubmatch`: the matches, each with its groups; no more than `limit` unless that is negative. */
export function regexFindAllSubmatch(pattern: string, text: string, limit: number): string[][] {
  const expression = compiled(pattern);
  if (expression.matchesDiffer) throw new Undecided(`the matches of the pattern ${JSON.stringify(pattern)} may differ`);
  const found: string[][] = [];
  let at = 0;
  let previousEnd = -1;
  while ((limit < 0 || found.length < limit) && at <= text.length) {
    const match = find(expression, text, at);
    if (!match) break;
    const end = match.index + match[0].length;
    // An empty match right after another match does not count.
    if (match[0] !== '' || match.index !== previousEnd) found.push([...match].map((group) => group ?? ''));
    previousEnd = end;
    at = end > at ? end : after(text, at);
  }
  return found;
}

/** The first match at `from` or later. */
function find(pattern: Pattern, text: string, from: number): RegExpExecArray | undefined {
  if (!pattern.mayBeEmpty || !/[\u{10000}-\u{10ffff}]/u.test(text)) {
    pattern.search ??= new RegExp(pattern.source, 'gu');
    pattern.search.lastIndex = from;
    return pattern.search.exec(text) ?? undefined;
  }
  // V8 finds empty matches in the middle of a character beyond 16 bits.
  pattern.there ??= new RegExp(pattern.source, 'yu');
  const { there } = pattern;
  for (let at = from; at <= text.length; at = after(text, at)) {
    there.lastIndex = at;
    const match = there.exec(text);
    if (match) return match;
  }
  return undefined;
}

/** Where the next character begins. */
function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** The pattern as far as it is read; see `parse…`. */
interface Reading {
  pattern: string;
  characters: string[];
  at: number;
  matchesDiffer: boolean;
  depth: number;
}

/** What holds from here to the end of the group. */
interface Flags {
  i: boolean;
  m: boolean;
  s: boolean;
}

/** A part as JavaScript's, with what a repetition of it has to know. */
interface Part {
  source: string;
  mayBeEmpty: boolean;
  /** An assertion, which JavaScript does not repeat. */
  assertion?: boolean;
  /** How often repetitions in it repeat at most, multiplied. */
  times: number;
  groups: boolean;
}

/** RE2 refuses more than 1000 repetitions, nested ones multiplied. */
const maxTimes = 1000;

function compile(pattern: string): Pattern {
  if (pattern.length > 20_000 || loneSurrogate.test(pattern))
    throw new Undecided('a pattern is too long, or no Unicode');
  const reading: Reading = { pattern, characters: [...pattern], at: 0, matchesDiffer: false, depth: 0 };
  const { source, mayBeEmpty } = parseAlternatives(reading, { i: false, m: false, s: false });
  if (reading.at < reading.characters.length) throw refused(reading, 'a parenthesis closes nothing');
  const { matchesDiffer } = reading;
  return { source, mayBeEmpty, matchesDiffer };
}

function refused({ pattern }: Reading, why: string): Undecided {
  return new Undecided(`the pattern ${JSON.stringify(pattern)}: ${why}`);
}

function parseAlternatives(reading: Reading, flags: Flags): Part {
  if (++reading.depth > 100) throw refused(reading, 'its groups are nested too deep');
  const alternatives: Part[] = [];
  do alternatives.push(parseSequence(reading, flags));
  while (take(reading, '|'));
  reading.depth--;
  return {
    source: alternatives.map(({ source }) => source).join('|'),
    mayBeEmpty: alternatives.some(({ mayBeEmpty }) => mayBeEmpty),
    times: Math.max(...alternatives.map(({ times }) => times)),
    groups: alternatives.some(({ groups }) => groups),
  };
}

function parseSequence(reading: Reading, flags: Flags): Part {
  const whole: Part = { source: '', mayBeEmpty: true, times: 1, groups: false };
  for (;;) {
    const next = peek(reading);
    if (next === undefined || next === '|' || next === ')') return whole;
    const atom = parseAtom(reading, flags);
    if (!atom) continue;
    const part = parseRepetition(reading, atom);
    whole.source += part.source;
    whole.mayBeEmpty &&= part.mayBeEmpty;
    whole.times = Math.max(whole.times, part.times);
    whole.groups ||= part.groups;
  }
}

/** One thing that may be repeated; undefined for flags, which are set from here on. */
function parseAtom(reading: Reading, flags: Flags): Part | undefined {
  const character = next(reading);
  const plain = (source: string): Part => ({ source, mayBeEmpty: false, times: 1, groups: false });
  const assertion = (source: string): Part => ({ ...plain(source), mayBeEmpty: true, assertion: true });
  switch (character) {
    case '(':
      return parseGroup(reading, flags);
    case '[':
      return plain(parseClass(reading, flags));
    case '.':
      return plain(flags.s ? '[^]' : '[^\\n]');
    case '^':
      return assertion(flags.m ? '(?<![^\\n])' : '^');
    case '$':
      return assertion(flags.m ? '(?![^\\n])' : '$');
    case '*':
    case '+':
    case '?':
      throw refused(reading, 'a repetition repeats nothing');
    case '{':
      reading.at--;
      if (parseBounds(reading)) throw refused(reading, 'a repetition repeats nothing');
      return plain(literal(reading, next(reading), flags));
    case '\\':
      break;
    default:
      return plain(literal(reading, character, flags));
  }
  const escaped = peek(reading);
  if (escaped === 'A' || escaped === 'z') {
    next(reading);
    return assertion(escaped === 'A' ? '^' : '$');
  }
  if (escaped === 'b' || escaped === 'B') {
    next(reading);
    return assertion(escaped === 'b' ? wordBoundary : `(?!${wordBoundary})`);
  }
  const ranges = parsePerlClass(reading);
  if (ranges) return plain(`[${ranges}]`);
  return plain(literal(reading, parseEscape(reading), flags));
}

const word = '[0-9A-Za-z_]';
const wordBoundary = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;

/** What the classes of Perl are in RE2: ASCII alone, and `\s` without the vertical tab. */
const perlClasses: Record<string, string> = {
  d: '0-9',
  D: '\\u{0}-\\u{2f}\\u{3a}-\\u{10ffff}',
  w: '0-9A-Z_a-z',
  W: '\\u{0}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{5e}\\u{60}\\u{7b}-\\u{10ffff}',
  s: '\\t\\n\\f\\r ',
  S: '\\u{0}-\\u{8}\\u{b}\\u{e}-\\u{1f}\\u{21}-\\u{10ffff}',
};

/** After a backslash. */
function parsePerlClass(reading: Reading): string | undefined {
  const ranges = perlClasses[peek(reading) ?? ''];
  if (ranges !== undefined) next(reading);
  return ranges;
}

const controls: Record<string, string> = { a: '\x07', f: '\f', t: '\t', n: '\n', r: '\r', v: '\v' };

/** After a backslash: the character meant. */
function parseEscape(reading: Reading): string {
  const character = next(reading);
  if (Object.hasOwn(controls, character)) return controls[character] as string;
  if (character === 'x') {
    let digits = '';
    if (take(reading, '{')) {
      while (!take(reading, '}')) digits += next(reading);
    } else digits = next(reading) + next(reading);
    const code = /^[0-9a-fA-F]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw refused(reading, `\\x${digits}`);
    return String.fromCodePoint(code);
  }
  if (character > '\x7f' || /[0-9A-Za-z]/.test(character)) throw refused(reading, `\\${character}`);
  return character;
}

function parseGroup(reading: Reading, flags: Flags): Part | undefined {
  let inner: Flags = { ...flags };
  let capturing = true;
  if (take(reading, '?')) {
    capturing = false;
    let on = true;
    let any = false;
    for (;;) {
      const character = next(reading);
      if (character === ':') break;
      if (character === ')') {
        if (!any) throw refused(reading, '(?)');
        // They hold up to the end of the group that they stand in, for its other alternatives, too.
        Object.assign(flags, inner);
        return undefined;
      }
      if (character === '-' && on) {
        on = false;
        any = false;
      } else if (character === 'i' || character === 'm' || character === 's') {
        inner = { ...inner, [character]: on };
        any = true;
      } else throw refused(reading, `(?${character}`);
    }
    if (!on && !any) throw refused(reading, '(?-:');
  }
  const body = parseAlternatives(reading, inner);
  if (!take(reading, ')')) throw refused(reading, 'a parenthesis is not closed');
  return { ...body, source: `(${capturing ? '' : '?:'}${body.source})`, groups: body.groups || capturing };
}

function parseRepetition(reading: Reading, atom: Part): Part {
  const bounds = parseBounds(reading);
  if (!bounds) return atom;
  const lazy = take(reading, '?') ? '?' : '';
  if (parseBounds(reading)) throw refused(reading, 'a repetition is repeated');
  if (atom.assertion) throw refused(reading, 'an assertion is repeated');
  const { least, most } = bounds;
  const times = atom.times * Math.max(least, most === Number.POSITIVE_INFINITY ? 1 : most, 1);
  if (times > maxTimes) throw refused(reading, 'it repeats too often');
  if ((most > 1 && atom.groups) || (most > 0 && atom.mayBeEmpty)) reading.matchesDiffer = true;
  const most_ = most === Number.POSITIVE_INFINITY ? '' : most;
  return {
    source: `${atom.source}{${least},${most_}}${lazy}`,
    mayBeEmpty: atom.mayBeEmpty || least === 0,
    times,
    groups: atom.groups,
  };
}

/** `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}`; anything else in braces stands for itself. */
function parseBounds(reading: Reading): { least: number; most: number } | undefined {
  if (take(reading, '*')) return { least: 0, most: Number.POSITIVE_INFINITY };
  if (take(reading, '+')) return { least: 1, most: Number.POSITIVE_INFINITY };
  if (take(reading, '?')) return { least: 0, most: 1 };
  if (peek(reading) !== '{') return undefined;
  const rest = reading.characters.slice(reading.at, reading.at + 20).join('');
  const [written, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(rest) ?? [];
  if (written === undefined || least === undefined) return undefined;
  if (comma === '' && most !== '') return undefined;
  reading.at += written.length;
  const bounds = {
    least: Number(least),
    most: most !== '' ? Number(most) : comma === '' ? Number(least) : Number.POSITIVE_INFINITY,
  };
  const leadingZero = /^0\d/.test(least) || /^0\d/.test(most ?? '');
  const finite = bounds.most === Number.POSITIVE_INFINITY || (bounds.most <= maxTimes && bounds.most >= bounds.least);
  if (leadingZero || bounds.least > maxTimes || !finite) throw refused(reading, written);
  return bounds;
}

/** The inside of a class, up to its end, as one of JavaScript's. */
function parseClass(reading: Reading, flags: Flags): string {
  const negated = take(reading, '^');
  let ranges = '';
  for (let first = true; first || peek(reading) !== ']'; first = false) {
    if (peek(reading) === '[' && reading.characters[reading.at + 1] === ':') throw refused(reading, '[[:…:]]');
    if (peek(reading) === '\\') {
      next(reading);
      const perl = parsePerlClass(reading);
      if (perl !== undefined) {
        ranges += perl;
        // Such a class is no end of a range; RE2 has its own view of what follows.
        if (peek(reading) === '-' && reading.characters[reading.at + 1] !== ']')
          throw refused(reading, 'a range of a class');
        continue;
      }
      reading.at--;
    }
    const from = parseClassCharacter(reading, first);
    const isRange = peek(reading) === '-' && reading.characters[reading.at + 1] !== ']';
    if (!isRange && from === '-' && !first && peek(reading) !== ']') throw refused(reading, 'a hyphen in a class');
    if (isRange) next(reading);
    const to = isRange ? parseClassCharacter(reading, false) : from;
    ranges += foldedRange(reading, from, to, flags);
  }
  next(reading);
  return `[${negated ? '^' : ''}${ranges}]`;
}

function parseClassCharacter(reading: Reading, first: boolean): string {
  const character = next(reading);
  if (character === '\\') return parseEscape(reading);
  if (character === '[' || (character === ']' && !first)) throw refused(reading, `${character} in a class`);
  return character;
}

function foldedRange(reading: Reading, from: string, to: string, { i }: Flags): string {
  const [low, high] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
  if (low > high) throw refused(reading, `the range ${from}-${to}`);
  if (!i) return low === high ? codePoint(low) : `${codePoint(low)}-${codePoint(high)}`;
  if (high > 0x7f) throw refused(reading, 'a class beyond ASCII without regard to case');
  let ranges = '';
  for (let code = low; code <= high; code++) ranges += folded(code);
  return ranges;
}

/** A character for itself, as a class where case does not count. */
function literal(reading: Reading, character: string, { i }: Flags): string {
  const code = character.codePointAt(0) ?? 0;
  if (!i) return codePoint(code);
  if (code > 0x7f) throw refused(reading, 'a letter beyond ASCII without regard to case');
  const all = folded(code);
  return all === codePoint(code) ? all : `[${all}]`;
}

/** An ASCII character and its other cases; the Kelvin sign is a K, and the long s is an S. */
function folded(code: number): string {
  const character = String.fromCharCode(code);
  if (!/[A-Za-z]/.test(character)) return codePoint(code);
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  return `${lower}${upper}${lower === 'k' ? '\\u{212a}' : lower === 's' ? '\\u{17f}' : ''}`;
}

function codePoint(code: number): string {
  const character = String.fromCodePoint(code);
  return /[0-9A-Za-z]/.test(character) && code < 0x80 ? character : `\\u{${code.toString(16)}}`;
}

function peek({ characters, at }: Reading): string | undefined {
  return characters[at];
}

function next(reading: Reading): string {
  const character = reading.characters[reading.at++];
  if (character === undefined) throw refused(reading, 'it ends too early');
  return character;
}

function take(reading: Reading, character: string): boolean {
  if (peek(reading) !== character) return false;
  reading.at++;
  return true;
}
