/** The requests about commits that are made already, approvals, and declarations; in a trusted workspace only. */
import { type Connection, ErrorCodes, ResponseError } from 'vscode-languageserver';
import type { EngineLink } from '../engine-link.ts';
import { guard } from '../guard.ts';
import {
  type ApproveParams,
  approve,
  type CommitMadeParams,
  commitMade,
  type DeclareUseParams,
  type DiscloseCommitParams,
  declareUse,
  discloseCommit,
  type PrepareApprovalParams,
  prepareApproval,
  type RecentCommitsParams,
  type ReviewCommitParams,
  recentCommits,
  reviewCommit,
} from '../protocol.ts';
import type { RepositoryWork, Runtime } from '../runtime.ts';
import type { World } from '../world.ts';

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'repositoryWork' | 'now'>;
  link: Pick<EngineLink, 'engine'>;
  log(line: string): void;
}

export function registerRepository(connection: Connection, { world, runtime, link, log }: Parts): void {
  /** Answers a request with what is loaded when the first of them comes. */
  function on<P, R>(
    method: string,
    handle: (work: RepositoryWork, params: P, signal: AbortSignal) => Promise<R>,
  ): void {
    connection.onRequest<unknown, void>(
      method,
      guard(method, log, async (params: P, signal): Promise<unknown> => {
        if (!world.current().trusted) {
          throw new ResponseError(ErrorCodes.InvalidRequest, 'This needs a trusted workspace.');
        }
        return handle(await runtime.repositoryWork(), params, signal);
      }),
    );
  }
  on(declareUse, (work, params: DeclareUseParams) => work.declareUse(params, runtime.now()));
  on(commitMade, async (work, params: CommitMadeParams) => {
    await work.commitMade(params, runtime.now());
    return null;
  });
  on(reviewCommit, (work, params: ReviewCommitParams, signal) => {
    const { sessionLogs } = world.current().settings;
    return work.reviewCommit({ ...params, sessionLogs }, runtime.now(), signal);
  });
  on(discloseCommit, (work, params: DiscloseCommitParams) => work.discloseCommit(params, runtime.now()));
  on(recentCommits, (work, params: RecentCommitsParams) => work.recentCommits(params));
  on(prepareApproval, (work, params: PrepareApprovalParams, signal) =>
    work.prepareApproval(params, link.engine, runtime.now(), signal),
  );
  on(approve, (work, params: ApproveParams, signal) => work.approve(params, runtime.now(), signal));
}
