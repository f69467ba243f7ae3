/**
 * Policies from an OPA bundle, read as OPA reads one: Rego anywhere, `data.json`, `data.yaml` and
 * `data.yml` mounted below `data` by their folders, nothing else. JSON Schema policies are taken, too.
 */
import { randomUUID } from 'node:crypto';
import type { Engine } from '../../../engine/engine.ts';
import { EngineError } from '../../../engine/engine.ts';
import type { RegoVersion, WorkspaceFile } from '../../../engine/protocol.ts';
import { defaultConfig, needsAgents } from '../../config.ts';
import { agentsOf } from '../../disclosure/agents.ts';
import type { FolderFile } from '../../git/tree.ts';
import { readDocument } from '../../yaml-document.ts';
import { type PolicySet, policyData } from '../policy-set.ts';
import { BundleError } from './error.ts';
import { type FetchOptions, fetchBundle } from './fetch-bundle.ts';
import { contains, inside, type Manifest, manifestFile, outside, readManifest, regoVersionOf } from './manifest.ts';
import type { BundleSource } from './source.ts';

export interface BundleOptions extends FetchOptions {
  /** In place of what the manifest says. */
  regoVersion?: RegoVersion;
  /** The repository's own folder at the revision that judges; its configuration and exceptions hold. */
  own?: PolicySet;
  /** Its policies and data hold, too, where the bundle's roots leave room for them; else they do not. */
  besideOwn?: boolean;
}

/** Where a bundle's files stand in messages, and in the engine. */
const prefix = 'bundle/';

/**
 * Loads a bundle as a policy set, and says what a reader should know of it. Rejects with
 * {@link BundleError}; what is wrong with a policy in it is in the set's `problems`.
 */
export async function loadBundle(
  engine: Engine,
  source: BundleSource,
  options: BundleOptions,
): Promise<{ policies: PolicySet; notes: string[] }> {
  const workspace = `bundle-${randomUUID()}`;
  await engine.call('workspace/open', { workspace, files: [] });
  try {
    const toJson = (yaml: string): Promise<string> => yamlToJson(engine, workspace, yaml);
    const { files, called, digest, loose } = await fetchBundle(source, options, toJson);
    const patch = files.find(({ path }) => /(^|\/)patch\.json$/.test(path));
    if (patch)
      throw new BundleError(
        'configuration',
        `${called} is a delta bundle, which says only what changed: take a whole one.`,
      );
    const manifest = readManifest(textOf(files.find(({ path }) => path === manifestFile)));
    const stray = files.find(({ path }) => path !== manifestFile && /\.manifest(\.pb)?$/.test(path));
    if (stray)
      throw new BundleError(
        'refused',
        `${called} has the manifest ${stray.path}, which is not read: only ${manifestFile} is.`,
      );
    const taken = await takeFiles(files, loose, toJson);
    const sources = new Map(taken.modules.map(({ path, text }) => [path.slice(prefix.length), text]));
    const regoVersion = options.regoVersion ?? regoVersionOf(manifest, sources);
    const policies = assemble({ taken, manifest, called, digest, regoVersion }, options);
    await checkRoots(engine, workspace, policies, taken, manifest, options);
    return { policies, notes: taken.notes };
  } finally {
    // What it was opened for is done; an engine that died since has forgotten it anyway.
    await engine.call('workspace/close', { workspace }).catch(() => undefined);
  }
}

/** The files that judge. */
interface Taken {
  modules: WorkspaceFile[];
  tests: WorkspaceFile[];
  /** JSON texts of objects, all mounted at the root. */
  data: WorkspaceFile[];
  schemas: WorkspaceFile[];
  notes: string[];
}

