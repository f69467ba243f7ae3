/**
 * The syntax tree of a Rego module: plain objects told apart by `kind`. Every node has the span of its first to its
 * last token, in UTF-16 offsets of the text; tokens and trivia lie in a table beside it (tokens.ts).
 *
 * A tree exists for every text. Where something is expected but absent stands a `missing` node without width, and
 * tokens that belong nowhere are held by `damage` nodes; for each there is a problem in `Tree.errors`.
 */
import type { RegoVersion } from '../../../engine/protocol.ts';
import type { Tokens } from './tokens.ts';
import { children } from './walk.ts';

/** UTF-16 offsets; the end is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface SyntaxProblem extends Span {
  readonly message: string;
}

export interface Tree {
  readonly text: string;
  readonly version: RegoVersion;
  readonly root: Module;
  readonly tokens: Tokens;
  /** In the order of the text. A text without errors is one that OPA's parser accepts, and the other way round. */
  readonly errors: readonly SyntaxProblem[];
  /** From the `#` to the end of the line, without its line break. */
  readonly comments: readonly Span[];
  readonly metadata: readonly Metadata[];
}

/** A block of comments that begins with `# METADATA`. */
export interface Metadata extends Span {
  /** What the YAML says; undefined where it cannot be read. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** The top-level keys, with what they hold, as they stand in the text. */
  readonly entries: readonly MetadataEntry[];
  /** The statement that it is about: the first one that begins below it. */
  readonly target: Statement | undefined;
  /** As written, or what follows from the target. */
  readonly scope: string;
  /** What it names. */
  readonly paths: readonly MetadataPath[];
}

/** A reference that METADATA has in it: a key or a value of YAML. */
export interface MetadataPath {
  /** What gets a schema; what the compile API takes for unknown, or masks columns by. */
  readonly role: 'schema' | 'unknown' | 'mask';
  /** The reference, without what YAML needs. */
  readonly text: string;
  /** With the quotes that YAML has around it. */
  readonly written: Span;
  /** Where each unit of the text stands in the module, and where it ends. */
  readonly places: readonly number[];
}

export interface MetadataEntry {
  readonly name: string;
  readonly key: Span;
  readonly value: Span | undefined;
}

export interface Module extends Span {
  readonly kind: 'module';
  readonly items: readonly Statement[];
}

/** An `expression` statement is one that OPA reads as a query first, such as `1 + 2 = 3`. */
export type Statement = Package | Import | Rule | Literal;

export interface Package extends Span {
  readonly kind: 'package';
  readonly path: Term;
}

export interface Import extends Span {
  readonly kind: 'import';
  readonly path: Term;
  readonly alias: Term | undefined;
}

export interface Rule extends Span {
  readonly kind: 'rule';
  readonly isDefault: boolean;
  readonly head: Head;
  /** More than one where bodies are chained: `p { … } { … }`. */
  readonly bodies: readonly Body[];
  readonly elses: readonly Else[];
}

export interface Head extends Span {
  readonly kind: 'head';
  /** `p`, `p.q[x]`. */
  readonly name: Term;
  /** Of a function. */
  readonly args: readonly Term[] | undefined;
  readonly operator: '' | 'contains' | '=' | ':=';
  /** What follows the operator. */
  readonly value: Term | undefined;
}

export interface Body extends Span {
  readonly kind: 'body';
  /** Whether `if` precedes it; the keyword is outside the span. */
  readonly hasIf: boolean;
  /** The span includes the braces. */
  readonly braced: boolean;
  readonly literals: readonly Literal[];
}

export interface Else extends Span {
  readonly kind: 'else';
  readonly operator: '' | '=' | ':=';
  readonly value: Term | undefined;
  readonly body: Body | undefined;
}

export type Literal = Expression | Some | Every | Not | Logical | Group | Damage;

/** `[not] left [:= right] [with …]`. */
export interface Expression extends Span {
  readonly kind: 'expression';
  readonly negated: boolean;
  readonly left: Term;
  readonly operator: '' | '=' | ':=';
  readonly right: Term | undefined;
  readonly withs: readonly With[];
}

/** `some a, b`, or `some k, v in xs` where the one symbol is a membership. */
export interface Some extends Span {
  readonly kind: 'some';
  readonly symbols: readonly Term[];
  readonly withs: readonly With[];
}

export interface Every extends Span {
  readonly kind: 'every';
  /** `k, v in xs` as a membership. */
  readonly domain: Term;
  readonly body: Body | undefined;
  readonly withs: readonly With[];
}

