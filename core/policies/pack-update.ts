/**
 * What `countersign init` does to a policy folder: brings the pack where there is none, and a later pack where there is
 * an earlier one. Files that are as they came are replaced; those that were changed here are kept.
 */
import type { Engine } from '../../engine/engine.ts';
import type { Problem } from '../../engine/protocol.ts';
import type { FolderContent, FolderFile } from '../git/tree.ts';
import { folderPolicies, home } from './load.ts';
import { digestOf, lockFile, type PackLock, printLock, readLock } from './pack-lock.ts';

/** What becomes of one file, and why:
 * - `write`: it is new; `update`: it is as an earlier pack had it; `replace`: changed here, and not to be kept;
 * - `remove`: the pack has it no more, and nobody changed it;
 * - `same`: it is as the pack has it; `keep`: it was changed here, or is not the pack's; `behind`: the same, and the
 *   pack's has changed since it came;
 * - `absent`: it was deleted here.
 */
export type Fate = 'write' | 'update' | 'replace' | 'remove' | 'same' | 'keep' | 'behind' | 'absent';

export interface Step {
  /** Relative to the policy folder. */
  path: string;
  fate: Fate;
  /** The pack's text; undefined when it has none. */
  pack?: Uint8Array;
  /** The text here; undefined when there is none, or what is there is no file. */
  here?: Uint8Array;
}

export interface UpdateOptions {
  /** Whether a file of the pack that is not here is wanted. */
  wanted: (path: string) => boolean;
  /** The files that were changed or deleted here get the pack's text, too. */
  force: boolean;
}

/**
 * Plans what to do, sorted by path; the lock file's own step is the last.
 *
 * @param pack as a policy folder has it, with its lock (`toHome`)
 * @param here what the policy folder has; undefined when there is none
 */
export function planUpdate(
  pack: readonly FolderFile[],
  here: FolderContent | undefined,
  { wanted, force }: UpdateOptions,
): Step[] {
  const mine = new Map(here?.files.map(({ path, bytes }) => [path, bytes]));
  const foreign = new Set(here?.skipped.map(({ path }) => path));
  const lockHere = mine.get(lockFile);
  const came = readLock(lockHere ? Buffer.from(lockHere).toString('utf8') : '');
  const steps: Step[] = [];
  const lock = new Map<string, string>();
  const names = new Set(pack.map(({ path }) => path));
  for (const { path, bytes } of pack) {
    if (path === lockFile) continue;
    const own = mine.get(path);
    const digest = digestOf(bytes);
    const fate = own ? fateOf(digestOf(own), digest, came.get(path), force) : missing(path);
    if (fate) steps.push({ path, fate, pack: bytes, ...(own && { here: own }) });
    if (fate) lock.set(path, digest);
  }
  for (const [path, digest] of came) {
    const own = mine.get(path);
    if (names.has(path) || own === undefined) continue;
    steps.push({ path, fate: digestOf(own) === digest ? 'remove' : 'keep', here: own });
  }
  steps.sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...steps, lockStep(lock, lockHere)];

  function missing(path: string): Fate | undefined {
    if (foreign.has(path)) return 'keep';
    if (came.has(path)) return force ? 'write' : 'absent';
    return wanted(path) ? 'write' : undefined;
  }
}

function fateOf(here: string, pack: string, came: string | undefined, force: boolean): Fate {
  if (here === pack) return 'same';
  if (here === came) return 'update';
  if (force) return 'replace';
  return came === undefined || came === pack ? 'keep' : 'behind';
}

function lockStep(lock: PackLock, here: Uint8Array | undefined): Step {
  const text = Buffer.from(printLock(lock));
  if (here === undefined) return { path: lockFile, fate: 'write', pack: text };
  const fate = digestOf(here) === digestOf(text) ? 'same' : 'update';
  return { path: lockFile, fate, pack: text, here };
}

/** Whether a step changes something on disk. */
export function changes({ fate }: Step): boolean {
  return fate === 'write' || fate === 'update' || fate === 'replace' || fate === 'remove';
}

/** What the folder has afterwards. */
export function afterUpdate(here: FolderContent | undefined, steps: readonly Step[]): FolderContent {
  const files = new Map(here?.files.map(({ path, bytes }) => [path, bytes]));
  for (const step of steps.filter(changes)) {
    if (step.fate === 'remove') files.delete(step.path);
    else if (step.pack) files.set(step.path, step.pack);
  }
  return { files: [...files].map(([path, bytes]) => ({ path, bytes })), skipped: here?.skipped ?? [] };
}

/** Whether files of other origin will judge together with the pack's, so that it must be seen whether they fit. */
export function isMixed(here: FolderContent | undefined, steps: readonly Step[]): boolean {
  const ours = new Set(steps.filter((step) => step.fate === 'same' || changes(step)).map(({ path }) => path));
  const policies = here?.files.filter(({ path }) => /\.(rego|json|ya?ml)$/.test(path)) ?? [];
  return policies.some(({ path }) => !ours.has(path)) || steps.some(({ fate }) => fate === 'absent');
}

/** What keeps a policy folder with these files, its tests included, from judging. */
export async function unsound(engine: Engine, content: FolderContent): Promise<Problem[]> {
  const { compileSchemas } = await import('./schema-policy.ts');
  const set = folderPolicies(content, { called: home });
  const problems = [...set.problems, ...compileSchemas(set.schemas).problems];
  const workspace = 'init';
  const files = [...set.files, ...set.testFiles];
  problems.push(...(await engine.call('workspace/open', { workspace, files, regoVersion: set.regoVersion })).problems);
  problems.push(...(await engine.call('check', { workspace })).problems);
  await engine.call('workspace/close', { workspace });
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...new Map(errors.map((problem) => [JSON.stringify(problem), problem])).values()];
}
