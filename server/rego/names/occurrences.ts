/**
 * What each name in a module stands for, as a key that is the same wherever the same thing is meant: the path of a
 * rule or package from `data` on, a path in `input`, a built-in, a variable of one rule, or an import's alias.
 */
import type { Span } from '../syntax/tree.ts';
import { type ImportName, isDeclared, type Local, type ModuleNames, type Segment, type Use } from './names.ts';

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
  /** It stands in METADATA, in a path that gets a schema. */
  readonly metadata: boolean;
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

interface Flags {
  readonly declares?: boolean;
  readonly imported?: boolean;
  readonly whole?: boolean;
  readonly metadata?: boolean;
}

/** Takes the names of a module as they are found, in no order. */
export interface Finder {
  /** A name whose meaning the module itself tells. */
  found(span: Span, meaning: Meaning, flags: Flags): void;
  /** A reference that is to a rule of the package if it has one of that name; else to a built-in or a variable. */
  free(use: Use): void;
}

/** Finds what each name of a module stands for, as far as it can be told without the rest of its package. */
export function findNames({ package: own, imports, rules, uses, inMetadata }: ModuleNames, finder: Finder): void {
  const aliases = new Map(imports.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])));
  const ownPath = ['data', ...names(own)];
  const addPath = (base: readonly string[], segments: readonly Segment[], flags: Flags, kind: Root = 'data') =>
    findPath(finder, base, segments, flags, kind);

  addPath(['data'], own, { declares: true });
  for (const one of imports) {
    const [root] = one.path;
    if (root?.name === 'data' || root?.name === 'input') addPath([], one.path, { imported: true }, root.name);
    if (one.alias) finder.found(one.alias, aliasMeaning(one), { declares: true, imported: true });
  }
  for (const { node, path } of inMetadata) {
    const [root] = path;
    // What lies below is named in the schema, and in what the rule for a mask makes.
    const flags = { metadata: true, whole: node.role !== 'unknown' || root?.name === 'input' };
    if (root?.name === 'data' || root?.name === 'input') addPath([], path, flags, root.name);
    else if (node.role === 'mask') addPath(ownPath, path, flags);
  }
  for (const { path } of rules) addPath(ownPath, path, { declares: true });
  for (const use of uses) {
    const { segments, local } = use;
    const [first, ...others] = segments as [Segment, ...Segment[]];
    const { name } = first;
    if (isDeclared(local)) {
      finder.found(first, { kind: 'local', local }, { declares: local.spans[0]?.start === first.start });
      continue;
    }
    const imported = aliases.get(name);
    if (name === 'data' || name === 'input') addPath([], segments, { whole: true }, name);
    else if (imported) {
      const path = names(imported.path);
      const kind = path[0] === 'input' ? 'input' : 'data';
      const meaning = imported.alias ? aliasMeaning(imported) : ({ kind, path } as const);
      finder.found(first, meaning, { whole: others.length === 0 });
      addPath(path, others, { whole: true }, kind);
    } else finder.free(use);
  }
}

type Root = 'data' | 'input';

/** Each name of a path stands for the path up to it. */
function findPath(
  finder: Finder,
  base: readonly string[],
  segments: readonly Segment[],
  flags: Flags,
  kind: Root = 'data',
): void {
  segments.forEach((segment, at) => {
    const whole = (flags.whole ?? false) && at === segments.length - 1;
    finder.found(segment, { kind, path: [...base, ...names(segments.slice(0, at + 1))] }, { ...flags, whole });
  });
}

/**
 * All names of a module, in the order of the text.
 *
 * @param exports the names of the rules of its package, in whatever module they stand
 */
export function occurrencesOf(module: ModuleNames, exports: Pick<ReadonlySet<string>, 'has'>): readonly Occurrence[] {
  const found: Occurrence[] = [];
  const { text } = module.tree;
  const own = ['data', ...names(module.package)];
  const finder: Finder = {
    found({ start, end }, meaning, { declares = false, imported = false, whole = false, metadata = false }) {
      found.push({ start, end, meaning, declares, quoted: isQuoted(text, start), imported, whole, metadata });
    },
    free({ segments, called, local }) {
      const [first, last] = [segments[0] as Segment, segments.at(-1) as Segment];
      if (exports.has(first.name)) findPath(finder, own, segments, { whole: true });
      else if (called) {
        finder.found({ start: first.start, end: last.end }, { kind: 'builtin', name: names(segments).join('.') }, {});
      } else finder.found(first, { kind: 'local', local }, { declares: local.spans[0]?.start === first.start });
    },
  };
  findNames(module, finder);
  return found.sort((a, b) => a.start - b.start);
}

/** Whether what begins there stands between quotes. */
export function isQuoted(text: string, start: number): boolean {
  const before = text[start - 1];
  return before === '"' || before === '`';
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
