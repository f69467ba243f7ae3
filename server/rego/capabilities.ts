/** The capabilities file that Regal's configuration names: OPA's list of the built-ins that there are. */
import { parse } from 'yaml';
import { isRecord } from '../../core/plain-data.ts';
import { derived } from '../derived.ts';
import type { Document, Root } from '../snapshot.ts';
import { normalizeUri, pathWithin } from '../uris.ts';
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
  for (const uri of capabilitiesPlaces(root)) {
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
 * What a root inherits, with the file that its configuration names.
 *
 * @param listed are such files by URI
 */
export function withCapabilities(
  root: Omit<Files, 'base'>,
  listed: ReadonlyMap<string, Document>,
): readonly Document[] {
  if (listed.size === 0) return root.inherited;
  const named = capabilitiesPlaces(root).flatMap((uri) => listed.get(uri) ?? []);
  return named.length > 0 ? [...root.inherited, ...named] : root.inherited;
}

/**
 * Where the file may lie: from the folder that the configuration is for (where `regal` is run), else beside the
 * configuration. URIs.
 */
export function capabilitiesPlaces(root: Omit<Files, 'base'>): string[] {
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
