/** Everywhere a name is meant: in its module for variables, in all modules for rules, packages and built-ins. */
import type { Location, Position } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { isGlobal, type Module, type Modules, modulesOf, occurrenceAt, occurrencesIn } from './names/modules.ts';
import { keyOf, type Meaning, type Occurrence } from './names/occurrences.ts';
import { locationOf, offsetAt } from './places.ts';

export interface Found {
  readonly module: Module;
  readonly occurrence: Occurrence;
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
  const key = keyOf(meaning);
  const name = lastName(meaning);
  const searched = isGlobal(meaning) ? modules.byPath.values() : [module];
  const found: Found[] = [];
  for (const one of searched) {
    // Most modules do not so much as hold the word.
    const { text } = one.document;
    if (name !== undefined && !text.includes(name) && !text.includes('\\u')) continue;
    for (const occurrence of occurrencesIn(modules, one)) {
      if (occurrence.meaning.kind === meaning.kind && keyOf(occurrence.meaning) === key) {
        found.push({ module: one, occurrence });
      }
    }
  }
  return found;
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
