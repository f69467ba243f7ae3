/**
 * The policy of a work tree as it was last made ready, kept so that a commit need not wait for the engine, nor for YAML
 * and JSON Schema to be loaded.
 *
 * It is found by the digest of all files of the policy folder and of this program's version, which is in it, too, so
 * that it can be no other policy's; and it is damaged, and then ignored, unless its text has the digest that it says. It lies in the
 * repository's git folder, which no clone brings along and whose hooks could do anything anyway; in the user's cache
 * folder where that cannot be written; and for the pack as it ships, beside the program.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastPolicy } from '../../engine/fastpath.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { FormHome } from '../disclosure/home.ts';
import type { GitRepository } from '../git/repository.ts';
import type { FolderContent } from '../git/tree.ts';
import type { Exception } from '../input.ts';
import type { SchemaFile } from '../policies/schema-policy.ts';
import type { Entrypoint } from './entrypoints.ts';

/** Plain JSON. */
export interface KeptPolicy extends FormHome {
  revision: string;
  exceptions: Exception[];
  entrypoints: Entrypoint[];
  /** All schemas, and of those that judge what they say. */
  schemas: SchemaFile[];
  judging: KeptSchema[];
  fast: FastPolicy;
}

/** A JSON Schema policy that is not compiled. */
export interface KeptSchema {
  rule: string;
  level: 'deny' | 'warn';
  each: string[];
  schema: unknown;
}

/** Goes up with whatever changes what is kept, or what it means. */
const version = `2 ${packageJson.version}`;

/** How many are kept in one place: branches come and go. */
const most = 8;

/** A rule's name as an entrypoint: `data.a["b-c"].deny` is `a/b-c/deny`. */
export function nameOf(ref: string): string {
  return ref
    .replace(/^data\./, '')
    .replace(/\["([^"]*)"\]/g, '.$1')
    .replaceAll('.', '/');
}

/** What a policy folder's content is kept by. */
export function keyOf({ files, skipped }: FolderContent, label: string): string {
  const hash = createHash('sha256').update(`${version}\0${label}\0`);
  for (const { path, bytes } of files) hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  for (const { path, reason } of skipped) hash.update(`${path}\0${reason}\0`);
  return hash.digest('hex');
}

/** The kept policy and its file; undefined when there is none, or none that is whole. */
export async function readKept(
  { commonDir }: Pick<GitRepository, 'commonDir'>,
  key: string,
): Promise<{ policy: KeptPolicy; file: string } | undefined> {
  for (const folder of [shippedFolder(), ...(await ownFolders(commonDir))]) {
    const file = join(folder, `${key}.json`);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const policy = text === undefined ? undefined : unwrapped(key, text);
    if (policy) return { policy, file };
    // What is damaged is made anew.
    if (text !== undefined && folder !== shippedFolder()) await rm(file, { force: true }).catch(() => undefined);
  }
  return undefined;
}

/**
 * Keeps a policy. Resolves to why it could not be kept, if so: nothing depends on it.
 *
 * @param folder in place of the repository's: one that all may read
 */
export async function writeKept(
  { commonDir }: Pick<GitRepository, 'commonDir'>,
  key: string,
  policy: KeptPolicy,
  folder?: string,
): Promise<string | undefined> {
  let why: string | undefined;
  for (const place of folder === undefined ? await ownFolders(commonDir) : [folder]) {
    try {
      await mkdir(place, { recursive: true, mode: folder === undefined ? 0o700 : 0o755 });
      const draft = join(place, `.${process.pid}-${key}.tmp`);
      await writeFile(draft, wrapped(key, policy), { mode: folder === undefined ? 0o600 : 0o644 });
      await rename(draft, join(place, `${key}.json`));
      await forgetOldest(place);
      return undefined;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
  }
  return why;
}

/** A digest of the key and the text, then the text. */
function wrapped(key: string, policy: KeptPolicy): string {
  const text = JSON.stringify(policy);
  return `${digestOf(key, text)}\n${text}`;
}

function unwrapped(key: string, file: string): KeptPolicy | undefined {
  const end = file.indexOf('\n');
  const text = file.slice(end + 1);
  return end >= 0 && file.slice(0, end) === digestOf(key, text) ? (JSON.parse(text) as KeptPolicy) : undefined;
}

function digestOf(key: string, text: string): string {
  return createHash('sha256').update(key).update(text).digest('hex');
}

async function ownFolders(commonDir: string): Promise<string[]> {
  const own = join(commonDir, 'countersign', 'policies');
  if (existsSync(own)) return [own];
  const { default: envPaths } = await import('env-paths');
  return [own, join(envPaths('countersign', { suffix: '' }).cache, 'policies')];
}

/** Beside the bundle that runs, or one of its chunks. */
function shippedFolder(moduleUrl: string = import.meta.url): string {
  const here = dirname(fileURLToPath(moduleUrl));
  return join(basename(here) === 'chunks' ? dirname(here) : here, 'kept-policies');
}

async function forgetOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  if (names.length <= most) return;
  const aged = await Promise.all(names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })));
  aged.sort((a, b) => b.time - a.time);
  for (const { name } of aged.slice(most)) await rm(join(folder, name), { force: true });
}
