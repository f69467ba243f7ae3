/** The capabilities file that Regal's configuration names: OPA's list of the built-ins that there are. */
import { parse } from 'yaml';
import { isRecord } from '../../core/plain-data.ts';
import { derived } from '../derived.ts';
import type { Document, Folder, Root } from '../snapshot.ts';
import { normalizeUri, pathWithin } from '../uris.ts';
import type { World } from '../world.ts';
import { blockLintConfig } from './embedded/lint-config.ts';
import { lintConfigOf } from './rego-version.ts';

type Files = Pick<Root, 'kind' | 'base' | 'files' | 'inherited'>;

/** What the configuration says about built-ins; undefined when nothing. */
const section = derived((config: Document): Record<string, unknown> | undefined => {
  try {
    const value: unknown = parse(config.text, { logLevel: 'silent' });
    return isRecord(value) && isRecord(value.capabilities) ? value.capabilities : undefined;
  } catch {
    return undefined; // its own reports say so
  }
});

/** The file, where a root has it. */
export function capabilitiesFile(root: Files): Document | undefined {
  for (const uri of placesOf(root)) {
    const path = pathWithin(root.base, uri);
    const found = path === undefined ? undefined : root.files.get(path);
    const document = found ?? root.inherited.find((one) => normalizeUri(one.uri) === uri);
    if (document) return document;
  }
  return undefined;
}

/** The same as long as a root has the same built-ins; empty for the engine's own. */
export function capabilitiesKey(root: Files): string {
  const own = lintConfigOf(root);
  const config = root.kind === 'embedded' ? blockLintConfig(own) : own;
  const said = config && section(config);
  return said ? `${JSON.stringify(said)}\n${capabilitiesFile(root)?.text ?? ''}` : '';
}

/**
 * Where the file may lie: from the folder that the configuration is for (where `regal` is run), else beside the
 * configuration. URIs.
 */
function placesOf(root: Files): string[] {
  const config = lintConfigOf(root);
  const from = config && section(config)?.from;
  const name = isRecord(from) ? from.file : undefined;
  if (!config || typeof name !== 'string' || name === '') return [];
  const path = name.replaceAll('\\', '/');
  if (/^(\/|[A-Za-z]:\/)/.test(path))
    return [normalizeUri(`file://${path.startsWith('/') ? '' : '/'}${encoded(path)}`)];
  const beside = config.uri.slice(0, config.uri.lastIndexOf('/'));
  const top = beside.endsWith('/.regal') ? beside.slice(0, -'/.regal'.length) : beside;
  return [...new Set([top, beside])].map((folder) => normalizeUri(new URL(encoded(path), `${folder}/`).toString()));
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':');
}

/**
 * Reads capabilities files whose names do not say what they are, once for each configuration that names one. Where
 * the workspace is not trusted, none outside of its folders.
 */
export function readCapabilities(
  world: World,
  readFile: (uri: string) => Promise<string | undefined>,
  log: (line: string) => void,
): void {
  const tried = new WeakSet<Document>();
  world.onWrite((now) => {
    for (const folder of now.folders) {
      const root = now.roots.get(folder.uri);
      const config = root && lintConfigOf(root);
      if (!root || !config || tried.has(config) || placesOf(root).length === 0) continue;
      tried.add(config);
      if (capabilitiesFile(root)) continue;
      const uris = placesOf(root).filter((uri) => now.trusted || pathWithin(folder.uri, uri) !== undefined);
      read(folder.uri, uris).catch((error: unknown) => log(`${config.uri}: capabilities: ${String(error)}`));
    }
  });

  async function read(folder: string, uris: readonly string[]): Promise<void> {
    for (const uri of uris) {
      const text = await readFile(uri);
      if (text === undefined) continue;
      const document: Document = { uri, languageId: 'json', version: null, text };
      world.write(({ folders }) => ({
        folders: folders.map((one) => (one.uri === folder ? withDocument(one, document) : one)),
      }));
      return;
    }
  }
}

function withDocument(folder: Folder, document: Document): Folder {
  return { ...folder, inherited: [...folder.inherited.filter(({ uri }) => uri !== document.uri), document] };
}
