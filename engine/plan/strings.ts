/** OPA's built-ins for strings, which count in code points, not in JavaScript's UTF-16. */
import { Undecided } from './value.ts';

/** Go's `unicode.IsSpace`; JavaScript's trim has U+FEFF, too, and lacks U+0085. */
const space = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

/** Letters whose case newer versions of Unicode may know and others may not: Go's and this program's may differ. */
const young = /[\u019b\u0264\u1c89\u1c8a\ua7cb-\ua7ff\u{10d50}-\u{10d8f}\u{16ea0}-\u{16eff}]/u;

export function lower(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return mapped(text, (character) => (character === 'İ' ? 'i' : character.toLowerCase()));
}

export function upper(text: string): string {
  if (isAscii(text)) return text.toUpperCase();
  return mapped(text, (character) => {
    const capital = character.toUpperCase();
    // Go has no case of several characters.
    if ([...capital].length > 1) throw new Undecided(`the capital of ${character}`);
    return capital;
  });
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Character by character: JavaScript would look at the neighbours of a sigma. */
function mapped(text: string, map: (character: string) => string): string {
  if (young.test(text)) throw new Undecided('a text has letters of which not all versions of Unicode know the case');
  return [...text].map(map).join('');
}

export function trimSpace(text: string): string {
  return trimWhere(text, (character) => space.test(character), true, true);
}

/** Without the characters of `cutset` at the start, at the end, or both. */
export function trim(text: string, cutset: string, start: boolean, end: boolean): string {
  const cut = new Set(cutset);
  return trimWhere(text, (character) => cut.has(character), start, end);
}

function trimWhere(text: string, cut: (character: string) => boolean, start: boolean, end: boolean): string {
  const characters = [...text];
  let from = 0;
  let to = characters.length;
  if (start) while (from < to && cut(characters[from] as string)) from++;
  if (end) while (to > from && cut(characters[to - 1] as string)) to--;
  return from === 0 && to === characters.length ? text : characters.slice(from, to).join('');
}

export function substring(text: string, start: number, length: number): string {
  if (start < 0) throw new Undecided('substring starts before the text');
  const characters = [...text];
  return characters.slice(start, length < 0 ? characters.length : start + length).join('');
}

export function indexOf(text: string, search: string): number {
  if (search === '') throw new Undecided('indexof looks for an empty text');
  const at = text.indexOf(search);
  return at < 0 ? -1 : [...text.slice(0, at)].length;
}

export function split(text: string, separator: string): string[] {
  return separator === '' ? [...text] : text.split(separator);
}

export function replaceAll(text: string, old: string, by: string): string {
  if (old === '') throw new Undecided('replace looks for an empty text');
  return text.split(old).join(by);
}

/**
 * Replaces several texts in one go through the text; of those that begin at one place, the first of the list.
 *
 * @param pairs sorted as OPA sorts its keys
 */
export function replaceMany(text: string, pairs: readonly (readonly [string, string])[]): string {
  if (pairs.some(([old]) => old === '')) throw new Undecided('strings.replace_n looks for an empty text');
  let result = '';
  for (let at = 0; at < text.length; ) {
    const pair = pairs.find(([old]) => text.startsWith(old, at));
    result += pair ? pair[1] : text[at];
    at += pair ? pair[0].length : 1;
  }
  return result;
}
