/**
 * Which Rego a text shows itself to be, where nothing declares it: v0 when only v0's parser takes it. While a document
 * is edited it keeps what it was, so that a word that is missing for a moment does not turn a v1 module into v0.
 */
import { attached } from '../attached.ts';
import type { Document } from '../snapshot.ts';
import { treeOf } from './names/trees.ts';
import type { Tree } from './syntax/tree.ts';

export interface Recognised {
  readonly version: 'v0' | 'v1';
  /** It has shown what v1 alone has, and stays v1 whatever is typed. */
  readonly firm: boolean;
}

const known = attached<Document, Recognised>();

/** How a document without a declared version is read. */
export function recognise(document: Document): Recognised {
  let found = known.get(document);
  if (!found) {
    found = look(document);
    known.set(document, found);
  }
  return found;
}

/** What the next text of this document begins with; undefined when nobody has asked yet. Parses nothing. */
export function recognisedSoFar(document: Document): Recognised | undefined {
  return known.get(document) ?? document.recognised;
}

/** The same for a text that was brought whole, as by pasting: it is looked at anew, unless it was v1 for sure. */
export function recognisedAtRest(document: Document): Recognised | undefined {
  const so = recognisedSoFar(document);
  return so?.firm ? so : undefined;
}

/**
 * Whether a text that is saved wants another look: it was held for v1, which it is not. So one that is written as v0
 * from its first letter becomes v0 when its author takes it for whole.
 */
export function isOpenToDoubt(document: Document): boolean {
  const so = recognisedSoFar(document);
  return so?.version === 'v1' && !so.firm && treeOf(document, 'v1').errors.length > 0;
}

function look(document: Document): Recognised {
  const before = document.recognised;
  if (before?.firm) return before;
  if (saysV1(document.text)) return { version: 'v1', firm: true };
  const v1 = treeOf(document, 'v1');
  if (v1.errors.length === 0) return { version: 'v1', firm: showsV1(v1) };
  if (before) return before;
  const isV0 = treeOf(document, 'v0').errors.length === 0;
  return { version: isV0 ? 'v0' : 'v1', firm: false };
}

/** Whether a rule is written with what v0 has only by imports. */
function showsV1({ root }: Tree): boolean {
  return root.items.some(
    (item) => item.kind === 'rule' && (item.head.operator === 'contains' || item.bodies.some(({ hasIf }) => hasIf)),
  );
}

/**
 * A head with `if` or `contains`, and none of the imports by which v0 has them: proof enough without parsing, which
 * would take seconds for all the modules of a large workspace.
 */
function saysV1(text: string): boolean {
  const at = text.search(/^[^#"`\n]*[\w\])][ \t]+(?:if|contains)[ \t]/m);
  // In a raw string it would be no head.
  return at >= 0 && !text.includes('future.keywords') && !text.slice(0, at).includes('`');
}
