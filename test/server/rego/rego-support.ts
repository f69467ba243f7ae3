/** Modules with marks as a root of the server: `<|>` is the cursor, `[|…|]` what an answer is to be. */
import assert from 'node:assert/strict';
import type { Location, Position, Range } from 'vscode-languageserver';
import type { RegoVersion } from '../../../engine/protocol.ts';
import { modulesOf } from '../../../server/rego/names/modules.ts';
import type { Document, Root } from '../../../server/snapshot.ts';
import { marked } from '../marks.ts';

export const base = 'file:///work';

export interface Fixture {
  root: Root;
  /** Where the first cursor is. */
  path: string;
  cursor: Position;
  /** All marked ranges, as `path:line:character-line:character`, sorted. */
  ranges: string[];
}

/** Modules must be ones that the parser accepts unless `broken`. JSON and YAML files are what their names say. */
export function fixture(
  sources: Record<string, string>,
  { version = 'v1', broken = false }: { version?: RegoVersion; broken?: boolean } = {},
): Fixture {
  const files = new Map<string, Document>();
  let at: { path: string; cursor: Position } | undefined;
  const ranges: string[] = [];
  for (const [path, source] of Object.entries(sources)) {
    const { text, cursors, ranges: found } = marked(source);
    const languageId = /\.(json|yaml)$/.exec(path)?.[1] ?? 'rego';
    files.set(path, { uri: `${base}/${path}`, languageId, version: 1, text });
    if (cursors[0]) at ??= { path, cursor: cursors[0] };
    ranges.push(...found.map((range) => shown(`${base}/${path}`, range)));
  }
  const root: Root = { id: base, kind: 'folder', base, files, inherited: [], regoVersion: version, trusted: true };
  if (!broken) {
    for (const { path, names } of modulesOf(root).byPath.values()) assert.deepEqual(names.tree.errors, [], path);
  }
  const none = { path: Object.keys(sources)[0] ?? '', cursor: { line: 0, character: 0 } };
  return { root, ...(at ?? none), ranges: ranges.sort() };
}

export function shown(uri: string, { start, end }: Range): string {
  return `${uri.slice(base.length + 1)}:${start.line}:${start.character}-${end.line}:${end.character}`;
}

export function shownLocations(locations: readonly Location[]): string[] {
  return locations.map(({ uri, range }) => shown(uri, range)).sort();
}
