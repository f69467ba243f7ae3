/** What `countersign check` and `test` work on: the policy sets that some paths mean. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { RegoVersion, WorkspaceFile } from '../../engine/protocol.ts';
import { findLintFiles, home, loadFolder } from './load.ts';
import { assemblePolicySet, type PolicySet } from './policy-set.ts';

/** A policy set, and which of its files were asked for. */
export interface Target {
  policies: PolicySet;
  /** All of them when absent. */
  only?: ReadonlySet<string>;
}

/** A path that means nothing to check or test. */
export class TargetError extends Error {}

/**
 * The policy sets that paths mean: a folder itself, or the `.countersign` folder in it; a file within
 * a `.countersign` folder as part of that folder's set; other files together as one set.
 * Rejects with {@link TargetError} when there is no such path.
 */
export async function loadTargets(paths: readonly string[], regoVersion?: RegoVersion): Promise<Target[]> {
  const byFolder = new Map<string, { called: string; only?: Set<string> }>();
  const loose: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new TargetError(`There is no file or folder ${JSON.stringify(path)}.`);
    if (found.isDirectory()) {
      const called = (await isDirectory(join(path, home))) ? join(path, home) : path;
      byFolder.set(resolve(called), { called });
      continue;
    }
    const called = enclosingHome(path);
    if (called === undefined) {
      loose.push(path);
      continue;
    }
    const known = byFolder.get(resolve(called));
    if (known && !known.only) continue;
    const only = known?.only ?? new Set<string>();
    only.add(path.split(sep).join('/'));
    byFolder.set(resolve(called), { called, only });
  }
  const targets: Target[] = [];
  for (const [folder, { called, only }] of byFolder) {
    const policies = await loadFolder(folder, { called, regoVersion });
    policies.lintFiles = lintFilesOf(policies, await findLintFiles(folder));
    targets.push({ policies, only });
  }
  if (loose.length > 0) targets.push({ policies: await looseFiles(loose, regoVersion) });
  return targets;
}

/** A set's own lint configuration goes before that of a folder above it. */
function lintFilesOf(policies: PolicySet, inherited: WorkspaceFile[]): WorkspaceFile[] {
  return policies.lintFiles.length > 0 ? policies.lintFiles : inherited;
}

async function looseFiles(paths: readonly string[], regoVersion: RegoVersion | undefined): Promise<PolicySet> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path: path.split(sep).join('/'), bytes: await readFile(path) })),
  );
  const set = assemblePolicySet(
    { files, skipped: [] },
    { origin: 'folder', label: paths.join(', '), prefix: '', regoVersion },
  );
  set.lintFiles = await findLintFiles(dirname(paths[0] as string));
  return set;
}

/** The `.countersign` folder that a path lies in, spelled as the path spells it. */
function enclosingHome(path: string): string | undefined {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (basename(at) === home) return at;
    if (dirname(at) === at || at === '.') return undefined;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
