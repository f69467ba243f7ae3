/** A policy set: all that judges, put together from the files of one policy folder. */
import { createHash } from 'node:crypto';
import type { Problem, RegoVersion, WorkspaceFile } from '../../engine/protocol.ts';
import { type Config, defaultConfig, needsAgents, readConfig } from '../config.ts';
import { agentsOf } from '../disclosure/agents.ts';
import { readExceptions } from '../exceptions.ts';
import type { FolderContent, FolderFile, SkippedEntry } from '../git/tree.ts';
import type { Exception } from '../input.ts';
import { isRecord } from '../plain-data.ts';
import { problem, readDocument } from '../yaml-document.ts';
import { checkData } from './data-schema.ts';
import { configFile, type Layout, layoutOf, type Role, roleOf } from './layout.ts';
import type { SchemaFile } from './schema-policy.ts';

export interface PolicySet {
  origin: 'revision' | 'folder' | 'pack' | 'bundle';
  /** In words, for messages: `.countersign at 1a2b3c4d5e`, `policy/`, `the built-in pack`. */
  label: string;
  /** As {@link Verdict.revision} has it. */
  revision: string;
  layout: Layout;
  regoVersion: RegoVersion;
  /** What the engine judges with: modules, data and schemas, no tests. */
  files: WorkspaceFile[];
  /** Rego tests, for `countersign test` and `check`. */
  testFiles: WorkspaceFile[];
  /** Regal's configuration and custom rules. */
  lintFiles: WorkspaceFile[];
  /** JSON Schemas: policies, and what their references lead to. */
  schemas: SchemaFile[];
  schemaTests: SchemaFile[];
  config: Config;
  exceptions: Exception[];
  /** Any error among them makes the set unusable. */
  problems: Problem[];
}

export interface Provenance {
  origin: PolicySet['origin'];
  label: string;
  /** The SHA-256 of the files when absent. */
  revision?: string;
  /** How the folder's files are called in messages: put before their paths. */
  prefix: string;
  /** In place of what the configuration says. */
  regoVersion?: RegoVersion;
}

/** Puts a set together; never throws: what is wrong is in `problems`. */
export function assemblePolicySet({ files, skipped }: FolderContent, provenance: Provenance): PolicySet {
  const problems: Problem[] = [];
  const texts = decode(files, provenance.prefix, problems);
  const layout = layoutOf(texts.keys());
  const config = layout === 'plain' ? defaultConfig : configOf(texts, provenance.prefix, problems);
  const set: PolicySet = {
    origin: provenance.origin,
    label: provenance.label,
    revision: provenance.revision ?? digestOf(files),
    layout,
    regoVersion: provenance.regoVersion ?? config.rego,
    files: [],
    testFiles: [],
    lintFiles: [],
    schemas: [],
    schemaTests: [],
    config,
    exceptions: [],
    problems,
  };
  const exceptions: { path: string; text: string }[] = [];
  for (const [relative, text] of texts) {
    const path = provenance.prefix + relative;
    const role = roleOf(relative, layout, config);
    if (role === 'exception') exceptions.push({ path, text });
    else place(set, role, relative, path, text);
  }
  if (needsAgents(config)) set.config = { ...config, agents: agentsOf(policyData(set)) };
  const read = readExceptions(exceptions);
  set.exceptions = read.exceptions;
  problems.push(...read.problems, ...skipped.map((entry) => skippedProblem(entry, layout, config, provenance.prefix)));
  return set;
}

/** The data files of a policy folder as policies see them, merged at the root; what is wrong with one is reported elsewhere. */
export function policyData({ files }: Pick<PolicySet, 'files'>): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const file of files) {
    if (file.kind !== 'data' || (file.at ?? []).length > 0) continue;
    const { value } = readDocument(file.path, file.text);
    if (isRecord(value)) mergeInto(data, value);
  }
  return data;
}

/** Objects become one, as in OPA's `data`; of what is none the last holds, which OPA would not take. */
function mergeInto(data: Record<string, unknown>, more: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(more)) {
    const present = Object.hasOwn(data, key) ? data[key] : undefined;
    if (isRecord(present) && isRecord(value)) mergeInto(present, value);
    else data[key] = value;
  }
}

/** Texts by path, sorted. Bytes that are no UTF-8 are a problem, not a guess. */
function decode(sources: readonly FolderFile[], prefix: string, problems: Problem[]): Map<string, string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const texts = new Map<string, string>();
  for (const { path, bytes } of [...sources].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    // Nothing else has a role in a policy folder, whatever its layout.
    if (!/\.(rego|json|ya?ml|cedar)$/.test(path)) continue;
    try {
      texts.set(path, decoder.decode(bytes));
    } catch {
      problems.push(problem(prefix + path, undefined, 'encoding', 'The file is not UTF-8.'));
    }
  }
  return texts;
}

/** What could not be read is an error, unless it lies in a folder that holds other things, too. */
function skippedProblem({ path, reason }: SkippedEntry, layout: Layout, config: Config, prefix: string): Problem {
  const why = {
    'symbolic-link': 'A symbolic link is not followed: put the file itself here.',
    submodule: 'A submodule is not read: put the files themselves here.',
    'too-large': 'The file is too large for a policy.',
    'special-file': 'This is no file.',
  }[reason];
  const found = problem(prefix + path, undefined, 'unreadable', why);
  const harmless = path !== '' && layout === 'plain' && roleOf(path, layout, config) === 'other';
  return harmless ? { ...found, severity: 'warning' } : found;
}

function configOf(texts: ReadonlyMap<string, string>, prefix: string, problems: Problem[]): Config {
  for (const [path, text] of texts) {
    if (!configFile.test(path)) continue;
    const read = readConfig(prefix + path, text);
    problems.push(...read.problems);
    return read.config;
  }
  return defaultConfig;
}

/** Puts one file where it belongs in the set. */
function place(set: PolicySet, role: Role, relative: string, path: string, text: string): void {
  switch (role) {
    case 'module':
      set.files.push({ path, kind: 'module', text });
      return;
    case 'module-test':
      set.testFiles.push({ path, kind: 'module', text });
      return;
    case 'data':
      set.problems.push(...checkData(path, text));
      set.files.push({ path, kind: 'data', text, at: set.layout === 'plain' ? relative.split('/').slice(0, -1) : [] });
      return;
    case 'schema':
      set.schemas.push({ path, text });
      set.files.push({ path, kind: 'schema', text });
      return;
    case 'schema-test':
      set.schemaTests.push({ path, text });
      return;
    case 'lint-config':
    case 'lint-rule':
      set.lintFiles.push({ path, kind: relative.endsWith('.rego') ? 'lint-rule' : 'lint-config', text });
      return;
    case 'unsupported':
      set.problems.push(
        problem(path, undefined, 'unsupported', 'Cedar policies are not judged yet; take the file out.'),
      );
      return;
    default:
      return;
  }
}

/** `sha256:…` over the paths and bytes of the files, in order of their paths. */
export function digestOf(sources: readonly FolderFile[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes } of [...sources].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return `sha256:${hash.digest('hex')}`;
}
