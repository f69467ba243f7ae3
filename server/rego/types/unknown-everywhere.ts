/**
 * What schemas have against the modules of a whole root. A module is looked into again when it changes, or a module in
 * one of the packages that its types were inferred from, or what schemas, samples and data say.
 */
import type { Problem } from '../../../engine/protocol.ts';
import { attached } from '../../attached.ts';
import { patched } from '../../patched.ts';
import type { Root } from '../../snapshot.ts';
import type { Builtin } from '../builtins.ts';
import { isModule } from '../engine-files.ts';
import { type Module, type Modules, modulesOf, type Packages } from '../names/modules.ts';
import { syntaxProblems } from '../syntax-problems.ts';
import { besideModules } from './beside-modules.ts';
import { mayBeFlagged, unknownProblems } from './unknown-fields.ts';

interface Known {
  /** Numbers instead of what they stand for: that would stay in memory, with the texts it was made of. */
  readonly module: number;
  readonly around: string;
  readonly packages: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

/** By path; of whichever version of a root was looked into last. */
const knownIn = patched(
  (_: Root) => new Map<string, Known>(),
  (last) => last,
);

/** Another object when anything but modules has changed. */
const othersOf = besideModules((_: Root) => ({}));

/** Goes through the modules one by one, and adds what it finds. */
export function* unknownEverywhere(
  root: Root,
  builtins: ReadonlyMap<string, Builtin>,
  found: Problem[],
): Generator<undefined> {
  const modules = modulesOf(root);
  const known = knownIn(root);
  for (const path of known.keys()) if (!modules.byPath.has(path)) known.delete(path);
  const around = [othersOf(root), builtins, root.inputSchemas ?? othersOf(root)].map(numberOf).join(' ');
  for (const module of modules.byPath.values()) {
    yield;
    if (!isModule(module.path, module.document) || !mayBeFlagged(root, module)) {
      known.delete(module.path);
      continue;
    }
    let one = known.get(module.path);
    if (!one || !isStill(one, module, around, modules)) {
      one = lookInto(root, module, around, modules, builtins);
      known.set(module.path, one);
    }
    found.push(...one.problems);
  }
}

function isStill(
  { module: of, around: then, packages }: Known,
  module: Module,
  now: string,
  modules: Modules,
): boolean {
  if (of !== numberOf(module) || then !== now) return false;
  for (const [key, number] of packages) if (packageNumber(modules, key) !== number) return false;
  return true;
}

function lookInto(
  root: Root,
  module: Module,
  around: string,
  modules: Modules,
  builtins: ReadonlyMap<string, Builtin>,
): Known {
  const packages = new Map<string, number>();
  const note = (key: string): string => {
    packages.set(key, packageNumber(modules, key));
    return key;
  };
  const noting: Packages = {
    byPackage: {
      get: (key) => modules.byPackage.get(note(key)),
      has: (key) => modules.byPackage.has(note(key)),
    },
  };
  // Of a text that cannot be read there is nothing more to say.
  const isRead = syntaxProblems(root, module.path, module.document).length === 0;
  const problems = isRead ? unknownProblems(root, module, builtins, noting) : [];
  return { module: numberOf(module), around, packages, problems };
}

/** 0 where there is no such package. */
function packageNumber({ byPackage }: Packages, key: string): number {
  const modules = byPackage.get(key);
  return modules ? numberOf(modules) : 0;
}

const numbers = attached<object, number>();
let last = 0;

function numberOf(of: object): number {
  let number = numbers.get(of);
  if (number === undefined) {
    number = ++last;
    numbers.set(of, number);
  }
  return number;
}
