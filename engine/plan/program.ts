/**
 * A policy ready to be evaluated here: OPA's plan (https://www.openpolicyagent.org/docs/ir) with all that evaluation
 * does not need left out, so that it is small and read at once. Plain JSON.
 */
import { Undecided } from './value.ts';

/** A local variable (its index), a text (`-1 - index`), or a boolean. */
export type Operand = number | boolean;

/** What a statement has: operands, a number, a function's index or a built-in's name, blocks. */
export type Part = Operand | string | readonly Operand[] | Block | readonly Block[];

/** A statement's code, see {@link codes}, then its parts, in the order written there. */
export type Statement = readonly [code: number, ...parts: Part[]];

export type Block = readonly Statement[];

export interface Func {
  name: string;
  params: number[];
  /** How many local variables it has. */
  locals: number;
  blocks: Block[];
}

export interface Program {
  strings: string[];
  /** By the entrypoint's name, such as `countersign/model/deny`. */
  plans: Record<string, { locals: number; blocks: Block[] }>;
  funcs: Func[];
  /** The functions of `data` paths that are only known while evaluating: the path joined by NUL. */
  paths: Record<string, number>;
  /** The names of the built-ins. */
  builtins: string[];
}

/** Codes by OPA's names of the statements, and the parts that each has. */
const statements = {
  ReturnLocalStmt: ['source'],
  CallStmt: ['func', 'args', 'result'],
  CallDynamicStmt: ['args', 'result', 'path'],
  BlockStmt: ['blocks'],
  BreakStmt: ['index'],
  DotStmt: ['source', 'key', 'target'],
  LenStmt: ['source', 'target'],
  ScanStmt: ['source', 'key', 'value', 'block'],
  NotStmt: ['block'],
  AssignIntStmt: ['value', 'target'],
  AssignVarStmt: ['source', 'target'],
  AssignVarOnceStmt: ['source', 'target'],
  ResetLocalStmt: ['target'],
  MakeNullStmt: ['target'],
  MakeNumberIntStmt: ['value', 'target'],
  MakeNumberRefStmt: ['index', 'target'],
  MakeArrayStmt: ['target'],
  MakeObjectStmt: ['target'],
  MakeSetStmt: ['target'],
  EqualStmt: ['a', 'b'],
  NotEqualStmt: ['a', 'b'],
  IsArrayStmt: ['source'],
  IsObjectStmt: ['source'],
  IsSetStmt: ['source'],
  IsDefinedStmt: ['source'],
  IsUndefinedStmt: ['source'],
  ArrayAppendStmt: ['value', 'array'],
  ObjectInsertStmt: ['key', 'value', 'object'],
  ObjectInsertOnceStmt: ['key', 'value', 'object'],
  ObjectMergeStmt: ['a', 'b', 'target'],
  SetAddStmt: ['value', 'set'],
  WithStmt: ['local', 'path', 'value', 'block'],
  NopStmt: [],
  ResultSetAddStmt: ['value'],
} as const satisfies Record<string, readonly string[]>;

type StatementName = keyof typeof statements;

export const codes = Object.fromEntries(Object.keys(statements).map((name, at) => [name, at])) as Record<
  StatementName,
  number
>;

/**
 * A statement's parts by what they are: `block` and `blocks`, `func` and `args` of a call, `dynamic` of one whose rule
 * is known only while evaluating, `count` for a plain number, else `operand`: a local, a text, a boolean.
 */
export function partsOf([code, ...values]: Statement): { name: string; value: Part | undefined }[] {
  const statement = Object.keys(statements)[code] as StatementName;
  return statements[statement].map((part, at) => {
    const value = values[at];
    if (part === 'block' || part === 'blocks' || part === 'func') return { name: part, value };
    if (statement === 'CallDynamicStmt') return { name: 'dynamic', value };
    if (part === 'args') return { name: part, value };
    const plain =
      part === 'index' || (part === 'value' && (statement === 'AssignIntStmt' || statement === 'MakeNumberIntStmt'));
    return { name: plain ? 'count' : 'operand', value };
  });
}

