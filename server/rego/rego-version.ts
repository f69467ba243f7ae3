/** Which Rego a root is written in. */
import { parse } from 'yaml';
import type { RegoVersion } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { home, kindOf } from '../file-kinds.ts';
import type { Settings } from '../settings.ts';
import { normalizeUri, pathWithin, uriWithin } from '../uris.ts';

interface Text {
  readonly uri: string;
  readonly text: string;
}

/** What is read of a root; of its own kind, because the snapshot's roots are made with what is read here. */
interface RootFiles<T extends Text> {
  readonly kind: 'folder' | 'countersign' | 'document' | 'embedded';
  readonly files: ReadonlyMap<string, T>;
  readonly inherited: readonly T[];
}

/** What is declared for modules. */
export interface DeclaredVersion {
  /** The modules below it, a path in the root; '' is all of it. */
  readonly folder: string;
  /** Only those whose path below the folder is this; a star stands for anything. */
  readonly pattern?: string;
  readonly version: RegoVersion;
}

/** The setting; else `.countersign/config.yaml`'s `rego`; else Regal's `project.rego-version`; else v1. */
export function regoVersionOf(root: RootFiles<Text>, settings: Pick<Settings, 'regoVersion'>): RegoVersion {
  if (settings.regoVersion !== 'auto') return settings.regoVersion;
  const own = root.kind === 'countersign' ? root.files.get(configPath(root.files)) : undefined;
  const lint = lintConfigOf(root);
  return (own && declared(own)) ?? (lint && declared(lint)) ?? 'v1';
}

/** The Regal configuration that applies to a root: the closest one, so the policies' own, the folder's, one from above. */
export function lintConfigOf<T extends Text>(root: RootFiles<T>): T | undefined {
  return (
    (root.kind === 'countersign' ? ownLintConfig(root.files) : undefined) ??
    root.files.get('.regal/config.yaml') ??
    root.files.get('.regal.yaml') ??
    root.inherited.find(({ uri }) => /\/\.regal(\/config)?\.yaml$/.test(uri))
  );
}

/** Below `.countersign/policies` as `countersign init` writes it, or in `.countersign` itself. */
function ownLintConfig<T>(files: ReadonlyMap<string, T>): T | undefined {
  for (const [path, document] of files) if (kindOf(path) === 'lint-config') return document;
  return undefined;
}

function configPath(files: ReadonlyMap<string, unknown>): string {
  for (const path of files.keys()) {
    if (path === `${home}/config.yaml` || path.endsWith(`/${home}/config.yaml`)) return path;
  }
  return `${home}/config.yaml`;
}

/**
 * What is declared of the modules of a root, the innermost folder first. The setting is for all; in `.countersign`
 * modules are what the gate takes them for, which asks no text. Elsewhere Regal's configuration and bundles' manifests
 * speak for folders, the configuration before a manifest (as Regal's `AllRegoVersions` and `RegoVersionFromMap` have it).
 */
export function declaredVersions(
  root: RootFiles<Text> & { readonly base: string },
  manifests: readonly Text[],
  settings: Pick<Settings, 'regoVersion'>,
): readonly DeclaredVersion[] {
  if (settings.regoVersion !== 'auto' || root.kind === 'countersign') {
    return [{ folder: '', version: regoVersionOf(root, settings) }];
  }
  const lint = lintConfigOf(root);
  const configured = (lint ? projectRoots(lint) : []).flatMap(({ at, version }): Found[] =>
    version ? [{ at, version }] : [],
  );
  const read = [...configured, ...manifests.flatMap((manifest) => inManifest(manifest))];
  return read
    .flatMap(({ at, ...one }) => {
      const folder = folderIn(root.base, at);
      return folder === undefined ? [] : [{ folder, ...one }];
    })
    .sort((a, b) => b.folder.length - a.folder.length);
}

/** With the URI of the folder. */
interface Found extends Omit<DeclaredVersion, 'folder'> {
  readonly at: string;
}

/** A folder as a path in a root; '' for one that the root lies in; undefined elsewhere. */
export function folderIn(base: string, at: string): string | undefined {
  const [here, there] = [base.replace(/\/$/, ''), at.replace(/\/$/, '')];
  return here === there || pathWithin(there, here) !== undefined ? '' : pathWithin(here, there);
}

/** What Regal's configuration says of the folders of a project: the one it lies in, and its `project.roots`. */
export const projectRoots = derived((config: Text): readonly { at: string; version?: RegoVersion }[] => {
  const folder = normalizeUri(config.uri).replace(/\/\.regal(\/config)?\.yaml$/, '');
  const { 'rego-version': version, roots } = Object(readYaml(config.text).project) as Record<string, unknown>;
  return [
    { at: folder, version: versionOfNumber(version) },
    ...(Array.isArray(roots) ? roots : []).flatMap((root: unknown) => {
      const { path, 'rego-version': number } = Object(typeof root === 'string' ? { path: root } : root);
      if (typeof path !== 'string') return [];
      return [{ at: uriWithin(folder, path.replace(/^(\.?\/)+|\/+$/g, '')), version: versionOfNumber(number) }];
    }),
  ];
});

/** `rego_version` and `file_rego_versions`, whose patterns come first. */
const inManifest = derived((manifest: Text): readonly Found[] => {
  const at = normalizeUri(manifest.uri).replace(/\/[^/]*$/, '');
  const value = readYaml(manifest.text);
  const files = Object.entries(Object(value.file_rego_versions) as Record<string, unknown>);
  const whole = versionOfNumber(value.rego_version);
  return [
    ...files.sort().flatMap(([path, number]) => {
      const version = versionOfNumber(number);
      return version ? [{ at, pattern: path.replace(/^\//, ''), version }] : [];
    }),
    ...(whole ? [{ at, version: whole }] : []),
  ];
});

/** What a configuration of ours or of Regal's declares; its own diagnostics say what is wrong with it. */
const declared = derived(({ text }: Text): RegoVersion | undefined => {
  const { rego, project } = readYaml(text);
  if (rego === 'v0' || rego === 'v1' || rego === 'v0v1') return rego;
  return versionOfNumber((Object(project) as Record<string, unknown>)['rego-version']);
});

function versionOfNumber(number: unknown): RegoVersion | undefined {
  return number === 0 ? 'v0' : number === 1 ? 'v1' : undefined;
}

/** A map of YAML or JSON; an empty one for anything else. */
function readYaml(text: string): Record<string, unknown> {
  try {
    return Object(parse(text, { logLevel: 'silent' })) as Record<string, unknown>;
  } catch {
    return {};
  }
}
