/** From a part of the input, or a variable that holds one, to the place in the schema or sample that describes it. */

import type { ASTNode } from 'vscode-json-languageservice';
import type { LocationLink, Position, Range } from 'vscode-languageserver';
import { structured } from '../../config/json-document.ts';
import type { Document, Root } from '../../snapshot.ts';
import type { Builtin } from '../builtins.ts';
import { modulesOf } from '../names/modules.ts';
import { offsetAt, rangeOf } from '../places.ts';
import { typedAt } from './at.ts';
import { inferring } from './infer.ts';
import { alternatives, type Origin, type OwnSchema } from './type.ts';

/** @param ownSchemas the project's own schemas, as a client can open them */
export function typeDefinition(
  root: Root,
  path: string,
  position: Position,
  builtins: ReadonlyMap<string, Builtin>,
  ownSchemas: ReadonlyMap<OwnSchema, Document>,
): LocationLink[] {
  const module = modulesOf(root).byPath.get(path);
  if (!module) return [];
  const found = typedAt(inferring(root, builtins), module, offsetAt(module.document, position));
  if (!found) return [];
  const own = found.about?.origin;
  const origins = own ? [own] : alternatives(found.type).flatMap(({ about }) => about?.origin ?? []);
  return origins.flatMap((origin) => {
    const document = origin.document ?? (origin.own && ownSchemas.get(origin.own));
    const range = document && placeOf(document, origin);
    if (!range) return [];
    return {
      originSelectionRange: rangeOf(module.document, found),
      targetUri: document.uri,
      targetRange: range.whole,
      targetSelectionRange: range.name,
    };
  });
}

/** Where a pointer leads in its document; the closest place above it, where it leads nowhere. */
function placeOf(document: Document, { pointer }: Origin): { whole: Range; name: Range } | undefined {
  const { text, json } = structured(document);
  let node: ASTNode | undefined = json.root;
  let name: ASTNode | undefined = node;
  for (const key of pointer) {
    const below: { name: ASTNode; value: ASTNode } | undefined = node && childOf(node, key);
    if (!below) break;
    ({ name, value: node } = below);
  }
  if (!node || !name) return undefined;
  const range = ({ offset, length }: ASTNode): Range => ({
    start: text.positionAt(offset),
    end: text.positionAt(offset + length),
  });
  const whole = name.parent?.type === 'property' ? name.parent : node;
  // Of a whole document its beginning is enough.
  const start = range(name).start;
  return { whole: range(whole), name: name === json.root ? { start, end: start } : range(name) };
}

function childOf(node: ASTNode, key: string | number): { name: ASTNode; value: ASTNode } | undefined {
  if (node.type === 'object') {
    const property = node.properties.find(({ keyNode }) => keyNode.value === String(key));
    return property && { name: property.keyNode, value: property.valueNode ?? property.keyNode };
  }
  const item = node.type === 'array' ? node.items[Number(key)] : undefined;
  return item && { name: item, value: item };
}
