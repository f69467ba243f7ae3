/** The syntax trees of documents: of open ones kept with them, of others only those that were looked at last. */
import type { RegoVersion } from '../../../engine/protocol.ts';
import { derived } from '../../derived.ts';
import type { Document } from '../../snapshot.ts';
import { parse } from '../syntax/parse.ts';
import type { Tree } from '../syntax/tree.ts';

type Trees = Map<RegoVersion, Tree>;

const ofOpen = derived((_: Document): Trees => new Map());

/** How much text the kept trees of files may have, in UTF-16 units; a tree takes some 80 bytes for each. */
const most = 1_000_000;

/** The one that was looked at last is the last. */
const ofFiles = new Map<Document, Trees>();
let size = 0;

/** The syntax tree of a document, read as that version. */
export function treeOf(document: Document, version: RegoVersion): Tree {
  const kept = document.version === null ? lookedAt(document) : ofOpen(document);
  let tree = kept.get(version);
  if (!tree) {
    tree = read(document, version);
    kept.set(version, tree);
  }
  return tree;
}

/** The same for those who need it once, for all but METADATA: the tree of a file is not kept for them. */
export function treeForNow(document: Document, version: RegoVersion): Tree {
  if (document.version !== null) return treeOf(document, version);
  return ofFiles.get(document)?.get(version) ?? read(document, version, false);
}

function read(document: Document, version: RegoVersion, metadata = true): Tree {
  return parse(document.text, { version, metadata, margin: document.embedded?.source.block?.indent });
}

function lookedAt(document: Document): Trees {
  const trees: Trees = ofFiles.get(document) ?? new Map();
  if (ofFiles.delete(document)) size -= document.text.length;
  for (const [oldest] of ofFiles) {
    if (size + document.text.length <= most) break;
    ofFiles.delete(oldest);
    size -= oldest.text.length;
  }
  ofFiles.set(document, trees);
  size += document.text.length;
  return trees;
}
