/** YAML and JSON texts as the trees that vscode-json-languageservice works on. It fetches nothing. */

import {
  type ASTNode,
  getLanguageService,
  type JSONDocument,
  type JSONSchema,
  type LanguageService,
  type MatchingSchema,
  type ObjectASTNode,
  type PropertyASTNode,
} from 'vscode-json-languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';
import { derived } from '../derived.ts';
import type { Document } from '../snapshot.ts';
import { schemaFor } from './schemas.ts';

export const languageService: LanguageService = getLanguageService({
  clientCapabilities: { textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } } } },
});

export interface Structured {
  text: TextDocument;
  json: JSONDocument;
}

/** A document's tree, with whatever of it can be read. */
export const structured = derived((document: Document): Structured => {
  const { uri, languageId, version, text: content } = document;
  const text = TextDocument.create(uri, languageId, version ?? 0, content);
  const json = isJson(document) ? languageService.parseJSONDocument(text) : fromYaml(content);
  return { text, json };
});

export function isJson({ uri, languageId }: Document): boolean {
  return languageId === 'json' || languageId === 'jsonc' || uri.endsWith('.json');
}

function fromYaml(text: string): JSONDocument {
  // As core reads it, but in spite of errors.
  const document = parseDocument(text, {
    prettyErrors: false,
    logLevel: 'silent',
    schema: 'core',
    version: '1.2',
    merge: false,
    stringKeys: true,
  });
  return languageService.newJSONDocument(toNode(document.contents, undefined, 0));
}

/** Deeper than any document is meant to be; core refuses them. */
const maxDepth = 200;

function toNode(node: unknown, parent: ASTNode | undefined, depth: number): ASTNode | undefined {
  const range = (node as Node | null)?.range;
  if (!range || depth > maxDepth) return undefined;
  const at = { parent, offset: range[0], length: range[1] - range[0] };
  if (isMap(node)) {
    const properties: PropertyASTNode[] = [];
    const object: ObjectASTNode = { ...at, type: 'object', properties, children: properties };
    for (const pair of node.items) {
      const property = toProperty(pair, object, depth);
      if (property) properties.push(property);
    }
    return object;
  }
  if (isSeq(node)) {
    const items: ASTNode[] = [];
    const array: ASTNode = { ...at, type: 'array', items, children: items };
    for (const item of node.items) {
      const child = toNode(item, array, depth + 1);
      if (child) items.push(child);
    }
    return array;
  }
  if (isAlias(node)) return { ...at, type: 'null', value: null };
  if (!isScalar(node)) return undefined;
  const { value } = node;
  if (typeof value === 'boolean') return { ...at, type: 'boolean', value };
  if (typeof value === 'number') return { ...at, type: 'number', value, isInteger: Number.isInteger(value) };
  if (value === null) return { ...at, type: 'null', value };
  return { ...at, type: 'string', value: String(value) };
}

function toProperty(pair: Pair, parent: ObjectASTNode, depth: number): PropertyASTNode | undefined {
  const keyRange = (pair.key as Node | null)?.range;
  if (!keyRange || !isScalar(pair.key)) return undefined;
  const valueEnd = (pair.value as Node | null)?.range?.[1] ?? keyRange[1];
  const children: ASTNode[] = [];
  const property: PropertyASTNode & { keyNode: ASTNode; valueNode?: ASTNode } = {
    type: 'property',
    parent,
    offset: keyRange[0],
    length: valueEnd - keyRange[0],
    keyNode: { type: 'string', offset: keyRange[0], length: keyRange[1] - keyRange[0], value: String(pair.key.value) },
    children,
  };
  const key = { ...property.keyNode, parent: property } as PropertyASTNode['keyNode'];
  const value = toNode(pair.value, property, depth + 1);
  children.push(key, ...(value ? [value] : []));
  return Object.assign(property, { keyNode: key, ...(value && { valueNode: value }) });
}

/** Every part of a document with a schema that it is judged by. */
export async function matchingSchemas(path: string, { text, json }: Structured): Promise<MatchingSchema[]> {
  const schema = schemaFor(path);
  return schema ? languageService.getMatchingSchemas(text, json, schema as JSONSchema) : [];
}
