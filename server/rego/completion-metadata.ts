/** Keys and values of METADATA, by the block's lines around the cursor. */
import { type CompletionItem, CompletionItemKind, type CompletionList, InsertTextFormat } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import type { CompletionOptions } from './completion.ts';
import { type BlockPlace, blockAt, marginOf } from './metadata-block.ts';
import { type MetadataKey, metadataKey, metadataKeys } from './metadata-keys.ts';
import type { Module } from './names/modules.ts';
import { schemasByName } from './types/input-schemas.ts';

/** In a comment; nothing outside of METADATA, but for the word that begins it. */
export function metadataItems(
  root: Root,
  module: Module,
  offset: number,
  { snippets, trigger }: CompletionOptions,
): CompletionList {
  const { text } = module.document;
  const block = blockAt(text, offset, marginOf(module.document));
  if (block) return { isIncomplete: false, items: itemsIn(block, root, snippets) };
  // Not at the space behind the first `#`: most comments are no METADATA.
  const items = trigger === undefined ? beginning(text, offset, snippets) : [];
  // Asked again at each letter, as there is nothing behind the last one.
  return { isIncomplete: items.length > 0, items };
}

function itemsIn({ before, parents, taken }: BlockPlace, root: Root, snippets: boolean): CompletionItem[] {
  const value = /^[\s-]*(?:["']?([\w.[\]"-]+?)["']?):\s+(\S*)$/.exec(before);
  if (value) return valuesOf(root, [...parents, value[1] ?? '']);
  if (!/^[\s-]*\w*$/.test(before)) return [];
  if (parents[0] === 'schemas') return schemaPaths();
  const keys = parents.length === 0 ? metadataKeys : metadataKey(parents)?.keys;
  return Object.entries(keys ?? {})
    .filter(([name]) => !taken.has(name))
    .map(([name, key], at) => keyItem(name, key, before, String(at).padStart(2, '0'), snippets));
}

function keyItem(name: string, key: MetadataKey, before: string, sortText: string, snippets: boolean): CompletionItem {
  const indent = `# ${before.replace(/\w*$/, '').replaceAll('-', ' ')}`;
  const start = key.start === '-' ? `\n${indent}  - ` : key.keys ? `\n${indent}  ` : ' ';
  const values = Object.keys(key.values ?? {});
  const choice = values.length > 0 && snippets;
  return {
    label: name,
    kind: CompletionItemKind.Property,
    sortText,
    documentation: { kind: 'markdown', value: key.description },
    insertText: choice ? `${name}: \${1|${values.join(',')}|}` : `${name}:${start}`,
    ...(choice && { insertTextFormat: InsertTextFormat.Snippet }),
  };
}

function valuesOf(root: Root, path: readonly string[]): CompletionItem[] {
  if (path[0] === 'schemas') {
    return [...schemasByName(root)].map(([name, { path: file }]) => ({
      label: schemaReference(name),
      detail: file,
      kind: CompletionItemKind.Reference,
    }));
  }
  return Object.entries(metadataKey(path)?.values ?? {}).map(([label, description], at) => ({
    label,
    kind: CompletionItemKind.EnumMember,
    sortText: String(at),
    ...(description !== '' && { documentation: { kind: 'markdown' as const, value: description } }),
  }));
}

/** `schema.a["b-c"]`. */
function schemaReference(name: string): string {
  const parts = name.split('/').map((part) => (/^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`));
  return `schema${parts.join('')}`;
}

function schemaPaths(): CompletionItem[] {
  return ['input', 'data'].map((label) => ({ label, kind: CompletionItemKind.Property, insertText: `${label}: ` }));
}

/** Where a comment may become METADATA: alone on its line, at the line's start. */
function beginning(text: string, offset: number, snippets: boolean): CompletionItem[] {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start, offset);
  const above = text.slice(text.lastIndexOf('\n', start - 2) + 1, start);
  // Once the word is there, Enter ends its line.
  if (!/^#\s*\w*$/.test(line) || line.endsWith('METADATA') || above.startsWith('#')) return [];
  const space = line.startsWith('# ') ? '' : ' ';
  return [
    {
      label: 'METADATA',
      kind: snippets ? CompletionItemKind.Snippet : CompletionItemKind.Keyword,
      detail: 'says what the rule or package below is for',
      filterText: `${space}METADATA`,
      insertText: snippets
        ? `${space}METADATA\n# title: \${1:title}\n# description: \${2:what it decides}`
        : `${space}METADATA`,
      ...(snippets && { insertTextFormat: InsertTextFormat.Snippet }),
    },
  ];
}