/** `not { … }` and `not (a or b)`, where `future.keywords.not` is imported. */
export interface Not extends Span {
  readonly kind: 'not';
  readonly operand: Operand;
  readonly withs: readonly With[];
}

/** `a and b and c`; `and` binds tighter than `or`. */
export interface Logical extends Span {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Operand[];
  readonly withs: readonly With[];
}

/** An operand in parentheses that a term cannot be: `(a or b)`, `(not a)`, `(a with b as c)`. */
export interface Group extends Span {
  readonly kind: 'group';
  readonly operand: Operand;
  readonly withs: readonly With[];
}

export type Operand = Literal | Body;

export interface With extends Span {
  readonly kind: 'with';
  readonly target: Term;
  readonly value: Term;
}

export type Term =
  | Var
  | Scalar
  | Template
  | Ref
  | Call
  | Infix
  | Membership
  | Negative
  | Parens
  | List
  | ObjectTerm
  | Comprehension
  | Missing
  | Damage;

export interface Var extends Span {
  readonly kind: 'var';
  readonly name: string;
}

/** Its text is the value as written; values.ts reads it. */
export interface Scalar extends Span {
  readonly kind: 'null' | 'boolean' | 'number' | 'string';
}

export interface Template extends Span {
  readonly kind: 'template';
  readonly parts: readonly (TemplateText | Literal)[];
}

/** The token between expressions, with the quotes and braces at its ends. */
export interface TemplateText extends Span {
  readonly kind: 'text';
}

export interface Ref extends Span {
  readonly kind: 'ref';
  readonly head: Term;
  readonly parts: readonly (Dot | Index)[];
}

/** `.name`: the span begins at the dot, the name's at nameStart; the name is empty where it is missing. */
export interface Dot extends Span {
  readonly kind: 'dot';
  readonly nameStart: number;
  readonly name: string;
}

/** `[term]`, with the brackets. */
export interface Index extends Span {
  readonly kind: 'index';
  readonly term: Term;
}

export interface Call extends Span {
  readonly kind: 'call';
  readonly operator: Term;
  readonly args: readonly Term[];
}

/** `a + b - c`: operators of one precedence, from the left. */
export interface Infix extends Span {
  readonly kind: 'infix';
  readonly operands: readonly Term[];
  /** Kinds of tokens, one fewer than the operands. */
  readonly operators: readonly number[];
}

/** `value in collection`, `key, value in collection`. */
export interface Membership extends Span {
  readonly kind: 'membership';
  readonly key: Term | undefined;
  readonly value: Term;
  readonly collection: Term;
}

/** `-input.x`. */
export interface Negative extends Span {
  readonly kind: 'negative';
  readonly term: Term;
}

export interface Parens extends Span {
  readonly kind: 'parens';
  readonly term: Term;
}

export interface List extends Span {
  readonly kind: 'array' | 'set';
  readonly items: readonly Term[];
}

export interface ObjectTerm extends Span {
  readonly kind: 'object';
  readonly items: readonly (Entry | Damage)[];
}

export interface Entry extends Span {
  readonly kind: 'entry';
  readonly key: Term;
  readonly value: Term;
}

export interface Comprehension extends Span {
  readonly kind: 'comprehension';
  readonly of: 'array' | 'set' | 'object';
  readonly head: Term | Entry;
  readonly body: Body;
}

export interface Missing extends Span {
  readonly kind: 'missing';
}

export interface Damage extends Span {
  readonly kind: 'damage';
}

export type Node = Module | Statement | Head | Body | Else | With | Term | TemplateText | Dot | Index | Entry;

/** The pieces of the text as the nodes hold them: what lies between the children of a node, and nodes without any. */
export function* leaves({ root }: Pick<Tree, 'root'>): Generator<Span> {
  yield* leavesOf(root);
}

function* leavesOf(node: Node): Generator<Span> {
  let at = node.start;
  for (const child of children(node)) {
    if (child.start > at) yield { start: at, end: child.start };
    yield* leavesOf(child);
    at = child.end;
  }
  if (node.end > at) yield { start: at, end: node.end };
}

/** The text again; the same as the tree's unless nodes overlap or leave something out. */
export function print(tree: Pick<Tree, 'root' | 'text'>): string {
  let printed = '';
  for (const { start, end } of leaves(tree)) printed += tree.text.slice(start, end);
  return printed;
}
