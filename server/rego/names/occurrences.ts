/**
 * What each name in a module stands for, as a key that is the same wherever the same thing is meant: the path of a
 * rule or package from `data` on, a path in `input`, a built-in, a variable of one rule, or an import's alias.
 */
import type { Span } from '../syntax/tree.ts';
import { type ImportName, isDeclared, type Local, type ModuleNames, type Segment } from './names.ts';

export type Meaning =
  /** `['data', 'lib', 'allow']`: a package, a rule, part of the path of one, or base data. */
  | { readonly kind: 'data'; readonly path: readonly string[] }
  | { readonly kind: 'input'; readonly path: readonly string[] }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'local'; readonly local: Local }
  /** An alias that is not the last name of the path. */
  | { readonly kind: 'alias'; readonly import: ImportName };

export interface Occurrence extends Span {
  readonly meaning: Meaning;
  /** It makes what it names: the head of a rule, a package, a declaration. */
  readonly declares: boolean;
  /** The name is written between quotes, in brackets. */
  readonly quoted: boolean;
  /** It stands in the path of an import. */
  readonly imported: boolean;
  /** What it stands for is taken as a whole: no constant name follows. */
  readonly whole: boolean;
}

/** The same for the same thing; those of locals and aliases hold within their module. */
export function keyOf(meaning: Meaning): string {
  switch (meaning.kind) {
    case 'local':
      return `local ${meaning.local.spans[0]?.start} ${meaning.local.name}`;
    case 'alias':
      return `alias ${meaning.import.node.start}`;
    case 'builtin':
      return `builtin ${meaning.name}`;
    default:
      return pathKey(meaning.path);
  }
}

export function pathKey(path: readonly string[]): string {
  return path.join('\n');
}

/**
 * All names of a module, in the order of the text.
 *
 * @param exports the names of the rules of its package, in whatever module they stand
 */
export function occurrencesOf(module: ModuleNames, exports: ReadonlySet<string>): readonly Occurrence[] {
  const { tree, imports, rules, uses } = module;
  const found: Occurrence[] = [];
  const aliases = new Map(imports.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])));
  const own = ['data', ...module.package.map(({ name }) => name)];

  const add = (span: Span, meaning: Meaning, { declares = false, imported = false, whole = false } = {}) => {
    const before = tree.text[span.start - 1];
    const quoted = before === '"' || before === '`';
    found.push({ start: span.start, end: span.end, meaning, declares, quoted, imported, whole });
  };
  /** Each name of a path stands for the path up to it. */
  const addPath = (
    base: readonly string[],
    segments: readonly Segment[],
    flags: { declares?: boolean; imported?: boolean; whole?: boolean } = {},
    kind: 'data' | 'input' = 'data',
  ) =>
    segments.forEach((segment, at) => {
      const whole = (flags.whole ?? false) && at === segments.length - 1;
      add(segment, { kind, path: [...base, ...names(segments.slice(0, at + 1))] }, { ...flags, whole });
    });

  addPath(['data'], module.package, { declares: true });
  for (const one of imports) {
    const [root] = one.path;
    if (root?.name === 'data' || root?.name === 'input') addPath([], one.path, { imported: true }, root.name);
    if (!one.alias) continue;
    add(one.alias, aliasMeaning(one), { declares: true, imported: true });
  }
  for (const { path } of rules) addPath(own, path, { declares: true });
  for (const { segments, called, local } of uses) {
    const [first, ...others] = segments as [Segment, ...Segment[]];
    const name = first.name;
    if (isDeclared(local)) {
      const declares = local.spans[0]?.start === first.start;
      add(first, { kind: 'local', local }, { declares });
      continue;
    }
    const imported = aliases.get(name);
    if (name === 'data' || name === 'input') addPath([], segments, { whole: true }, name);
    else if (imported) {
      const path = names(imported.path);
      const kind = path[0] === 'input' ? 'input' : 'data';
      add(first, imported.alias ? aliasMeaning(imported) : { kind, path }, { whole: others.length === 0 });
      addPath(path, others, { whole: true }, kind);
    } else if (exports.has(name)) addPath(own, segments, { whole: true });
    else if (called) {
      const last = segments.at(-1) as Segment;
      add({ start: first.start, end: last.end }, { kind: 'builtin', name: names(segments).join('.') });
    } else add(first, { kind: 'local', local }, { declares: local.spans[0]?.start === first.start });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** An alias that repeats the last name of the path means what the path does. */
function aliasMeaning(one: ImportName): Meaning {
  const path = names(one.path);
  if (one.alias?.name === path.at(-1)) return { kind: path[0] === 'input' ? 'input' : 'data', path };
  return { kind: 'alias', import: one };
}

function names(segments: readonly Segment[]): string[] {
  return segments.map(({ name }) => name);
}
