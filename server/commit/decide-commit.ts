/** What the policy says of the commit that is about to be made: what the hook and the gate would say. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { URI } from 'vscode-uri';
import { decide } from '../../core/decision/decide.ts';
import { withDisclosure } from '../../core/disclosure/read.ts';
import { openRepository } from '../../core/git/repository.ts';
import { readStaged } from '../../core/git/staged.ts';
import { loadFolder, loadPack } from '../../core/policies/load.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Engine } from '../../engine/engine.ts';
import { home } from '../file-kinds.ts';
import type { DecideCommitParams } from '../protocol.ts';

/** The policies are those of the work tree; the built-in pack where there are none. */
export async function decideCommit(
  { repository: uri, message, all }: DecideCommitParams,
  engine: Engine,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  const repository = await openRepository(URI.parse(uri).fsPath, { inherit: false });
  const folder = join(repository.root, home);
  const policies = (await isFolder(folder)) ? await loadFolder(folder, { called: home }) : await loadPack();
  const commit = withDisclosure(await readStaged(repository, { message, all }), policies.config);
  const input = {
    schema: 'countersign.input/v1',
    phase: 'commit',
    now: now.toISOString(),
    repository: { name: 'unknown' },
    commits: [commit],
    exceptions: policies.exceptions,
  } as const;
  signal.throwIfAborted();
  return (await decide(engine, policies, { ...input, commits: [commit] }, { signal })).verdict;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
