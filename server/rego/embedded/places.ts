/** Where texts of Rego are in the files that hold them. */
import type { Position, Range } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { type Document, locate, type Root, type Snapshot } from '../../snapshot.ts';
import { normalizeUri } from '../../uris.ts';
import { isModule } from '../engine-files.ts';
import { rangeOf } from '../places.ts';
import type { Block } from './block-scalar.ts';
import type { ScalarPlaces } from './scalar-places.ts';
import type { EmbeddedText } from './templates.ts';

/** A module in a file that holds several; its places are those of the file. */
export interface EmbeddedPlace {
  /** The file's with a fragment: `locate` finds the module by it. */
  readonly uri: string;
  readonly root: Root;
  readonly path: string;
  readonly document: Document;
  readonly source: EmbeddedText;
  /** For a literal block; else {@link scalar}. */
  readonly block: Block | undefined;
  readonly scalar: ScalarPlaces | undefined;
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

/** The texts of a file in which every feature works: all but those that are written in a way that is not understood. */
export function embeddedIn(snapshot: Pick<Snapshot, 'roots'>, uri: string): EmbeddedPlace[] {
  return modulesIn(rootsOf(snapshot, uri)).flatMap((module): EmbeddedPlace[] => {
    const { source, places } = module.document.embedded ?? {};
    const yaml = module.root.template?.document;
    if (!source || !yaml) return [];
    if (source.block)
      return [{ ...module, source, block: source.block, scalar: undefined, lines: linesOf(yaml, source.block) }];
    if (!places?.written()) return [];
    const { start, end } = rangeOf(module.document, { start: 0, end: source.value.trimEnd().length });
    return [{ ...module, source, block: undefined, scalar: places, lines: { start: start.line, end: end.line + 1 } }];
  });
}

function linesOf({ text }: Document, block: Block): EmbeddedPlace['lines'] {
  const rest = /(?:[ \t]*\r?\n)*(?:[ \t]*$)?/y;
  rest.lastIndex = block.end;
  const blank = rest.exec(text)?.[0] ?? '';
  const end = block.end + blank.length;
  const breaks = text.slice(block.start, end).split('\n').length - 1;
  // At the end of the file, its last line belongs to the block, too.
  return { start: block.firstLine, end: block.firstLine + breaks + Number(end === text.length) };
}

/** The place of a URI with the fragment of a text; undefined for any other. */
export function locateEmbedded(
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

/** The text of a URI with its fragment. */
export function embeddedAt(snapshot: Pick<Snapshot, 'roots'>, uri: string): EmbeddedPlace | undefined {
  const mark = uri.indexOf('#');
  if (mark < 0) return undefined;
  const found = locateEmbedded(snapshot, uri);
  return embeddedIn(snapshot, uri.slice(0, mark)).find(({ root, path }) => root === found?.root && path === found.path);
}

/**
 * The module at a position: a file's own, or the text there; without a position the first text. Undefined where
 * there is none.
 */
export function moduleAt(
  snapshot: Snapshot,
  uri: string,
  position?: Position,
): { root: Root; path: string; document: Document } | undefined {
  const place = locate(snapshot, uri);
  if (place && isModule(place.path, place.document)) return place;
  const texts = embeddedIn(snapshot, uri);
  if (!position) return texts[0];
  // The lines of a block are its own from their first column on.
  return (
    texts.find((one) => isIn(one, position)) ?? texts.find(({ block, lines }) => block && holdsLine(lines, position))
  );
}

/** Whether a position is in the text; in a block, on one of its lines, behind its indentation. */
export function isIn({ lines, block, scalar }: EmbeddedPlace, position: Position): boolean {
  if (!block) return scalar?.holds(position) ?? false;
  return holdsLine(lines, position) && position.character >= block.indent;
}

function holdsLine({ start, end }: EmbeddedPlace['lines'], { line }: Position): boolean {
  return line >= start && line < end;
}

export function overlaps({ lines }: EmbeddedPlace, { start, end }: Range): boolean {
  return start.line < lines.end && end.line >= lines.start;
}
