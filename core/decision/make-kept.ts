/** Makes what is kept of a policy; kept-policy.ts says why. */
import { EngineError } from '../../engine/engine.ts';
import { type FastPolicy, makeFastPolicy } from '../../engine/fastpath.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { readHome } from '../disclosure/home.ts';
import type { FolderContent } from '../git/tree.ts';
import { readDocument } from '../yaml-document.ts';
import type { Prepared } from './decide.ts';
import { entrypointsIn } from './entrypoints.ts';
import { type KeptPolicy, nameOf } from './kept-policy.ts';

/**
 * Rejects as the engine's methods do.
 *
 * @param content the files that the policies were put together from
 */
export async function makeKept(
  { engine, workspace, policies, entrypoints, schemas }: Prepared,
  { files }: FolderContent,
): Promise<KeptPolicy> {
  const own = entrypointsIn(entrypoints, 'commit');
  const names = own.map(({ ref }) => nameOf(ref));
  const fast = await makeFastPolicy(engine, workspace, names).catch(unplanned);
  const texts = files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')] as const);
  const home = readHome(texts);
  const sources = new Map(policies.schemas.map(({ path, text }) => [path, text]));
  return {
    config: policies.config,
    schema: home?.schema ?? { properties: {}, required: [] },
    data: home?.data ?? {},
    revision: policies.revision,
    exceptions: policies.exceptions,
    entrypoints: own,
    schemas: policies.schemas,
    judging: schemas.map(({ path, rule, level, each }) => {
      const schema = readDocument(path, sources.get(path) ?? 'null').value;
      return { rule, level, each, schema };
    }),
    fast,
  };
}

/** JSON-RPC's. */
const invalidParams = -32602;

/** What OPA makes no plan of, it will not make one of the next time; other errors may pass. */
function unplanned(error: unknown): FastPolicy {
  const lasting = error instanceof EngineError && (error.code === errorCodes.compile || error.code === invalidParams);
  if (!lasting) throw error;
  return { kind: 'none', why: `there is no plan of it: ${error.message}` };
}
