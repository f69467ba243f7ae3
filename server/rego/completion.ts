/**
 * What could stand at the cursor: after a dot what is in what is before it; where a value is compared, the values that
 * there are; in imports packages; in METADATA its keys; else keywords, variables in sight, rules, imports, built-ins,
 * and rules of other packages with the import they need.
 */
import {
  type CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  type CompletionList,
  type Position,
} from 'vscode-languageserver';
import { kindOf } from '../file-kinds.ts';
import type { Root } from '../snapshot.ts';
import { type Builtin, signatureOf } from './builtins.ts';
import { importItems, otherPackages, packageItems, rulesToImport } from './completion-imports.ts';
import { keywordItems } from './completion-keywords.ts';
import { fieldItems, isClosed, usedItems } from './completion-members.ts';
import { metadataItems } from './completion-metadata.ts';
import { valueItems } from './completion-values.ts';
import { builtinText, ruleText } from './hover.ts';
import { inputNamesAt, isPackage, packagesBelow } from './names/lookups.ts';
import {
  type Definition,
  definitionsOf,
  exportsOf,
  type Module,
  type Modules,
  modulesOf,
  rulesBelow,
} from './names/modules.ts';
import { offsetAt } from './places.ts';
import type { Ref, Span } from './syntax/tree.ts';
import { pathAt } from './syntax/walk.ts';
import { namesIn } from './types/annotations.ts';
import { expectedAt } from './types/expected.ts';
import { inferring, type Types } from './types/infer.ts';
import { fieldsOf } from './types/parts.ts';
import { any } from './types/type.ts';

/** What `resolve` needs to tell more of an item. */
export type CompletionData = ({ builtin: string; rulePath?: string } | { rule: readonly string[] }) & { root: string };

export interface CompletionOptions {
  /** Whether the client takes snippets. */
  snippets: boolean;
  /** What was typed, where that made the client ask. */
  trigger?: string | undefined;
}

/** Of a package with more rules, those with what is typed in their names; the next letter asks again. */
const maxRules = 1000;

const none: CompletionList = { isIncomplete: false, items: [] };

export function complete(
  root: Root,
  path: string,
  position: Position,
  builtins: ReadonlyMap<string, Builtin>,
  { snippets, trigger }: CompletionOptions = { snippets: true },
): CompletionList {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return none;
  const offset = offsetAt(module.document, position);
  const { text } = module.document;
  const { tree } = module.names;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (tree.comments.some(({ start, end }) => start < offset && offset <= end)) {
    return metadataItems(root, module, offset, { snippets, trigger });
  }
  const imported = /^\s*import\s+([\w.]*)$/.exec(line);
  if (imported && !imported[1]?.startsWith('input.')) return importItems(root, modules, module, imported[1] ?? '');
  if (/^\s*package\s/.test(line)) return whole(packageItems(path, line));
  const types = inferring(root, builtins);
  const expected = expectedAt(types, module, offset);
  const innermost = pathAt(tree, offset).at(-1);
  const inString = innermost && (innermost.kind === 'string' || innermost.kind === 'text');
  if (inString && innermost.start < offset && (offset < innermost.end || expected?.string)) {
    return whole(expected ? valueItems(module.document, expected) : []);
  }
  // A new name: with one that is offered, Enter would replace it.
  if (/\b(?:some|every)\s+(?:\w+\s*,\s*)*\w*$/.test(line)) return none;
  const values = expected ? valueItems(module.document, expected) : [];
  // A space or a bracket brings something where it makes a choice of a few, and nothing elsewhere.
  if (trigger !== undefined && trigger !== '.') return whole(values);
  const members = memberItems(root, { modules, module, types, builtins }, line, offset);
  if (members) return members;
  // A number, or the end of something that has no members.
  if (/[\d)\]}"`]\.?\w*$/.test(line) && !/[A-Za-z_]\w*$/.test(line)) return none;
  const typed = /\w*$/.exec(line)?.[0] ?? '';
  const rules = ruleItems(root, modules, module.package, typed);
  const keywords = keywordItems(line, { snippets, isOld: isOld(module) });
  // At the top nothing but a rule, another one of its definitions, begins with a name.
  const isTop = !pathAt(tree, offset).some(({ kind }) => kind === 'body');
  if (isTop && /^\w*$/.test(line)) return { ...rules, items: [...keywords, ...rules.items] };
  if (/^default\s+\w*$/.test(line)) return rules;
  const others = otherPackages(root, modules, module, typed);
  return {
    isIncomplete: others.isIncomplete || rules.isIncomplete,
    items: [
      ...values,
      ...keywords,
      ...localItems(module, offset),
      ...rules.items,
      ...importedItems(modules, module),
      ...['input', 'data'].map((label) => ({ label, kind: CompletionItemKind.Constant, sortText: `1${label}` })),
      ...builtinItems(root, module.path, builtins, ''),
      ...others.items,
    ],
  };
}

