/** What is under the cursor, in words: rules and packages with their METADATA, built-ins, keywords, the input. */
import type { Hover, Position } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { type Builtin, signatureOf } from './builtins.ts';
import { keywordHelp } from './keyword-help.ts';
import { descriptionOf } from './metadata.ts';
import { metadataHover } from './metadata-hover.ts';
import {
  type Definition,
  definitionsOf,
  type Module,
  type Modules,
  modulesOf,
  occurrenceAt,
  rulePath,
} from './names/modules.ts';
import type { Local } from './names/names.ts';
import type { Meaning } from './names/occurrences.ts';
import { offsetAt, rangeOf } from './places.ts';
import type { Package } from './syntax/tree.ts';
import { pathAt } from './syntax/walk.ts';
import { type TypedPlace, typedAt, typedKeyAt } from './types/at.ts';
import { inferring, type Types } from './types/infer.ts';
import { showType, showTypeInLines } from './types/show.ts';
import { typeText } from './types/text.ts';
import type { Type } from './types/type.ts';

/** How many definitions of a rule, and of their files, are shown. */
const shownDefinitions = 6;

/** How many definitions of a rule, or modules of a package, are looked at: generated policies have thousands. */
const looksAt = 100;

export function hover(
  root: Root,
  path: string,
  position: Position,
  builtins: ReadonlyMap<string, Builtin>,
): Hover | null {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return null;
  const offset = offsetAt(module.document, position);
  const block = metadataHover(root, module, offset);
  if (block) return block;
  const types = inferring(root, builtins);
  const found = occurrenceAt(modules, module, offset);
  const typed = typedAt(types, module, offset) ?? (found && typedKeyAt(types, module, found));
  if (found) {
    const value = describe(modules, module, found.meaning, { builtins, types, typed });
    return value === '' ? null : { contents: { kind: 'markdown', value }, range: rangeOf(module.document, found) };
  }
  // Behind what is not constant: `input.users[_].name`.
  if (typed) return { contents: { kind: 'markdown', value: placeText(typed) }, range: rangeOf(module.document, typed) };
  return keywordAt(module, offset);
}

interface Known {
  builtins: ReadonlyMap<string, Builtin>;
  types: Types;
  /** What is inferred of the place. */
  typed: TypedPlace | undefined;
}

function describe(modules: Modules, module: Module, meaning: Meaning, { builtins, types, typed }: Known): string {
  switch (meaning.kind) {
    case 'builtin': {
      const builtin = builtins.get(meaning.name);
      return builtin ? builtinText(builtin) : '';
    }
    case 'local':
      return localText(module, meaning.local, types.ofLocal(module, meaning.local));
    case 'input':
      return typed ? placeText(typed) : `${code(meaning.path.join('.'))}\nPart of the input.`;
    case 'alias': {
      const path = meaning.import.path.map(({ name }) => name);
      return path[0] === 'input' && typed ? placeText(typed) : dataText(modules, path, types);
    }
    case 'data':
      return dataText(modules, meaning.path, types);
  }
}

function placeText({ text, type, about, required }: TypedPlace): string {
  return [code(`${text}: ${showTypeInLines(type)}`), typeText(type, about, { required })].filter(Boolean).join('\n');
}

/** '' where nothing is inferred. */
function inferredText(type: Type): string {
  if (type.kind === 'any') return '';
  return type.kind === 'function' ? `Gives \`${showType(type.result)}\`.` : `Type: \`${showType(type)}\``;
}

export function builtinText(builtin: Builtin): string {
  const { description, args, result, deprecated, categories } = builtin;
  const lines = [
    ...args.flatMap(({ name, description: said }) => (name && said ? [`- \`${name}\`: ${said}`] : [])),
    ...(result?.description ? [`- gives ${result.description}`] : []),
  ];
  return [
    code(signatureOf(builtin)),
    ...(deprecated ? ['**Deprecated.**'] : []),
    ...(description ? [description] : []),
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    `Built in${categories.length > 0 ? ` (${categories.join(', ')})` : ''}.`,
  ].join('\n\n');
}

