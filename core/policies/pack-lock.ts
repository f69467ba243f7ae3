/**
 * What `countersign init` last brought of the pack, by the digests of its files: `.countersign/pack.lock`. It tells the
 * files that are as they came from those that were changed here. Nothing else goes by it.
 */
import { createHash } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import type { FolderFile } from '../git/tree.ts';

/** Its path in the policy folder. */
export const lockFile = 'pack.lock';

/** Digests by path, relative to the policy folder. */
export type PackLock = ReadonlyMap<string, string>;

export function lockOf(files: readonly FolderFile[]): PackLock {
  return new Map(files.map(({ path, bytes }) => [path, digestOf(bytes)]));
}

/** SHA-256, as hexadecimal digits, of a text whose lines end with LF: git may give them other ends when it checks out. */
export function digestOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n');
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

/** One file a line, sorted, in the form of `sha256sum`, so that git merges it as it merges the files. */
export function printLock(lock: PackLock): string {
  const lines = [...lock].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, digest]) => `${digest}  ${path}\n`);
  return [
    `# The files of Countersign's default pack as they came, of version ${packageJson.version}. \`countersign init\` writes it,\n`,
    '# to know which of them were changed here. Keep it in git.\n',
    ...lines,
  ].join('');
}

/** What does not look like one of its lines is passed over: the file concerned is then one that was changed. */
export function readLock(text: string): PackLock {
  const lock = new Map<string, string>();
  for (const [, digest, path] of text.matchAll(/^([0-9a-f]{64}) {2}(\S.*?)\r?$/gm)) {
    if (digest && path && isInside(path)) lock.set(path, digest);
  }
  return lock;
}

function isInside(path: string): boolean {
  return !path.includes('\\') && path.split('/').every((segment) => !['', '.', '..', '.git'].includes(segment));
}
