/**
 * Whether a rename leaves everything else as it is: renamed texts that have the new name already are parsed, and each
 * name must then stand for what it stood for, with one new name in place of the old. Finds captured variables, shadowed
 * rules, two things that become one, and whatever the parser says of the new name.
 */
import { marginOf } from './metadata-block.ts';
import { findMentions, hashWithin, mayHold } from './names/mentions.ts';
import { namesOf } from './names/module-names.ts';
import { exportsOf, isGlobal, type Module, type Modules, occurrencesIn } from './names/modules.ts';
import type { ModuleNames } from './names/names.ts';
import { keyOf, type Meaning, type Occurrence, occurrencesOf } from './names/occurrences.ts';
import { rangeOf } from './places.ts';
import { byModule, type Found, mentionsIn } from './references.ts';
import { parse } from './syntax/parse.ts';
import type { Span } from './syntax/tree.ts';

export interface Changed {
  name: string;
  path: string;
  /** From 1. */
  line: number;
}

type Names = Pick<ReadonlySet<string>, 'has'>;

/** The first name that would mean something else; undefined when none would. */
export function changedMeaning(
  modules: Modules,
  meaning: Meaning,
  found: readonly Found[],
  name: string,
): Changed | undefined {
  const path = meaning.kind === 'data' ? meaning.path : undefined;
  if (path) {
    const [taken] = mentionsIn(modules, { kind: 'data', path: [...path.slice(0, -1), name] });
    if (taken) return placeOf(taken.module, taken.mention);
  }
  const edited = new Map<Module, ModuleNames>();
  for (const [module, spans] of byModule(found)) {
    // Where the new name is nowhere, it is in nothing's way.
    if (path && !mayHold(module.document.text, name)) continue;
    const tree = parse(replaced(module.document.text, spans, name), {
      version: module.version,
      metadata: false,
      margin: marginOf(module.document),
    });
    const [problem] = tree.errors;
    // What was broken before is no reason.
    if (problem && !module.outline.broken) {
      const text = tree.text.slice(0, problem.start);
      return { name, path: module.path, line: text.split('\n').length };
    }
    edited.set(module, namesOf(tree));
  }
  return (path && changedBeside(modules, edited, path, name)) ?? changedWithin(modules, edited, path, name);
}

/** In modules that stay as they are, a name that was free could become that of a rule of the package. */
function changedBeside(
  modules: Modules,
  edited: ReadonlyMap<Module, ModuleNames>,
  path: readonly string[],
  name: string,
): Changed | undefined {
  const own = path.slice(0, -1);
  if (!exportsOf(modules, own).has(path.at(-1) as string)) return undefined;
  const hash = hashWithin([name]);
  for (const module of modules.byPackage.get(own.join('\n')) ?? []) {
    const [free] = edited.has(module) ? [] : findMentions(module.outline.mentions, hash);
    if (free) return placeOf(module, free);
  }
  return undefined;
}

/** The names of the rules of a package after a path has another last name; nothing else has that name now. */
function exportsAfter(
  modules: Modules,
  own: readonly string[],
  path: readonly string[] | undefined,
  name: string,
): Names {
  const exports = exportsOf(modules, own);
  const old = path?.at(-1) as string;
  if (path?.length !== own.length + 1 || own.some((one, at) => path[at] !== one)) return exports;
  return { has: (one) => (one === name ? exports.has(old) : one !== old && exports.has(one)) };
}

/** In those that are edited, each name before and after is compared: one to one, both ways. */
function changedWithin(
  modules: Modules,
  edited: ReadonlyMap<Module, ModuleNames>,
  path: readonly string[] | undefined,
  name: string,
): Changed | undefined {
  const there = new Map<string, string>();
  const back = new Map<string, string>();
  for (const [module, names] of edited) {
    const before = occurrencesIn(modules, module);
    const now = occurrencesOf(names, exportsAfter(modules, module.package, path, name));
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

function replaced(text: string, spans: readonly Span[], name: string): string {
  let result = '';
  let at = 0;
  for (const { start, end } of spans) {
    result += text.slice(at, start) + name;
    at = end;
  }
  return result + text.slice(at);
}

function placeOf({ path, document }: Module, one: Span): Changed {
  const name = document.text.slice(one.start, one.end);
  return { name, path, line: rangeOf(document, one).start.line + 1 };
}
