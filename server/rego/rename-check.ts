/**
 * Whether a rename leaves everything else as it is: the renamed texts are parsed, and each name must then stand for
 * what it stood for, with one new name in place of the old. Finds captured variables, shadowed rules, two things
 * that become one, and whatever the parser says of the new name.
 */
import type { Root } from '../snapshot.ts';
import { namesOf } from './names/module-names.ts';
import { isGlobal, type Module, type Modules, occurrencesIn } from './names/modules.ts';
import type { ModuleNames } from './names/names.ts';
import { keyOf, type Occurrence, occurrencesOf } from './names/occurrences.ts';
import { rangeOf } from './places.ts';
import { byModule, type Found } from './references.ts';
import { parse } from './syntax/parse.ts';

export interface Changed {
  name: string;
  path: string;
  /** From 1. */
  line: number;
}

/** The first name that would mean something else; undefined when none would. */
export function changedMeaning(
  root: Root,
  modules: Modules,
  found: readonly Found[],
  name: string,
): Changed | undefined {
  const edited = new Map<Module, ModuleNames>();
  for (const [module, spans] of byModule(found)) {
    const tree = parse(replaced(module.document.text, spans, name), { version: root.regoVersion });
    const [problem] = tree.errors;
    // What was broken before is no reason.
    if (problem && module.names.tree.errors.length === 0) {
      const text = tree.text.slice(0, problem.start);
      return { name, path: module.path, line: text.split('\n').length };
    }
    edited.set(module, namesOf(tree));
  }
  const namesAfter = (module: Module) => edited.get(module) ?? module.names;
  const exportsAfter = exportsOfEdited(modules, edited);
  // One to one, both ways.
  const there = new Map<string, string>();
  const back = new Map<string, string>();
  for (const module of modules.byPath.values()) {
    const names = namesAfter(module);
    const exports = exportsAfter.get(packageKey(names));
    // Only what holds the new name, or stands beside what has it now, could come to mean something else.
    if (!exports && !module.document.text.includes(name) && names === module.names) continue;
    const before = occurrencesIn(modules, module);
    const now = exports || names !== module.names ? occurrencesOf(names, exports ?? new Set()) : before;
    const [oldKeys, newKeys] = [keysIn(module, before), keysIn(module, now)];
    for (const [at, one] of before.entries()) {
      const [oldKey, newKey] = [oldKeys[at] as string, newKeys[at]];
      const same =
        newKey !== undefined && (there.get(oldKey) ?? newKey) === newKey && (back.get(newKey) ?? oldKey) === oldKey;
      if (!same) return placeOf(module, one);
      there.set(oldKey, newKey);
      back.set(newKey, oldKey);
    }
    if (now.length > before.length) return { name, path: module.path, line: 1 };
  }
  return undefined;
}

/** By package, of those whose modules are edited: the names of their rules afterwards. */
function exportsOfEdited(modules: Modules, edited: ReadonlyMap<Module, ModuleNames>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [module, names] of edited) {
    found.set(packageKey(names), new Set());
    found.set(packageKey(module.names), new Set());
  }
  for (const module of modules.byPath.values()) {
    const names = edited.get(module) ?? module.names;
    const exports = found.get(packageKey(names));
    if (exports) for (const { path } of names.rules) if (path[0]) exports.add(path[0].name);
  }
  return found;
}

function packageKey(names: ModuleNames): string {
  return names.package.map(({ name }) => name).join('\n');
}

/** The key of each occurrence; variables and aliases are numbered, for their places move. */
function keysIn(module: Module, occurrences: readonly Occurrence[]): string[] {
  const numbers = new Map<string, number>();
  return occurrences.map(({ meaning }) => {
    const key = keyOf(meaning);
    if (isGlobal(meaning)) return key;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return `${module.path} ${meaning.kind} ${number}`;
  });
}

function replaced(text: string, spans: readonly Occurrence[], name: string): string {
  let result = '';
  let at = 0;
  for (const { start, end } of spans) {
    result += text.slice(at, start) + name;
    at = end;
  }
  return result + text.slice(at);
}

function placeOf({ path, document }: Module, one: Occurrence): Changed {
  const name = document.text.slice(one.start, one.end);
  return { name, path, line: rangeOf(document, one).start.line + 1 };
}
