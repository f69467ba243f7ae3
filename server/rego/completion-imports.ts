/** Packages and rules in imports, rules of packages that are not imported yet, and the package of a file. */
import { type CompletionItem, CompletionItemKind, type CompletionList, type TextEdit } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import type { CompletionData } from './completion.ts';
import { type Exported, findExports, packagesBelow, packagesStartingWith } from './names/lookups.ts';
import { exportsOf, type Module, type Modules, rulesBelow } from './names/modules.ts';
import { isDeclared } from './names/names.ts';
import { rangeOf } from './places.ts';

/** More are asked for again with the next letter. */
const maxItems = 100;

/** @param typed behind `import` */
export function importItems(root: Root, modules: Modules, module: Module, typed: string): CompletionList {
  const parts = typed.split('.').slice(0, -1);
  const last = typed.slice(typed.lastIndexOf('.') + 1);
  if (parts.length === 0) {
    const packages = packagesStartingWith(modules, 'data'.startsWith(last) ? '' : last, maxItems);
    return {
      isIncomplete: packages.length >= maxItems || last === '',
      items: [
        { label: 'data', kind: CompletionItemKind.Module },
        { label: 'input', kind: CompletionItemKind.Constant },
        ...languageItems(module, typed),
        ...packages.flatMap((path) => wholePackage(module, path)),
      ],
    };
  }
  if (parts[0] !== 'data') return { isIncomplete: false, items: languageItems(module, typed) };
  const below = packagesBelow(modules, parts).map((label) => ({ label, kind: CompletionItemKind.Module }));
  const rules = [...exportsOf(modules, parts)]
    .filter((name) => !name.startsWith('test_'))
    .map((label) => ({
      label,
      kind: CompletionItemKind.Variable,
      data: { rule: [...parts, label], root: root.id } satisfies CompletionData,
    }));
  return { isIncomplete: false, items: [...below, ...rules] };
}

/** What brings keywords: those of Rego 1.0 to modules before it, and those to come. */
function languageItems({ version, names }: Module, typed: string): CompletionItem[] {
  const words = version === 'v1' ? ['and', 'not', 'or'] : ['and', 'contains', 'every', 'if', 'in', 'not', 'or'];
  const known = new Set(names.imports.map(({ path }) => path.map(({ name }) => name).join('.')));
  const paths = [
    ...(version === 'v1' ? [] : ['rego.v1']),
    'future.keywords',
    ...words.map((word) => `future.keywords.${word}`),
  ];
  const prefix = typed.slice(0, typed.lastIndexOf('.') + 1);
  return paths
    .filter((path) => path.startsWith(prefix) && (path === typed || !known.has(path)))
    .map((path) => path.slice(prefix.length))
    .map((label) => ({ label, kind: CompletionItemKind.Keyword, sortText: `9${label}` }));
}

function wholePackage(module: Module, path: readonly string[]): CompletionItem[] {
  const label = path.join('.');
  const isKnown = module.names.imports.some((one) => one.path.map(({ name }) => name).join('.') === label);
  if (isKnown || label === module.package.join('.')) return [];
  return [{ label, filterText: foundBy(path.at(-1) ?? '', label), kind: CompletionItemKind.Module }];
}

/**
 * A filter text that finds an item by a name within its label, too. Without a blank: VS Code takes the blank that ends
 * a keyword for a part of what is looked for, and lets two letters change places; `if ` found `id finding.id`, and
 * Enter after `if {` put that into the rule.
 */
function foundBy(name: string, label: string): string {
  return `${name}·${label}`;
}

/** Rules of packages that are not imported yet, by the last name of the package. */
export function otherPackages(root: Root, modules: Modules, module: Module, typed: string): CompletionList {
  const { found, complete } = findExports(modules, typed, maxItems);
  // Any hundred of many help nobody: the first letter brings some.
  if (typed === '' && !complete) return { isIncomplete: true, items: [] };
  const known = new Set(module.names.imports.map(({ path }) => path.map(({ name }) => name).join('\n')));
  const taken = new Set(module.names.imports.map(({ name }) => name));
  const items = found.flatMap((one) => {
    const path = one.package;
    const last = path.at(-1) ?? '';
    const key = path.join('\n');
    if (path.length < 2 || known.has(key) || taken.has(last) || key === module.package.join('\n')) return [];
    if (last.endsWith('_test') || one.name.startsWith('test_') || !/^[A-Za-z_]\w*$/.test(last)) return [];
    if (exportsOf(modules, module.package).has(last)) return [];
    return otherItem(root, module, one, last);
  });
  return { isIncomplete: !complete, items };
}

function otherItem(
  root: Root,
  module: Module,
  { package: path, name, isFunction }: Exported,
  last: string,
): CompletionItem {
  const label = `${last}.${name}`;
  return {
    label,
    kind: isFunction ? CompletionItemKind.Function : CompletionItemKind.Variable,
    sortText: `4${label}`,
    filterText: foundBy(name, label),
    insertText: label,
    detail: `import ${path.join('.')}`,
    data: { rule: [...path, name], root: root.id } satisfies CompletionData,
    additionalTextEdits: [importEdit(module, path.join('.'))],
  };
}

/** The rules of packages with that last name, behind `name.`, where nothing else has it. */
export function rulesToImport(root: Root, modules: Modules, module: Module, last: string): CompletionItem[] {
  if (module.names.locals.some((local) => local.name === last && isDeclared(local))) return [];
  const packages = packagesStartingWith(modules, last, maxItems).filter(
    (path) => path.at(-1) === last && path.length > 1 && path.join('\n') !== module.package.join('\n'),
  );
  return packages.flatMap((path) =>
    [...rulesBelow(modules, path)]
      .filter(([name]) => !name.startsWith('test_'))
      .slice(0, maxItems)
      .map(([name, definitions]) => {
        const isFunction = definitions.some(({ outline }) => outline.args !== undefined);
        const item = otherItem(root, module, { package: path, name, isFunction }, last);
        return { ...item, label: name, filterText: name, insertText: name };
      }),
  );
}

/** Below the last import, else below the package. */
function importEdit({ document, names }: Module, path: string): TextEdit {
  const items = names.tree.root.items;
  const last = items.filter(({ kind }) => kind === 'import').at(-1);
  const after = last ?? items.find(({ kind }) => kind === 'package');
  const at = after?.end ?? 0;
  const { end } = rangeOf(document, { start: at, end: at });
  const newline = document.text.includes('\r\n') ? '\r\n' : '\n';
  return { range: { start: end, end }, newText: `${last ? newline : newline + newline}import ${path}` };
}

/** As the folders of the file are named. */
export function packageItems(path: string, line: string): CompletionItem[] {
  if (line.includes('.')) return [];
  const folders = path.split('/').slice(0, -1);
  const names = folders.filter((name) => /^[A-Za-z_]\w*$/.test(name));
  const own =
    path
      .split('/')
      .at(-1)
      ?.replace(/\.rego$/, '') ?? '';
  const paths = names.map((_, at) => names.slice(at).join('.'));
  if (paths.length === 0 && /^[A-Za-z_]\w*$/.test(own)) paths.push(own);
  return paths.map((label, at) => ({ label, kind: CompletionItemKind.Module, sortText: String(at) }));
}
