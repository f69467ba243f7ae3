/** Evaluates a {@link Program} as OPA's own evaluators of plans do: OPA's wasm compiler is the model. */
import { type Builtin, builtins } from './builtins.ts';
import { type Block, codes, type Operand, type Part, type Program, type Statement } from './program.ts';
import {
  addTo,
  entriesOf,
  equal,
  exactNumber,
  isArray,
  isObject,
  isSet,
  lookUp,
  membersOf,
  newObject,
  newSet,
  type RegoObject,
  type RegoSet,
  setIn,
  Undecided,
  type Value,
} from './value.ts';

/** One evaluation: a program on one input. What it has found out serves all of its entrypoints. */
export interface Run {
  program: Program;
  input: Value | undefined;
  data: Value;
  /** The values of rules, by their functions; `with` puts it aside for a while, as it does `constant`. */
  known: Map<number, Value | undefined>;
  /** Rules whose values were known before, and how to come by them. */
  constant: ReadonlyMap<number, () => Value | undefined>;
  builtins: Map<string, Builtin>;
}

interface Frame {
  locals: (Value | undefined)[];
  result: Value | undefined;
  results: Value[];
}

/** How a block ended, beside `n` ≥ 0: n blocks further out are to be left, too. */
const completed = -1;
const returned = -2;

export function newRun(
  program: Program,
  input: Value | undefined,
  data: Value,
  constant: Run['constant'] = new Map(),
): Run {
  const used = new Map(program.builtins.flatMap((name) => (builtins[name] ? [[name, builtins[name]]] : [])));
  return { program, input, data, known: new Map(), constant, builtins: used };
}

/** The value of a rule by its function; undefined when it is. Throws {@link Undecided}. */
export function ruleValue(run: Run, index: number): Value | undefined {
  return call(run, index, [run.input, run.data]);
}

/** The value of an entrypoint's rule; undefined when it is. Throws {@link Undecided}. */
export function evaluate(run: Run, entrypoint: string): Value | undefined {
  const plan = Object.hasOwn(run.program.plans, entrypoint) ? run.program.plans[entrypoint] : undefined;
  if (!plan) throw new Undecided(`the policy has no entrypoint ${entrypoint}`);
  const frame = newFrame(plan.locals);
  frame.locals[0] = run.input;
  frame.locals[1] = run.data;
  runBlocks(run, frame, plan.blocks);
  if (frame.results.length > 1) throw new Undecided('the evaluation gave several results');
  return lookUp(frame.results[0], 'result');
}

function newFrame(locals: number): Frame {
  return { locals: new Array(locals).fill(undefined), result: undefined, results: [] };
}

function call(run: Run, index: number, args: readonly (Value | undefined)[]): Value | undefined {
  const func = run.program.funcs[index];
  if (!func) throw new Undecided(`the plan has no function ${index}`);
  // A rule, of input and data alone.
  const rule = func.params.length === 2;
  if (rule && run.known.has(index)) return run.known.get(index);
  const constant = run.constant.get(index);
  if (constant) {
    const value = constant();
    run.known.set(index, value);
    return value;
  }
  const frame = newFrame(func.locals);
  for (const [at, param] of func.params.entries()) frame.locals[param] = args[at];
  runBlocks(run, frame, func.blocks);
  if (rule) run.known.set(index, frame.result);
  return frame.result;
}

function runBlocks(run: Run, frame: Frame, blocks: readonly Block[]): void {
  for (const block of blocks) {
    const end = runBlock(run, frame, block);
    if (end === returned) return;
    if (end > 0) throw new Undecided('the plan leaves more blocks than there are');
  }
}

function runBlock(run: Run, frame: Frame, block: Block): number {
  for (const statement of block) {
    const handler = handlerOf[statement[0]];
    if (!handler) throw new Undecided(`the statement ${statement[0]} is not known`);
    const end = handler(run, frame, statement);
    if (end !== completed) return end;
  }
  return completed;
}

type Handler = (run: Run, frame: Frame, statement: Statement) => number;

