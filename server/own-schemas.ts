/** The project's own schemas of the input, as files that any client can open: in the project, or beside the bundle. */
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { URI } from 'vscode-uri';
import { readText } from './disk.ts';
import type { OwnSchema } from './rego/types/type.ts';
import type { Document } from './snapshot.ts';

export type OwnSchemas = ReadonlyMap<OwnSchema, Document>;

const inProject: Readonly<Record<OwnSchema, string>> = {
  'input.schema.json': '../core/schemas/input.schema.json',
  'review.schema.json': 'rego/embedded/review.schema.json',
};

/** Without those that cannot be read. */
export async function readOwnSchemas(): Promise<OwnSchemas> {
  const found = new Map<OwnSchema, Document>();
  for (const name of Object.keys(inProject) as OwnSchema[]) {
    const path = pathOf(name);
    const text = await readText(path);
    if (text === undefined) continue;
    found.set(name, { uri: URI.file(path).toString(), languageId: 'json', version: null, text });
  }
  return found;
}

function pathOf(name: OwnSchema, moduleUrl: string = import.meta.url): string {
  const here = dirname(fileURLToPath(moduleUrl));
  if (moduleUrl.endsWith('.ts')) return join(here, inProject[name]);
  return join(basename(here) === 'chunks' ? dirname(here) : here, 'schemas', name);
}
