/** Keeps the ground true: what the client opens, edits and closes, its folders, and what changes on disk. */
import { FileChangeType, type FileEvent, type TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { home, isPlainYaml, isRead, kindOf } from './file-kinds.ts';
import { messageKind } from './message/documents.ts';
import { follows } from './patched.ts';
import { targetsOf } from './rego/embedded/roots.ts';
import { searchTemplates } from './rego/embedded/search.ts';
import { isOpenToDoubt, recognisedAtRest, recognisedSoFar } from './rego/recognise.ts';
import type { Runtime } from './runtime.ts';
import { type Document, type Folder, type Ground, onDisk, type Snapshot } from './snapshot.ts';
import { SortedMap } from './sorted-map.ts';
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
  runtime: Pick<Runtime, 'scanFolder' | 'findInherited' | 'readFile' | 'readTemplate'>,
  log: (line: string) => void,
): GroundKeeper {
  /** Folders that are being read, by URI, with how to stop. */
  const scans = new Map<string, { controller: AbortController; done: Promise<void> }>();
  /** Folders that are searched for Rego in YAML, by URI. */
  const searches = new Map<string, AbortController>();
  // What is read from disk goes in, in the order in which it was asked for.
  let reading: Promise<void> = Promise.resolve();

  function setOpen(uri: string, document: Document | undefined): void {
    const key = normalizeUri(uri);
    world.write(({ open, loose }) => {
      const nextOpen = new Map(open);
      nextOpen.delete(key);
      if (document) nextOpen.set(key, document);
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
      const known = world.current().loose.get(key) ?? [];
      if (found.length === known.length && found.every(({ uri, text }, at) => isSame(known[at], uri, text))) return;
      const documents = found.map(({ uri, text }) => onDisk(uri, text));
      world.write(({ open, loose }) => (open.has(key) ? { loose: new Map(loose).set(key, documents) } : {}));
    } catch (error) {
      log(`${key}: its lint configuration was not read: ${messageOf(error)}`);
    }
  }

  async function scan(uri: string, signal: AbortSignal): Promise<void> {
    try {
      const { files, yaml, inherited, ignored } = await runtime.scanFolder(uri, '', log, signal);
      signal.throwIfAborted();
      const folder: Folder = {
        uri,
        disk: SortedMap.of(files.map(({ path, text }) => [path, onDisk(uriWithin(uri, path), text)])),
        inherited: inherited.map((file) => onDisk(file.uri, file.text)),
        ignored,
      };
      world.write(({ folders }) => ({ folders: innermostFirst([...without(folders, uri), folder]) }));
      void search(uri, yaml, signal);
    } catch (error) {
      if (signal.aborted) return;
      log(`${uri}: the folder was not read: ${messageOf(error)}`);
      const empty: Folder = { uri, disk: SortedMap.of([]), inherited: [], ignored: () => false };
      world.write(({ folders }) => ({ folders: innermostFirst([...without(folders, uri), empty]) }));
    }
  }

  /** Rego in YAML files, when the folder is known and editors have their answers. */
  async function search(uri: string, paths: readonly string[], signal: AbortSignal): Promise<void> {
    const found = await searchTemplates(uri, paths, runtime.readTemplate, log, signal);
    if (signal.aborted || found.size === 0) return;
    world.write(({ folders }) => ({
      folders: folders.map((folder) => {
        if (folder.uri !== uri) return folder;
        // What is known by now has been told of meanwhile, and is newer.
        return withFiles(folder, new Map([...found].filter(([path]) => !folder.disk.has(path))));
      }),
    }));
  }

  function beginScan(uri: string): Promise<void> {
    searches.get(uri)?.abort();
    const controller = new AbortController();
    searches.set(uri, controller);
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
      else if (isRead(place.path, place.folder.ignored)) texts.set(key, await runtime.readFile(key));
      else if (isPlainYaml(place.path)) {
        if (!place.folder.ignored(place.path)) texts.set(key, await runtime.readTemplate(key));
      } else if (!kind && type === FileChangeType.Created && isInHome(place.path)) {
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
      const whole = changes.some((change) => 'range' in change && isWhole(change.text));
      setOpen(uri, {
        ...before,
        version,
        text: TextDocument.update(text, changes, version).getText(),
        recognised: whole ? recognisedAtRest(before) : recognisedSoFar(before),
      });
    },
    saved(uri) {
      const key = normalizeUri(uri);
      const document = world.current().open.get(key);
      if (document && isOpenToDoubt(document)) setOpen(uri, { ...document, recognised: undefined });
      const place = document && folderOf(world.current(), key);
      if (!place) {
        // Nobody watches what is above it.
        if (document && key.startsWith('file:') && !messageKind(document)) void inherit(key);
        return;
      }
      const { path, folder } = place;
      const embeds = isPlainYaml(path) && !folder.ignored(path) && targetsOf(document).length > 0;
      if (!embeds && !isRead(path, folder.ignored)) return;
      world.write(({ folders }) => ({
        folders: folders.map((folder) => patch(folder, new Map([[key, document.text]]))),
      }));
    },
    closed: (uri) => setOpen(uri, undefined),
    async foldersChanged(added, removed) {
      const gone = new Set(removed.map(normalizeUri));
      for (const uri of gone) searches.get(uri)?.abort();
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

function isSame(document: Document | undefined, uri: string, text: string): boolean {
  return document?.uri === uri && document.text === text;
}

/** Lines that came at once: pasted, or brought by a tool. */
function isWhole(text: string): boolean {
  return text.split('\n', 4).length > 3;
}

function isInHome(path: string): boolean {
  return `/${path}/`.includes(`/${home}/`);
}

/** A folder after changes on disk. What is deleted may have been a folder with all that is in it. */
function patch(folder: Folder, texts: ReadonlyMap<string, string | undefined>): Folder {
  const changes = new Map<string, Document | undefined>();
  for (const [uri, text] of texts) {
    const path = pathWithin(folder.uri, uri);
    if (path === undefined) continue;
    if (text === undefined) {
      changes.set(path, undefined);
      for (const [below] of folder.disk.startingWith(`${path}/`)) changes.set(below, undefined);
    } else if (folder.disk.get(path)?.text !== text) changes.set(path, onDisk(uri, text));
  }
  return withFiles(folder, changes);
}

function withFiles(folder: Folder, changes: ReadonlyMap<string, Document | undefined>): Folder {
  const disk = folder.disk.edited(changes);
  if (disk === folder.disk) return folder;
  const patched = { ...folder, disk };
  follows(patched, folder);
  return patched;
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
