/**
 * What could stand at the cursor: after a dot the next names of what is before it; in an import packages; else
 * keywords, variables in sight, rules, imports, built-ins, and rules of other packages with the import they need.
 */
import {
  type CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  InsertTextFormat,
  type Position,
  type TextEdit,
} from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { type Builtin, signatureOf } from './builtins.ts';
import { keywordItems } from './completion-keywords.ts';
import { builtinText, ruleText } from './hover.ts';
import { type Definition, definitionsOf, exportsOf, type Module, type Modules, modulesOf } from './names/modules.ts';
import { offsetAt, rangeOf } from './places.ts';
import type { Import, Span } from './syntax/tree.ts';
import { pathAt } from './syntax/walk.ts';

/** What `resolve` needs to tell more of an item. */
export type CompletionData = { builtin: string } | { rule: string[]; root: string };

export function complete(
  root: Root,
  path: string,
  position: Position,
  builtins: ReadonlyMap<string, Builtin>,
): CompletionItem[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return [];
  const offset = offsetAt(module.document, position);
  const { text } = module.document;
  const { tree } = module.names;
  if (tree.comments.some(({ start, end }) => start < offset && offset <= end)) return [];
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const imported = /^\s*import\s+([\w.]*)$/.exec(line);
  if (imported) return importItems(modules, module, imported[1] ?? '');
  if (/^\s*package\s/.test(line)) return packageItems(path, line);
  const innermost = pathAt(tree, offset).at(-1);
  const inString = innermost && (innermost.kind === 'string' || innermost.kind === 'text');
  if (inString && innermost.start < offset && offset < innermost.end) return [];
  const dotted = /([A-Za-z_]\w*(?:\.\w+|\["[^"\n]*"\])*)\.(\w*)$/.exec(line);
  if (dotted) return memberItems(root, modules, module, namesIn(dotted[1] ?? ''), builtins);
  // A number, or the end of something that has no members.
  if (/[\d)\]}"`]\.?\w*$/.test(line) && !/[A-Za-z_]\w*$/.test(line)) return [];
  return [
    ...keywordItems(line),
    ...localItems(module, offset),
    ...ruleItems(root, modules, module),
    ...importedItems(modules, module),
    ...rootItems(),
    ...builtinItems(builtins, ''),
    ...otherPackages(root, modules, module),
  ];
}

/** Adds the documentation of the item that is looked at. */
export function resolveCompletion(
  item: CompletionItem,
  roots: ReadonlyMap<string, Root>,
  builtins: ReadonlyMap<string, Builtin>,
): CompletionItem {
  const data = item.data as CompletionData | undefined;
  if (!data) return item;
  if ('builtin' in data) {
    const builtin = builtins.get(data.builtin);
    return builtin ? { ...item, documentation: { kind: 'markdown', value: builtinText(builtin) } } : item;
  }
  const root = roots.get(data.root);
  const found = root ? definitionsOf(modulesOf(root), data.rule) : [];
  return found.length > 0 ? { ...item, documentation: { kind: 'markdown', value: ruleText(found) } } : item;
}

/** `a.b["c"]` as its names. */
function namesIn(reference: string): string[] {
  return [...reference.matchAll(/\["([^"]*)"\]|(\w+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function memberItems(
  root: Root,
  modules: Modules,
  module: Module,
  names: readonly string[],
  builtins: ReadonlyMap<string, Builtin>,
): CompletionItem[] {
  const path = meant(modules, module, names);
  if (path?.[0] === 'input') return inputItems(modules, path);
  if (path) return [...nextOfPackages(modules, path), ...nextOfRules(root, modules, path)];
  return builtinItems(builtins, `${names.join('.')}.`);
}

/** The path from `data` or `input` on that names stand for in a module. */
function meant(modules: Modules, module: Module, names: readonly string[]): string[] | undefined {
  const [first = '', ...rest] = names;
  if (first === 'data' || first === 'input') return [...names];
  const imported = module.names.imports.find(({ name }) => name === first);
  if (imported) return [...imported.path.map(({ name }) => name), ...rest];
  return exportsOf(modules, module.package).has(first) ? [...module.package, ...names] : undefined;
}

function nextOfPackages(modules: Modules, path: readonly string[]): CompletionItem[] {
  const next = new Set<string>();
  for (const [module] of modules.byPackage.values()) {
    const own = module?.package ?? [];
    if (own.length > path.length && path.every((name, at) => own[at] === name)) next.add(own[path.length] as string);
  }
  return [...next].map((label) => ({ label, kind: CompletionItemKind.Module }));
}

function nextOfRules(root: Root, modules: Modules, path: readonly string[]): CompletionItem[] {
  const groups = new Map<string, Definition[]>();
  for (let end = path.length; end > 0; end--) {
    for (const module of modules.byPackage.get(path.slice(0, end).join('\n')) ?? []) {
      const inRule = path.slice(end);
      for (const rule of module.names.rules) {
        const next = rule.path[inRule.length];
        if (!next || inRule.some((name, at) => rule.path[at]?.name !== name)) continue;
        groups.set(next.name, [...(groups.get(next.name) ?? []), { module, rule }]);
      }
    }
  }
  return [...groups].map(([name, definitions]) => ruleItem(root, name, [...path, name], definitions));
}

/** What the policies of the workspace ask of the input there. */
function inputItems(modules: Modules, path: readonly string[]): CompletionItem[] {
  const next = new Map<string, number>();
  for (const { names } of modules.byPath.values()) {
    for (const { segments } of names.uses) {
      const name = segments[path.length]?.name;
      if (name === undefined || path.some((part, at) => segments[at]?.name !== part)) continue;
      next.set(name, (next.get(name) ?? 0) + 1);
    }
  }
  // Once may be what is being typed.
  return [...next].map(([label, times]) => ({
    label,
    kind: CompletionItemKind.Field,
    sortText: `${times > 1 ? 0 : 1}${label}`,
  }));
}

function localItems({ names }: Module, offset: number): CompletionItem[] {
  const seen = new Set<string>();
  return names.locals.flatMap(({ name, kind, scope, spans }) => {
    const rule = names.tree.root.items.find(({ start, end }) => start <= scope.start && scope.end <= end);
    const inSight = within(scope, offset) || (rule !== undefined && kind === 'argument' && within(rule, offset));
    const typed = spans.length === 1 && spans[0] && within(spans[0], offset);
    if (!inSight || typed || seen.has(name)) return [];
    seen.add(name);
    return [{ label: name, kind: CompletionItemKind.Variable, sortText: `0${name}` }];
  });
}

function within({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

function ruleItems(root: Root, modules: Modules, module: Module): CompletionItem[] {
  return nextOfRules(root, modules, module.package);
}

function importedItems(modules: Modules, { names }: Module): CompletionItem[] {
  return names.imports.flatMap(({ name, path }) => {
    if (name === undefined) return [];
    const detail = path.map((one) => one.name).join('.');
    const isPackage = modules.byPackage.has(path.map((one) => one.name).join('\n'));
    const kind = isPackage ? CompletionItemKind.Module : CompletionItemKind.Reference;
    return [{ label: name, kind, detail, sortText: `1${name}` }];
  });
}

function rootItems(): CompletionItem[] {
  return ['input', 'data'].map((label) => ({ label, kind: CompletionItemKind.Constant, sortText: `1${label}` }));
}

function builtinItems(builtins: ReadonlyMap<string, Builtin>, prefix: string): CompletionItem[] {
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
      data: { builtin: name } satisfies CompletionData,
    });
  }
  return items;
}

/** Rules of packages that are not imported yet, by the last name of the package. */
function otherPackages(root: Root, modules: Modules, module: Module): CompletionItem[] {
  const known = new Set(module.names.imports.map(({ path }) => path.map(({ name }) => name).join('\n')));
  const taken = new Set(module.names.imports.map(({ name }) => name));
  const items: CompletionItem[] = [];
  for (const [key, [first]] of modules.byPackage) {
    const own = first?.package ?? [];
    const last = own.at(-1);
    if (own.length < 2 || !last || known.has(key) || taken.has(last) || first === undefined) continue;
    if (key === module.package.join('\n') || last.endsWith('_test') || !/^[A-Za-z_]\w*$/.test(last)) continue;
    if (exportsOf(modules, module.package).has(last)) continue;
    const edit = importEdit(module, own.join('.'));
    for (const name of exportsOf(modules, own)) {
      if (name.startsWith('test_')) continue;
      const item = ruleItem(root, `${last}.${name}`, [...own, name], definitionsOf(modules, [...own, name]));
      items.push({
        ...item,
        sortText: `4${item.label}`,
        detail: `import ${own.join('.')}`,
        additionalTextEdits: [edit],
      });
    }
  }
  return items;
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

function ruleItem(root: Root, label: string, rule: string[], definitions: readonly Definition[]): CompletionItem {
  const called = definitions.some((one) => one.rule.node.head.args !== undefined);
  return {
    label,
    kind: called ? CompletionItemKind.Function : CompletionItemKind.Variable,
    sortText: `1${label}`,
    data: { rule, root: root.id } satisfies CompletionData,
  };
}

function importItems(modules: Modules, module: Module, typed: string): CompletionItem[] {
  const parts = typed.split('.').slice(0, -1);
  if (parts.length === 0) {
    return [
      { label: 'data', kind: CompletionItemKind.Module },
      { label: 'input', kind: CompletionItemKind.Constant },
      ...wholePackages(modules, module),
    ];
  }
  if (parts[0] !== 'data') return [];
  const rules = [...exportsOf(modules, parts)].map((label) => ({ label, kind: CompletionItemKind.Variable }));
  return [...nextOfPackages(modules, parts), ...rules];
}

function wholePackages(modules: Modules, module: Module): CompletionItem[] {
  const imported = new Set(
    module.names.tree.root.items
      .filter((item): item is Import => item.kind === 'import')
      .map(({ path }) => module.document.text.slice(path.start, path.end)),
  );
  return [...modules.byPackage.values()].flatMap(([first]) => {
    const label = first?.package.join('.') ?? '';
    if (!first || imported.has(label) || first.package.join('\n') === module.package.join('\n')) return [];
    return [{ label, kind: CompletionItemKind.Module, insertTextFormat: InsertTextFormat.PlainText }];
  });
}

/** As the folders of the file are named. */
function packageItems(path: string, line: string): CompletionItem[] {
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
