/** Puts what a code host tells of a change into the input. */

import { ownersOfPath } from '../approval/codeowners.ts';
import { codeownersOf } from '../approval/people-sources.ts';
import type { Config } from '../config.ts';
import { DecisionError } from '../decision/decide.ts';
import { declaredBy } from '../disclosure/profiles.ts';
import { readMessage } from '../git/message.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Approval, ChangedFile, FactSource, Input, OwnedPath, SquashMessage } from '../input.ts';
import type { ForgeFacts } from './gathering.ts';

type Frame = Omit<Input, 'commits'>;

/**
 * The frame with the facts in it. Git's word goes before the code host's, save for the default branch.
 *
 * Rejects with a `DecisionError` when the facts are of another commit than the judged one: reviews of
 * that one say nothing of this one.
 */
export function withForgeFacts(frame: Frame, told: ForgeFacts, config: Config): Frame {
  const { change } = frame;
  if (change === undefined) return frame;
  const { head, repository, facts, unknown } = told;
  const { approvals, ...rest } = told.change;
  // The commit that a queue or a merge makes is not the one that was reviewed; it is made of that one alone.
  const queued = change.merge_queue === true || rest.merge_queue === true;
  if (head !== undefined && head !== change.head && !queued && !told.landed) {
    throw new DecisionError(
      `The code host has ${head.slice(0, 10)} as the last commit of change ${rest.id ?? ''}, and ${change.head.slice(0, 10)} is judged: ` +
        `reviews of another commit do not count. Fetch and judge that one (--head ${head}), or run again when the code host has the push.`,
    );
  }
  const squash = rest.squash_message === undefined ? undefined : squashMessage(rest.squash_message, config);
  return {
    ...frame,
    repository: { ...repository, ...frame.repository },
    change: {
      ...rest,
      ...change,
      ...(queued && { merge_queue: true }),
      ...(approvals && { approvals: approvals.map((approval) => bound(approval, head ?? change.head)) }),
      ...(squash && { squash }),
    },
    ...((frame.facts ?? facts).length > 0 && { facts: [...(frame.facts ?? []), ...facts] }),
    ...(frame.push && told.landed && rest.id !== undefined && { push: { ...frame.push, merged_change: rest.id } }),
    ...(unknown.length > 0 && { unknown: [...(frame.unknown ?? []), ...unknown] }),
  };
}

/** Whether a review is of the head, its commit says; nothing else does. */
function bound({ stale, ...approval }: Approval, head: string): Approval {
  if (approval.commit !== undefined) return { ...approval, stale: approval.commit !== head };
  return stale === true ? { ...approval, stale } : approval;
}

/** A message read as a commit's. */
export function squashMessage(message: string, config: Config): SquashMessage {
  const { subject, body, trailers } = readMessage(message);
  const disclosure = declaredBy(trailers, config);
  return { subject, body, trailers, ...(disclosure && { disclosure }) };
}

/**
 * The owners of changed files by the CODEOWNERS of a revision (full id), old names included; undefined
 * where it has none.
 */
export async function ownedPaths(
  repository: GitRepository,
  revision: string,
  files: readonly ChangedFile[],
): Promise<OwnedPath[] | undefined> {
  const codeowners = await codeownersOf(repository, revision);
  if (codeowners.length === 0) return undefined;
  const paths = new Set(files.flatMap(({ path, old_path }) => (old_path === undefined ? [path] : [path, old_path])));
  return [...paths].flatMap((path) => {
    const owners = ownersOfPath(codeowners, path);
    return owners.length > 0 ? [{ path, owners }] : [];
  });
}

/** The frame with the owners of its files. */
export async function withCodeOwners(
  frame: Frame,
  repository: GitRepository,
  revision: string | undefined,
): Promise<Frame> {
  if (frame.change === undefined || revision === undefined) return frame;
  const owners = await ownedPaths(repository, revision, frame.change.files);
  if (owners === undefined) return frame;
  const source: FactSource = { fact: 'change.code_owners', source: 'git', at: frame.now };
  return { ...frame, change: { ...frame.change, code_owners: owners }, facts: [...(frame.facts ?? []), source] };
}

/**
 * The teams whose members matter: the owners of the files, and those that the policies' data names in a
 * list called `teams`; without `@`, each once.
 */
export function teamsToAsk(data: unknown, owners: readonly OwnedPath[] = []): string[] {
  const found = new Map<string, string>();
  const add = (text: string) => {
    const team = /^@?([\w.-]+(?:\/[\w.-]+)+)$/.exec(text)?.[1];
    if (team !== undefined) found.set(team.toLowerCase(), team);
  };
  for (const owner of owners.flatMap((one) => one.owners)) if (owner.startsWith('@')) add(owner);
  const visit = (value: unknown, listed: boolean): void => {
    if (typeof value === 'string') listed && add(value);
    else if (Array.isArray(value)) for (const one of value) visit(one, listed);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) visit(member, key === 'teams');
    }
  };
  visit(data, false);
  return [...found.values()];
}
