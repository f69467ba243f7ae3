/**
 * What the policies need before files or folders are renamed: where a package follows its folder, it goes with it, and
 * so do the imports and references of all modules; data files are referred to by their new places. When only some of a package's modules go, references follow the
 * rules that went.
 */
import { type FileRename, TextDocumentEdit, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver';
import { home } from '../../file-kinds.ts';
import { type Root, type Snapshot, uriOf } from '../../snapshot.ts';
import { normalizeUri, pathWithin } from '../../uris.ts';
import { exportsOf, type Module, type Modules, modulesOf } from '../names/modules.ts';
import { type ImportName, isDeclared, type MetadataName, type ModuleNames, type Segment } from '../names/names.ts';
import { isImportable, writeBelow, writePackage } from '../package-paths.ts';
import { rangeOf } from '../places.ts';
import { mentionsIn } from '../references.ts';
import type { Span } from '../syntax/tree.ts';
import { type Move, type MovedPackages, movedPackages } from './moved-packages.ts';

/** Null when nothing is to be done. */
export function renameFiles(snapshot: Snapshot, renames: readonly FileRename[]): WorkspaceEdit | null {
  const documentChanges: TextDocumentEdit[] = [];
  for (const root of snapshot.roots.values()) {
    if (root.kind === 'folder' || root.kind === 'countersign') documentChanges.push(...renamesIn(root, renames));
  }
  return documentChanges.length > 0 ? { documentChanges } : null;
}

function renamesIn(root: Root, renames: readonly FileRename[]): TextDocumentEdit[] {
  const moves = movesIn(root, renames);
  if (moves.length === 0) return [];
  const modules = modulesOf(root);
  const moved = movedPackages(root, modules, moves);
  if (!moved) return [];
  const changes: TextDocumentEdit[] = [];
  for (const module of mentioning(modules, moved)) {
    const { path, document } = module;
    const edits = editsIn(modules, module, moved).map(({ start, end, newText }): TextEdit => {
      return { range: rangeOf(document, { start, end }), newText };
    });
    if (edits.length === 0) continue;
    changes.push(TextDocumentEdit.create({ uri: uriOf(root, path), version: document.version }, edits));
  }
  return changes;
}

/** The moves of files; a folder's rename is one of all that is in it. */
function movesIn(root: Root, renames: readonly FileRename[]): Move[] {
  const moves: Move[] = [];
  for (const { oldUri, newUri } of renames) {
    const [from, to] = [oldUri, newUri].map((uri) => pathWithin(root.base, normalizeUri(uri).replace(/\/$/, '')));
    if (from === undefined || to === undefined) continue;
    for (const path of root.files.keys()) {
      if (path === from) moves.push({ from, to });
      else if (path.startsWith(`${from}/`)) moves.push({ from: path, to: to + path.slice(from.length) });
    }
  }
  return moves.filter(
    ({ from, to }) => from.endsWith('.rego') === to.endsWith('.rego') && isInHome(from) === isInHome(to),
  );
}

/** What leaves `.countersign`, or comes into it, goes to another set of modules. */
function isInHome(path: string): boolean {
  return `/${path}`.includes(`/${home}/`);
}

/** The modules that name what moves: its old path up to the first name that changes. */
function mentioning(modules: Modules, moved: MovedPackages): Set<Module> {
  const paths = new Map<string, readonly string[]>();
  for (const { from, to } of moved.changed) {
    const changed = from.findIndex((name, at) => name !== to[at]);
    const changing = from.slice(0, changed < 0 ? from.length : changed + 1);
    paths.set(changing.join('\n'), changing);
  }
  return new Set(
    [...paths.values()].flatMap((path) => mentionsIn(modules, { kind: 'data', path }).map(({ module }) => module)),
  );
}

interface Edit extends Span {
  readonly newText: string;
}

function editsIn(modules: Modules, module: Module, moved: MovedPackages): Edit[] {
  const { names, document } = module;
  const { text } = document;
  const edits: Edit[] = [];
  const own = moved.byModule.get(module.path) ?? module.package;
  const [first] = names.package;
  if (own !== module.package && first) {
    edits.push({ start: first.start, end: endOf(text, names.package.at(-1)!), newText: writePackage(own.slice(1))! });
  }
  const exports = exportsOf(modules, module.package);
  const imported = new Map(names.imports.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])));
  /** New names of imports by their old ones. */
  const renamed = new Map<string, string>();
  for (const one of names.imports) {
    const found = one.path[0]?.name === 'data' ? moved.newPath(one.path.map(({ name }) => name)) : undefined;
    if (!found) continue;
    const edit = behind(text, one.path, found);
    const last = found.length === one.path.length ? found.to.at(-1)! : one.name;
    if (one.alias || one.name === undefined || last === undefined || last === one.name) edits.push(edit);
    else if (isImportable(last) && !isTaken(names, exports, last)) {
      renamed.set(one.name, last);
      edits.push(edit);
    } else edits.push({ ...edit, newText: `${edit.newText} as ${one.name}` });
  }
  for (const one of names.inMetadata) {
    const found = one.path[0]?.name === 'data' ? moved.newPath(one.path.map(({ name }) => name)) : undefined;
    if (found) edits.push(metadataPathAfter(text, one, found));
  }
  for (const { segments, local } of names.uses) {
    const [head] = segments;
    if (!head || isDeclared(local)) continue;
    const through = imported.get(head.name);
    if (head.name === 'data') {
      const found = moved.newPath(segments.map(({ name }) => name));
      if (found) edits.push(behind(text, segments, found));
    } else if (through) {
      const written = throughImport(text, segments, through, moved);
      const name = renamed.get(head.name);
      if (written) edits.push(written);
      else if (name !== undefined) edits.push({ ...spanOf(head), newText: name });
    } else if (exports.has(head.name)) {
      const found = moved.newPath([...module.package, head.name]);
      const to = found?.to ?? [...module.package, head.name];
      // It is still in the module's own package.
      if (isSame(to, [...own, head.name])) continue;
      const target = found && found.length === module.package.length ? [...to, head.name] : to;
      if (!isSame(target, [...own, head.name]))
        edits.push({ ...spanOf(head), newText: `data${writeBelow(target.slice(1))}` });
    }
  }
  return edits;
}

