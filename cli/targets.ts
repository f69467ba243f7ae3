/** The policy sets that the arguments of `check` and `test` mean. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { home } from '../core/policies/load.ts';
import { loadTargets, type Target, TargetError } from '../core/policies/targets.ts';
import type { RegoVersion } from '../engine/protocol.ts';
import { UsageError } from './exit.ts';

/** Rejects with {@link UsageError} for a path that does not exist. */
export async function loadPolicyTargets(paths: readonly string[], regoVersion?: RegoVersion): Promise<Target[]> {
  try {
    return await loadTargets(paths.length > 0 ? paths : [await closestHome()], regoVersion);
  } catch (error) {
    if (error instanceof TargetError) throw new UsageError(error.message);
    throw error;
  }
}

/** The `.countersign` folder here or in a folder above. */
async function closestHome(): Promise<string> {
  let up = '';
  for (let at = resolve('.'); ; at = dirname(at)) {
    if (await stat(join(at, home)).catch(() => undefined)) return join(up, home);
    if (dirname(at) === at) break;
    up = join(up, '..');
  }
  throw new UsageError('There is no .countersign folder here: name a path, or make one with: countersign init');
}
