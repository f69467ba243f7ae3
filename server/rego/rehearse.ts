/**
 * Answers questions about the module in hand that nobody has asked: what V8 has not run yet takes it many times as
 * long, and the first answers of a session would show it.
 */
import type { Position } from 'vscode-languageserver';
import { locate, type Root, type Snapshot } from '../snapshot.ts';
import { type Builtin, builtinsOr } from './builtins.ts';
import { type Module, modulesOf, occurrencesIn } from './names/modules.ts';
import { rangeOf } from './places.ts';

/** At so many names, spread over the open modules in turn: what these refer to is read, too. */
const places = 48;

type Question = (root: Root, path: string, position: Position, builtins: ReadonlyMap<string, Builtin>) => unknown;

async function questions(): Promise<readonly Question[]> {
  const [{ complete }, { hover }, { definition }, { highlights }] = await Promise.all([
    import('./completion.ts'),
    import('./hover.ts'),
    import('./definition.ts'),
    import('./highlight.ts'),
  ]);
  return [complete, hover, definition, highlights];
}

/**
 * One question at each step, of whatever snapshot is the latest then.
 *
 * @param current the latest snapshot
 */
export async function* rehearse(current: () => Snapshot, log: (line: string) => void): AsyncGenerator<void> {
  if (!moduleInHand(current(), 0)) return;
  for (const question of await questions()) {
    for (let turn = 0; turn < places; turn++) {
      const snapshot = current();
      const found = moduleInHand(snapshot, turn);
      if (!found) return;
      const { root, module } = found;
      const names = occurrencesIn(modulesOf(root), module);
      const name = names[Math.floor((turn * names.length) / places)];
      if (!name) continue;
      const builtins = await builtinsOr(snapshot.ask, log, root);
      question(root, module.path, rangeOf(module.document, name).end, builtins);
      yield;
    }
  }
}

/** The last one that was opened first, then the others. */
function moduleInHand(snapshot: Snapshot, turn: number): { root: Root; module: Module } | undefined {
  const found = [...snapshot.open.keys()].reverse().flatMap((uri) => {
    const place = locate(snapshot, uri);
    const module = place && modulesOf(place.root).byPath.get(place.path);
    return module ? [{ root: place.root, module }] : [];
  });
  return found[turn % Math.max(1, found.length)];
}
