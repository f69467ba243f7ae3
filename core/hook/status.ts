/** Says which hooks are installed where, and whether git calls them. */
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import { readHook } from './hook-files.ts';
import { findHooksFolder, type HooksFolder, scriptFolder } from './hooks-folder.ts';
import { hasEntries } from './manager-entries.ts';
import { type CommitHook, earlierSuffix, type HookName, hookNames, readHookFile } from './script.ts';

/** One hook as it is now. */
export interface HookStatus {
  hook: HookName;
  file: string;
  /** `foreign`: another hook, without ours. */
  state: 'installed' | 'changed' | 'foreign' | 'missing';
  /** Git leaves a hook alone that is not executable. */
  executable: boolean;
  /** A hook that was there before, and that ours calls. */
  chained?: string;
}

export interface HooksStatus {
  place: HooksFolder;
  hooks: HookStatus[];
  /** The hooks that commits come by are there, and git calls them. */
  installed: boolean;
}

/** What is installed where. */
export async function hooksStatus(repository: GitRepository): Promise<HooksStatus> {
  const place = await findHooksFolder(repository);
  if (place.manager === 'lefthook' || place.manager === 'pre-commit') {
    const file = place.managerFile as string;
    const text = (await readHook(file))?.text ?? '';
    const hooks = await Promise.all(
      hookNames.map((name) => managedStatus(name, file, hasEntries(text, name), place.folder)),
    );
    const installed = hooks.every(
      ({ hook, state, executable }) => !isCommitHook(hook) || (state === 'installed' && executable),
    );
    return { place, hooks, installed };
  }
  const folder = scriptFolder(place);
  const hooks = await Promise.all(hookNames.map((name) => statusOf(name, path.join(folder, name))));
  const called = place.manager !== 'husky' || (await exists(path.join(place.folder, 'h')));
  const husky = place.manager === 'husky';
  return {
    place,
    hooks,
    installed:
      called &&
      hooks.every(
        ({ hook, state, executable }) => !isCommitHook(hook) || (state === 'installed' && (executable || husky)),
      ),
  };
}

function isCommitHook(hook: HookName): hook is CommitHook {
  return hook !== 'post-rewrite';
}

async function statusOf(hook: HookName, file: string): Promise<HookStatus> {
  const [present, before] = await Promise.all([readHook(file), readHook(`${file}${earlierSuffix}`)]);
  if (!present) return { hook, file, state: 'missing', executable: false };
  const { kind } = readHookFile(hook, present.text);
  const state = kind === 'ours' || kind === 'block' ? 'installed' : kind;
  return { hook, file, state, executable: present.executable, ...(before && { chained: `${file}${earlierSuffix}` }) };
}

/** A manager calls what its configuration says, once it has made the hook that calls it. */
async function managedStatus(hook: HookName, file: string, there: boolean, folder: string): Promise<HookStatus> {
  const called = await readHook(path.join(folder, hook));
  return { hook, file, state: there ? 'installed' : 'missing', executable: called?.executable ?? false };
}

async function exists(file: string): Promise<boolean> {
  return (await readHook(file).catch(() => undefined)) !== undefined;
}

/** Whether git calls the hooks that commits come by in this repository. */
export async function hooksInstalled(repository: GitRepository): Promise<boolean> {
  return (await hooksStatus(repository)).installed;
}