/** Whether a name means something in the module already. */
function isTaken({ imports, locals, uses }: ModuleNames, exports: Pick<Set<string>, 'has'>, name: string): boolean {
  return (
    exports.has(name) ||
    imports.some((one) => one.name === name) ||
    locals.some((local) => local.name === name) ||
    uses.some(({ segments }) => segments[0]?.name === name)
  );
}

/** A reference by an import's name: when it goes another way than the import, it is written out. */
function throughImport(
  text: string,
  segments: readonly Segment[],
  one: ImportName,
  moved: MovedPackages,
): Edit | undefined {
  const path = one.path.map(({ name }) => name);
  const rest = segments.slice(1).map(({ name }) => name);
  const found = moved.newPath([...path, ...rest]);
  const importFound = moved.newPath(path);
  const after = (length: number, to: readonly string[], all: readonly string[]) => [...to, ...all.slice(length)];
  const now = found ? after(found.length, found.to, [...path, ...rest]) : [...path, ...rest];
  const byImport = [...(importFound ? after(importFound.length, importFound.to, path) : path), ...rest];
  if (isSame(now, byImport)) return undefined;
  const end = Math.max((found?.length ?? path.length) - path.length, 0);
  const written = now.slice(0, now.length - (rest.length - end));
  const last = segments[end]!;
  return { start: segments[0]!.start, end: endOf(text, last), newText: `data${writeBelow(written.slice(1))}` };
}

/** What stands behind `data`, as far as it is another path now. */
function behind(
  text: string,
  segments: readonly Segment[],
  { length, to }: { length: number; to: readonly string[] },
): Edit {
  return { start: segments[0]!.end, end: endOf(text, segments[length - 1]!), newText: writeBelow(to.slice(1)) };
}

/** A reference in METADATA, with the quotes that YAML needs around it now. */
function metadataPathAfter(
  text: string,
  { node: { text: reference, written, places }, path }: MetadataName,
  { length, to }: { length: number; to: readonly string[] },
): Edit {
  const rest = reference.slice(places.indexOf(endOf(text, path[length - 1]!)));
  const now = `data${writeBelow(to.slice(1))}${rest}`;
  const quote = text[written.start];
  if (quote === '"') return { ...written, newText: JSON.stringify(now) };
  // In braces it cannot have brackets without quotes; where it has some, it is in none.
  const takesAny = reference.includes('[') && !/: | #/.test(now);
  const isPlain = quote !== "'" && (takesAny || /^[\w.]*$/.test(now));
  return { ...written, newText: isPlain ? now : `'${now.replaceAll("'", "''")}'` };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

/** The end of a name in a path: in brackets, that of the bracket. */
function endOf(text: string, { start, end }: Segment): number {
  const quote = text[start - 1];
  return quote === '"' || quote === '`' ? text.indexOf(']', end + 1) + 1 : end;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}