/** What each statement does; the parts of a statement are in the order that program.ts gives. */
const handlers: Record<keyof typeof codes, Handler> = {
  ReturnLocalStmt(_, frame, [, source]) {
    frame.result = frame.locals[source as number];
    return returned;
  },
  CallStmt: callFunction,
  CallDynamicStmt: callDynamic,
  BlockStmt(run, frame, [, blocks]) {
    for (const block of blocks as Block[]) {
      const end = runBlock(run, frame, block);
      if (end > 0) return end - 1;
      if (end === returned) return returned;
    }
    return completed;
  },
  BreakStmt: (_run, _frame, [, index]) => index as number,
  DotStmt(run, frame, [, source, key, target]) {
    const at = read(run, frame, key);
    return set(frame, target, at === undefined ? undefined : lookUp(read(run, frame, source), at));
  },
  LenStmt: (run, frame, [, source, target]) => set(frame, target, lengthOf(read(run, frame, source))),
  ScanStmt: scan,
  NotStmt(run, frame, [, block]) {
    const end = runBlock(run, frame, block as Block);
    if (end === completed) return 0;
    return end > 0 ? end - 1 : end === 0 ? completed : end;
  },
  AssignIntStmt: (_, frame, [, value, target]) => set(frame, target, exactNumber(value as number)),
  AssignVarStmt(run, frame, [, source, target]) {
    frame.locals[target as number] = read(run, frame, source);
    return completed;
  },
  AssignVarOnceStmt(run, frame, [, source, target]) {
    const value = read(run, frame, source);
    const before = frame.locals[target as number];
    if (before !== undefined && !same(before, value)) throw new Undecided('a rule has two values');
    frame.locals[target as number] = value;
    return completed;
  },
  ResetLocalStmt(_, frame, [, target]) {
    frame.locals[target as number] = undefined;
    return completed;
  },
  MakeNullStmt: (_, frame, [, target]) => set(frame, target, null),
  MakeNumberIntStmt: (_, frame, [, value, target]) => set(frame, target, exactNumber(value as number)),
  MakeNumberRefStmt: (run, frame, [, index, target]) => set(frame, target, numberOf(run, index as number)),
  MakeArrayStmt: (_, frame, [, target]) => set(frame, target, []),
  MakeObjectStmt: (_, frame, [, target]) => set(frame, target, newObject()),
  MakeSetStmt: (_, frame, [, target]) => set(frame, target, newSet()),
  EqualStmt: (run, frame, [, a, b]) => holds(same(read(run, frame, a), read(run, frame, b))),
  NotEqualStmt: (run, frame, [, a, b]) => holds(!same(read(run, frame, a), read(run, frame, b))),
  IsArrayStmt: (run, frame, [, source]) => holds(isArray(read(run, frame, source))),
  IsObjectStmt: (run, frame, [, source]) => holds(isObject(read(run, frame, source))),
  IsSetStmt: (run, frame, [, source]) => holds(isSet(read(run, frame, source))),
  IsDefinedStmt: (_, frame, [, source]) => holds(frame.locals[source as number] !== undefined),
  IsUndefinedStmt: (_, frame, [, source]) => holds(frame.locals[source as number] === undefined),
  ArrayAppendStmt(run, frame, [, value, array]) {
    (frame.locals[array as number] as Value[]).push(defined(read(run, frame, value)));
    return completed;
  },
  ObjectInsertStmt(run, frame, [, key, value, object]) {
    const target = frame.locals[object as number] as RegoObject;
    setIn(target, defined(read(run, frame, key)), defined(read(run, frame, value)));
    return completed;
  },
  ObjectInsertOnceStmt(run, frame, [, key, value, object]) {
    const target = frame.locals[object as number] as RegoObject;
    const [at, inserted] = [defined(read(run, frame, key)), defined(read(run, frame, value))];
    const before = lookUp(target, at);
    if (before !== undefined && !equal(before, inserted)) throw new Undecided('a key of an object has two values');
    setIn(target, at, inserted);
    return completed;
  },
  ObjectMergeStmt: (_, { locals }, [, a, b, target]) => {
    locals[target as number] = merged(locals[a as number], locals[b as number]);
    return completed;
  },
  SetAddStmt(run, frame, [, value, target]) {
    addTo(frame.locals[target as number] as RegoSet, defined(read(run, frame, value)));
    return completed;
  },
  WithStmt: runWith,
  NopStmt: () => completed,
  ResultSetAddStmt(_, frame, [, value]) {
    frame.results.push(defined(frame.locals[value as number]));
    return completed;
  },
};

/** By the statements' codes. */
const handlerOf = Object.entries(codes).reduce<Handler[]>((all, [name, code]) => {
  all[code] = handlers[name as keyof typeof codes];
  return all;
}, []);

function holds(condition: boolean): number {
  return condition ? completed : 0;
}

/** Sets a local; what is undefined leaves the block. */
function set(frame: Frame, target: Part | undefined, value: Value | undefined): number {
  frame.locals[target as number] = value;
  return value === undefined ? 0 : completed;
}

