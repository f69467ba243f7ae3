/**
 * What counts for a folder and is not among its files: Regal's configuration above it, with its rules, and the
 * capabilities file that a configuration names. Read when it first counts, and again when it may have changed.
 */
import type { FileEvent } from 'vscode-languageserver';
import { URI, Utils } from 'vscode-uri';
import { follows } from './patched.ts';
import { capabilitiesPlaces } from './rego/capabilities.ts';
import { lintConfigOf } from './rego/rego-version.ts';
import type { Runtime } from './runtime.ts';
import { type Document, type Folder, onDisk, type Snapshot } from './snapshot.ts';
import { normalizeUri, pathWithin } from './uris.ts';
import type { World } from './world.ts';

export interface Outside {
  /** Reads again what these events may concern. */
  filesChanged(events: readonly Pick<FileEvent, 'uri'>[]): Promise<void>;
  /** Reads everything again: of what changed there, nobody may have told. */
  lookAgain(): Promise<void>;
}

export function keepOutside(
  world: World,
  runtime: Pick<Runtime, 'findInherited' | 'readFile'>,
  log: (line: string) => void,
): Outside {
  // One reading at a time, and none while the next has not begun: it will see the same.
  let reading = Promise.resolve();
  let waiting = false;

  function lookAgain(): Promise<void> {
    if (waiting) return reading;
    waiting = true;
    reading = reading
      .then(async () => {
        waiting = false;
        for (const folder of world.current().folders) await readAbove(folder);
        await readListed();
      })
      .catch((error: unknown) => log(`files outside of the folders: ${String(error)}`));
    return reading;
  }

  async function readAbove(before: Folder): Promise<void> {
    const found = hasOwnConfig(before) ? [] : await runtime.findInherited(before.uri);
    const folder = world.current().folders.find(({ uri }) => uri === before.uri);
    const inherited = folder && sameOrNew(folder.inherited, hasOwnConfig(folder) ? [] : found);
    if (!inherited || inherited === folder.inherited) return;
    const changed = { ...folder, inherited };
    follows(changed, folder);
    world.write(({ folders }) => ({ folders: folders.map((one) => (one === folder ? changed : one)) }));
  }

  async function readListed(): Promise<void> {
    const texts: { uri: string; text: string }[] = [];
    for (const uri of listedPlaces(world.current(), 'missing')) {
      const text = await runtime.readFile(uri).catch((error: unknown) => void log(`${uri}: ${String(error)}`));
      if (text !== undefined) texts.push({ uri, text });
    }
    const known = [...world.current().listed.values()];
    const documents = sameOrNew(known, texts);
    if (documents === known) return;
    world.write(() => ({ listed: new Map(documents.map((document) => [document.uri, document])) }));
  }

  world.onWrite((now, before) => {
    if (namesOthers(before, now) || before.folders.some((folder) => lostOrGotConfig(folder, now))) void lookAgain();
  });

  return {
    lookAgain,
    async filesChanged(events) {
      const now = world.current();
      const places = listedPlaces(now, 'all');
      const concerns = (uri: string) =>
        places.some((place) => place === uri || place.startsWith(`${uri}/`)) ||
        now.folders.some((folder) => isAbove(folder, uri));
      if (events.some(({ uri }) => concerns(normalizeUri(uri)))) await lookAgain();
    },
  };
}

/** Whether a folder has a configuration of its own; then none above it counts. */
export function hasOwnConfig({ disk }: Folder): boolean {
  return disk.has('.regal/config.yaml') || disk.has('.regal.yaml');
}

/**
 * The folders above one of which a configuration would count, the closest first: as far up as the one that counts now.
 * URIs.
 */
export function foldersAbove(folder: Folder): string[] {
  if (hasOwnConfig(folder)) return [];
  const config = lintConfigOf({ kind: 'folder', files: new Map(), inherited: folder.inherited });
  const found: string[] = [];
  for (let at = URI.parse(folder.uri); ; ) {
    const up = Utils.dirname(at);
    const drive = /^\/[A-Za-z]:\/?$/;
    if (up.path === at.path || drive.test(at.path)) return found;
    const uri = drive.test(up.path) ? `${up}/` : up.toString();
    found.push(uri);
    const path = config && pathWithin(uri, config.uri);
    if (path === '.regal.yaml' || path === '.regal/config.yaml') return found;
    at = up;
  }
}

/**
 * The places of capabilities files that configurations name: all of them, or those that have to be read because the
 * root has none that counts before. Where the workspace is not trusted, none outside of its folders.
 */
export function listedPlaces(now: Snapshot, which: 'all' | 'missing'): string[] {
  const found = new Set<string>();
  for (const root of now.roots.values()) {
    if (root.kind === 'embedded') continue; // the folder's counts
    for (const uri of capabilitiesPlaces(root)) {
      const path = pathWithin(root.base, uri);
      if (which === 'missing' && path !== undefined && root.files.has(path)) break;
      if (now.trusted || now.folders.some((folder) => pathWithin(folder.uri, uri) !== undefined)) found.add(uri);
    }
  }
  return [...found];
}

/** Whether this is a place where Regal's configuration for a folder, or its rules, would be above it. */
function isAbove(folder: Folder, uri: string): boolean {
  const [, above] = /^(.*)\/\.regal(?:\.yaml|\/config\.yaml|\/rules(?:\/.*)?)?$/.exec(uri) ?? [];
  return above !== undefined && folder.uri.startsWith(`${above}/`);
}

/** Whether configurations may name other capabilities files than before, or those may count that did not. */
function namesOthers(before: Snapshot, now: Snapshot): boolean {
  if (now.trusted !== before.trusted) return true;
  if (now.roots === before.roots) return false;
  for (const [id, root] of now.roots) {
    const old = before.roots.get(id);
    if (old === root || root.kind === 'embedded') continue;
    const config = lintConfigOf(root);
    if (config !== (old && lintConfigOf(old)) && (capabilitiesPlaces(root).length > 0 || now.listed.size > 0))
      return true;
  }
  return false;
}

function lostOrGotConfig(before: Folder, now: Snapshot): boolean {
  const folder = now.folders.find(({ uri }) => uri === before.uri);
  return folder !== undefined && folder.disk !== before.disk && hasOwnConfig(folder) !== hasOwnConfig(before);
}

/** The same list where nothing is new, with the same documents where their texts are. */
function sameOrNew(known: readonly Document[], found: readonly { uri: string; text: string }[]): readonly Document[] {
  const documents = found.map(({ uri, text }) => {
    const same = known.find((one) => one.uri === uri && one.text === text);
    return same ?? onDisk(uri, text);
  });
  return documents.length === known.length && documents.every((one, at) => one === known[at]) ? known : documents;
}
