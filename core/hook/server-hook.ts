/** The pre-receive hook of a git server: its script, and putting it into a repository. */
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import { type Change, InstallError, readHook, writeHook } from './hook-files.ts';
import { findHooksFolder } from './hooks-folder.ts';
import { earlierSuffix, type Finding } from './script.ts';

const hook = 'pre-receive';
const mark = '# countersign hook pre-receive';

/**
 * The script. A hook that was there before runs first, and is told the same. Without the program nothing
 * is let in: a rule that holds only while it happens to be installed is none.
 */
export function serverHookScript({ node, cli }: NonNullable<Finding['pinned']>): string {
  return [
    '#!/bin/sh',
    mark,
    '# Made by `countersign hook install --server`; `countersign hook uninstall --server` takes it away.',
    `node=${quoted(node)}`,
    `cli=${quoted(cli)}`,
    'refs=$(cat)',
    `earlier="\${0%/*}/${hook}${earlierSuffix}"`,
    'if [ -x "$earlier" ]; then printf \'%s\\n\' "$refs" | "$earlier" "$@" || exit; fi',
    'if [ ! -x "$node" ] || [ ! -f "$cli" ]; then',
    '  echo "countersign: the program that judges pushes is not where it was ($cli), and nothing is taken." >&2',
    '  echo "  The administrator of this server puts it right: countersign hook install --server" >&2',
    '  exit 3',
    'fi',
    `printf '%s\\n' "$refs" | "$node" "$cli" hook ${hook}`,
    '',
  ].join('\n');
}

/** Installs it; doing so twice is doing so once. Rejects with {@link InstallError}. */
export async function installServerHook(
  repository: GitRepository,
  pinned: NonNullable<Finding['pinned']>,
  global: boolean,
): Promise<Change> {
  const file = path.join(await serverFolder(repository, global), hook);
  const earlier = `${file}${earlierSuffix}`;
  const script = serverHookScript(pinned);
  const present = await readHook(file);
  await mkdir(path.dirname(file), { recursive: true });
  if (present === undefined || isOurs(present.text)) {
    if (present?.text === script) return { file, done: 'unchanged' };
    await writeHook(file, script);
    return { file, done: present === undefined ? 'written' : 'updated' };
  }
  if (await readHook(earlier)) {
    throw new InstallError(`${earlier} is in the way: it is there already, and ${file} is not Countersign's.`);
  }
  await rename(file, earlier);
  await writeHook(file, script);
  return { file, done: 'chained' };
}

/** Takes it away, and puts back what was there before; undefined when there is none of ours. */
export async function uninstallServerHook(repository: GitRepository, global: boolean): Promise<Change | undefined> {
  const file = path.join(await serverFolder(repository, global), hook);
  const earlier = `${file}${earlierSuffix}`;
  const present = await readHook(file);
  if (present === undefined || !isOurs(present.text)) return undefined;
  if (await readHook(earlier)) {
    await rename(earlier, file);
    return { file, done: 'restored' };
  }
  await rm(file);
  return { file, done: 'removed' };
}

async function serverFolder(repository: GitRepository, global: boolean): Promise<string> {
  const { folder, scope, setIn } = await findHooksFolder(repository, 'none');
  const elsewhere = scope === 'global' || scope === 'system';
  if (elsewhere && !global) {
    throw new InstallError(
      `core.hooksPath is set for all repositories (in ${setIn}), and ${folder} is theirs. For all of them: countersign hook install --server --global`,
    );
  }
  if (global && !elsewhere)
    throw new InstallError('core.hooksPath is not set for all repositories: leave --global out.');
  return folder;
}

function isOurs(text: string): boolean {
  return text.split('\n', 2)[1] === mark;
}

/** As one word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