async function takeFiles(
  files: readonly FolderFile[],
  loose: boolean,
  toJson: (yaml: string) => Promise<string>,
): Promise<Taken> {
  const taken: Taken = { modules: [], tests: [], data: [], schemas: [], notes: [] };
  const documents = loose ? files.filter(({ path }) => /\.(json|ya?ml)$/.test(path)) : [];
  const shared = sharedFolder(documents.map(({ path }) => path));
  const compiled: string[] = [];
  for (const file of files) {
    const path = prefix + file.path;
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    if (name.endsWith('_test.rego')) taken.tests.push({ path, kind: 'module', text: decode(file) });
    else if (name.endsWith('.rego')) taken.modules.push({ path, kind: 'module', text: decode(file) });
    else if (/\.schema\.json$/.test(name) || /(^|\/)schemas\/.+\.json$/.test(file.path)) {
      taken.schemas.push({ path, kind: 'schema', text: decode(file) });
    } else if (/^data\.(json|ya?ml)$/.test(name) || documents.includes(file)) {
      const mount = file.path.slice(shared.length).split('/').slice(0, -1);
      taken.data.push({ path, kind: 'data', at: [], text: await dataText(file, mount, toJson) });
    } else if (/\.wasm$/.test(name) || /^plan\.(json|pb)$/.test(name)) compiled.push(file.path);
  }
  if (compiled.length > 0) {
    taken.notes.push(`Of the bundle, ${compiled.join(' and ')} is not used: its Rego is what judges.`);
  }
  return taken;
}

/** A data file as an object at the root of `data`, whatever it holds and wherever it is mounted. */
async function dataText(file: FolderFile, mount: string[], toJson: (yaml: string) => Promise<string>): Promise<string> {
  let text = decode(file).replace(/^\ufeff/, '');
  try {
    // What is JSON is read as JSON, whatever its name: YAML does not hold all of it.
    JSON.parse(text);
  } catch (error) {
    if (file.path.endsWith('.json')) throw unreadable(file, error);
    text = await toJson(text).catch((because: unknown) => {
      throw unreadable(file, because);
    });
  }
  for (const segment of mount.toReversed()) text = `{${JSON.stringify(segment)}: ${text}}`;
  if (!text.trimStart().startsWith('{')) {
    throw new BundleError('refused', `${file.path} in the bundle is at the root of data, and no object.`);
  }
  return text;
}

function unreadable({ path }: FolderFile, error: unknown): BundleError {
  const why = error instanceof Error ? error.message : String(error);
  return new BundleError('refused', `${path} in the bundle cannot be read: ${why}`, error);
}

function assemble(
  bundle: { taken: Taken; manifest: Manifest; called: string; digest: string; regoVersion: RegoVersion },
  { own, besideOwn }: BundleOptions,
): PolicySet {
  const { taken, manifest, called, digest, regoVersion } = bundle;
  const beside = besideOwn ? own : undefined;
  if (beside?.files.some(({ kind }) => kind === 'module') && beside.regoVersion !== regoVersion) {
    const message = `The bundle ${called} is Rego ${regoVersion}, and ${beside.label} is Rego ${beside.regoVersion}: both must be of one version.`;
    throw new BundleError('configuration', message);
  }
  const schemas = taken.schemas.map(({ path, text }) => ({ path, text }));
  const set: PolicySet = {
    origin: 'bundle',
    label: beside ? `the bundle ${called} and ${beside.label}` : `the bundle ${called}`,
    revision: [manifest.revision, digest].filter((part) => part !== '').join('@'),
    layout: 'plain',
    regoVersion,
    files: [...taken.modules, ...taken.data, ...taken.schemas, ...(beside?.files ?? [])],
    testFiles: [...taken.tests, ...(beside?.testFiles ?? [])],
    lintFiles: [],
    schemas: [...schemas, ...(beside?.schemas ?? [])],
    schemaTests: beside?.schemaTests ?? [],
    config: own?.config ?? defaultConfig,
    exceptions: own?.exceptions ?? [],
    problems: problemsOf(own, besideOwn ?? false),
  };
  if (needsAgents(set.config)) set.config = { ...set.config, agents: agentsOf(policyData(set)) };
  return set;
}

