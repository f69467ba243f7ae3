/** A bundle's `.manifest` (https://www.openpolicyagent.org/docs/management-bundles#bundle-file-format). */
import type { RegoVersion } from '../../../engine/protocol.ts';
import { isRecord } from '../../plain-data.ts';
import { BundleError } from './error.ts';

export const manifestFile = '.manifest';

export interface Manifest {
  /** As its maker calls it; empty when it says nothing. */
  revision: string;
  /** The parts of `data` that are the bundle's, as `/` separated paths; `['']` is all of it. */
  roots: string[];
  /** 0 or 1. */
  regoVersion?: number;
  /** The same by path or pattern. */
  fileRegoVersions: Record<string, number>;
}

/** Reads a manifest; without one everything is the bundle's. Throws {@link BundleError}. */
export function readManifest(text: string | undefined): Manifest {
  if (text === undefined) return { revision: '', roots: [''], fileRegoVersions: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong('is no JSON', error);
  }
  if (!isRecord(value)) throw wrong('is no object');
  const { revision = '', roots: listed = [''], rego_version: regoVersion, file_rego_versions: byFile = {} } = value;
  if (typeof revision !== 'string') throw wrong('has a "revision" that is no text');
  if (!Array.isArray(listed) || !listed.every((root) => typeof root === 'string')) {
    throw wrong('has "roots" that are no list of texts');
  }
  const roots = listed.map((root) => root.replace(/^\/+|\/+$/g, ''));
  const twice = roots.find((root, at) => roots.some((other, index) => index !== at && contains([root], other)));
  if (twice !== undefined) throw wrong(`has "roots" that overlap: ${JSON.stringify(roots)}`);
  if (regoVersion !== undefined && !isVersion(regoVersion)) throw wrong('has a "rego_version" that is neither 0 nor 1');
  if (!isRecord(byFile) || !Object.values(byFile).every(isVersion)) {
    throw wrong('has "file_rego_versions" that are neither 0 nor 1');
  }
  return {
    revision,
    roots,
    ...(regoVersion !== undefined && { regoVersion: regoVersion as number }),
    fileRegoVersions: byFile as Record<string, number>,
  };
}

/** Whether a path of `data` lies in one of the roots. */
export function contains(roots: readonly string[], path: string): boolean {
  return roots.some((root) => root === '' || path === root || path.startsWith(`${root}/`));
}

/** The first path of a document that lies in none of the roots; undefined when all do. */
export function outside(roots: readonly string[], value: unknown, path = ''): string | undefined {
  if (contains(roots, path)) return undefined;
  const leads = roots.some((root) => path === '' || root.startsWith(`${path}/`));
  if (!isRecord(value) || !leads) return path;
  for (const [key, below] of Object.entries(value)) {
    const found = outside(roots, below, path === '' ? key : `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first path of a document that lies in one of the roots; undefined when none does. */
export function inside(roots: readonly string[], value: unknown, path = ''): string | undefined {
  if (path !== '' && contains(roots, path)) return path;
  if (!isRecord(value)) return undefined;
  for (const [key, below] of Object.entries(value)) {
    const found = inside(roots, below, path === '' ? key : `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * How a bundle's modules are read. The engine reads all in one way, or by `import rego.v1`; a mixture that is
 * neither is refused.
 *
 * @param modules path → text
 */
export function regoVersionOf(manifest: Manifest, modules: ReadonlyMap<string, string>): RegoVersion {
  const versions = new Map<string, number>();
  for (const path of modules.keys()) versions.set(path, versionOfFile(manifest, path));
  const all = new Set(versions.values());
  if (all.size <= 1) return (all.values().next().value ?? manifest.regoVersion ?? 1) === 0 ? 'v0' : 'v1';
  for (const [path, version] of versions) {
    const imports = /^\s*import\s+rego\.v1\b/m.test(modules.get(path) ?? '');
    if (imports !== (version === 1)) {
      throw new BundleError(
        'configuration',
        `The bundle mixes versions of Rego, and ${path} does not show its own: a file of v1 beside files of v0 needs "import rego.v1".`,
      );
    }
  }
  return 'v0v1';
}

function versionOfFile({ regoVersion = 1, fileRegoVersions }: Manifest, path: string): number {
  for (const pattern of Object.keys(fileRegoVersions).sort()) {
    if (/[[\]{}?\\!]/.test(pattern)) {
      const message = `The manifest's "file_rego_versions" has the pattern ${JSON.stringify(pattern)}; only paths and * are known here.`;
      throw new BundleError('configuration', message);
    }
    // A star goes across folders there.
    const escaped = pattern.split(/\*+/).map((part) => part.replace(/[.+^$()|]/g, '\\$&'));
    if (new RegExp(`^${escaped.join('.*')}$`, 's').test(`/${path}`)) return fileRegoVersions[pattern] ?? regoVersion;
    if (pattern === path) return fileRegoVersions[pattern] ?? regoVersion;
  }
  return regoVersion;
}

function isVersion(value: unknown): boolean {
  return value === 0 || value === 1;
}

function wrong(why: string, cause?: unknown): BundleError {
  return new BundleError('refused', `The bundle's manifest ${why}.`, cause);
}
