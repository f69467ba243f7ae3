/** Keys and values for configuration files, from their schemas. */

import type { ASTNode, JSONSchema } from 'vscode-json-languageservice';
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  type Position,
  type Range,
} from 'vscode-languageserver';
import { stringify } from 'yaml';
import type { Document } from '../snapshot.ts';
import { isJson, languageService, matchingSchemas, structured } from './json-document.ts';
import { schemaFor } from './schemas.ts';

/** Stands where the cursor is while the document is read; no one writes it. */
const marker = 'countersign0cursor0marker';

export async function completeConfiguration(
  path: string,
  document: Document,
  position: Position,
): Promise<CompletionList | null> {
  const { text, json } = structured(document);
  const schema = schemaFor(path);
  if (!schema) return null;
  if (isJson(document)) {
    languageService.configure({ schemas: [{ uri: 'countersign:schema', fileMatch: ['*'], schema }] });
    return languageService.doComplete(text, position, json);
  }
  const place = placeOf(document.text.split(/\r?\n/)[position.line] ?? '', position);
  if (!place) return null;
  const { range, before, mayBeKey } = place;
  const asValue = await itemsAt(path, replaced(document, range, before, marker), before, valuesFor);
  const asKey = mayBeKey ? await itemsAt(path, replaced(document, range, before, `${marker}: `), before, keysFor) : [];
  const items = new Map([...asKey, ...asValue].map((item) => [item.label, item]));
  return {
    isIncomplete: false,
    items: [...items.values()].map(({ insertText, ...item }) => ({
      ...item,
      filterText: item.label,
      textEdit: { range, newText: insertText ?? item.label },
    })),
  };
}

interface Place {
  /** The word at the cursor, which a completion replaces. */
  range: Range;
  /** The line before that word. */
  before: string;
  mayBeKey: boolean;
}

/** What stands at the cursor; undefined in comments. */
function placeOf(line: string, { line: number, character }: Position): Place | undefined {
  const left = line.slice(0, character);
  if (/(^|\s)#/.test(left)) return undefined;
  const word = /[^\s,:[\]{}"'#]*$/.exec(left)?.[0] ?? '';
  const rest = /^[^\s,:[\]{}"'#]*/.exec(line.slice(character))?.[0] ?? '';
  const before = left.slice(0, left.length - word.length);
  const start = { line: number, character: character - word.length };
  return {
    range: { start, end: { line: number, character: character + rest.length } },
    before,
    // A key is already there when a colon follows.
    mayBeKey: /^\s*(- +)*$/.test(before) && !/^\s*:/.test(line.slice(character + rest.length)),
  };
}

/** The document with something else in place of the word at the cursor. */
function replaced(document: Document, range: Range, before: string, word: string): Document {
  const lines = document.text.split('\n');
  const line = lines[range.start.line] ?? '';
  lines[range.start.line] = before + word + line.slice(range.end.character);
  return { ...document, text: lines.join('\n') };
}

async function itemsAt(
  path: string,
  document: Document,
  before: string,
  make: (schema: JSONSchema, marked: ASTNode, indent: string) => CompletionItem[],
): Promise<CompletionItem[]> {
  const structure = structured(document);
  const marked = find(structure.json.root);
  if (!marked) return [];
  const target = make === keysFor ? marked.parent?.parent : marked;
  const matches = await matchingSchemas(path, structure);
  const indent = before.replaceAll('-', ' ');
  return matches.filter(({ node }) => node === target).flatMap(({ schema }) => make(schema, marked, indent));
}

/** The key or value that stands for the cursor. */
function find(node: ASTNode | undefined): ASTNode | undefined {
  if (node?.type === 'string' && node.value === marker) return node;
  for (const child of node?.children ?? []) {
    const found = find(child);
    if (found) return found;
  }
  return undefined;
}

function keysFor(schema: JSONSchema, marked: ASTNode, indent: string): CompletionItem[] {
  const object = marked.parent?.parent;
  const taken = new Set(object?.type === 'object' ? object.properties.map(({ keyNode }) => keyNode.value) : []);
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => !taken.has(key))
    .map(([key, value]) => ({
      label: key,
      kind: CompletionItemKind.Property,
      detail: schema.required?.includes(key) ? 'required' : undefined,
      documentation: documentation(value),
      insertText: `${key}:${startOf(value, indent)}`,
    }));
}

/** What follows a key's colon, as far as the schema says. */
function startOf(schema: JSONSchema | boolean, indent: string): string {
  if (typeof schema === 'boolean') return ' ';
  if (schema.const !== undefined) return ` ${inYaml(schema.const)}`;
  if (schema.type === 'object') return `\n${indent}  `;
  if (schema.type === 'array') return `\n${indent}  - `;
  return ' ';
}

function valuesFor(schema: JSONSchema): CompletionItem[] {
  const item = (value: unknown, text?: string): CompletionItem => ({
    label: inYaml(value),
    kind: CompletionItemKind.Value,
    documentation: text === undefined ? documentation(schema) : { kind: 'markdown', value: text },
  });
  const scalars = (values: readonly unknown[] | undefined) =>
    (values ?? []).filter((value) => typeof value !== 'object' || value === null);
  const known = [
    ...(schema.enum ?? []).map((value, at) => item(value, schema.markdownEnumDescriptions?.[at])),
    ...(schema.const === undefined ? [] : [item(schema.const)]),
    ...(schema.type === 'boolean' ? [item(true), item(false)] : []),
  ];
  if (known.length > 0) return known;
  return [...scalars(schema.default === undefined ? [] : [schema.default]), ...scalars(schema.examples)].map((value) =>
    item(value),
  );
}

function documentation(schema: JSONSchema | boolean): CompletionItem['documentation'] {
  if (typeof schema === 'boolean') return undefined;
  const value = schema.markdownDescription ?? schema.description;
  return value === undefined ? undefined : { kind: 'markdown', value };
}

/** A scalar as YAML writes it, quoted where it must be. */
function inYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
