/**
 * The state of the world at one moment: texts, folders and settings, immutable. A write makes a new
 * snapshot; a request works on the one it started with. What is derived is kept in weak maps, keyed
 * by the object it is derived from, so that it lives as long as its ground and no longer.
 */
import type { CallOptions } from '../engine/engine.ts';
import type { Methods, RegoVersion } from '../engine/protocol.ts';
import { derived } from './derived.ts';
import { home, kindOf } from './file-kinds.ts';
import { messageKind } from './message/documents.ts';
import { regoVersionOf } from './rego/rego-version.ts';
import type { Settings } from './settings.ts';
import { nameOf, normalizeUri, pathWithin, uriWithin } from './uris.ts';

/** A text as the client or the disk has it. Never changes: another text is another document. */
export interface Document {
  /** As the client spells it; normalized for files it has not named. */
  readonly uri: string;
  readonly languageId: string;
  /** The client's version; null for what lies on disk. */
  readonly version: number | null;
  readonly text: string;
}

/** A workspace folder as it lies on disk. */
export interface Folder {
  readonly uri: string;
  /** By path relative to the folder. */
  readonly disk: ReadonlyMap<string, Document>;
  readonly inherited: readonly Document[];
  readonly ignored: (path: string) => boolean;
}

/**
 * Files that belong together and that the engine sees as one workspace: a folder, a `.countersign`
 * folder in it, or a single document that lies outside every folder.
 */
export interface Root {
  /** Its URI, unique; the engine knows it by this name. */
  readonly id: string;
  readonly kind: 'folder' | 'countersign' | 'document';
  /** The URI that {@link files}' paths are relative to. */
  readonly base: string;
  /** Open texts before those on disk, by path. */
  readonly files: ReadonlyMap<string, Document>;
  /** Regal's configuration and custom rules from outside {@link files}. */
  readonly inherited: readonly Document[];
  readonly regoVersion: RegoVersion;
  /** Whether custom lint rules, which are the workspace's code, may run. */
  readonly trusted: boolean;
}

export type WorkspaceMethod = 'check' | 'lint' | 'outline' | 'test' | 'eval';

export interface AskOptions extends CallOptions {
  /** The answer counts although a later write overtakes it. */
  evenIfStale?: boolean;
}

/** The engine as a snapshot shows it. Rejections are EngineErrors, or {@link Stale}. */
export interface Ask {
  /** Asks about a root as it is in this snapshot; rejects with {@link Stale} once it is no longer the latest. */
  root<M extends WorkspaceMethod>(
    root: Root,
    method: M,
    params: Omit<Methods[M][0], 'workspace'>,
    options?: AskOptions,
  ): Promise<Methods[M][1]>;
  /** Asks what concerns no workspace. */
  plain<M extends 'format' | 'parse' | 'version' | 'capabilities'>(
    method: M,
    params: Methods[M][0],
    options?: CallOptions,
  ): Promise<Methods[M][1]>;
}

export interface Snapshot {
  /** Grows by one with every write. */
  readonly revision: number;
  readonly settings: Settings;
  readonly trusted: boolean;
  /** Innermost first. */
  readonly folders: readonly Folder[];
  /** What the client has open, by normalized URI. */
  readonly open: ReadonlyMap<string, Document>;
  /** For open documents outside every folder: what applies to them from above, by normalized URI. */
  readonly loose: ReadonlyMap<string, readonly Document[]>;
  readonly roots: ReadonlyMap<string, Root>;
  readonly ask: Ask;
}

/** A later write overtook the work. */
export class Stale extends Error {
  constructor() {
    super('The content was modified.');
    this.name = 'Stale';
  }
}

/** What a write may change. */
export type Ground = Pick<Snapshot, 'settings' | 'trusted' | 'folders' | 'open' | 'loose'>;

/** The snapshot after a write. Roots of which nothing changed stay the same objects, and so does their map. */
export function nextSnapshot(before: Snapshot, change: Partial<Ground>): Snapshot {
  const ground = { ...before, ...change };
  return { ...ground, revision: before.revision + 1, roots: rootsAfter(before, change, ground) };
}

function rootsAfter(before: Snapshot, change: Partial<Ground>, ground: Ground): ReadonlyMap<string, Root> {
  // Typing in a commit message, say, is no matter of any root.
  if (Object.keys(change).every((part) => part === 'open') && sameTended(before.open, ground.open)) return before.roots;
  const roots = rootsOf(ground, before.roots);
  const same = roots.size === before.roots.size && [...roots].every(([id, root]) => before.roots.get(id) === root);
  return same ? before.roots : roots;
}

function sameTended(before: Ground['open'], now: Ground['open']): boolean {
  const differs = (one: Ground['open'], other: Ground['open']) =>
    [...one].some(([uri, document]) => other.get(uri) !== document && mayBeTended(document));
  return !differs(before, now) && !differs(now, before);
}

