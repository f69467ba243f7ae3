/** Which Rego a root is written in. */
import { parse } from 'yaml';
import type { RegoVersion } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { home, kindOf } from '../file-kinds.ts';
import type { Settings } from '../settings.ts';

interface Text {
  readonly uri: string;
  readonly text: string;
}

/** What is read of a root; of its own kind, because the snapshot's roots are made with what is read here. */
interface RootFiles<T extends Text> {
  readonly kind: 'folder' | 'countersign' | 'document';
  readonly files: ReadonlyMap<string, T>;
  readonly inherited: readonly T[];
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

/** What a configuration of ours or of Regal's declares; its own diagnostics say what is wrong with it. */
const declared = derived(({ text }: Text) => declaredIn(text));

function declaredIn(text: string): RegoVersion | undefined {
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
  const { rego, project } = Object(value) as { rego?: unknown; project?: { 'rego-version'?: unknown } };
  if (rego === 'v0' || rego === 'v1' || rego === 'v0v1') return rego;
  const regal = Object(project)['rego-version'] as unknown;
  return regal === 0 ? 'v0' : regal === 1 ? 'v1' : undefined;
}
