/** Everywhere a name is meant: in its module for variables, in all modules for rules, packages and built-ins. */
import type { Location, Position } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import {
  findMentions,
  type Hash,
  hashOfMeaning,
  hashWithin,
  type Mention,
  mayHold,
  type OutsideMeaning,
} from './names/mentions.ts';
import {
  exportsOf,
  isGlobal,
  type Module,
  type Modules,
  modulesOf,
  occurrenceAt,
  occurrencesIn,
} from './names/modules.ts';
import { keyOf, type Meaning, type Occurrence } from './names/occurrences.ts';
import { mentioning } from './names/postings.ts';
import { locationOf, offsetAt } from './places.ts';

export interface Found {
  readonly module: Module;
  readonly occurrence: Occurrence;
}

/** The word that modules hold which refer to what is meant at a position; undefined where it tells nothing. */
export function wordAt(root: Root, path: string, position: Position): string | undefined {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  // One that is of its module alone is in it.
  return (
    at && (lastName(at.meaning) ?? (isGlobal(at.meaning) ? undefined : module.document.text.slice(at.start, at.end)))
  );
}

export function references(root: Root, path: string, position: Position, declarations: boolean): Location[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  if (!module || !at) return [];
  return everywhere(modules, module, at.meaning)
    .filter(({ occurrence }) => declarations || !occurrence.declares)
    .map(({ module: { path: other, document }, occurrence }) => locationOf(root, other, document, occurrence));
}

/** All occurrences of a meaning that was found in a module. */
export function everywhere(modules: Modules, module: Module, meaning: Meaning): Found[] {
  if (meaning.kind === 'local' || meaning.kind === 'alias') {
    const key = keyOf(meaning);
    const own = occurrencesIn(modules, module).filter((one) => keyOf(one.meaning) === key);
    return own.map((occurrence) => ({ module, occurrence }));
  }
  return mentionsIn(modules, meaning).flatMap(({ module: one, mention: { alias, ...span } }) =>
    alias ? [] : [{ module: one, occurrence: { ...span, meaning } }],
  );
}

export interface Mentioned {
  readonly module: Module;
  readonly mention: Mention;
}

/**
 * Where all modules name something, also by an alias; in the order of their paths.
 *
 * @param onlyWhole where what is meant is taken as a whole: no constant name follows
 */
export function mentionsIn(modules: Modules, meaning: OutsideMeaning, onlyWhole = false): Mentioned[] {
  const hash = hashOfMeaning(meaning);
  const name = lastName(meaning);
  const inside = insideOf(modules, meaning);
  const found: Mentioned[] = [];
  for (const module of mentioning(modules, [hash, ...inside.values()], onlyWhole)) {
    // Most of those that have not been read do not so much as hold the word.
    if (!module.isRead && name !== undefined && !mayHold(module.document.text, name)) continue;
    const { mentions } = module.outline;
    let all = findMentions(mentions, hash, onlyWhole);
    if (meaning.kind === 'builtin' && all.length > 0 && isRule(modules, module, meaning.name)) continue;
    const within = inside.get(module.package.length);
    if (within && isBelow(meaning, module.package)) all = [...all, ...findMentions(mentions, within, onlyWhole)];
    if (all.length === 0) continue;
    for (const mention of [...all].sort((a, b) => a.start - b.start)) found.push({ module, mention });
  }
  return found;
}

/** How the modules of the packages around a path name it by a rule of theirs; by the length of the package's path. */
function insideOf(modules: Modules, meaning: Meaning): Map<number, Hash> {
  const found = new Map<number, Hash>();
  if (meaning.kind !== 'data') return found;
  const { path } = meaning;
  for (let length = 1; length < path.length; length++) {
    if (!exportsOf(modules, path.slice(0, length)).has(path[length] as string)) continue;
    found.set(length, hashWithin(path.slice(length)));
  }
  return found;
}

function isBelow(meaning: Meaning, own: readonly string[]): boolean {
  return meaning.kind === 'data' && own.every((name, at) => meaning.path[at] === name);
}

/** A rule of the package takes the name from a built-in. */
function isRule(modules: Modules, module: Module, builtin: string): boolean {
  return exportsOf(modules, module.package).has(builtin.split('.')[0] as string);
}

export function byModule(found: readonly Found[]): Map<Module, Occurrence[]> {
  const groups = new Map<Module, Occurrence[]>();
  for (const { module, occurrence } of found) {
    const others = groups.get(module);
    if (others) others.push(occurrence);
    else groups.set(module, [occurrence]);
  }
  return groups;
}

/** Undefined for what has no one word in the text. */
function lastName(meaning: Meaning): string | undefined {
  if (meaning.kind !== 'data' && meaning.kind !== 'input') return undefined;
  const name = meaning.path.at(-1) ?? '';
  return /^\w+$/.test(name) ? name : undefined;
}
