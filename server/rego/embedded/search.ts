/** Finds the YAML files of a folder that hold Rego. */
import type { Document } from '../../snapshot.ts';
import { uriWithin } from '../../uris.ts';
import { targetsOf } from './roots.ts';

/** Files read at once: few, since nobody waits for them. */
const readers = 4;

/** More templates than these are no policies that anyone looks after; the rest is left alone until it is opened. */
const maxTemplates = 2000;

/**
 * By path. What is in a file is read here, one after the other, and kept with its document.
 *
 * @param read gives a file's text where it may hold some
 */
export async function searchTemplates(
  folder: string,
  paths: readonly string[],
  read: (uri: string) => Promise<string | undefined>,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Map<string, Document>> {
  const found = new Map<string, Document>();
  const queue = paths.values();
  const search = async () => {
    for (const path of queue) {
      if (signal.aborted || found.size >= maxTemplates) return;
      const uri = uriWithin(folder, path);
      try {
        const text = await read(uri);
        if (text === undefined) continue;
        const document: Document = { uri, languageId: 'yaml', version: null, text };
        if (targetsOf(document).length > 0) found.set(path, document);
      } catch (error) {
        log(`${uri} was not read: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: readers }, search));
  if (found.size >= maxTemplates)
    log(`${folder}: Rego in YAML is looked after in ${maxTemplates} files that are not open`);
  return found;
}
