/**
 * What git is in the midst of when it calls a hook, read from its git folder: the hooks' arguments
 * alone do not tell a new commit from one that git makes again.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';

export interface UnderWay {
  /** MERGE_HEAD is there. */
  merging: boolean;
  /** A rebase, with the commits that are being folded into HEAD and the last thing it did. */
  rebase?: { folding: string[]; step?: RebaseStep };
  /** The commit that is being picked: by cherry-pick, or by a rebase. */
  picking?: string;
  /** The text of `git merge --squash`, waiting to be committed. */
  squashed?: string;
}

/** A line of a rebase's list. */
export interface RebaseStep {
  /** `pick`, `reword`, `merge`, … in full. */
  command: string;
  /** The commit it names, as written: in full or shortened. */
  commit: string;
}

/** Reads it; a repository in which nothing is under way has none of the files. */
export async function readUnderWay(repository: GitRepository): Promise<UnderWay> {
  const read = (name: string) => optionalText(path.join(repository.gitDir, name));
  const [rebasing, mergeHead, picking, squashed] = await Promise.all([
    stat(path.join(repository.gitDir, 'rebase-merge')).then(
      (found) => found.isDirectory(),
      () => false,
    ),
    read('MERGE_HEAD'),
    read('CHERRY_PICK_HEAD'),
    read('SQUASH_MSG'),
  ]);
  const found: UnderWay = { merging: mergeHead !== undefined };
  if (picking !== undefined) found.picking = picking.trim();
  if (rebasing) {
    const [fixups, done] = await Promise.all([read('rebase-merge/current-fixups'), read('rebase-merge/done')]);
    found.rebase = { folding: foldedCommits(fixups ?? ''), step: lastStep(done ?? '') };
  } else if (squashed !== undefined) {
    // A rebase keeps a text of its own of that name.
    found.squashed = squashed;
  }
  return found;
}

/** The commits of `rebase-merge/current-fixups`: `squash ID` or `fixup ID`, a line each, in their order. */
export function foldedCommits(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const id = /^(?:squash|fixup)\s+([0-9a-f]{7,64})\s*$/.exec(line)?.[1];
    return id === undefined ? [] : [id];
  });
}

/** One letter stands for a command in a list that a person wrote. */
const commands: Record<string, string> = { p: 'pick', r: 'reword', e: 'edit', s: 'squash', f: 'fixup', m: 'merge' };

/** The last step of `rebase-merge/done` that names a commit; see git-rebase(1), "INTERACTIVE MODE". */
export function lastStep(text: string): RebaseStep | undefined {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const found = /^(\w+)\s+(?:-[cC]\s+)?([0-9a-f]{4,64})\b/.exec(last.trim());
  if (!found) return undefined;
  const [, command = '', commit = ''] = found;
  return { command: commands[command] ?? command, commit };
}

/** The commits that the text of `git merge --squash` lists, in the order of the text (newest first). */
export function squashedCommits(text: string): string[] {
  return [...text.matchAll(/^commit ([0-9a-f]{40}|[0-9a-f]{64})\b/gm)].map((found) => found[1] as string);
}

async function optionalText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}
