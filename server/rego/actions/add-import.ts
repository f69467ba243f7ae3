/** Imports what a name needs that nothing makes: a package of that name, or one with a rule of that name; keywords, too. */
import { CodeActionKind } from 'vscode-languageserver';
import { findExports, isPackage, packagesStartingWith } from '../names/lookups.ts';
import { exportsOf } from '../names/modules.ts';
import { parse } from '../syntax/parse.ts';
import { editedText, lineEnd, lineStart, type Offer, ownEdit, type SpanEdit, type Subject } from './action.ts';
import { addImport, pathText } from './imports.ts';
import { type Unresolved, unresolvedAt } from './unresolved.ts';

/** More than anyone reads. */
const limit = 20;

export async function addMissingImport(subject: Subject): Promise<Offer[]> {
  const unresolved = await unresolvedAt(subject);
  return [...(unresolved ? importsFor(subject, unresolved) : []), ...keywordImports(subject)];
}

function importsFor(subject: Subject, unresolved: Unresolved): Offer[] {
  const { diagnostics } = unresolved;
  const found = [...packages(subject, unresolved), ...rules(subject, unresolved)];
  return found.slice(0, limit).map(({ title, edits }, _, { length }) => ({
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics,
    isPreferred: length === 1,
    edit: ownEdit(subject, edits),
  }));
}

interface Found {
  title: string;
  edits: SpanEdit[];
}

/** Packages that the name is the last name of, and that have what is behind it. */
function packages({ module, modules }: Subject, { segments: [first, second] }: Unresolved): Found[] {
  if (!second) return [];
  return packagesStartingWith(modules, first.name, 10 * limit)
    .filter((path) => path.at(-1) === first.name && path.length > 1)
    .filter((path) => exportsOf(modules, path).has(second.name) || isPackage(modules, [...path, second.name]))
    .map((path) => ({ title: `Import ${pathText(path)}`, edits: [addImport(module, path)] }));
}

/** Rules of other packages that are called so: the package is imported, and the name gets its. */
function rules({ module, modules }: Subject, { segments: [first, second], called, everywhere }: Unresolved): Found[] {
  if (second) return [];
  const own = module.package.join('\n');
  return findExports(modules, first.name, 10 * limit)
    .found.filter(({ name, package: path }) => name === first.name && path.join('\n') !== own && path.length > 1)
    .filter(({ name, isFunction, package: path }) => isFunction === called && !isTest(name, path))
    .map(({ package: path }) => {
      const known = module.names.imports.find((one) => one.path.map(({ name }) => name).join('\n') === path.join('\n'));
      const alias = known?.name ?? freeAlias(module.names, exportsOf(modules, module.package), path);
      const isLast = alias === path.at(-1);
      const qualified = everywhere.map(({ start }) => ({ start, end: start, text: `${alias}.` }));
      return {
        title: `${known ? 'Write' : `Import ${pathText(path)}, and write`} ${alias}.${first.name}`,
        edits: [...(known ? [] : [addImport(module, path, isLast ? undefined : alias)]), ...qualified],
      };
    });
}

function isTest(name: string, path: readonly string[]): boolean {
  return name.startsWith('test_') || (path.at(-1)?.endsWith('_test') ?? false);
}

/** The package's last name, or with those before it where something is called so already. */
function freeAlias(
  { imports, locals }: Subject['module']['names'],
  own: { has(name: string): boolean },
  path: readonly string[],
): string {
  const isTaken = (name: string) =>
    own.has(name) || imports.some((one) => one.name === name) || locals.some((local) => local.name === name);
  const words = path.slice(1).map((name) => name.replace(/\W/g, '_'));
  for (let count = 1; count <= words.length; count++) {
    const alias = words.slice(-count).join('_');
    if (/^[A-Za-z_]/.test(alias) && !isTaken(alias)) return alias;
  }
  for (let number = 2; ; number++) {
    const alias = `${words.join('_')}_${number}`;
    if (!isTaken(alias)) return alias;
  }
}

/** What would make words of the broken line keywords. */
const keywords: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\b(if|contains|in|every)\b/, ['rego', 'v1']],
  [/\bnot\s*[{(]/, ['future', 'keywords', 'not']],
  [/\band\b/, ['future', 'keywords', 'and']],
  [/\bor\b/, ['future', 'keywords', 'or']],
];

function keywordImports(subject: Subject): Offer[] {
  const { tree, span, module, diagnostics } = subject;
  const line = tree.text.slice(lineStart(tree.text, span.start), lineEnd(tree.text, span.end));
  const start = lineStart(tree.text, span.start);
  if (!tree.errors.some((error) => error.start <= start + line.length && start <= error.end)) return [];
  return keywords.flatMap(([words, path]): Offer[] => {
    if (!words.test(line) || (path[0] === 'rego' && tree.version === 'v1')) return [];
    const edit = addImport(module, path);
    const { errors } = parse(editedText(tree.text, [edit]), { version: tree.version });
    if (errors.length >= tree.errors.length) return [];
    const kind = CodeActionKind.QuickFix;
    return [
      {
        title: `Import ${path.join('.')}`,
        kind,
        diagnostics,
        isPreferred: errors.length === 0,
        edit: ownEdit(subject, [edit]),
      },
    ];
  });
}
