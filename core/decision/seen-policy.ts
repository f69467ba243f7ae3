/**
 * Which kept policy is of the work tree's policy folder, told as git tells it of its index: by what the file system
 * says of each file (size, times, number), so that a commit need neither read nor digest them. What was changed so
 * lately that the times might not show the next change is never taken for seen; nor is a file system trusted with
 * more than that: the gate reads the policies from git.
 */
import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { GitRepository } from '../git/repository.ts';
import type { KeptPolicy } from './kept-policy.ts';

/** What stood where: of the folder, and of the file with the policy that was kept of it. */
interface Seen {
  version: string;
  folder: string;
  stamp: string;
  kept: string;
  keptStamp: string;
}

/** What a folder looks like; `newest` in milliseconds since 1970. */
export interface FolderStamp {
  stamp: string;
  newest: number;
}

const version = `1 ${packageJson.version}`;

/** File systems tell times by up to two seconds; a change within that time might leave them as they are. */
const settledAfterMs = 3000;

type Place = Pick<GitRepository, 'gitDir'>;

/** The policy that was kept of this very folder; undefined when that cannot be told. */
export function readSeen(place: Place, folder: string): KeptPolicy | undefined {
  try {
    const seen = JSON.parse(readFileSync(seenFile(place), 'utf8')) as Seen;
    if (seen.version !== version || seen.folder !== folder) return undefined;
    if (seen.keptStamp !== lineOf('', lstatSync(seen.kept, { bigint: true }))) return undefined;
    if (seen.stamp !== stampOf(folder)?.stamp) return undefined;
    const text = readFileSync(seen.kept, 'utf8');
    return JSON.parse(text.slice(text.indexOf('\n') + 1)) as KeptPolicy;
  } catch {
    // Whatever is missing, malformed or no longer readable is found the long way.
    return undefined;
  }
}

/**
 * Remembers of which folder a policy was kept. `stamp` is from before the folder was read. Nothing depends on it: where
 * it cannot be written, the next commit takes the long way.
 */
export async function writeSeen(place: Place, folder: string, { stamp, newest }: FolderStamp, kept: string) {
  if (newest > Date.now() - settledAfterMs) return;
  const file = seenFile(place);
  const draft = `${file}.${process.pid}`;
  try {
    const keptStamp = lineOf('', lstatSync(kept, { bigint: true }));
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify({ version, folder, stamp, kept, keptStamp } satisfies Seen), { mode: 0o600 });
    await rename(draft, file);
  } catch {
    // As said above.
  }
}

/** What a folder looks like now; undefined where there is none, or none that can be read. */
export function stampOf(folder: string): FolderStamp | undefined {
  const lines: string[] = [];
  let newest = 0;
  const add = (path: string, found: BigIntStats) => {
    lines.push(lineOf(path, found));
    newest = Math.max(newest, Number(found.mtimeMs), Number(found.ctimeMs));
  };
  const visit = (below: string, prefix: string): void => {
    for (const entry of readdirSync(below, { withFileTypes: true })) {
      const full = join(below, entry.name);
      if (!entry.isDirectory()) add(prefix + entry.name, lstatSync(full, { bigint: true }));
      else if (entry.name !== '.git' && entry.name !== 'node_modules') visit(full, `${prefix}${entry.name}/`);
    }
  };
  try {
    if (!lstatSync(folder).isDirectory()) return undefined;
    visit(folder, '');
  } catch {
    return undefined;
  }
  return { stamp: lines.sort().join('\n'), newest };
}

function lineOf(path: string, { mode, size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${path}\0${mode} ${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

function seenFile({ gitDir }: Place): string {
  return join(gitDir, 'countersign', 'policy-seen.json');
}
