/** Takes the hooks away: every file becomes byte for byte what it was. */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import { type Change, InstallError, readHook, writeHook } from './hook-files.ts';
import { findHooksFolder, scriptFolder } from './hooks-folder.ts';
import { hasEntries, withoutEntries } from './manager-entries.ts';
import { earlierSuffix, type HookName, hookNames, readHookFile, withoutBlock } from './script.ts';

/**
 * Takes them away.
 *
 * Rejects with {@link InstallError} when one was changed in a way that cannot be undone; then nothing is changed.
 */
export async function uninstallHooks(repository: GitRepository, options: { global: boolean }): Promise<Change[]> {
  const place = await findHooksFolder(repository);
  const elsewhere = place.scope === 'global' || place.scope === 'system';
  const folders = new Set([path.join(repository.commonDir, 'hooks'), path.join(repository.root, '.husky')]);
  if (elsewhere === options.global) {
    folders.add(place.folder);
    folders.add(scriptFolder(place));
  }
  const plans: (() => Promise<Change>)[] = [];
  for (const folder of folders) {
    for (const name of hookNames) {
      const plan = await planRemoval(name, path.join(folder, name));
      if (plan) plans.push(plan);
    }
  }
  const file = place.managerFile;
  const entries = file && place.manager !== 'husky' ? await readHook(file) : undefined;
  if (file && entries && hasEntries(entries.text)) {
    const bare = withoutEntries(entries.text);
    if (bare === undefined)
      throw new InstallError(`A mark of Countersign's entries is missing in ${file}: take them out by hand.`);
    plans.push(() => write0644(file, bare));
  }
  const changes: Change[] = [];
  for (const plan of plans) changes.push(await plan());
  return changes;
}

async function write0644(file: string, text: string): Promise<Change> {
  if (text === '') await rm(file);
  else await writeHook(file, text, 0o644);
  return { file, done: text === '' ? 'removed' : 'restored' };
}

async function planRemoval(name: HookName, file: string): Promise<(() => Promise<Change>) | undefined> {
  const earlier = `${file}${earlierSuffix}`;
  const [present, before] = await Promise.all([readHook(file), readHook(earlier)]);
  const found = present && readHookFile(name, present.text);
  if (found?.kind === 'changed') {
    throw new InstallError(
      `${file} was changed since Countersign wrote it, so it is left as it is. Take Countersign's lines out of it by hand${before ? `, and put ${earlier} back` : ''}.`,
    );
  }
  if (before && found?.kind !== 'ours') {
    throw new InstallError(`${file} is no longer Countersign's, but ${earlier} is still there: move one of them away.`);
  }
  if (found?.kind === 'ours') {
    return async () => {
      if (before) await rename(earlier, file);
      else await rm(file);
      return { file, done: before ? 'restored' : 'removed' };
    };
  }
  if (found?.kind !== 'block') return undefined;
  const text = withoutBlock(found);
  return async () => {
    if (text === '') await rm(file);
    else await writeHook(file, text);
    return { file, done: text === '' ? 'removed' : 'restored' };
  };
}
