/** Keeps the ground true: what the client opens, edits and closes, its folders, and what changes on disk. */
import { FileChangeType, type FileEvent, type TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { home, kindOf } from './file-kinds.ts';
import { messageKind } from './message/documents.ts';
import type { Runtime } from './runtime.ts';
import type { Document, Folder, Ground, Snapshot } from './snapshot.ts';
import { normalizeUri, pathWithin, uriWithin } from './uris.ts';
import type { World } from './world.ts';

export interface GroundKeeper {
  opened(document: Document): void;
  changed(uri: string, version: number, changes: TextDocumentContentChangeEvent[]): void;
  saved(uri: string): void;
  closed(uri: string): void;
  foldersChanged(added: readonly string[], removed: readonly string[]): Promise<void>;
  filesChanged(events: readonly FileEvent[]): Promise<void>;
  /** Resolves when every folder that is open now has been read. */
  ready(): Promise<void>;
}

export function keepGround(
  world: World,
  runtime: Pick<Runtime, 'scanFolder' | 'findInherited' | 'readFile'>,
  log: (line: string) => void,
): GroundKeeper {
  /** Folders that are being read, by URI, with how to stop. */
  const scans = new Map<string, { controller: AbortController; done: Promise<void> }>();
  // What is read from disk goes in, in the order in which it was asked for.
  let reading: Promise<void> = Promise.resolve();

  function setOpen(uri: string, document: Document | undefined): void {
    const key = normalizeUri(uri);
    world.write(({ open, loose }) => {
      const nextOpen = new Map(open);
      if (document) nextOpen.set(key, document);
      else nextOpen.delete(key);
      if (document || !loose.has(key)) return { open: nextOpen };
      const nextLoose = new Map(loose);
      nextLoose.delete(key);
      return { open: nextOpen, loose: nextLoose };
    });
  }

  function opened(document: Document): void {
    setOpen(document.uri, document);
    const key = normalizeUri(document.uri);
    const inFolder = [...scans.keys(), ...world.current().folders.map(({ uri }) => uri)].some(
      (folder) => pathWithin(folder, key) !== undefined,
    );
    if (!inFolder && key.startsWith('file:') && !messageKind(document)) void inherit(key);
  }

  /** Lint configuration for a document outside every folder. */
  async function inherit(key: string): Promise<void> {
    try {
      const found = await runtime.findInherited(key);
      if (found.length === 0) return;
      const documents = found.map(({ uri, text }) => onDisk(uri, text));
      world.write(({ open, loose }) => (open.has(key) ? { loose: new Map(loose).set(key, documents) } : {}));
    } catch (error) {
      log(`${key}: its lint configuration was not read: ${messageOf(error)}`);
    }
  }

  async function scan(uri: string, signal: AbortSignal): Promise<void> {
    try {
      const { files, inherited, ignored } = await runtime.scanFolder(uri, '', log, signal);
      signal.throwIfAborted();
      const folder: Folder = {
        uri,
        disk: new Map(files.map(({ path, text }) => [path, onDisk(uriWithin(uri, path), text)])),
        inherited: inherited.map((file) => onDisk(file.uri, file.text)),
        ignored,
      };
      world.write(({ folders }) => ({ folders: innermostFirst([...without(folders, uri), folder]) }));
    } catch (error) {
      if (signal.aborted) return;
      log(`${uri}: the folder was not read: ${messageOf(error)}`);
      const empty: Folder = { uri, disk: new Map(), inherited: [], ignored: () => false };
      world.write(({ folders }) => ({ folders: innermostFirst([...without(folders, uri), empty]) }));
    }
  }

  function beginScan(uri: string): Promise<void> {
    scans.get(uri)?.controller.abort();
    const controller = new AbortController();
    const done = scan(uri, controller.signal).finally(() => {
      if (scans.get(uri)?.controller === controller) scans.delete(uri);
    });
    scans.set(uri, { controller, done });
    return done;
  }

  async function applyFiles(events: readonly FileEvent[]): Promise<void> {
    const rescans = new Set<string>();
    const texts = new Map<string, string | undefined>();
    for (const { uri, type } of events) {
      const key = normalizeUri(uri);
      const place = folderOf(world.current(), key);
      if (!place) continue;
      const kind = kindOf(place.path);
      if (kind === 'gitignore') rescans.add(place.folder.uri);
      else if (type === FileChangeType.Deleted) texts.set(key, undefined);
      else if (kind && !place.folder.ignored(place.path)) texts.set(key, await runtime.readFile(key));
      else if (!kind && type === FileChangeType.Created && isInHome(place.path)) {
        for (const [path, text] of await filesBelow(place)) texts.set(uriWithin(place.folder.uri, path), text);
      }
    }
    if (texts.size > 0) world.write(({ folders }) => ({ folders: folders.map((folder) => patch(folder, texts)) }));
    await Promise.all([...rescans].map(beginScan));
  }

  /** A new folder may be told as itself, without what came with it: as when git checks it out. */
  async function filesBelow({ folder, path }: { folder: Folder; path: string }): Promise<[string, string][]> {
    try {
      const { files } = await runtime.scanFolder(folder.uri, path, log, new AbortController().signal);
      return files.map((file) => [file.path, file.text]);
    } catch {
      return []; // A file of no kind that matters, or gone again.
    }
  }

  return {
    opened,
    changed(uri, version, changes) {
      const before = world.current().open.get(normalizeUri(uri));
      if (!before) throw new Error(`${uri} is not open`);
      const text = TextDocument.create(uri, before.languageId, before.version ?? 0, before.text);
      setOpen(uri, { ...before, version, text: TextDocument.update(text, changes, version).getText() });
    },
    saved(uri) {
      const key = normalizeUri(uri);
      const document = world.current().open.get(key);
      const place = document && folderOf(world.current(), key);
      if (!place || kindOf(place.path) === undefined || place.folder.ignored(place.path)) return;
      world.write(({ folders }) => ({
        folders: folders.map((folder) => patch(folder, new Map([[key, document.text]]))),
      }));
    },
    closed: (uri) => setOpen(uri, undefined),
    async foldersChanged(added, removed) {
      const gone = new Set(removed.map(normalizeUri));
      for (const uri of gone) scans.get(uri)?.controller.abort();
      world.write(({ folders }) => ({ folders: folders.filter(({ uri }) => !gone.has(uri)) }));
      await Promise.all(added.map((uri) => beginScan(normalizeUri(uri).replace(/\/$/, ''))));
    },
    filesChanged(events) {
      reading = reading
        .then(() => applyFiles(events))
        .catch((error: unknown) => log(`watched files: ${messageOf(error)}`));
      return reading;
    },
    async ready() {
      while (scans.size > 0) await Promise.all([...scans.values()].map(({ done }) => done));
    },
  };
}

function folderOf({ folders }: Pick<Snapshot, 'folders'>, uri: string): { folder: Folder; path: string } | undefined {
  for (const folder of folders) {
    const path = pathWithin(folder.uri, uri);
    if (path !== undefined) return { folder, path };
  }
  return undefined;
}

function isInHome(path: string): boolean {
  return `/${path}/`.includes(`/${home}/`);
}

/** A folder after changes on disk. What is deleted may have been a folder with all that is in it. */
function patch(folder: Folder, texts: ReadonlyMap<string, string | undefined>): Folder {
  const disk = new Map(folder.disk);
  let touched = false;
  for (const [uri, text] of texts) {
    const path = pathWithin(folder.uri, uri);
    if (path === undefined) continue;
    if (text === undefined) {
      for (const known of folder.disk.keys()) {
        if (known === path || known.startsWith(`${path}/`)) touched = disk.delete(known) || touched;
      }
    } else if (disk.get(path)?.text !== text) {
      disk.set(path, onDisk(uri, text));
      touched = true;
    }
  }
  return touched ? { ...folder, disk } : folder;
}

function onDisk(uri: string, text: string): Document {
  return {
    uri,
    languageId: uri.endsWith('.rego') ? 'rego' : uri.endsWith('.json') ? 'json' : 'yaml',
    version: null,
    text,
  };
}

function without(folders: Ground['folders'], uri: string): Folder[] {
  return folders.filter((folder) => folder.uri !== uri);
}

function innermostFirst(folders: Folder[]): Folder[] {
  return folders.sort((a, b) => b.uri.length - a.uri.length);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
