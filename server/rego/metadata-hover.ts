/** What the keys and values of METADATA mean. */
import type { Hover } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { blockAt, marginOf } from './metadata-block.ts';
import { metadataKey } from './metadata-keys.ts';
import type { Module } from './names/modules.ts';
import { rangeOf } from './places.ts';
import { namesIn } from './types/annotations.ts';
import { schemasByName, schemaType } from './types/input-schemas.ts';
import { showType } from './types/show.ts';
import { typeText } from './types/text.ts';

/** Null outside of METADATA, and where nothing is to be said. */
export function metadataHover(root: Root, { document }: Module, offset: number): Hover | null {
  const { text } = document;
  const start =
    offset - (/[\w."[\]-]*$/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0].length ?? 0);
  const end = offset + (/^[\w."[\]-]*/.exec(text.slice(offset))?.[0].length ?? 0);
  const block = blockAt(text, start, marginOf(document));
  if (!block || start === end) return null;
  const word = text.slice(start, end);
  const value = describe(root, word, block.before, block.parents);
  return value === '' ? null : { contents: { kind: 'markdown', value }, range: rangeOf(document, { start, end }) };
}

function describe(root: Root, word: string, before: string, parents: readonly string[]): string {
  if (/^[\s-]*$/.test(before)) {
    const key = metadataKey([...parents, word]);
    return key ? `**${word}**\n\n${key.description}` : '';
  }
  const name = /^[\s-]*(\w+):\s*$/.exec(before)?.[1];
  const said = name === undefined ? undefined : metadataKey([...parents, name])?.values?.[word];
  if (said) return `**${word}**\n\n${said}`;
  if (!word.startsWith('schema.') && !word.startsWith('schema[')) return '';
  const schema = schemasByName(root).get(namesIn(word).slice(1).join('/'));
  if (!schema) return '';
  const type = schemaType(schema);
  return [`\`\`\`rego\n${showType(type)}\n\`\`\`\n`, typeText(type, type.about), schema.path]
    .filter(Boolean)
    .join('\n\n');
}
