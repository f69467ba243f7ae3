/**
 * Answers questions about the module in hand that nobody has asked: what V8 has not run yet takes it many times as
 * long, and the first answers of a session would show it.
 */
import type { Position } from 'vscode-languageserver';
import { locate, type Root, type Snapshot } from '../snapshot.ts';
import { type Builtin, builtinsOr } from './builtins.ts';
import { type Module, modulesOf, occurrencesIn } from './names/modules.ts';
import { rangeOf } from './places.ts';

/** At so many names of the module, spread over it. */
const places = 24;

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
  if (!moduleInHand(current())) return;
  for (const question of await questions()) {
    for (let turn = 0; turn < places; turn++) {
      const snapshot = current();
      const found = moduleInHand(snapshot);
      if (!found) return;
      const { root, module } = found;
      const names = occurrencesIn(modulesOf(root), module);
      const name = names[Math.floor((turn * names.length) / places)];
      if (!name) return;
      const builtins = await builtinsOr(snapshot.ask, log, root);
      question(root, module.path, rangeOf(module.document, name).end, builtins);
      yield;
    }
  }
}

function moduleInHand(snapshot: Snapshot): { root: Root; module: Module } | undefined {
  const uri = [...snapshot.open.keys()].at(-1);
  const place = uri === undefined ? undefined : locate(snapshot, uri);
  const module = place && modulesOf(place.root).byPath.get(place.path);
  return module && { root: place.root, module };
}
