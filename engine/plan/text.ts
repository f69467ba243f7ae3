/** How OPA writes values in texts: `sprintf`, template strings. */
import { entriesOf, isArray, isSet, membersOf, Undecided, type Value } from './value.ts';

/** A value as a part of a text: a string as it is, anything else as a term of Rego. */
export function textOf(value: Value): string {
  return typeof value === 'string' ? value : termOf(value);
}

function termOf(value: Value): string {
  if (typeof value === 'string') {
    // Go quotes what it does not take for printable; which is that is a matter of Unicode's version.
    if (!/^[ !#-[\]-~]*$/.test(value)) throw new Undecided('a text within a value is written into a text');
    return `"${value}"`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  if (isArray(value)) return `[${value.map(termOf).join(', ')}]`;
  if (isSet(value)) {
    const members = membersOf(value);
    return members.length === 0 ? 'set()' : `{${members.map(termOf).join(', ')}}`;
  }
  return `{${entriesOf(value)
    .map((entry) => `${termOf(entry.key)}: ${termOf(entry.value)}`)
    .join(', ')}}`;
}

/** A template string's parts; what may be undefined comes as a set of its value, or of nothing. */
export function templateString(parts: readonly Value[]): string {
  return parts
    .map((part) => {
      if (!isSet(part)) {
        if (typeof part === 'object' && part !== null) throw new Undecided('a template has a part that is no scalar');
        return textOf(part);
      }
      const members = membersOf(part);
      if (members.length > 1) throw new Undecided('a template has a part with several values');
      return members.length === 0 ? '<undefined>' : textOf(members[0] as Value);
    })
    .join('');
}

/** `sprintf` with plain verbs: `%s` of what is no number, `%d` of integers, `%v` of all but fractions, `%%`. */
export function formatted(format: string, args: readonly Value[]): string {
  let used = 0;
  const text = format.replace(/%([\s\S]?)/gu, (_, verb: string) => {
    if (verb === '%') return '%';
    const value = args[used++];
    if (value === undefined) throw new Undecided('sprintf has too few arguments');
    const isNumber = typeof value === 'number';
    const fits = isNumber ? Number.isInteger(value) && (verb === 'd' || verb === 'v') : verb === 's' || verb === 'v';
    if (!fits) throw new Undecided(`sprintf has %${verb} for ${typeof value}`);
    return textOf(value);
  });
  if (used !== args.length) throw new Undecided('sprintf has too many arguments');
  return text;
}
