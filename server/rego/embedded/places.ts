/** Where blocks of Rego are in the files that hold them. */
import type { Position, Range } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { type Document, locate, type Root, type Snapshot } from '../../snapshot.ts';
import { normalizeUri } from '../../uris.ts';
import { isModule } from '../engine-files.ts';
import type { Block } from './block-scalar.ts';

/** A module in a file that holds several; its text has the positions of the file. */
export interface BlockPlace {
  /** The file's with a fragment: `locate` finds the block by it. */
  readonly uri: string;
  readonly root: Root;
  readonly path: string;
  readonly document: Document;
  readonly block: Block;
  /** The lines it is on, with those behind it on which it may go on: up to where something else begins. */
  readonly lines: { readonly start: number; readonly end: number };
}

/** The roots in a file; none for one without templates. */
export function rootsOf({ roots }: Pick<Snapshot, 'roots'>, uri: string): Root[] {
  const key = normalizeUri(uri);
  const found: Root[] = [];
  for (let at = 0; ; at++) {
    const root = roots.get(`${key}#${at}`);
    if (!root) return found;
    found.push(root);
  }
}

/** The URIs of modules, by which `locate` finds them. */
export function modulesIn(roots: readonly Root[]): { uri: string; root: Root; path: string; document: Document }[] {
  return roots.flatMap((root) =>
    [...root.files].map(([path, document]) => {
      const fragment = `${root.id.slice(root.id.lastIndexOf('#') + 1)}/${path.slice(path.lastIndexOf('#') + 1)}`;
      return { uri: `${document.uri}#${fragment}`, root, path, document };
    }),
  );
}

/** The blocks of a file in whose text every feature works: literal block scalars. */
export function blocksOf(snapshot: Pick<Snapshot, 'roots'>, uri: string): BlockPlace[] {
  return modulesIn(rootsOf(snapshot, uri)).flatMap((module) => {
    const block = module.document.embedded?.source.block;
    if (!block) return [];
    const text = module.root.template?.document.text ?? module.document.text;
    const rest = /(?:[ \t]*\r?\n)*(?:[ \t]*$)?/y;
    rest.lastIndex = block.end;
    const blank = rest.exec(text)?.[0] ?? '';
    const end = block.end + blank.length;
    const breaks = text.slice(block.start, end).split('\n').length - 1;
    // At the end of the file, its last line belongs to the block, too.
    return [
      {
        ...module,
        block,
        lines: { start: block.firstLine, end: block.firstLine + breaks + Number(end === text.length) },
      },
    ];
  });
}

/** The place of a URI with the fragment of a block; undefined for any other. */
export function locateBlock(
  { roots }: Pick<Snapshot, 'roots'>,
  uri: string,
): { root: Root; path: string; document: Document } | undefined {
  const parsed = URI.parse(uri);
  const { fragment } = parsed;
  const slash = fragment.indexOf('/');
  const root = roots.get(`${parsed.with({ fragment: '' }).toString()}#${fragment.slice(0, slash)}`);
  for (const [path, document] of root?.files ?? []) {
    if (root && path.endsWith(`#${fragment.slice(slash + 1)}`)) return { root, path, document };
  }
  return undefined;
}

/** The block of a URI with its fragment. */
export function blockOf(snapshot: Pick<Snapshot, 'roots'>, uri: string): BlockPlace | undefined {
  const mark = uri.indexOf('#');
  if (mark < 0) return undefined;
  const found = locateBlock(snapshot, uri);
  return blocksOf(snapshot, uri.slice(0, mark)).find(({ root, path }) => root === found?.root && path === found.path);
}

/**
 * The module at a position: a file's own, or the block there; without a position the first block. Undefined where
 * there is none.
 */
export function moduleAt(
  snapshot: Snapshot,
  uri: string,
  position?: Position,
): { root: Root; path: string; document: Document } | undefined {
  const place = locate(snapshot, uri);
  if (place && isModule(place.path, place.document)) return place;
  return blocksOf(snapshot, uri).find((block) => position === undefined || isIn(block, position));
}

/** Whether a position is on one of the block's lines, behind its indentation. */
export function isIn({ lines, block }: BlockPlace, { line, character }: Position): boolean {
  return line >= lines.start && line < lines.end && character >= block.indent;
}

export function overlaps({ lines }: BlockPlace, { start, end }: Range): boolean {
  return start.line < lines.end && end.line >= lines.start;
}
