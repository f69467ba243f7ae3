/**
 * What a new module begins with: its package, by the modules beside it where these agree, else by its folder as
 * Regal's language server has it (templateContentsForFile in internal/lsp/server.go of Regal v0.42): counted from the
 * innermost folder that is a root of its own, which is one with a `.manifest`, with a configuration of Regal, or
 * listed in its `project.roots`. A test's package ends in `_test`.
 */
import { kindOf } from '../../file-kinds.ts';
import type { Root } from '../../snapshot.ts';
import { declaredVersion } from '../module-version.ts';
import { type Modules, modulesOf } from '../names/modules.ts';
import { foldersOf, isImportable, isPlain, writeBelow, writePackage } from '../package-paths.ts';
import { folderIn, projectRoots } from '../rego-version.ts';

/** The text for a path at which there is no text yet; undefined where no package can be told. */
export function templateFor(root: Root, path: string): string | undefined {
  const modules = modulesOf(root);
  const isTest = /_test\.rego$/.test(path);
  const names = packageBeside(modules, path) ?? packageByFolder(root, path);
  if (!names) return undefined;
  const written = writePackage(names);
  if (written === undefined) return undefined;
  const imports: string[] = [];
  // Where v0 is declared, this makes the module one that both versions read alike.
  const version = declaredVersion(root, path);
  if (version === 'v0' || version === 'v0v1') imports.push('import rego.v1');
  if (isTest && hasPackage(modules, names)) imports.push(importOf(names));
  const head = `package ${isTest ? writePackage([...names.slice(0, -1), `${names.at(-1)}_test`]) : written}\n\n`;
  return imports.length === 0 ? head : `${head}${imports.join('\n')}\n\n`;
}

/** The package of the modules beside it, where they have one; or theirs with the file's name, where each has its own. */
function packageBeside({ byPath }: Modules, path: string): string[] | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const beside: { name: string; names: string[] }[] = [];
  for (const [other, module] of byPath) {
    if (other === path || !other.startsWith(folder) || other.includes('/', folder.length)) continue;
    const names = module.package.slice(1);
    if (names.length > 0) beside.push({ name: baseOf(other), names: withoutTest(names) });
  }
  const [first] = beside;
  if (!first) return undefined;
  const above = first.names.slice(0, -1);
  const own = baseOf(path);
  const isOwn = beside.every(({ name, names }) => sameNames(names, [...above, name]));
  // One module that is called as its folder and its package are says nothing of its own name.
  if (isOwn && isPlain(own) && first.names.at(-1) !== foldersOf(path).at(-1)) return [...above, own];
  return beside.every(({ names }) => sameNames(names, first.names)) ? first.names : undefined;
}

function packageByFolder(root: Root, path: string): string[] | undefined {
  const folder = foldersOf(path).join('/');
  const names = folder.slice(topFor(root, path).length).split('/').filter(Boolean);
  if (names.length > 0) return names;
  if (root.kind === 'countersign') return isPlain(baseOf(path)) ? [baseOf(path)] : undefined;
  // Beside the workspace's own files nothing says what a module is about.
  return folder === '' ? undefined : ['main'];
}

/** The innermost folder around a path from which packages are counted; '' is the root's own. */
export function topFor(root: Root, path: string): string {
  const folder = foldersOf(path).join('/');
  // Where custom rules of Regal begin, and the policies of a repository.
  const [below] = /^(?:.*\/)?(?:\.regal\/rules|\.countersign\/policies)(?=\/|$)/.exec(folder) ?? [''];
  return [below, ...topsOf(root)]
    .filter((top) => top === '' || folder === top || folder.startsWith(`${top}/`))
    .reduce((longest, one) => (one.length > longest.length ? one : longest), '');
}

/** The folders from which packages are counted, as paths in the root. */
function topsOf(root: Root): string[] {
  const tops: string[] = [];
  const add = (at: string) => {
    const folder = folderIn(root.base, at);
    if (folder !== undefined) tops.push(folder);
  };
  for (const [path, document] of root.files) {
    const kind = kindOf(path);
    if (kind === 'manifest') tops.push(foldersOf(path).join('/'));
    else if (kind === 'lint-config') for (const { at } of projectRoots(document)) add(at);
  }
  for (const document of root.inherited) {
    if (kindOf(document.uri) === 'lint-config') for (const { at } of projectRoots(document)) add(at);
  }
  return tops;
}

function hasPackage({ byPackage }: Modules, names: readonly string[]): boolean {
  return byPackage.has(['data', ...names].join('\n'));
}

function importOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  const alias = isImportable(last) ? '' : ` as ${last.replace(/\W/g, '_').replace(/^(?=\d)/, '_')}`;
  return `import data${writeBelow(names)}${alias}`;
}

/** A file's name without `_test` and `.rego`. */
function baseOf(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/(?:_test)?\.rego$/, '');
}

function withoutTest(names: readonly string[]): string[] {
  return [...names.slice(0, -1), (names.at(-1) ?? '').replace(/(?<=.)_test$/, '')];
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}
