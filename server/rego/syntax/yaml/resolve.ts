/** What plain scalars of YAML say: https://github.com/yaml/go-yaml/blob/v3.0.5/resolve.go */

/** A point in time, as Go writes it in JSON. */
export interface Moment {
  readonly [moment]: string;
}

const moment = Symbol('moment');

export function isMoment(value: unknown): value is Moment {
  return typeof value === 'object' && value !== null && moment in value;
}

export function writtenMoment(value: Moment): string {
  return value[moment];
}

interface Resolved {
  readonly tag: string;
  readonly value: null | boolean | number | string | Moment;
}

const words: ReadonlyMap<string, Resolved> = new Map(
  (
    [
      ['!!bool', true, ['true', 'True', 'TRUE']],
      ['!!bool', false, ['false', 'False', 'FALSE']],
      ['!!null', null, ['', '~', 'null', 'Null', 'NULL']],
      ['!!float', Number.NaN, ['.nan', '.NaN', '.NAN']],
      ['!!float', Number.POSITIVE_INFINITY, ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']],
      ['!!float', Number.NEGATIVE_INFINITY, ['-.inf', '-.Inf', '-.INF']],
    ] as const
  ).flatMap(([tag, value, all]) => all.map((word) => [word, { tag, value }] as const)),
);

const resolvable: ReadonlySet<string> = new Set(['', '!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp']);

/** The value of a scalar with a tag, or with none; undefined as a value where the tag does not fit. */
export function resolve(tag: string, text: string): { tag: string; value: Resolved['value'] | undefined } {
  if (!resolvable.has(tag) || tag === '!!str') return { tag, value: text };
  const found = words.get(text) ?? numberOrMoment(tag, text) ?? { tag: '!!str', value: text };
  if (tag === '' || tag === found.tag) return found;
  if (tag === '!!float' && found.tag === '!!int') return { tag, value: found.value };
  return { tag: found.tag, value: undefined };
}

function numberOrMoment(tag: string, text: string): Resolved | undefined {
  if (text.startsWith('.')) {
    return /^\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?$/.test(text) ? float(text.replaceAll('_', '')) : undefined;
  }
  if (!/^[-+\d]/.test(text)) return undefined;
  if (tag === '' || tag === '!!timestamp') {
    const time = momentOf(text);
    if (time !== undefined) return { tag: '!!timestamp', value: { [moment]: time } };
  }
  const plain = text.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== undefined) return { tag: '!!int', value: Number(integer) };
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain) ? float(plain) : undefined;
}

/** Too large a number stays text. */
function float(plain: string): Resolved | undefined {
  const value = Number(plain);
  return Number.isFinite(value) ? { tag: '!!float', value } : undefined;
}

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;
const mostUnsigned = 2n ** 64n - 1n;

/** Of an integer of 64 bits in one of the forms of YAML 1.1 or 1.2. */
function integerOf(plain: string): bigint | undefined {
  const [, sign = '', prefix = '', inner = '', digits = ''] =
    /^([-+]?)(0[xX]|0[bB]|0[oO]|0(?=\d)|)([-+]?)([\da-fA-F]+)$/.exec(plain) ?? [];
  // A sign behind the prefix is what the library overlooks.
  if (digits === '' || (inner !== '' && (sign !== '' || (prefix !== '0b' && prefix !== '0o')))) return undefined;
  const base = { '0x': '0x', '0b': '0b', '0o': '0o', '0': '0o' }[prefix.toLowerCase()] ?? '';
  let value: bigint;
  try {
    value = BigInt(base + digits);
  } catch {
    return undefined;
  }
  if (sign === '-' || inner === '-') value = -value;
  const highest = sign === '' && inner === '' ? mostUnsigned : most;
  return value >= least && value <= highest ? value : undefined;
}

const momentForm = /^(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)?)?$/;

/** A date, or a date and a time, with a zone behind `T` and without one behind a space. */
function momentOf(text: string): string | undefined {
  const match = momentForm.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', separator, hour = '0', minute = '0', second = '0', fraction = '', zone] =
    match;
  if (separator !== undefined && (separator === ' ') !== (zone === undefined)) return undefined;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const isLeap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  const days = m === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31;
  if (m < 1 || m > 12 || d < 1 || d > days) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (zone !== undefined && zone !== 'Z' && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 60))
    return undefined;
  const two = (part: string) => part.padStart(2, '0');
  const nanoseconds = fraction.slice(0, 9).replace(/0+$/, '');
  const offset = zone === undefined || /^[-+]00:00$/.test(zone) ? 'Z' : zone;
  const time = `${two(hour)}:${two(minute)}:${two(second)}${nanoseconds === '' ? '' : `.${nanoseconds}`}`;
  return `${year}-${two(month)}-${two(day)}T${time}${offset}`;
}