/** A path in a folder, of which only the end is in the name, decides for what is neither Rego nor a message. */
function mayBeTended(document: Document): boolean {
  return messageKind(document) === undefined || isTended(document);
}

/** Where a document is: its root and its path there; undefined for one that no root holds. */
export function locate(snapshot: Snapshot, uri: string): { root: Root; path: string; document: Document } | undefined {
  const normalized = normalizeUri(uri);
  const place = placeOf(snapshot, normalized);
  const root = snapshot.roots.get(place.root);
  const document = root?.files.get(place.path);
  return root && document && { root, path: place.path, document };
}

/** The URI of a path in a root, as the client spells it where it has the file open. */
export function uriOf(root: Root, path: string): string {
  const known = root.files.get(path) ?? root.inherited.find(({ uri }) => pathOutside(uri) === path);
  return known?.uri ?? uriWithin(root.base, path);
}

/** How a file outside a root's files is called in the engine; no relative path looks like it. */
export function pathOutside(uri: string): string {
  return `//${uri}`;
}

/** Whether a document is one the server looks after, whatever folder it is in. */
export function isTended(document: Document, path = nameOf(document.uri)): boolean {
  return document.languageId === 'rego' || kindOf(path) !== undefined;
}

function rootsOf(ground: Ground, before: ReadonlyMap<string, Root>): Map<string, Root> {
  const files = new Map<string, Map<string, Document>>();
  const add = ({ root, path }: Place, document: Document) => {
    const there = files.get(root) ?? new Map<string, Document>();
    files.set(root, there.set(path, document));
  };
  for (const folder of ground.folders) {
    for (const [root, group] of groupsOf(folder)) files.set(root, new Map(group));
  }
  const looseRoots = new Set<string>();
  for (const [uri, document] of ground.open) {
    const place = placeOf(ground, uri);
    if (!isTended(document, place.path)) continue;
    if (place.root === uri) looseRoots.add(uri);
    add(place, document);
  }
  const roots = new Map<string, Root>();
  for (const [id, group] of files) {
    const folder = ground.folders.find(({ uri }) => id === uri || pathWithin(uri, id) !== undefined);
    const kind = looseRoots.has(id) ? 'document' : folder?.uri === id ? 'folder' : 'countersign';
    const root: Root = {
      id,
      kind,
      base: kind === 'document' || !folder ? id : folder.uri,
      files: group,
      inherited: inheritedBy(ground, id, kind, folder, files),
      regoVersion: 'v1',
      trusted: ground.trusted,
    };
    const read = { ...root, regoVersion: regoVersionOf(root, ground.settings) };
    const old = before.get(id);
    roots.set(id, old && sameRoot(old, read) ? old : read);
  }
  return roots;
}

/** A `.countersign` folder is linted as the folder around it says. */
function inheritedBy(
  ground: Ground,
  id: string,
  kind: Root['kind'],
  folder: Folder | undefined,
  files: ReadonlyMap<string, ReadonlyMap<string, Document>>,
): readonly Document[] {
  if (kind === 'document' || !folder) return ground.loose.get(id) ?? [];
  if (kind === 'folder') return folder.inherited;
  const around = [...(files.get(folder.uri) ?? [])]
    .filter(([path]) => path === '.regal.yaml' || path.startsWith('.regal/'))
    .map(([, document]) => document);
  return around.length > 0 ? around : folder.inherited;
}

interface Place {
  root: string;
  path: string;
}

/** Where a URI belongs. A document outside every folder, or ignored in its folder, is a root of its own. */
function placeOf({ folders }: Pick<Ground, 'folders'>, uri: string): Place {
  for (const folder of folders) {
    const path = pathWithin(folder.uri, uri);
    if (path === undefined) continue;
    if (folder.disk.has(path) || !folder.ignored(path)) return { root: rootOf(folder, path), path };
    break;
  }
  return { root: uri, path: nameOf(uri) };
}

function rootOf(folder: Folder, path: string): string {
  const end = `/${path}`.lastIndexOf(`/${home}/`);
  return end < 0 ? folder.uri : uriWithin(folder.uri, path.slice(0, end + home.length));
}

/** A folder's files by the root they belong to. */
const groupsOf = derived((folder: Folder): ReadonlyMap<string, ReadonlyMap<string, Document>> => {
  const groups = new Map<string, Map<string, Document>>([[folder.uri, new Map()]]);
  for (const [path, document] of folder.disk) {
    const root = rootOf(folder, path);
    const group = groups.get(root);
    if (group) group.set(path, document);
    else groups.set(root, new Map([[path, document]]));
  }
  return groups;
});

function sameRoot(a: Root, b: Root): boolean {
  if (a.files.size !== b.files.size || a.regoVersion !== b.regoVersion || a.trusted !== b.trusted) return false;
  for (const [path, document] of b.files) if (a.files.get(path) !== document) return false;
  return a.inherited.length === b.inherited.length && a.inherited.every((document, at) => document === b.inherited[at]);
}
