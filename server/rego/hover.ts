/** What is under the cursor, in words: rules and packages with their METADATA, built-ins, keywords, the input. */
import type { Hover, Position } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { type Builtin, signatureOf } from './builtins.ts';
import { keywordHelp } from './keyword-help.ts';
import { descriptionOf } from './metadata.ts';
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

/** How many definitions of a rule are shown. */
const shownDefinitions = 6;

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
  const found = occurrenceAt(modules, module, offset);
  if (found) {
    const value = describe(modules, module, found.meaning, builtins);
    return value === '' ? null : { contents: { kind: 'markdown', value }, range: rangeOf(module.document, found) };
  }
  return keywordAt(module, offset);
}

function describe(modules: Modules, module: Module, meaning: Meaning, builtins: ReadonlyMap<string, Builtin>): string {
  switch (meaning.kind) {
    case 'builtin': {
      const builtin = builtins.get(meaning.name);
      return builtin ? builtinText(builtin) : '';
    }
    case 'local':
      return localText(module, meaning.local);
    case 'input':
      return `${code(meaning.path.join('.'))}\nPart of the input.`;
    case 'alias':
      return dataText(
        modules,
        meaning.import.path.map(({ name }) => name),
      );
    case 'data':
      return dataText(modules, meaning.path);
  }
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

function localText({ names: { tree } }: Module, { name, kind, spans }: Local): string {
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
  return `${code(name)}\n${what}:\n\n${code(line)}`;
}

function dataText(modules: Modules, path: readonly string[]): string {
  const packages = modules.byPackage.get(path.join('\n')) ?? [];
  const [first] = packages;
  if (first) return packageText(path, packages);
  const definitions = definitionsOf(modules, path);
  return definitions.length > 0 ? ruleText(definitions) : `${code(path.join('.'))}\nData.`;
}

function packageText(path: readonly string[], packages: readonly Module[]): string {
  const said = packages.flatMap((module) => {
    const declared = module.names.tree.root.items.find((item): item is Package => item.kind === 'package');
    return declared ? descriptionOf(module, declared) || [] : [];
  });
  const modules = packages.length === 1 ? '1 module' : `${packages.length} modules`;
  return [code(`package ${path.slice(1).join('.')}`), ...said, `Package of ${modules}.`].join('\n\n');
}

/** The path, what METADATA says, and the heads of its definitions. */
export function ruleText(definitions: readonly Definition[]): string {
  const [first] = definitions as [Definition, ...Definition[]];
  const said = definitions.flatMap(({ module, rule }) => descriptionOf(module, rule.node) || []);
  const heads = definitions.map(({ module, rule: { node } }) => {
    const head = module.names.tree.text.slice(node.head.start, node.head.end).replace(/\s*\n\s*/g, ' ');
    return node.isDefault ? `default ${head}` : head;
  });
  const unique = [...new Set(heads)];
  const shown = unique.slice(0, shownDefinitions);
  const more = unique.length - shown.length;
  return [
    code(shown.join('\n')),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...new Set(said),
    `\`${rulePath(first).join('.')}\` in ${[...new Set(definitions.map(({ module }) => module.path))].join(', ')}`,
  ].join('\n\n');
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
