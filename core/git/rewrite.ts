/**
 * Gives commits other messages, and nothing else: trees, authors, committers, dates and unknown headers
 * stay, merges stay merges. No checkout, no commit hook, no editor; the work tree and the index are not touched.
 */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { parseCommitObject, reencodeHeader } from './commit-object.ts';
import { openObjectReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';
import type { RewritePlan } from './rewrite-plan.ts';
import { GitError, git, gitBytes } from './run.ts';

export interface RewriteOptions {
  /** For the reflog. */
  reason: string;
  /** `now`: whoever rewrites is the committer, at this time; default `keep`. */
  committer?: 'keep' | 'now';
  /** Sign the commits that were signed, through git's own settings; their signatures are gone otherwise. */
  sign?: boolean;
  now: Date;
}

export interface RewriteResult {
  /** Where the branch is now. */
  tip: string;
  /** Old id → new id, of the commits whose id changed, parents first. */
  renamed: Map<string, string>;
  /** The ref that keeps the old tip; absent when nothing changed. */
  undo?: string;
  /** Commits that had a signature and have none now. */
  signaturesLost: number;
}

/**
 * Carries a plan out: `messages` are the new messages of some of its commits. All or nothing: the objects
 * are written first, then the branch moves, from where the plan saw it, in one transaction with the ref
 * that keeps the old tip.
 *
 * Errors (`GitError`): `refused` when a message to change has bytes that cannot be read; `failed` when
 * the branch has moved meanwhile, or signing fails. Nothing has changed then.
 */
export async function rewriteMessages(
  repository: GitRepository,
  plan: RewritePlan,
  messages: ReadonlyMap<string, string>,
  options: RewriteOptions,
): Promise<RewriteResult> {
  const committer =
    options.committer === 'now' ? (await git(repository, ['var', 'GIT_COMMITTER_IDENT'])).trim() : undefined;
  const renamed = new Map<string, string>();
  const objects: Buffer[] = [];
  let signaturesLost = 0;
  const reader = openObjectReader(repository);
  try {
    reader.ask(plan.rewritten);
    for (const id of plan.rewritten) {
      const object = await reader.next();
      if (object?.type !== 'commit') throw new GitError('failed', `Commit ${id} is missing or damaged. See: git fsck`);
      const made = rebuild(id, object.bytes, { message: messages.get(id), renamed, committer });
      if (!made) continue;
      // Git takes names from the environment, which knows UTF-8 alone.
      if (made.signed && options.sign && isUtf8(made.bytes)) {
        renamed.set(id, await signedCommit(repository, made.bytes));
        continue;
      }
      if (made.signed) signaturesLost++;
      objects.push(made.bytes);
      renamed.set(id, objectId(repository, made.bytes));
      // A commit that is signed by git must find its parents.
      if (options.sign) await writeObjects(repository, objects.splice(0));
    }
  } finally {
    await reader.close();
  }
  if (renamed.size === 0) return { tip: plan.tip, renamed, signaturesLost };
  await writeObjects(repository, objects);
  const tip = renamed.get(plan.tip) ?? plan.tip;
  const undo = await moveRef(repository, plan, tip, options);
  return { tip, renamed, undo, signaturesLost };
}

interface Rebuilding {
  message: string | undefined;
  renamed: ReadonlyMap<string, string>;
  committer: string | undefined;
}

/** The new commit; undefined when it is the old one. */
function rebuild(
  id: string,
  bytes: Buffer,
  { message, renamed, committer }: Rebuilding,
): { bytes: Buffer; signed: boolean } | undefined {
  const split = bytes.indexOf('\n\n');
  const head = bytes.toString('latin1', 0, split < 0 ? undefined : split);
  const body = split < 0 ? Buffer.alloc(0) : bytes.subarray(split + 2);
  const before = parseCommitObject(bytes);
  const speaks = message !== undefined && message !== before.message;
  if (!speaks && !before.parents.some((parent) => renamed.has(parent))) return undefined;
  if (speaks && !body.equals(Buffer.from(before.message)) && (before.message.includes('\ufffd') || body.includes(0))) {
    throw new GitError(
      'refused',
      `The message of ${id.slice(0, 10)} has bytes that its encoding does not explain, and they would be lost. Reword it with: git rebase --interactive ${id.slice(0, 10)}^`,
    );
  }
  const parents = new Set(before.parents.map((parent) => renamed.get(parent) ?? parent));
  let signed = false;
  const headers = head.split(/\n(?! )/).flatMap((header): Buffer[] => {
    const name = header.slice(0, header.indexOf(' '));
    const raw = Buffer.from(header, 'latin1');
    if (name === 'parent') return [Buffer.from(`parent ${renamed.get(header.slice(7)) ?? header.slice(7)}`)];
    if (name === 'gpgsig' || name === 'gpgsig-sha256') {
      signed = true;
      return [];
    }
    // The tag that was merged is told of as long as it is what was merged.
    if (name === 'mergetag')
      return parents.has(header.slice('mergetag object '.length).split('\n')[0] ?? '') ? [raw] : [];
    if (name === 'committer' && committer !== undefined) return [Buffer.from(`committer ${committer}`)];
    // A message that is written anew is UTF-8, and then so are the names.
    if (speaks && name === 'encoding') return [];
    return [speaks ? reencodeHeader(raw, before.encoding) : raw];
  });
  const text = speaks ? Buffer.from(message) : body;
  return { bytes: Buffer.concat([...headers.flatMap((line) => [line, newline]), newline, text]), signed };
}

const newline = Buffer.from('\n');

function objectId(repository: GitRepository, bytes: Buffer): string {
  return createHash(repository.objectFormat).update(`commit ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Writes commits in one process, by way of a pack. */
async function writeObjects(repository: GitRepository, objects: readonly Buffer[]): Promise<void> {
  if (objects.length === 0) return;
  const start = Buffer.alloc(12);
  start.write('PACK');
  start.writeUInt32BE(2, 4);
  start.writeUInt32BE(objects.length, 8);
  const pack = Buffer.concat([start, ...objects.flatMap((bytes) => [entryHeader(bytes.length), deflateSync(bytes)])]);
  const checksum = createHash(repository.objectFormat).update(pack).digest();
  await gitBytes(repository, ['unpack-objects', '-q'], Buffer.concat([pack, checksum]));
}

/** A pack entry's type (1: commit) and size: https://git-scm.com/docs/pack-format */
function entryHeader(size: number): Buffer {
  const bytes: number[] = [];
  let byte = (1 << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 0 ? byte | 128 : byte);
    if (rest === 0) return Buffer.from(bytes);
    byte = rest & 127;
  }
}

/** The same commit, signed as `git commit -S` would; headers that git does not know are not in it. */
async function signedCommit(repository: GitRepository, bytes: Buffer): Promise<string> {
  const head = bytes.toString('utf8', 0, bytes.indexOf('\n\n'));
  const value = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? '';
  const environment = {
    ...repository.environment,
    ...identity('AUTHOR', value('author')),
    ...identity('COMMITTER', value('committer')),
  };
  const parents = [...head.matchAll(/^parent (.*)$/gm)].flatMap(([, id = '']) => ['-p', id]);
  const encoding = value('encoding') || 'UTF-8';
  const args = ['-c', `i18n.commitEncoding=${encoding}`, 'commit-tree', '-S', ...parents, value('tree')];
  const message = bytes.subarray(bytes.indexOf('\n\n') + 2);
  return (await gitBytes({ ...repository, environment }, args, message)).toString().trim();
}

function identity(role: 'AUTHOR' | 'COMMITTER', ident: string): NodeJS.ProcessEnv {
  const [, name = '', email = '', date = ''] = /^(.*?) ?<(.*)> (.*)$/.exec(ident) ?? [];
  return { [`GIT_${role}_NAME`]: name, [`GIT_${role}_EMAIL`]: email, [`GIT_${role}_DATE`]: `@${date}` };
}

/** Moves the branch and keeps the old tip, both or neither. */
async function moveRef(
  repository: GitRepository,
  { ref, tip: old }: RewritePlan,
  tip: string,
  { reason, now }: RewriteOptions,
): Promise<string> {
  const name = `refs/countersign/undo/${now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')}`;
  const taken = new Set(
    (await git(repository, ['for-each-ref', '--format=%(refname)', 'refs/countersign/undo'])).split('\n'),
  );
  let undo = name;
  for (let at = 2; taken.has(undo); at++) undo = `${name}-${at}`;
  const transaction = [
    'start',
    `create ${undo} ${old}`,
    'option no-deref',
    `update ${ref} ${tip} ${old}`,
    'prepare',
    'commit',
    '',
  ];
  try {
    await gitBytes(repository, ['update-ref', '-m', reason, '--stdin'], transaction.join('\n'));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new GitError('failed', `${ref} could not be moved, and is where it was: ${error.message}`, error.exitCode);
  }
  return undo;
}