function read(run: Run, frame: Frame, operand: Part | undefined): Value | undefined {
  if (typeof operand === 'boolean') return operand;
  const index = operand as number;
  return index < 0 ? run.program.strings[-1 - index] : frame.locals[index];
}

function defined(value: Value | undefined): Value {
  if (value === undefined) throw new Undecided('the plan uses a value that is undefined');
  return value;
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b);
}

function numberOf({ program }: Run, index: number): number {
  const text = program.strings[index] ?? '';
  const number = exactNumber(Number(text));
  if (String(number) !== text) throw new Undecided(`the number ${text} may not be exact`);
  return number;
}

function lengthOf(value: Value | undefined): number {
  if (isArray(value)) return value.length;
  if (isObject(value)) return value.entries.size;
  if (isSet(value)) return value.members.size;
  throw new Undecided('the plan asks for the length of a scalar');
}

function callFunction(run: Run, frame: Frame, [, name, operands, result]: Statement): number {
  const args = (operands as Operand[]).map((operand) => read(run, frame, operand));
  if (typeof name === 'number') return set(frame, result, call(run, name, args));
  const builtin = run.builtins.get(name as string);
  if (!builtin) throw new Undecided(`built-in ${name}`);
  // A call with an argument that is undefined is undefined.
  return set(frame, result, args.includes(undefined) ? undefined : builtin(args as Value[]));
}

/** A rule whose path is known only now. That there is none leaves this block; that it is undefined, three more. */
function callDynamic(run: Run, frame: Frame, [, args, result, path]: Statement): number {
  const keys = (path as Operand[]).map((operand) => read(run, frame, operand));
  const index = keys.every((key) => typeof key === 'string') ? run.program.paths[keys.join('\0')] : undefined;
  if (index === undefined) return 0;
  const values = (args as Operand[]).map((operand) => read(run, frame, operand));
  return set(frame, result, call(run, index, values)) === completed ? completed : 3;
}

function scan(run: Run, frame: Frame, statement: Statement): number {
  const [, source, key, value, block] = statement as readonly [number, number, number, number, Block];
  const { locals } = frame;
  const over = locals[source];
  const visit = (atKey: Value, atValue: Value): boolean => {
    locals[key] = atKey;
    locals[value] = atValue;
    const end = runBlock(run, frame, block);
    if (end > 0) throw new Undecided('the plan leaves a loop');
    return end !== returned;
  };
  if (isArray(over)) {
    for (let at = 0; at < over.length; at++) if (!visit(at, over[at] as Value)) return returned;
  } else if (isObject(over)) {
    for (const entry of entriesOf(over)) if (!visit(entry.key, entry.value)) return returned;
  } else if (isSet(over)) {
    for (const member of membersOf(over)) if (!visit(member, member)) return returned;
  }
  return completed;
}

function merged(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (!isObject(a) || !isObject(b)) throw new Undecided('a rule and data meet at one path');
  const result = newObject();
  for (const { key, value } of entriesOf(a)) setIn(result, key, value);
  for (const { key, value } of entriesOf(b)) setIn(result, key, merged(lookUp(a, key), value) as Value);
  return result;
}

/** Runs a block with (a part of) the input or the data replaced; what rules gave before does not hold in it. */
function runWith(run: Run, frame: Frame, statement: Statement): number {
  const [, local, path, operand, block] = statement as readonly [number, number, Operand[], Operand, Block];
  const keys = path.map((part) => defined(read(run, frame, part)));
  const value = defined(read(run, frame, operand));
  const before = frame.locals[local];
  const { known, constant } = run;
  run.known = new Map();
  run.constant = new Map();
  frame.locals[local] = replaced(before, keys, value, true);
  const end = runBlock(run, frame, block);
  frame.locals[local] = before;
  run.known = known;
  run.constant = constant;
  if (end > 0) throw new Undecided('the plan leaves a `with`');
  return end;
}

function replaced(value: Value | undefined, keys: readonly Value[], by: Value, top: boolean): Value {
  const [key, ...rest] = keys;
  if (key === undefined) return by;
  if (top && value !== undefined && !isObject(value)) throw new Undecided('`with` replaces a part of a scalar');
  const copy = newObject();
  if (isObject(value)) for (const entry of entriesOf(value)) setIn(copy, entry.key, entry.value);
  setIn(copy, key, replaced(lookUp(copy, key), rest, by, false));
  return copy;
}