function localText({ names: { tree } }: Module, { name, kind, spans }: Local, type: Type): string {
  const [first] = spans;
  const start = first ? tree.text.lastIndexOf('\n', first.start) + 1 : 0;
  const end = first ? tree.text.indexOf('\n', first.start) : 0;
  const line = tree.text.slice(start, end < 0 ? undefined : end).trim();
  const what = {
    argument: 'An argument',
    some: 'A variable of `some`',
    every: 'A variable of `every`',
    assigned: 'A variable, assigned',
    implicit: 'A variable, made by its use',
  }[kind];
  const typed = type.kind === 'any' ? name : `${name}: ${showTypeInLines(type)}`;
  const said = typeText(type, type.about);
  return [code(typed), ...(said === '' ? [] : [`${said}\n`]), `${what}:\n`, code(line)].join('\n');
}

function dataText(modules: Modules, path: readonly string[], types: Types): string {
  const packages = modules.byPackage.get(path.join('\n')) ?? [];
  const [first] = packages;
  if (first) return packageText(path, packages);
  const definitions = definitionsOf(modules, path);
  const type = types.ofData(path);
  if (definitions.length > 0) return ruleText(definitions, type);
  const text = type.kind === 'any' ? path.join('.') : `${path.join('.')}: ${showTypeInLines(type)}`;
  return [code(text), typeText(type, type.about) || 'Data.'].join('\n');
}

function packageText(path: readonly string[], packages: readonly Module[]): string {
  const said = packages.slice(0, looksAt).flatMap((module) => {
    const declared = module.names.tree.root.items.find((item): item is Package => item.kind === 'package');
    return declared ? descriptionOf(module, declared) || [] : [];
  });
  const modules = packages.length === 1 ? '1 module' : `${packages.length} modules`;
  return [code(`package ${path.slice(1).join('.')}`), ...said, `Package of ${modules}.`].join('\n\n');
}

/** The path, what METADATA says, the heads of its definitions and what they give. */
export function ruleText(definitions: readonly Definition[], type: Type): string {
  const [first] = definitions as [Definition, ...Definition[]];
  const looked = definitions.slice(0, looksAt);
  const said = looked.flatMap(({ module, rule }) => descriptionOf(module, rule.node) || []);
  const heads = looked.map(({ module, rule: { node } }) => {
    const head = module.names.tree.text.slice(node.head.start, node.head.end).replace(/\s*\n\s*/g, ' ');
    return node.isDefault ? `default ${head}` : head;
  });
  const unique = [...new Set(heads)];
  const shown = unique.slice(0, shownDefinitions);
  const more = unique.length - shown.length + definitions.length - looked.length;
  const files = [...new Set(definitions.map(({ module }) => fileOf(module)))];
  const others = files.length - shownDefinitions;
  return [
    code(shown.join('\n')),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(inferredText(type) === '' ? [] : [inferredText(type)]),
    ...new Set(said),
    `\`${rulePath(first).join('.')}\` in ${files.slice(0, shownDefinitions).join(', ')}${others > 0 ? `, and ${others} more` : ''}`,
  ].join('\n\n');
}

/** A block of YAML is in its file. */
function fileOf({ path, document }: Module): string {
  return document.embedded ? path.replace(/#.*$/, '') : path;
}

function keywordAt(module: Module, offset: number): Hover | null {
  const { tree } = module.names;
  const { text } = tree;
  if (tree.comments.some(({ start, end }) => start <= offset && offset <= end)) return null;
  const innermost = pathAt(tree, offset).at(-1);
  if (innermost?.kind === 'string' || innermost?.kind === 'text') return null;
  const before = /[a-z]*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const after = /^[a-z]*/.exec(text.slice(offset))?.[0] ?? '';
  const value = keywordHelp.get(before + after);
  if (!value) return null;
  const range = rangeOf(module.document, { start: offset - before.length, end: offset + after.length });
  return { contents: { kind: 'markdown', value }, range };
}

function code(text: string): string {
  return `\`\`\`rego\n${text}\n\`\`\`\n`;
}