/** The parts that are locals whatever their value. */
const localParts = new Set(['target', 'source', 'result', 'local', 'array', 'object', 'set', 'key', 'value', 'a', 'b']);

interface PlanJson {
  static: { strings?: { value: string }[] | null; builtin_funcs?: { name: string }[] | null };
  plans: { plans: { name: string; blocks: PlanBlock[] }[] };
  funcs?: { funcs?: PlanFunc[] | null } | null;
}

interface PlanFunc {
  name: string;
  params: number[];
  return: number;
  blocks: PlanBlock[];
  path?: string[];
}

interface PlanBlock {
  stmts: { type: string; stmt: Record<string, unknown> }[] | null;
}

/** Reads OPA's plan. Throws {@link Undecided} for what it does not know. */
export function readPlan(text: string): Program {
  const plan = JSON.parse(text) as PlanJson;
  const planned = plan.funcs?.funcs ?? [];
  const indexes = new Map(planned.map(({ name }, at) => [name, at]));
  const body = (blocks: PlanBlock[], params: number[]) => {
    const reader = { indexes, locals: Math.max(1, ...params) };
    return { blocks: blocks.map((block) => readBlock(block, reader)), locals: reader.locals + 1 };
  };
  return {
    strings: (plan.static.strings ?? []).map(({ value }) => value),
    plans: Object.fromEntries(plan.plans.plans.map(({ name, blocks }) => [name, body(blocks, [])])),
    funcs: planned.map(({ name, params, blocks }) => ({ name, params, ...body(blocks, params) })),
    paths: Object.fromEntries(planned.flatMap(({ path }, at) => (path ? [[path.join('\0'), at]] : []))),
    builtins: (plan.static.builtin_funcs ?? []).map(({ name }) => name),
  };
}

interface Reader {
  indexes: ReadonlyMap<string, number>;
  /** The highest local seen. */
  locals: number;
}

function readBlock({ stmts }: PlanBlock, reader: Reader): Statement[] {
  return (stmts ?? []).map(({ type, stmt }) => {
    if (!Object.hasOwn(statements, type)) throw new Undecided(`the plan has the statement ${type}`);
    const name = type as StatementName;
    const parts = statements[name].map((part) => readPart(name, part, stmt[part], reader));
    return [codes[name], ...parts];
  });
}

function readPart(statement: StatementName, part: string, value: unknown, reader: Reader): Part {
  if (part === 'block') return readBlock(value as PlanBlock, reader);
  if (part === 'blocks') return ((value ?? []) as PlanBlock[]).map((block) => readBlock(block, reader));
  if (part === 'func') return reader.indexes.get(value as string) ?? (value as string);
  // The places within a document that `with` replaces: indexes of texts.
  if (statement === 'WithStmt' && part === 'path') return ((value ?? []) as number[]).map((index) => -1 - index);
  // Go writes an empty list as null.
  if (part === 'args' || part === 'path') return ((value ?? []) as unknown[]).map((item) => readOperand(item, reader));
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Undecided(`the plan has the number ${value}`);
    const plain = part === 'value' && (statement === 'AssignIntStmt' || statement === 'MakeNumberIntStmt');
    if (localParts.has(part) && !plain) reader.locals = Math.max(reader.locals, value);
    return value;
  }
  return readOperand(value, reader);
}

function readOperand(operand: unknown, reader: Reader): Operand {
  if (typeof operand === 'number') {
    reader.locals = Math.max(reader.locals, operand);
    return operand;
  }
  const { type, value } = (operand ?? {}) as { type?: string; value?: unknown };
  if (type === 'local' && typeof value === 'number') {
    reader.locals = Math.max(reader.locals, value);
    return value;
  }
  if (type === 'string_index' && typeof value === 'number') return -1 - value;
  if (type === 'bool' && typeof value === 'boolean') return value;
  throw new Undecided(`the plan has the operand ${JSON.stringify(operand)}`);
}

/** Whether every number of a JSON text is one that JavaScript keeps as it is written. */
export function numbersAreExact(json: string): boolean {
  const numbers = json.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.every((text) => {
    const number = Number(text);
    return String(number) === text && !/e/.test(text) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  });
}
