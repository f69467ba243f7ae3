/**
 * The rules that say the same whatever the input is, evaluated once: most of what a policy asks of its data need not
 * be asked again at each commit.
 */
import { type Run, ruleValue } from './evaluate.ts';
import { type Block, type Func, partsOf, type Statement } from './program.ts';
import {
  entriesOf,
  isArray,
  isObject,
  isSet,
  membersOf,
  newObject,
  newSet,
  setIn,
  Undecided,
  type Value,
} from './value.ts';

/** A rule's function, and its value unless that is undefined. Plain JSON. */
export type Constant = readonly [index: number] | readonly [index: number, value: Encoded];

/** A scalar, or a list that says its kind first; an object's keys and values in turn. */
export type Encoded = null | boolean | number | string | readonly ['array' | 'set' | 'object', ...Encoded[]];

/** @param run one whose input is undefined */
export function constantsOf(run: Run): Constant[] {
  const { funcs } = run.program;
  const constants: Constant[] = [];
  for (const index of withoutInput(funcs)) {
    // Functions have arguments; rules have none.
    if (funcs[index]?.params.length !== 2) continue;
    try {
      const value = ruleValue(run, index);
      constants.push(value === undefined ? [index] : [index, encode(value)]);
    } catch (error) {
      // It is for the evaluation that needs it to say so.
      if (!(error instanceof Undecided)) throw error;
    }
  }
  return constants;
}

/** As a {@link Run} has them: few are asked for, and only these are read. */
export function readConstants(constants: readonly Constant[]): Run['constant'] {
  return new Map(constants.map(([index, value]) => [index, () => (value === undefined ? undefined : decode(value))]));
}

/** The functions that read no input, nor does what they call. */
function withoutInput(funcs: readonly Func[]): Set<number> {
  const candidates = new Map<number, Set<number>>();
  for (const [index, { params, blocks }] of funcs.entries()) {
    const calls = params[0] === 0 && params[1] === 1 ? callsWithoutInput(blocks) : undefined;
    if (calls) candidates.set(index, calls);
  }
  for (let before = -1; before !== candidates.size; ) {
    before = candidates.size;
    for (const [index, calls] of candidates) {
      if ([...calls].some((called) => !candidates.has(called))) candidates.delete(index);
    }
  }
  return new Set(candidates.keys());
}

/** The functions that are called; undefined when the input, local 0, is used for anything but to be handed on. */
function callsWithoutInput(blocks: readonly Block[]): Set<number> | undefined {
  const calls = new Set<number>();
  const clean = (statement: Statement): boolean =>
    partsOf(statement).every(({ name, value }) => {
      switch (name) {
        case 'block':
          return (value as Block).every(clean);
        case 'blocks':
          return (value as Block[]).every((block) => block.every(clean));
        case 'func':
          if (typeof value === 'number') calls.add(value);
          return true;
        case 'args': {
          const [input, ...others] = value as readonly unknown[];
          const called = statement[1];
          return typeof called === 'number' ? !others.includes(0) : input !== 0 && !others.includes(0);
        }
        // Only while evaluating is it known which rule is called.
        case 'dynamic':
          return false;
        case 'count':
          return true;
        default:
          return value !== 0;
      }
    });
  return blocks.every((block) => block.every(clean)) ? calls : undefined;
}

function encode(value: Value): Encoded {
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return ['array', ...value.map(encode)];
  if (isSet(value)) return ['set', ...membersOf(value).map(encode)];
  if (isObject(value))
    return ['object', ...entriesOf(value).flatMap(({ key, value: below }) => [encode(key), encode(below)])];
  throw new Undecided('a value of no known kind');
}

function decode(encoded: Encoded): Value {
  if (typeof encoded !== 'object' || encoded === null) return encoded;
  const [kind, ...items] = encoded;
  const values = items.map(decode);
  if (kind === 'array') return values;
  if (kind === 'set') return newSet(values);
  const object = newObject();
  for (let at = 0; at < values.length; at += 2) setIn(object, values[at] as Value, values[at + 1] as Value);
  return object;
}
