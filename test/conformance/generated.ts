/**
 * Calls of built-ins with generated arguments of their declared types, for comparing the fast path with the engine
 * where OPA's cases do not reach: Unicode, large numbers, sets in every order.
 */
import fc from 'fast-check';
import type { Subject } from './differential.ts';

/** A type as OPA's capabilities write it. */
interface Type {
  type: string;
  of?: Type | Type[];
  static?: unknown;
  dynamic?: Type | { key: Type; value: Type };
  [key: string]: unknown;
}

export interface Builtin {
  name: string;
  infix?: string;
  relation?: boolean;
  decl: { args?: Type[]; result?: Type };
}

const words = [
  '',
  'a',
  'A',
  'abc',
  'b',
  'ab',
  'é',
  'É',
  'ß',
  'İ',
  '中',
  '😀',
  'a,b',
  ' a ',
  '1',
  '-1',
  '0.5',
  '1e3',
  '/a',
  '[a-z]+',
  '*',
  '{"a": 1}',
  'YQ==',
  '10.0.0.0/8',
  '10.1.2.3',
  '\u0000',
  '\n',
];
const numbers = [
  0,
  1,
  -1,
  2,
  3,
  10,
  255,
  0.5,
  -0.5,
  1.1,
  0.1,
  1e6,
  1e21,
  1e-7,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
];

/** These count as far as their arguments say. */
const counting = ['numbers.range', 'numbers.range_step', 'bits.lsh', 'bits.rsh', 'strings.repeat'];

const word = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 }));
const number = fc.oneof(fc.constantFrom(...numbers), fc.integer({ min: -20, max: 20 }));
const scalar = fc.oneof(word, number, fc.boolean(), fc.constant(null));
const keys = fc.constantFrom('a', 'b', 'c', 'é', '');
const document = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    scalar,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(keys, tie('node'), { maxKeys: 3 }),
  ),
})).node;

/** JSON for a value of the type; a set is written as an array, and made one by the rule. */
function arbitrary({ type, of, static: fixed, dynamic }: Type, numeric = number): fc.Arbitrary<unknown> {
  const options = of === undefined ? [] : [of].flat();
  switch (type) {
    case 'string':
      return word;
    case 'number':
      return numeric;
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return Array.isArray(fixed)
        ? fc.tuple(...fixed.map((item) => arbitrary(item as Type)))
        : fc.array(dynamic === undefined ? document : arbitrary(dynamic as Type), { maxLength: 5 });
    case 'set':
      return fc.array(options[0] === undefined ? document : arbitrary(options[0]), { maxLength: 5 });
    case 'object':
      return fc.dictionary(keys, document, { maxKeys: 4 });
    default:
      return options.length > 0 ? fc.oneof(...options.map((option) => arbitrary(option))) : document;
  }
}

function mayBeSet({ type, of }: Type): boolean {
  return type === 'set' || (type === 'any' && (of === undefined || [of].flat().some(mayBeSet)));
}

function mayBeOther({ type }: Type): boolean {
  return type !== 'set';
}

/**
 * For each way in which the arguments may be sets or not, a rule that calls the built-in, and inputs for it.
 *
 * @param count how many inputs each rule gets; they depend on `seed` alone.
 */
export function generatedSubjects(builtin: Builtin, count: number, seed: number): Subject[] {
  const args = builtin.decl.args ?? [];
  if (builtin.relation || builtin.decl.result === undefined) {
    return [];
  }
  const variants = args.reduce<boolean[][]>(
    (all, type) =>
      all.flatMap((before) => [
        ...(mayBeOther(type) ? [[...before, false]] : []),
        ...(mayBeSet(type) ? [[...before, true]] : []),
      ]),
    [[]],
  );
  const numeric = counting.includes(builtin.name) ? fc.integer({ min: -5, max: 40 }) : number;
  return variants.slice(0, 4).map((sets) => {
    const values = args.map((type, index) =>
      sets[index] && type.type !== 'set' ? fc.array(document, { maxLength: 5 }) : arbitrary(type, numeric),
    );
    const terms = sets.map((set, index) => (set ? `{v | some v in input[${index}]}` : `input[${index}]`));
    return {
      id: `generated/${builtin.name}(${sets.map((set) => (set ? 'set' : '_')).join(', ')})`,
      files: [{ path: 'g.rego', kind: 'module', text: `package g\n\nv := ${builtin.name}(${terms.join(', ')})\n` }],
      entrypoint: 'g/v',
      inputs: fc.sample(fc.tuple(...values), { numRuns: count, seed }),
      data: {},
    };
  });
}
