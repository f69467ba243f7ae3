/** How a root's documents go to the engine. */
import type { WorkspaceFile } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { home, kindOf } from '../file-kinds.ts';
import { type Document, isTended, type Root } from '../snapshot.ts';
import { pathWithin } from '../uris.ts';
import { lintConfigOf } from './rego-version.ts';

/** A file as it is sent, with the document it was made from, to tell what changed. */
export interface Sent {
  file: WorkspaceFile;
  document: Document;
}

/** Everything of a root that the engine is to know, by the engine's path. */
export const engineFiles = derived((root: Root): ReadonlyMap<string, Sent> => read(root));

/** The path of a document that lies outside a root's files, as the engine knows it. */
export function outsidePath(root: Root, document: Document): string {
  return pathWithin(root.base, document.uri) ?? document.uri;
}

/** Whether the engine knows this file of the root as a module. */
export function isModule(path: string, document: Document): boolean {
  const kind = kindOf(path);
  return kind === 'rego' || (kind === undefined && document.languageId === 'rego');
}

function read(root: Root): Map<string, Sent> {
  const sent = new Map<string, Sent>();
  const bundles = [...root.files.keys()].filter((path) => kindOf(path) === 'manifest').map(folderOf);
  for (const [path, document] of root.files) {
    const kind = isModule(path, document) ? 'rego' : isTended(document, path) ? kindOf(path) : undefined;
    if (kind === 'rego') sent.set(path, { document, file: { path, kind: 'module', text: document.text } });
    else if (kind === 'schema') sent.set(path, { document, file: { path, kind: 'schema', text: document.text } });
    else if (kind === 'data') {
      const at = root.kind === 'countersign' ? [] : mount(path, bundles);
      if (root.kind !== 'countersign' || isPolicyData(path)) {
        sent.set(path, { document, file: { path, kind: 'data', text: document.text, at } });
      }
    } else if (kind === 'lint-rule' && root.trusted) {
      sent.set(path, { document, file: { path, kind: 'lint-rule', text: document.text } });
    }
  }
  for (const document of root.inherited) {
    const path = outsidePath(root, document);
    if (path.endsWith('.rego') && root.trusted) {
      sent.set(path, { document, file: { path, kind: 'lint-rule', text: document.text } });
    }
  }
  const config = lintConfigOf(root);
  if (config) {
    const path = outsidePath(root, config);
    sent.set(path, { document: config, file: { path, kind: 'lint-config', text: config.text } });
  }
  return sent;
}

/** Data lies in the folder `data` beside the policies; anything else in `.countersign` is for other readers. */
function isPolicyData(path: string): boolean {
  const below = path.slice(path.lastIndexOf(`${home}/`) + home.length + 1);
  return below.startsWith('data/');
}

/** As in a bundle: `data.json` is mounted at its folder, counted from the bundle's. */
function mount(path: string, bundles: readonly string[]): string[] {
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
