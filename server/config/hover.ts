/** What a key or value of a configuration file means, from its schema. */
import type { Hover, Position } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import { matchingSchemas, structured } from './json-document.ts';

export async function hoverConfiguration(path: string, document: Document, position: Position): Promise<Hover | null> {
  const structure = structured(document);
  const { text, json } = structure;
  const node = json.getNodeFromOffset(text.offsetAt(position), true);
  if (!node || node.type === 'object' || node.type === 'array') return null;
  // A key speaks of its value.
  const property = node.parent?.type === 'property' ? node.parent : undefined;
  const about = property?.keyNode === node ? property.valueNode : node;
  for (const { node: judged, schema } of await matchingSchemas(path, structure)) {
    const value = schema.markdownDescription ?? schema.description;
    if (judged !== about || value === undefined) continue;
    const range = { start: text.positionAt(node.offset), end: text.positionAt(node.offset + node.length) };
    return { contents: { kind: 'markdown', value }, range };
  }
  return null;
}