/** Rego before 1.0, without the imports that bring its keywords. */
function isOld({ version, names }: Module): boolean {
  return version === 'v0' && !names.imports.some(({ path }) => path[0]?.name === 'rego' || path[0]?.name === 'future');
}

function whole(items: CompletionItem[]): CompletionList {
  return { isIncomplete: false, items };
}

/** Adds the documentation of the item that is looked at. */
export function resolveCompletion(
  item: CompletionItem,
  root: Root | undefined,
  builtins: ReadonlyMap<string, Builtin>,
): CompletionItem {
  const data = item.data as CompletionData | undefined;
  if (!data) return item;
  if ('builtin' in data) {
    const builtin = builtins.get(data.builtin);
    return builtin ? { ...item, documentation: { kind: 'markdown', value: builtinText(builtin) } } : item;
  }
  const found = root ? definitionsOf(modulesOf(root), data.rule) : [];
  if (!root || found.length === 0) return item;
  const value = ruleText(found, inferring(root, builtins).ofData(data.rule));
  return { ...item, documentation: { kind: 'markdown', value } };
}

interface Known {
  modules: Modules;
  module: Module;
  types: Types;
  builtins: ReadonlyMap<string, Builtin>;
}

/** What follows the dot before the cursor; undefined where there is none. */
function memberItems(
  root: Root,
  { modules, module, types, builtins }: Known,
  line: string,
  offset: number,
): CompletionList | undefined {
  if (/\d\.\w*$/.test(line) && !/[A-Za-z_]\w*\.\w*$/.test(line)) return undefined;
  const { tree } = module.names;
  const ref = pathAt(tree, offset).findLast((node): node is Ref => node.kind === 'ref');
  const at = ref?.parts.findIndex((part) => part.kind === 'dot' && part.start < offset && offset <= part.end) ?? -1;
  const dotted = /([A-Za-z_]\w*(?:\.\w+|\["[^"\n]*"\])*)\.(\w*)$/.exec(line);
  if (!ref || at < 0) return dotted ? whole(builtinItems(root, module.path, builtins, `${dotted[1]}.`)) : undefined;
  const names = dotted ? namesIn(dotted[1] ?? '') : [];
  const path = names.length > 0 ? meant(modules, module, names) : undefined;
  const type = types.ofRefUpTo(module, ref, at);
  const typed: Span = { start: (ref.parts[at]?.start ?? offset) + 1, end: ref.parts[at]?.end ?? offset };
  if (path?.[0] === 'data') {
    const below = packagesBelow(modules, path).map((label) => ({ label, kind: CompletionItemKind.Module }));
    const { items: rules, isIncomplete } = ruleItems(root, modules, path, dotted?.[2] ?? '');
    const known = new Set([...below, ...rules].map(({ label }) => label));
    const fields = fieldItems(module.document, isPackage(modules, path) ? types.ofBase(path) : type, typed);
    return { isIncomplete, items: [...below, ...rules, ...fields.filter(({ label }) => !known.has(label))] };
  }
  const fields = fieldItems(module.document, type, typed);
  if (path?.[0] === 'input') {
    const known = new Set(fieldsOf(type).keys());
    return whole([...fields, ...(isClosed(type) ? [] : usedItems(inputNamesAt(modules, path), known))]);
  }
  if (type !== any || fields.length > 0) return whole(fields);
  const named = builtinItems(root, module.path, builtins, `${names.join('.')}.`);
  return whole(named.length > 0 || names.length !== 1 ? named : rulesToImport(root, modules, module, names[0] ?? ''));
}

/** The path from `data` or `input` on that names stand for in a module. */
function meant(modules: Modules, module: Module, names: readonly string[]): string[] | undefined {
  const [first = '', ...rest] = names;
  if (first === 'data' || first === 'input') return [...names];
  const imported = module.names.imports.find(({ name }) => name === first);
  if (imported) return [...imported.path.map(({ name }) => name), ...rest];
  return exportsOf(modules, module.package).has(first) ? [...module.package, ...names] : undefined;
}

function localItems({ names }: Module, offset: number): CompletionItem[] {
  const seen = new Set<string>();
  const rule = names.tree.root.items.find((item) => within(item, offset));
  return names.locals.flatMap(({ name, kind, scope, spans }) => {
    const isArgument = kind === 'argument' && rule && rule.start <= scope.start && scope.end <= rule.end;
    if ((!within(scope, offset) && !isArgument) || seen.has(name)) return [];
    // What is being typed is no variable yet.
    if (spans.length === 1 && spans[0] && within(spans[0], offset)) return [];
    seen.add(name);
    return [{ label: name, kind: CompletionItemKind.Variable, sortText: `0${name}` }];
  });
}

function within({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

function ruleItems(root: Root, modules: Modules, path: readonly string[], typed: string): CompletionList {
  const all = [...rulesBelow(modules, path)];
  const isIncomplete = all.length > maxRules;
  const word = typed.toLowerCase();
  const holding = isIncomplete ? all.filter(([name]) => name.toLowerCase().includes(word)) : all;
  const begins = ([name]: [string, unknown]) => (name.toLowerCase().startsWith(word) ? 0 : 1);
  const some = holding.length > maxRules ? holding.sort((a, b) => begins(a) - begins(b)).slice(0, maxRules) : holding;
  return { isIncomplete, items: some.map(([name, definitions]) => ruleItem(root, name, [...path, name], definitions)) };
}

function ruleItem(root: Root, label: string, rule: string[], definitions: readonly Definition[]): CompletionItem {
  const isFunction = definitions.some(({ outline }) => outline.args !== undefined);
  return {
    label,
    kind: isFunction ? CompletionItemKind.Function : CompletionItemKind.Variable,
    sortText: `1${label}`,
    data: { rule, root: root.id } satisfies CompletionData,
  };
}

function importedItems(modules: Modules, { names }: Module): CompletionItem[] {
  return names.imports.flatMap(({ name, path }) => {
    if (name === undefined) return [];
    const from = path.map((one) => one.name);
    const kind = isPackage(modules, from) ? CompletionItemKind.Module : CompletionItemKind.Reference;
    return [{ label: name, kind, detail: from.join('.'), sortText: `1${name}` }];
  });
}

function builtinItems(
  { id }: Root,
  path: string,
  builtins: ReadonlyMap<string, Builtin>,
  prefix: string,
): CompletionItem[] {
  const inRule = kindOf(path) === 'lint-rule' && { rulePath: path };
  const items: CompletionItem[] = [];
  for (const builtin of builtins.values()) {
    const { name, infix, deprecated } = builtin;
    if (infix !== undefined || !name.startsWith(prefix) || name.startsWith('internal.')) continue;
    items.push({
      label: name.slice(prefix.length),
      kind: CompletionItemKind.Function,
      detail: signatureOf(builtin),
      sortText: `3${name}`,
      ...(deprecated && { tags: [CompletionItemTag.Deprecated] }),
      data: { builtin: name, root: id, ...inRule } satisfies CompletionData,
    });
  }
  return items;
}
