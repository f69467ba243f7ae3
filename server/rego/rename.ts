/**
 * Renames what a name stands for, in all modules: variables, aliases, rules, functions, and packages with the folders
 * that follow them. A rename after which any name would mean something else than before is refused.
 */
import {
  ErrorCodes,
  type Position,
  type Range,
  RenameFile,
  ResponseError,
  TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { type Root, uriOf } from '../snapshot.ts';
import { uriWithin } from '../uris.ts';
import { isPackage } from './names/lookups.ts';
import { definitionsOf, type Module, type Modules, modulesOf, occurrenceAt, rulePath } from './names/modules.ts';
import type { Meaning, Occurrence } from './names/occurrences.ts';
import { offsetAt, rangeOf } from './places.ts';
import { everywhere, type Found, mentionsIn } from './references.ts';
import { changedMeaning } from './rename-check.ts';
import { movesWith } from './rename-files.ts';
import type { Span } from './syntax/tree.ts';

/** What the name is written as now, and where; rejects with the reason when it can have no other. */
export function prepareRename(root: Root, path: string, position: Position): { range: Range; placeholder: string } {
  const { module, at } = subjectAt(root, path, position);
  return { range: rangeOf(module.document, at), placeholder: nameOf(at.meaning) };
}

/** What the client can do beside changing texts. */
export interface RenameClient {
  /** Edits with the versions of their documents, and in order. */
  readonly documentChanges: boolean;
  /** Files that are renamed by an edit. */
  readonly renamesFiles: boolean;
}

/** Throws a ResponseError with words for people when it cannot be done. */
export function rename(
  root: Root,
  path: string,
  position: Position,
  newName: string,
  client: RenameClient = { documentChanges: true, renamesFiles: true },
): WorkspaceEdit {
  const { modules, module, at } = subjectAt(root, path, position);
  const name = newName.trim();
  if (name === nameOf(at.meaning)) return { documentChanges: [] };
  const own = renamingOf(root, modules, module, at.meaning, name, client);
  const tests = renamingOfTests(root, modules, module, at.meaning, name, client);
  return editOf(root, tests ? [own, tests] : [own], client);
}

/** One name that becomes another. */
interface Renaming {
  readonly found: readonly Found[];
  readonly name: string;
  /** From path to path. */
  readonly moves: ReadonlyMap<string, string>;
}

function renamingOf(
  root: Root,
  modules: Modules,
  module: Module,
  meaning: Meaning,
  name: string,
  client: RenameClient,
): Renaming {
  const found = everywhere(modules, module, meaning);
  refuseBadName(found, name);
  const taken = meaning.kind === 'data' ? takenWhole(modules, meaning.path) : undefined;
  if (taken) {
    const line = rangeOf(taken.module.document, taken.mention).start.line + 1;
    const whole = taken.outer.join('.');
    throw refusal(`${taken.module.path}:${line} takes ${whole} as a whole, with the names in it as its keys.`);
  }
  const changed = changedMeaning(modules, meaning, found, name);
  if (changed) {
    throw refusal(`After this, ${changed.name} in ${changed.path}:${changed.line} would mean something else.`);
  }
  if (meaning.kind !== 'data') return { found, name, moves: new Map() };
  const moves = movesWith(root, modules, meaning.path, name, client.documentChanges && client.renamesFiles);
  if (typeof moves === 'string') throw refusal(moves);
  return { found, name, moves };
}

/** The tests of a package, `roles_test` of `roles`, go with it where they can. */
function renamingOfTests(
  root: Root,
  modules: Modules,
  module: Module,
  meaning: Meaning,
  name: string,
  client: RenameClient,
): Renaming | undefined {
  if (meaning.kind !== 'data' || !modules.byPackage.has(meaning.path.join('\n'))) return undefined;
  const path = [...meaning.path.slice(0, -1), `${meaning.path.at(-1)}_test`];
  if (!modules.byPackage.has(path.join('\n'))) return undefined;
  try {
    return renamingOf(root, modules, module, { kind: 'data', path }, `${name}_test`, client);
  } catch (error) {
    if (error instanceof ResponseError) return undefined;
    throw error;
  }
}

function editOf(root: Root, renamings: readonly Renaming[], client: RenameClient): WorkspaceEdit {
  const edits = new Map<Module, TextEdit[]>();
  const moves = new Map<string, string>();
  for (const { found, name, moves: own } of renamings) {
    for (const { module, occurrence } of found) {
      const others = edits.get(module) ?? [];
      edits.set(module, [...others, { range: rangeOf(module.document, occurrence), newText: name }]);
    }
    for (const [from, to] of own) moves.set(from, to);
  }
  if (!client.documentChanges) {
    return { changes: Object.fromEntries([...edits].map(([{ path }, own]) => [uriOf(root, path), own])) };
  }
  const texts = [...edits].map(
    ([
      {
        path,
        document: { version },
      },
      own,
    ]) => TextDocumentEdit.create({ uri: uriOf(root, path), version }, own),
  );
  const files = [...moves].map(([from, to]) => RenameFile.create(uriOf(root, from), uriWithin(root.base, to)));
  return { documentChanges: [...texts, ...(client.renamesFiles ? files : [])] };
}

/** In brackets and quotes a name may be anything. */
function refuseBadName(found: readonly Found[], name: string): void {
  if (name !== '' && found.every(({ occurrence: { quoted } }) => quoted)) {
    if (/["`\\\p{Cc}]/u.test(name)) {
      throw refusal('The name stands in quotes: it takes none itself, and no backslash.');
    }
    // YAML reads it, too, in quotes of its own or in none.
    if (found.some(({ occurrence: { metadata } }) => metadata) && /'|: | #|[\u2028\u2029\ufeff]/.test(name)) {
      throw refusal('The name stands in METADATA: it takes no quotes, no blank behind a colon and none before #.');
    }
    return;
  }
  if (!/^[A-Za-z_]\w*$/.test(name) || name === '_') {
    throw refusal(`${name} is no name: it takes letters, digits and underscores, and begins with no digit.`);
  }
  if (reserved.has(name)) throw refusal(`${name} is a word of Rego.`);
}

/** Those that no rule and no variable can have as its name in either version. */
const reserved = new Set([
  ...['as', 'default', 'else', 'false', 'import', 'package', 'not', 'null', 'some', 'true', 'with'],
  ...['contains', 'every', 'if', 'in', 'input', 'data'],
]);

function subjectAt(root: Root, path: string, position: Position): { modules: Modules; module: Module; at: Occurrence } {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  if (!module || !at) throw refusal('There is no name here that could be another.');
  if (at.meaning.kind === 'builtin') throw refusal(`${at.meaning.name} is built in.`);
  if (at.meaning.kind === 'input') throw refusal('What is in the input is named by those who ask.');
  if (at.meaning.kind === 'data' && !isMadeHere(modules, at.meaning.path)) {
    throw refusal(`${at.meaning.path.join('.')} is data, and none of the policies makes it.`);
  }
  return { modules, module, at };
}

/**
 * Where something that holds a path is used as a value, or replaced: there the names in it are keys, which no rename
 * can follow, as in `with data.lib as {"allow": true}` and `data.lib[name]`.
 */
function takenWhole(
  modules: Modules,
  path: readonly string[],
): { module: Module; mention: Span; outer: readonly string[] } | undefined {
  for (let length = 1; length < path.length; length++) {
    const outer = path.slice(0, length);
    const [taken] = mentionsIn(modules, { kind: 'data', path: outer }, true);
    if (taken) return { ...taken, outer };
  }
  return undefined;
}

/** A rule, or a package or what packages lie in. */
function isMadeHere(modules: Modules, path: readonly string[]): boolean {
  if (path.length < 2) return false;
  return isPackage(modules, path) || definitionsOf(modules, path).some((one) => rulePath(one).length >= path.length);
}

function nameOf(meaning: Meaning): string {
  switch (meaning.kind) {
    case 'local':
      return meaning.local.name;
    case 'alias':
      return meaning.import.alias?.name ?? '';
    case 'builtin':
      return meaning.name;
    default:
      return meaning.path.at(-1) ?? '';
  }
}

function refusal(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidRequest, message);
}
