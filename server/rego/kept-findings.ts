/**
 * What was found in a root, kept between sessions: by the digest of each module with all that decides on it, so that
 * what has not changed since is known before the engine has read it. A damaged or foreign record counts for nothing.
 */

import type { Problem } from '../../engine/protocol.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { derived } from '../derived.ts';
import { patched } from '../patched.ts';
import { changedPaths, sameInherited } from '../roots.ts';
import type { Document, Root } from '../snapshot.ts';
import { engineFiles, isModule } from './engine-files.ts';

/** Where records lie between sessions, by name. */
export interface FindingsStore {
  /** Undefined when there is none, or none that is as it was written. */
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
  /** A cryptographic digest, as hexadecimal digits. */
  digest(text: string): string;
}

/** `fields`: what our own schemas have against closed modules; `across`: Regal's rules that look across files. */
type WholeKind = 'check' | 'fields' | 'across';

export interface KeptFindings {
  /** What the lint of a module by itself found; undefined when that is not known. */
  module(path: string, document: Document): readonly Problem[] | undefined;
  keepModule(path: string, document: Document, problems: readonly Problem[]): void;
  /** What a report on the whole root found. */
  whole(kind: WholeKind): readonly Problem[] | undefined;
  keepWhole(kind: WholeKind, problems: readonly Problem[]): void;
  /** Writes what is known of the root's present files, unless that is much and was done lately. */
  save(): Promise<void>;
}

export interface Findings {
  /** Of a root as it is now; waits for the record when the root is new. */
  of(root: Root): Promise<KeptFindings>;
  /** Writes what has not been written. */
  flush(): Promise<void>;
}

interface Entry {
  digest: string;
  problems: readonly Problem[];
}

/** Of one root, whatever its state is. */
interface Known {
  modules: Map<string, readonly Problem[]>;
  whole: Partial<Record<WholeKind, Entry>>;
  changed: boolean;
  /** The length of the last record, and how often it could have been written since. */
  size: number;
  skipped: number;
  write(): Promise<void>;
}

/** A longer record is not written every time. */
const longRecord = 2 * 1024 * 1024;

/** A record with more text is not written: reading it would take longer than what it saves. */
const maxRecord = 32 * 1024 * 1024;

/** @param versions names all programs whose findings they are */
export function keepFindings(
  store: FindingsStore,
  versions: () => Promise<string>,
  log: (line: string) => void,
): Findings {
  const roots = new Map<string, Promise<Known>>();
  const digests = derived((_: Document) => new Map<string, string>());
  const { digest } = store;

  /** What decides on findings beside a module's own text: all that the engine is sent but modules. */
  const around = patched(
    (root: Root): string => {
      const others = [...engineFiles(root).values()].filter(({ file }) => file.kind !== 'module');
      return digest(JSON.stringify([others.map(({ file }) => file), root.regoVersion, root.trusted]));
    },
    (last, of, now) => (sameAround(of, now) ? last : undefined),
  );

  function digestOf(root: Root, path: string, document: Document): string {
    const key = `${around(root)} ${path}`;
    const known = digests(document);
    let made = known.get(key);
    if (made === undefined) {
      made = digest(JSON.stringify([key, engineFiles(root).get(path)?.file ?? document.text]));
      known.clear();
      known.set(key, made);
    }
    return made;
  }

  const wholeDigest = derived((root: Root): string => {
    const all = [...root.files].filter(([path, document]) => isModule(path, document));
    return digest([around(root), ...all.map(([path, document]) => digestOf(root, path, document))].join('\n'));
  });

  async function read(root: Root): Promise<Known> {
    const none: Known = { modules: new Map(), whole: {}, changed: false, size: 0, skipped: 0, write: async () => {} };
    try {
      const text = await store.read(digest(root.id));
      if (text === undefined) return none;
      const { versions: of, modules, whole } = JSON.parse(text) as Record<string, unknown>;
      if (of !== (await stamp())) return none;
      return { ...none, modules: new Map(modules as [string, Problem[]][]), whole: whole as Known['whole'] };
    } catch (error) {
      log(`findings of ${root.id} were not read: ${String(error)}`);
      return none;
    }
  }

  async function stamp(): Promise<string> {
    return `1 ${packageJson.version} ${await versions()}`;
  }

  /** What is no longer there is forgotten. */
  async function write(root: Root, known: Known): Promise<void> {
    if (!known.changed) return;
    known.changed = false;
    const modules = [...root.files].filter(([path, document]) => isModule(path, document));
    const present = new Set(modules.map(([path, document]) => digestOf(root, path, document)));
    for (const key of known.modules.keys()) if (!present.has(key)) known.modules.delete(key);
    const text = JSON.stringify({ versions: await stamp(), modules: [...known.modules], whole: known.whole });
    known.size = text.length;
    known.skipped = 0;
    if (text.length > maxRecord) return;
    await store.write(digest(root.id), text).catch((error: unknown) => log(`findings were not kept: ${String(error)}`));
  }

  async function of(root: Root): Promise<KeptFindings> {
    let reading = roots.get(root.id);
    if (!reading) {
      reading = read(root);
      roots.set(root.id, reading);
    }
    const known = await reading;
    known.write = () => write(root, known);
    return {
      module: (path, document) => known.modules.get(digestOf(root, path, document)),
      keepModule(path, document, problems) {
        known.modules.set(digestOf(root, path, document), problems);
        known.changed = true;
      },
      whole(kind) {
        const entry = known.whole[kind];
        return entry && entry.digest === wholeDigest(root) ? entry.problems : undefined;
      },
      keepWhole(kind, problems) {
        known.whole[kind] = { digest: wholeDigest(root), problems };
        known.changed = true;
      },
      async save() {
        if (known.size > longRecord && ++known.skipped < 10) return;
        await known.write();
      },
    };
  }

  return {
    of,
    async flush() {
      for (const reading of roots.values()) await (await reading).write();
    },
  };
}

/** Whether only modules differ. */
function sameAround(before: Root, now: Root): boolean {
  if (before.trusted !== now.trusted || before.regoVersion !== now.regoVersion || before.kind !== now.kind)
    return false;
  if (!sameInherited(before, now)) return false;
  return changedPaths(before, now).every((path) => {
    const [old, document] = [before.files.get(path), now.files.get(path)];
    return (!old || isModule(path, old)) && (!document || isModule(path, document));
  });
}
