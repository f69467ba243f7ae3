/** Base data (`data.json`, `data.yaml`) as far as names of policies lead into it. */
import { parse } from 'yaml';
import type { Document, Root } from '../snapshot.ts';
import { engineFiles } from './engine-files.ts';

export interface BaseData {
  readonly path: string;
  /** Where it is mounted, below `data`. */
  readonly at: readonly string[];
}

/** The files of data that are mounted at a path or below it; from `data` on. */
export function dataBelow(root: Root, path: readonly string[]): BaseData[] {
  const names = path.slice(1);
  return mounted(root).filter(({ at }) => names.every((name, index) => at[index] === name));
}

/** A file of data, mounted above a path, that has something there. */
export function dataHolding(root: Root, path: readonly string[]): BaseData | undefined {
  const names = path.slice(1);
  return mounted(root).find(({ at, document }) => {
    if (at.length >= names.length || at.some((name, index) => names[index] !== name)) return false;
    let value: unknown = contentOf(document);
    for (const name of names.slice(at.length)) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
      value = (value as Record<string, unknown>)[name];
    }
    return true;
  });
}

function mounted(root: Root): (BaseData & { document: Document })[] {
  const found: (BaseData & { document: Document })[] = [];
  for (const { file, document } of engineFiles(root).values()) {
    if (file.kind === 'data') found.push({ path: file.path, at: file.at ?? [], document });
  }
  return found;
}

/** Undefined for what cannot be read: it holds nothing. */
function contentOf({ uri, text }: Document): unknown {
  try {
    return uri.endsWith('.json') ? JSON.parse(text) : parse(text, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
}
