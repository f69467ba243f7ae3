/**
 * The Rego of a ConstraintTemplate as roots of their own: Gatekeeper compiles each target by itself, so that packages
 * of the same name in other templates are none of its business. A module in a block is the YAML text with all but
 * that block as spaces, so that what is found in it stands where it does in the file; one in any other scalar is the
 * scalar's value, with the places where it is written.
 */
import type { Position } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { derived } from '../../derived.ts';
import type { Document, Root } from '../../snapshot.ts';
import { blanked, dedented, dedentedBlock, masked, toYaml } from './block-scalar.ts';
import { readTargets } from './documents.ts';
import { inputSchemasOf } from './input-schemas.ts';
import { type ScalarPlaces, scalarPlaces } from './scalar-places.ts';
import type { EmbeddedTarget, EmbeddedText } from './templates.ts';

/** How a document that stands for a part of another text goes to the engine. */
export interface Embedded {
  readonly source: EmbeddedText;
  /** What the engine is given for a text of the document. */
  readonly read: (text: string) => string;
  /** From a position in what the engine is given to one in the file. */
  readonly at: (position: Position) => Position;
  /** For a scalar that is no literal block: the document's text is its value, and this is where that is written. */
  readonly places?: ScalarPlaces;
}

/** Where the modules of a root come from. */
export interface Template {
  readonly document: Document;
  readonly target: EmbeddedTarget;
}

/** The targets in a YAML document; none for any other, which costs no more than a look at its text. */
export const targetsOf = derived(({ languageId, text }: Document): readonly EmbeddedTarget[] =>
  languageId === 'yaml' ? readTargets(text) : [],
);

function documentOf(yaml: Document, source: EmbeddedText): Document {
  const { uri, version } = yaml;
  const { block, value } = source;
  if (!block) {
    const places = scalarPlaces(yaml, source);
    let lines: TextDocument | undefined;
    const at = (position: Position) => {
      lines ??= TextDocument.create('', 'rego', 0, value);
      const start = lines.offsetAt(position);
      return places.rangeOf({ start, end: start }).start;
    };
    return { uri, languageId: 'rego', version, text: value, embedded: { source, read: (now) => now, at, places } };
  }
  const text = masked(yaml.text, block, blanksOf(yaml));
  const embedded: Embedded = {
    source,
    read: (now) => (now === text ? dedentedBlock(text, block) : dedented(now, block)),
    at: (position) => toYaml(block, position),
  };
  return { uri, languageId: 'rego', version, text, embedded };
}

/**
 * A module with another text, to be looked at by itself: in a block it stays where it is, in any other scalar its
 * places are those of the new text.
 */
export function withText(document: Document, text: string): Document {
  const { embedded, ...rest } = document;
  if (!embedded?.places) return { ...document, text };
  const { places: _, ...apart } = embedded;
  return { ...rest, text, embedded: { ...apart, at: (position) => position } };
}

const blanksOf = derived(({ text }: Document) => blanked(text));

interface Kept {
  readonly base: string;
  readonly path: string;
  readonly around: readonly Document[];
  readonly trusted: boolean;
  readonly roots: readonly Root[];
}

const kept = derived((_: Document): { last?: Kept } => ({}));

/**
 * The roots in a YAML document; the same objects as long as nothing of it changes.
 *
 * @param place where the file is: its normalized URI, and its path from the base on
 * @param around what applies from outside: Regal's configuration and rules
 */
export function rootsIn(
  document: Document,
  { key, base, path }: { key: string; base: string; path: string },
  around: readonly Document[],
  trusted: boolean,
): readonly Root[] {
  const targets = targetsOf(document);
  if (targets.length === 0) return [];
  const known = kept(document);
  const { last } = known;
  const isKept = last?.base === base && last.path === path && last.trusted === trusted && isSame(last.around, around);
  if (isKept) return last.roots;
  const roots = targets.map((target): Root => {
    const inputSchemas = inputSchemasOf(document, path, target);
    return {
      id: `${key}#${target.name}`,
      kind: 'embedded',
      base,
      // No file has such a name, and none that means something to the server.
      files: new Map(target.texts.map((text) => [`${path}#${text.name}`, documentOf(document, text)])),
      inherited: around,
      regoVersion: target.version,
      trusted,
      template: { document, target },
      ...(inputSchemas && { inputSchemas }),
    };
  });
  known.last = { base, path, around, trusted, roots };
  return roots;
}

function isSame(a: readonly Document[], b: readonly Document[]): boolean {
  return a.length === b.length && a.every((document, at) => document === b[at]);
}
