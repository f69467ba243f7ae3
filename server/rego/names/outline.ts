/** What is kept of every module without its tree: what it makes, and what it mentions. */
import type { Span } from '../syntax/tree.ts';
import { type Mentions, packer } from './mentions.ts';
import type { ModuleNames, RuleName } from './names.ts';
import { findNames, type Meaning } from './occurrences.ts';

export interface Outline {
  /** As in the names of the module, one by one. */
  readonly rules: readonly RuleOutline[];
  readonly imports: readonly { readonly path: readonly string[]; readonly alias: string | undefined }[];
  /** The paths in the input that it refers to, from `input` on, each once. */
  readonly inputs: readonly (readonly string[])[];
  /** Where the package is named: the statement, and the last name in it. */
  readonly package: { readonly statement: Span; readonly name: Span } | undefined;
  readonly mentions: Mentions;
  /** Whether the parser takes the text for right. */
  readonly broken: boolean;
}

/** One of the definitions of a rule. */
export interface RuleOutline extends Span {
  /** Below the package, as far as it is constant. */
  readonly path: readonly string[];
  readonly kind: RuleName['kind'];
  /** What a function takes: the names of those that are plain variables. */
  readonly args: readonly (string | undefined)[] | undefined;
  /** Without a body: a value that is written out. */
  readonly constant: boolean;
  readonly head: Span;
  /** The constant beginning of the head. */
  readonly name: Span;
}

export function outlineOf(module: ModuleNames): Outline {
  const { tree, rules, imports } = module;
  const inputs = new Map<string, readonly string[]>();
  const { finder, done } = packer(tree);
  findNames(module, {
    found(span, meaning, flags) {
      const path = flags.whole ? inputPath(meaning) : undefined;
      if (path) inputs.set(path.join('\n'), path.map(shared));
      finder.found(span, meaning, flags);
    },
    free: finder.free,
  });
  return {
    rules: rules.map(ruleOutline),
    imports: imports.map(({ path, alias }) => ({ path: path.map(({ name }) => shared(name)), alias: alias?.name })),
    inputs: [...inputs.values()],
    package: packageOf(module),
    mentions: done(),
    broken: tree.errors.length > 0,
  };
}

function ruleOutline({ node, path, kind }: RuleName): RuleOutline {
  const { head, bodies } = node;
  const [first, last] = [path[0], path.at(-1)];
  return {
    start: node.start,
    end: node.end,
    path: path.map(({ name }) => shared(name)),
    kind,
    args: head.args?.map((arg) => (arg.kind === 'var' && arg.name !== '_' ? shared(arg.name) : undefined)),
    constant: bodies.length === 0,
    head: { start: head.start, end: head.end },
    name: first && last ? { start: first.start, end: last.end } : { start: head.name.start, end: head.name.end },
  };
}

/** Also of one that an alias stands for. */
function inputPath(meaning: Meaning): readonly string[] | undefined {
  if (meaning.kind === 'input') return meaning.path;
  const path = meaning.kind === 'alias' ? meaning.import.path.map(({ name }) => name) : [];
  return path[0] === 'input' ? path : undefined;
}

function packageOf({ tree, package: path }: ModuleNames): Outline['package'] {
  const statement = tree.root.items.find(({ kind }) => kind === 'package');
  const name = path.at(-1);
  if (!statement || !name) return undefined;
  return { statement: { start: statement.start, end: statement.end }, name: { start: name.start, end: name.end } };
}

/**
 * Whether a rule is a test, one to skip included, as OPA's runner takes it:
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/tester/runner.go (shouldRun).
 */
export function isTest({ path }: Pick<RuleOutline, 'path'>): boolean {
  return path.some((name) => /^(?:todo_)?test_/.test(name));
}

const known = new Map<string, string>();

/** The same text for the same name, in whatever module: most names stand in many. */
function shared(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size > 50_000) known.clear();
  known.set(name, name);
  return name;
}
