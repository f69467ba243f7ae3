/** In which Rego a module is read: as is declared for its folder, else as its text shows. */
import type { RegoVersion } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { kindOf } from '../file-kinds.ts';
import type { Document, Root } from '../snapshot.ts';
import { recognise } from './recognise.ts';
import type { DeclaredVersion } from './rego-version.ts';

/** The version of a module of a root, by its path there. */
export function versionOf(root: Root, path: string, document: Document): RegoVersion {
  return declaredVersion(root, path) ?? recognise(document).version;
}

/** What is declared for a path; undefined where the text decides. */
export function declaredVersion({ declared, regoVersion }: Root, path: string): RegoVersion | undefined {
  if (!declared) return regoVersion;
  // Regal reads its rules so, whatever the policies are.
  if (kindOf(path) === 'lint-rule') return 'v1';
  for (const one of declared) if (isFor(one, path)) return one.version;
  // So Regal names modules of v0 among others.
  return path.endsWith('_v0.rego') ? 'v0' : undefined;
}

function isFor(one: DeclaredVersion, path: string): boolean {
  if (one.folder !== '' && !path.startsWith(`${one.folder}/`)) return false;
  return expressionOf(one)?.test(one.folder === '' ? path : path.slice(one.folder.length + 1)) ?? true;
}

/** A star goes across folders, as in OPA's manifests. */
const expressionOf = derived(({ pattern }: DeclaredVersion): RegExp | undefined => {
  if (pattern === undefined) return undefined;
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
});
