/** How a root's documents go to the engine. */
import type { WorkspaceFile } from '../../engine/protocol.ts';
import { home, kindOf } from '../file-kinds.ts';
import { patched } from '../patched.ts';
import { changedPaths, isTended, sameInherited } from '../roots.ts';
import type { Document, Root } from '../snapshot.ts';
import { SortedMap } from '../sorted-map.ts';
import { pathWithin } from '../uris.ts';
import { capabilitiesFile } from './capabilities.ts';
import { blockLintConfig } from './embedded/lint-config.ts';
import { versionOf } from './module-version.ts';
import { lintConfigOf } from './rego-version.ts';

/** A file as it is sent, with the document it was made from, to tell what changed. */
export interface Sent {
  file: WorkspaceFile;
  document: Document;
}

/** Everything of a root that the engine is to know, by the engine's path. */
export const engineFiles = patched((root: Root): SortedMap<Sent> => read(root), patch);

/** The path of a document that lies outside a root's files, as the engine knows it. */
export function outsidePath(root: Root, document: Document): string {
  return pathWithin(root.base, document.uri) ?? document.uri;
}

/** Whether the engine knows this file of the root as a module. */
export function isModule(path: string, document: Document): boolean {
  const kind = kindOf(path);
  return kind === 'rego' || (kind === undefined && document.languageId === 'rego');
}

/** Whether a file has the features of the language: a module, or a custom rule of Regal. */
export function isRego(path: string, document: Document): boolean {
  return isModule(path, document) || kindOf(path) === 'lint-rule';
}

/** Where only modules and custom lint rules have changed; anything else may say how the others are sent. */
function patch(sent: SortedMap<Sent>, before: Root, now: Root): SortedMap<Sent> | undefined {
  if (!isReadAlike(before, now)) return undefined;
  const changes = new Map<string, Sent | undefined>();
  for (const path of changedPaths(before, now)) {
    const [old, document] = [before.files.get(path), now.files.get(path)];
    if ((old && !isRego(path, old)) || (document && !isRego(path, document))) return undefined;
    const file = document && regoFile(now, path, document);
    changes.set(path, file && { document, file });
  }
  return sent.edited(changes);
}

/** Undefined for a custom lint rule that may not run. */
function regoFile(root: Root, path: string, document: Document): WorkspaceFile | undefined {
  if (isModule(path, document)) return moduleFile(root, path, document);
  return root.trusted ? { path, kind: 'lint-rule', text: document.text } : undefined;
}

function isReadAlike(a: Root, b: Root): boolean {
  return (
    a.kind === b.kind &&
    a.trusted === b.trusted &&
    a.regoVersion === b.regoVersion &&
    sameInherited(a, b) &&
    JSON.stringify(a.declared) === JSON.stringify(b.declared)
  );
}

function read(root: Root): SortedMap<Sent> {
  const sent = new Map<string, Sent>();
  const bundles = [...root.files.keys()].filter((path) => kindOf(path) === 'manifest').map(folderOf);
  const add = (document: Document, file: WorkspaceFile) => sent.set(file.path, { document, file });
  for (const [path, document] of root.files) {
    const { text } = document;
    if (isRego(path, document)) {
      const file = regoFile(root, path, document);
      if (file) add(document, file);
      continue;
    }
    const kind = isTended(document, path) ? kindOf(path) : undefined;
    if (kind === 'schema') add(document, { path, kind, text });
    else if (kind === 'data') {
      if (root.kind !== 'countersign') add(document, { path, kind, text, at: mount(path, bundles) });
      else if (isPolicyData(path)) add(document, { path, kind, text, at: [] });
    }
  }
  for (const document of root.inherited) {
    const path = outsidePath(root, document);
    if (path.endsWith('.rego') && root.trusted) add(document, { path, kind: 'lint-rule', text: document.text });
  }
  const own = lintConfigOf(root);
  const config = root.kind === 'embedded' ? blockLintConfig(own) : own;
  if (config) add(config, { path: outsidePath(root, config), kind: 'lint-config', text: config.text });
  const listed = capabilitiesFile(root);
  if (listed) add(listed, { path: outsidePath(root, listed), kind: 'capabilities', text: listed.text });
  return SortedMap.of(sent);
}

function moduleFile(root: Root, path: string, document: Document): WorkspaceFile {
  const regoVersion = versionOf(root, path, document);
  const text = document.embedded?.read(document.text) ?? document.text;
  return { path, kind: 'module', text, ...(regoVersion !== root.regoVersion && { regoVersion }) };
}

/** Data lies in the folder `data` beside the policies; anything else in `.countersign` is for other readers. */
function isPolicyData(path: string): boolean {
  const below = path.slice(path.lastIndexOf(`${home}/`) + home.length + 1);
  return below.startsWith('data/');
}

/** As in a bundle: `data.json` is mounted at its folder, counted from the bundle's. */
export function mount(path: string, bundles: readonly string[]): string[] {
  const folder = folderOf(path);
  const bundle = bundles
    .filter((start) => start === '' || folder === start || folder.startsWith(`${start}/`))
    .reduce((longest, start) => (start.length > longest.length ? start : longest), '');
  return folder.slice(bundle.length).split('/').filter(Boolean);
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? '' : path.slice(0, end);
}
