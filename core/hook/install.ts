/** Installs the hooks. Nothing that is there is overwritten. */
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import { type Change, InstallError, readHook, writeHook } from './hook-files.ts';
import { findHooksFolder, type HooksFolder, type Manager, scriptFolder } from './hooks-folder.ts';
import { hasEntries, printedEntry, withEntries, withoutEntries } from './manager-entries.ts';
import {
  earlierSuffix,
  type Finding,
  type HookName,
  hookBlock,
  hookNames,
  hookScript,
  readHookFile,
  withBlock,
} from './script.ts';

export interface InstallOptions {
  manager?: Manager;
  /** Into a folder that all of the user's repositories share. */
  global: boolean;
  pinned: NonNullable<Finding['pinned']>;
  useNodeModules: boolean;
  plain: boolean;
}

/**
 * Installs; doing so twice is doing so once. All is checked before anything is written.
 *
 * Rejects with {@link InstallError}.
 */
export async function installHooks(repository: GitRepository, options: InstallOptions): Promise<Change[]> {
  const place = await findHooksFolder(repository, options.manager);
  refuseGlobal(place, options.global);
  if (place.manager === 'lefthook' || place.manager === 'pre-commit') return [await addEntries(place.manager, place)];
  const finding: Finding = {
    pinned: place.shared ? undefined : options.pinned,
    useNodeModules: options.useNodeModules,
    plain: options.plain,
  };
  const folder = scriptFolder(place);
  const plans = await Promise.all(hookNames.map((name) => planHook(name, folder, place, finding)));
  await mkdir(folder, { recursive: true });
  const changes: Change[] = [];
  for (const plan of plans) changes.push(await plan());
  return changes;
}

function refuseGlobal({ scope, setIn, folder }: HooksFolder, global: boolean): void {
  const elsewhere = scope === 'global' || scope === 'system';
  if (elsewhere && !global) {
    throw new InstallError(
      `core.hooksPath is set for all repositories (in ${setIn}), and ${folder} is theirs. To install there, for all of them: countersign hook install --global. To give this repository hooks of its own: git config --local core.hooksPath .git/hooks`,
    );
  }
  if (scope === 'command') {
    throw new InstallError('core.hooksPath comes from the command line or the environment, and would not last.');
  }
  if (global && !elsewhere) {
    throw new InstallError(
      'There is no folder of hooks for all repositories. Make one first, such as: git config --global core.hooksPath ~/.config/git/hooks',
    );
  }
}

/** Looks at one hook; what it returns does the work. */
async function planHook(
  name: HookName,
  folder: string,
  place: HooksFolder,
  finding: Finding,
): Promise<() => Promise<Change>> {
  const file = path.join(folder, name);
  const earlier = `${file}${earlierSuffix}`;
  const script = hookScript(name, finding);
  const present = await readHook(file);
  if (present === undefined) {
    if (await readHook(earlier)) throw new InstallError(`${earlier} is there without ${name}: move it away first.`);
    // Husky 9 has sh read the file; before, git ran it.
    const text = place.manager === 'husky' && path.basename(place.folder) === '_' ? hookBlock(name, finding) : script;
    return () => write(file, text, 'written');
  }
  const found = readHookFile(name, present.text);
  switch (found.kind) {
    case 'changed':
      throw new InstallError(
        `${file} is Countersign's and was changed since. Take the changes out of it, or remove it.`,
      );
    case 'ours':
      return async () => (present.text === script ? { file, done: 'unchanged' } : write(file, script, 'updated'));
    case 'block': {
      const text = `${found.before}${hookBlock(name, finding)}${found.after}`;
      return async () => (present.text === text ? { file, done: 'unchanged' } : write(file, text, 'updated'));
    }
    case 'foreign': {
      const takesBlock = place.shared && !present.link && (place.manager === 'husky' || isShell(present.text));
      if (takesBlock) return () => write(file, withBlock(present.text, hookBlock(name, finding)), 'block added');
      if (await readHook(earlier)) {
        throw new InstallError(`${earlier} is in the way: it is there already, and ${file} is not Countersign's.`);
      }
      return async () => {
        await rename(file, earlier);
        return write(file, script, 'chained');
      };
    }
  }
}

async function write(file: string, text: string, done: Change['done']): Promise<Change> {
  await writeHook(file, text);
  return { file, done };
}

function isShell(text: string): boolean {
  return /^#!\s*\S*\/(?:env\s+)?(?:ba|da|k|z)?sh\b/.test(text) && !text.includes('\0') && !text.includes('\ufffd');
}

/** The entries for a manager's configuration, in its language. Rejects with {@link InstallError} where none is in use. */
export async function printedEntryFor(repository: GitRepository, manager?: Manager): Promise<string> {
  const place = await findHooksFolder(repository, manager);
  if (place.manager !== 'lefthook' && place.manager !== 'pre-commit') {
    throw new InstallError('There is no configuration of lefthook or pre-commit here; name one with --manager.');
  }
  return printedEntry(place.manager, languageOf(place.managerFile as string));
}

function languageOf(file: string): 'yaml' | 'toml' | 'json' {
  const ending = path.extname(file).slice(1);
  return ending === 'toml' ? 'toml' : ending.startsWith('json') ? 'json' : 'yaml';
}

/** Puts the entries into a manager's configuration. */
async function addEntries(manager: 'lefthook' | 'pre-commit', place: HooksFolder): Promise<Change> {
  const file = place.managerFile as string;
  const next =
    manager === 'lefthook'
      ? 'Then have it make the hooks: lefthook install'
      : 'Then have it make the hooks: pre-commit install --hook-type prepare-commit-msg --hook-type commit-msg --hook-type post-rewrite';
  const text = (await readHook(file))?.text ?? '';
  if (hookNames.every((name) => hasEntries(text, name))) return { file, done: 'unchanged', next };
  const language = languageOf(file);
  // Of an earlier version, which had fewer.
  const bare = hasEntries(text) ? withoutEntries(text) : text;
  const changed = language === 'yaml' && bare !== undefined ? withEntries(manager, bare) : undefined;
  if (changed === undefined) {
    throw new InstallError(
      `The entries cannot be put into ${file} without changing what is there. Put them in by hand:\n\n${printedEntry(manager, language)}`,
    );
  }
  await writeHook(file, changed, 0o644);
  return { file, done: bare === text ? 'block added' : 'updated', next };
}
