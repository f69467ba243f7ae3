/** Where policy sets come from: a folder on disk, a revision of a repository, or the built-in pack. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegoVersion, WorkspaceFile } from '../../engine/protocol.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { GitRepository } from '../git/repository.ts';
import { type FolderContent, type FolderFile, readFolder, readWorkingFolder } from '../git/tree.ts';
import { assemblePolicySet, digestOf, type PolicySet } from './policy-set.ts';

/** The folder in which a repository keeps what concerns Countersign. */
export const home = '.countersign';

export interface LoadOptions {
  /** In place of what the configuration says. */
  regoVersion?: RegoVersion;
  /** How the folder is called in messages; the path as given when absent. */
  called?: string;
}

/** The policies in a folder: `.countersign`, or any other. Rejects when there is no such folder. */
export async function loadFolder(folder: string, options: LoadOptions = {}): Promise<PolicySet> {
  return folderPolicies(await contentOf(folder), { called: folder, ...options });
}

/** The policies in the files of a folder, which `called` names. */
export function folderPolicies(content: FolderContent, options: LoadOptions & { called: string }): PolicySet {
  const called = options.called.split(sep).join('/');
  return assemblePolicySet(content, {
    origin: 'folder',
    label: called,
    prefix: called === '.' || called === '' ? '' : `${called.replace(/\/+$/, '')}/`,
    regoVersion: options.regoVersion,
  });
}

/**
 * The policies of a repository at a revision, from its `.countersign` folder; undefined when it has none.
 *
 * @param commit a full commit id
 */
export async function loadRevision(
  repository: GitRepository,
  commit: string,
  options: Pick<LoadOptions, 'regoVersion'> = {},
): Promise<PolicySet | undefined> {
  const content = await readFolder(repository, commit, home);
  if (content === undefined) return undefined;
  return assemblePolicySet(content, {
    origin: 'revision',
    label: `${home} at ${commit.slice(0, 10)}`,
    revision: commit,
    prefix: `${home}/`,
    regoVersion: options.regoVersion,
  });
}

/** The policies that come with Countersign, used where a repository has none of its own. */
export async function loadPack(): Promise<PolicySet> {
  return packPolicies(await packContent());
}

/** The same, from the pack's files, which the revision names: not every one of its changes has a version. */
export function packPolicies(content: FolderContent): PolicySet {
  return assemblePolicySet(content, {
    origin: 'pack',
    label: 'the built-in pack',
    revision: `pack@${packageJson.version}+${digestOf(content.files)}`,
    prefix: 'pack/',
  });
}

/** Where the built-in pack lies: in the project, or beside the bundle that runs. */
function packFolder(moduleUrl: string = import.meta.url): string {
  const here = dirname(fileURLToPath(moduleUrl));
  if (moduleUrl.endsWith('.ts')) return join(here, '..', '..', 'policies');
  return join(basename(here) === 'chunks' ? dirname(here) : here, 'pack');
}

/** The pack's files. */
export function packContent(): Promise<FolderContent> {
  return contentOf(packFolder());
}

/** The pack's files, as `countersign init` writes them. */
export async function packFiles(): Promise<FolderFile[]> {
  return (await packContent()).files;
}

/** Regal's configuration and rules for a folder, from itself or the closest folder above it that has some. */
export async function findLintFiles(folder: string): Promise<WorkspaceFile[]> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const text = await readFile(join(at, '.regal', 'config.yaml'), 'utf8').catch(absent);
    if (text !== undefined) {
      const rules = (await readWorkingFolder(join(at, '.regal', 'rules')))?.files ?? [];
      return [
        { path: '.regal/config.yaml', kind: 'lint-config', text },
        ...rules
          .filter(({ path }) => path.endsWith('.rego'))
          .map(({ path, bytes }): WorkspaceFile => {
            return { path: `.regal/rules/${path}`, kind: 'lint-rule', text: Buffer.from(bytes).toString('utf8') };
          }),
      ];
    }
    const top = (await stat(join(at, '.git')).catch(absent)) !== undefined;
    if (top || dirname(at) === at) return [];
  }
}

async function contentOf(folder: string): Promise<FolderContent> {
  const content = await readWorkingFolder(folder);
  if (content === undefined) throw new Error(`There is no folder ${folder}.`);
  return content;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
