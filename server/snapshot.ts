/**
 * The state of the world at one moment: texts, folders and settings, immutable. A write makes a new
 * snapshot; a request works on the one it started with. What is derived is kept with the object that
 * it is derived from, so that it lives as long as its ground and no longer.
 */
import type { CallOptions } from '../engine/engine.ts';
import type { Methods, RegoVersion } from '../engine/protocol.ts';
import { messageKind } from './message/documents.ts';
import { locateEmbedded } from './rego/embedded/places.ts';
import type { Embedded, Template } from './rego/embedded/roots.ts';
import type { Recognised } from './rego/recognise.ts';
import type { DeclaredVersion } from './rego/rego-version.ts';
import type { InputSchema } from './rego/types/input-schemas.ts';
import { isTended, placeOf, rootsOf } from './roots.ts';
import type { Settings } from './settings.ts';
import type { SortedMap } from './sorted-map.ts';
import { normalizeUri, uriWithin } from './uris.ts';

/** A text as the client or the disk has it. Never changes: another text is another document. */
export interface Document {
  /** As the client spells it; normalized for files it has not named. */
  readonly uri: string;
  readonly languageId: string;
  /** The client's version; null for what lies on disk. */
  readonly version: number | null;
  readonly text: string;
  /** How the text that this one was edited from is read, where nothing declares it (rego/recognise.ts). */
  readonly recognised?: Recognised;
  /** For one that stands for a part of another text, all else in it being spaces. */
  readonly embedded?: Embedded;
}

/** A text as it lies on disk. */
export function onDisk(uri: string, text: string): Document {
  return {
    uri,
    languageId: uri.endsWith('.rego') ? 'rego' : uri.endsWith('.json') ? 'json' : 'yaml',
    version: null,
    text,
  };
}

/** A workspace folder as it lies on disk. */
export interface Folder {
  readonly uri: string;
  /** By path relative to the folder. */
  readonly disk: SortedMap<Document>;
  readonly inherited: readonly Document[];
  readonly ignored: (path: string) => boolean;
}

/**
 * Files that belong together and that the engine sees as one workspace: a folder, a `.countersign`
 * folder in it, a single document that lies outside every folder, or the Rego in a YAML file that belongs together.
 */
export interface Root {
  /** Its URI, unique; the engine knows it by this name. */
  readonly id: string;
  readonly kind: 'folder' | 'countersign' | 'document' | 'embedded';
  /** The URI that {@link files}' paths are relative to. */
  readonly base: string;
  /** Open texts before those on disk, by path. To walk it is too much for a keystroke: {@link changedPaths} tells what differs. */
  readonly files: ReadonlyMap<string, Document>;
  /** Regal's configuration and custom rules from outside {@link files}. */
  readonly inherited: readonly Document[];
  /** What is read without a version of its own: modules have theirs (rego/module-version.ts). */
  readonly regoVersion: RegoVersion;
  /** What is declared of the version, the innermost folder first; where none is, texts decide. Absent: all are {@link regoVersion}. */
  readonly declared?: readonly DeclaredVersion[];
  /** Whether custom lint rules, which are the workspace's code, may run. */
  readonly trusted: boolean;
  /** For an embedded one: what its modules stand in. */
  readonly template?: Template;
  /** What is known of the input by what the root is. */
  readonly inputSchemas?: readonly InputSchema[];
}

export type WorkspaceMethod =
  | 'check'
  | 'lint'
  | 'outline'
  | 'test'
  | 'eval'
  | 'query'
  | 'partial'
  | 'stages'
  | 'capabilities';

export interface AskOptions extends CallOptions {
  /** The answer counts although a later write overtakes it. */
  evenIfStale?: boolean;
  /** The root is the caller's own, made for this question: no snapshot has it. */
  apart?: boolean;
  /** Nobody waits for it: it is asked when no check or lint is under way that somebody waits for. */
  background?: boolean;
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
  /** What the client has open, by normalized URI; the one that was opened or edited last is the last. */
  readonly open: ReadonlyMap<string, Document>;
  /** For open documents outside every folder: what applies to them from above, by normalized URI. */
  readonly loose: ReadonlyMap<string, readonly Document[]>;
  /** Capabilities files that configurations name, where no root has them among its files; by normalized URI. */
  readonly listed: ReadonlyMap<string, Document>;
  readonly roots: ReadonlyMap<string, Root>;
  readonly ask: Ask;
}

/** Whether somebody may be typing in this document, or has just opened it. */
export function isInHand({ open }: Snapshot, uri: string): boolean {
  return [...open.keys()].at(-1) === normalizeUri(uri);
}

/** A later write overtook the work. */
export class Stale extends Error {
  constructor() {
    super('The content was modified.');
    this.name = 'Stale';
  }
}

/** What a write may change. */
export type Ground = Pick<Snapshot, 'settings' | 'trusted' | 'folders' | 'open' | 'loose' | 'listed'>;

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
  const block = uri.includes('#') ? locateEmbedded(snapshot, uri) : undefined;
  if (block) return block;
  const normalized = normalizeUri(uri);
  const place = placeOf(snapshot, normalized);
  const root = snapshot.roots.get(place.root);
  const document = root?.files.get(place.path);
  return root && document && { root, path: place.path, document };
}

/** Where a file that there is not yet would be; undefined outside every folder, and for what is ignored. */
export function placeFor(snapshot: Snapshot, uri: string): { root: Root; path: string } | undefined {
  const place = placeOf(snapshot, normalizeUri(uri));
  const root = place.root === uri ? undefined : snapshot.roots.get(place.root);
  return root && { root, path: place.path };
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
