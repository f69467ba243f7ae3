/**
 * The order of terms, by which sets and objects are sorted:
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/compare.go
 */
import type { JsonTerm } from './lower-terms.ts';

const order = [
  'null',
  'boolean',
  'number',
  'string',
  'templatestring',
  'var',
  'ref',
  'array',
  'object',
  'set',
  'arraycomprehension',
  'objectcomprehension',
  'setcomprehension',
  'call',
];

type Fields = { readonly [key: string]: unknown };

export function compareTerms(a: JsonTerm, b: JsonTerm): number {
  if (a.type !== b.type) return order.indexOf(a.type) - order.indexOf(b.type);
  switch (a.type) {
    case 'null':
      return 0;
    case 'boolean':
      return Number(a.value) - Number(b.value);
    case 'number':
      return compareNumbers(a.value as string, b.value as string);
    case 'string':
    case 'var':
      return compareStrings(a.value as string, b.value as string);
    case 'templatestring':
      return compareTemplates(a.value as Fields, b.value as Fields);
    case 'object':
      return compareLists(a.value as JsonTerm[][], b.value as JsonTerm[][], (x, y) => compareLists(x, y, compareTerms));
    case 'ref':
    case 'array':
    case 'set':
    case 'call':
      return compareLists(a.value as unknown as JsonTerm[], b.value as unknown as JsonTerm[], compareTerms);
    default:
      return compareFields(a.value as Fields, b.value as Fields, ['key', 'value', 'term']);
  }
}

function compareLists<Item>(a: readonly Item[], b: readonly Item[], compare: (a: Item, b: Item) => number): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const result = compare(a[index]!, b[index]!);
    if (result !== 0) return result;
  }
  return a.length - b.length;
}

/** By code points, as the bytes of UTF-8 are ordered. */
function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) {
      const isX = x >= 0xd800 && x < 0xe000;
      const isY = y >= 0xd800 && y < 0xe000;
      return isX === isY ? x - y : isX ? 1 : -1;
    }
  }
  return a.length - b.length;
}

/** By value, exactly; fractions also by what they are as floating-point numbers. */
function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (isFraction(a) && isFraction(b) && Number(a) === Number(b)) return 0;
  const [x, y] = [decimal(a), decimal(b)];
  if (x.sign !== y.sign) return x.sign - y.sign;
  if (x.sign === 0) return 0;
  if (x.point !== y.point) return x.point < y.point ? -x.sign : x.sign;
  return x.digits === y.digits ? 0 : x.digits < y.digits ? -x.sign : x.sign;
}

function isFraction(written: string): boolean {
  return written.replace(/[.0]+$/, '').includes('.');
}

/** 0.digits × 10^point. */
function decimal(written: string): { sign: number; digits: string; point: number } {
  const [, minus, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(written) ?? [];
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const point = Number(exponent) + whole.length - (all.length - digits.length);
  const trimmed = digits.replace(/0+$/, '');
  return { sign: trimmed === '' ? 0 : minus === '-' ? -1 : 1, digits: trimmed, point };
}

function compareTemplates(a: Fields, b: Fields): number {
  if (a.multi_line !== b.multi_line) return a.multi_line === true ? 1 : -1;
  const [x, y] = [(a.parts ?? []) as Fields[], (b.parts ?? []) as Fields[]];
  if (x.length !== y.length) return x.length - y.length;
  return compareLists(x, y, (one, other) => {
    if ('terms' in one !== 'terms' in other) return 'terms' in one ? 1 : -1;
    return 'terms' in one ? compareExpressions(one, other) : compareTerms(one as never, other as never);
  });
}

/** Terms by their names, then bodies. */
function compareFields(a: Fields, b: Fields, names: readonly string[]): number {
  for (const name of names) {
    const [x, y] = [a[name] as JsonTerm | null | undefined, b[name] as JsonTerm | null | undefined];
    if (x && y) {
      const result = compareTerms(x, y);
      if (result !== 0) return result;
    } else if (x || y) return x ? 1 : -1;
  }
  return compareLists((a.body ?? []) as Fields[], (b.body ?? []) as Fields[], compareExpressions);
}

/** Declarations first, then terms, calls, and the rest. */
function rank(terms: unknown): number {
  if (Array.isArray(terms)) return 2;
  const fields = terms as Fields;
  if ('symbols' in fields) return 0;
  if ('domain' in fields) return 3;
  return { not: 4, and: 5, or: 6 }[fields.type as string] ?? 1;
}

function compareExpressions(a: Fields, b: Fields): number {
  const kind = rank(a.terms);
  if (kind !== rank(b.terms)) return kind - rank(b.terms);
  const index = (a.index as number) - (b.index as number);
  if (index !== 0) return index;
  if (a.negated !== b.negated) return a.negated === true ? 1 : -1;
  const [x, y] = [a.terms as Fields, b.terms as Fields];
  const result = compareContents(kind, x, y);
  if (result !== 0) return result;
  const withs = (of: Fields) => ((of.with ?? []) as Fields[]).flatMap(({ target, value }) => [target, value]);
  return compareLists(withs(a) as JsonTerm[], withs(b) as JsonTerm[], compareTerms);
}

function compareContents(kind: number, a: Fields, b: Fields): number {
  switch (kind) {
    case 0:
      return compareLists(a.symbols as JsonTerm[], b.symbols as JsonTerm[], compareTerms);
    case 1:
      return compareTerms(a as never, b as never);
    case 2:
      return compareLists(a as never, b as never, compareTerms);
    case 3:
      return compareFields(a, b, ['key', 'value', 'domain']);
    case 4:
      return compareFields(a, b, []);
    default:
      return (
        compareLists(a.lhs as Fields[], b.lhs as Fields[], compareExpressions) ||
        compareLists(a.rhs as Fields[], b.rhs as Fields[], compareExpressions)
      );
  }
}
