/** Carries out what was planned for a policy folder (pack-update.ts). */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refuseLinks } from './initialize.ts';
import { changes, type Step } from './pack-update.ts';

/**
 * Does what was planned: all of it or, where something fails, nothing. Rejects when a file has changed since, or when
 * the folder is something else than a folder.
 */
export async function applySteps(folder: string, steps: readonly Step[]): Promise<void> {
  const todo = steps.filter(changes);
  await refuseLinks(folder, todo);
  const drafts = new Map<Step, string>();
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const step of todo) {
      const target = join(folder, step.path);
      const there = await readFile(target).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return undefined;
      });
      if (there === undefined ? step.here : !step.here || !there.equals(step.here)) {
        throw new Error(`${target} has changed meanwhile; nothing was written`);
      }
      if (step.fate === 'remove') continue;
      await mkdir(dirname(target), { recursive: true });
      const draft = join(dirname(target), `.${randomUUID()}.tmp`);
      drafts.set(step, draft);
      await writeFile(draft, step.pack ?? '', { flag: 'wx' });
    }
    for (const step of todo) {
      const target = join(folder, step.path);
      const { here } = step;
      undo.push(() => (here ? writeFile(target, here) : rm(target, { force: true })));
      const draft = drafts.get(step);
      if (draft === undefined) await rm(target);
      else await rename(draft, target);
    }
  } catch (error) {
    for (const back of undo.reverse()) await back();
    throw error;
  } finally {
    for (const draft of drafts.values()) await rm(draft, { force: true });
  }
}
