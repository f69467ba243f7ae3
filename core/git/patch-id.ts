/** What a commit changes, whatever it is based on: what stays the same through a rebase. */

import { createHash, type Hash } from 'node:crypto';
import { ByteReader } from './object-reader.ts';
import { type GitPlace, spawnGit } from './run.ts';

export interface Patch {
  /** `git patch-id --stable`, which leaves white space out of account. */
  id: string;
  /**
   * SHA-256 over the same patch with its white space, but without line numbers and blob ids: in some
   * languages an indentation is a statement.
   */
  sha256: string;
}

/**
 * Fixed, so that nobody's configuration and no `.gitattributes` changes what is compared: all files
 * as text, all algorithms by name.
 */
const options = [
  ...['-p', '--root', '--text', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--no-relative'],
  ...['--unified=3', '--inter-hunk-context=0', '--diff-algorithm=myers', '--no-indent-heuristic', '--full-index'],
  ...['--src-prefix=a/', '--dst-prefix=b/', '--ignore-submodules=none', '--submodule=short', '-O/dev/null'],
];

/**
 * The patches of commits (full ids), in two git processes however many there are. Merges and commits
 * that change nothing have none.
 */
export async function patches(
  place: GitPlace,
  commits: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, Patch>> {
  const found = new Map<string, Patch>();
  if (commits.length === 0) return found;
  const diffs = spawnGit(place, ['-c', 'core.quotePath=true', 'diff-tree', '--stdin', ...options], signal);
  const ids = spawnGit(place, ['patch-id', '--stable'], signal);
  try {
    diffs.stdin.end(`${commits.join('\n')}\n`);
    const answers = readIds(new ByteReader(ids.stdout));
    const digests = new Map<string, Hash>();
    let current: Hash | undefined;
    const lines = new ByteReader(diffs.stdout);
    for (let line = await lines.until(10); line !== undefined; line = await lines.until(10)) {
      // A line of a patch never is a bare id: it starts with a word of git's, a sign or a space.
      if (isId(line)) {
        current = createHash('sha256');
        digests.set(line.toString('latin1'), current);
      } else current?.update(withoutPlace(line)).update('\n');
      if (!ids.stdin.write(Buffer.concat([line, lineFeed]))) await drained(ids.stdin);
    }
    await diffs.ended;
    ids.stdin.end();
    for (const [commit, id] of await answers) {
      const digest = digests.get(commit);
      if (digest) found.set(commit, { id, sha256: digest.digest('hex') });
    }
    await ids.ended;
    return found;
  } finally {
    diffs.stop();
    ids.stop();
    await Promise.allSettled([diffs.ended, ids.ended]);
  }
}

const lineFeed = Buffer.from('\n');

function isId(line: Buffer): boolean {
  return (line.length === 40 || line.length === 64) && /^[0-9a-f]+$/.test(line.toString('latin1'));
}

/** Line numbers and blob ids differ wherever the patch is applied to something else. */
function withoutPlace(line: Buffer): Buffer | string {
  const start = line.toString('latin1', 0, 6);
  if (start.startsWith('@@ ')) return '@@';
  return start === 'index ' ? line.toString('latin1').replace(/[0-9a-f]+\.\.[0-9a-f]+/, '') : line;
}

async function readIds(reader: ByteReader): Promise<[commit: string, id: string][]> {
  const found: [string, string][] = [];
  for (let line = await reader.until(10); line !== undefined; line = await reader.until(10)) {
    const [id, commit] = line.toString('latin1').split(' ');
    if (id !== undefined && commit !== undefined) found.push([commit, id]);
  }
  return found;
}

/** Resolves when more can be written, or when nobody reads any more: then the process's end tells why. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'error']) stream.removeListener(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.once(event, done);
  });
}