/** Of policies and data that do not judge it does not matter what is wrong with them. */
function problemsOf(own: PolicySet | undefined, besideOwn: boolean): PolicySet['problems'] {
  if (!own || besideOwn) return own?.problems ?? [];
  const holds = new RegExp(`(^|/)(config\\.ya?ml$|${own.config.exceptions.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&')}/)`);
  return own.problems.filter(({ path }) => holds.test(path));
}

/** The bundle keeps to its roots, and what is beside it out of them. */
async function checkRoots(
  engine: Engine,
  workspace: string,
  policies: PolicySet,
  taken: Taken,
  { roots }: Manifest,
  { own, besideOwn }: BundleOptions,
): Promise<void> {
  if (!contains(roots, '')) {
    for (const { path, text } of taken.data) {
      const found = outside(roots, JSON.parse(text));
      if (found !== undefined) throw beyond(path.slice(prefix.length), found, roots);
    }
  }
  const { files, regoVersion } = policies;
  const modules = files.filter(({ kind }) => kind === 'module');
  await engine.call('workspace/open', { workspace, files: modules, regoVersion });
  const outline = await engine.call('outline', { workspace });
  for (const module of outline.modules) {
    const place = pathOf(module.package);
    const ours = module.path.startsWith(prefix);
    if (ours && !contains(roots, place)) throw beyond(module.path.slice(prefix.length), place, roots);
    if (!ours && contains(roots, place)) throw taking(module.path, place, roots);
  }
  for (const { path, kind, text } of besideOwn ? (own?.files ?? []) : []) {
    if (kind !== 'data') continue;
    const found = inside(roots, readDocument(path, text).value);
    if (found !== undefined) throw taking(path, found, roots);
  }
}

/** `a["b-c"].d` as a path below `data`. */
function pathOf(name: string): string {
  return name.replace(/\["([^"]*)"\]/g, '.$1').replaceAll('.', '/');
}

function beyond(file: string, place: string, roots: readonly string[]): BundleError {
  const message = `${file} in the bundle defines data.${place.replaceAll('/', '.')}, which is beyond its roots ${JSON.stringify(roots)}.`;
  return new BundleError('refused', message);
}

function taking(file: string, place: string, roots: readonly string[]): BundleError {
  const message = `${file} defines data.${place.replaceAll('/', '.')}, which the bundle's roots ${JSON.stringify(roots)} keep for the bundle: take it out, or give the bundle roots that leave room for it (opa build --root).`;
  return new BundleError('configuration', message);
}

/** OPA's own reading of YAML. */
async function yamlToJson(engine: Engine, workspace: string, yaml: string): Promise<string> {
  const query = 'json.marshal(yaml.unmarshal(input))';
  const asked = { workspace, query, input: yaml, strictBuiltinErrors: true };
  const { evaluations } = await engine.call('eval', asked).catch((error: unknown) => {
    if (error instanceof EngineError) throw new BundleError('refused', `It is no YAML: ${error.message}`, error);
    throw error;
  });
  const value = evaluations[0]?.result[0]?.expressions[0]?.value;
  if (typeof value !== 'string') throw new BundleError('refused', 'It is no YAML.');
  return value;
}

/** The folder that all paths lie in, with its slash. */
function sharedFolder(paths: readonly string[]): string {
  const [first = '', ...rest] = paths;
  let shared = first.slice(0, first.lastIndexOf('/') + 1);
  while (shared !== '' && !rest.every((path) => path.startsWith(shared))) {
    shared = shared.slice(0, shared.slice(0, -1).lastIndexOf('/') + 1);
  }
  return shared;
}

function textOf(file: FolderFile | undefined): string | undefined {
  return file && decode(file);
}

function decode({ path, bytes }: FolderFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new BundleError('refused', `${path} in the bundle is not UTF-8.`, error);
  }
}
