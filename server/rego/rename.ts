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
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { type Root, uriOf } from '../snapshot.ts';
import { uriWithin } from '../uris.ts';
import { definitionsOf, type Module, type Modules, modulesOf, occurrenceAt, occurrencesIn } from './names/modules.ts';
import type { Meaning, Occurrence } from './names/occurrences.ts';
import { offsetAt, rangeOf } from './places.ts';
import { byModule, everywhere, type Found } from './references.ts';
import { changedMeaning } from './rename-check.ts';

/** What the name is written as now, and where; rejects with the reason when it can have no other. */
export function prepareRename(root: Root, path: string, position: Position): { range: Range; placeholder: string } {
  const { module, at } = subjectAt(root, path, position);
  return { range: rangeOf(module.document, at), placeholder: nameOf(at.meaning) };
}

/** Throws a ResponseError with words for people when it cannot be done. */
export function rename(root: Root, path: string, position: Position, newName: string): WorkspaceEdit {
  const { modules, module, at } = subjectAt(root, path, position);
  const name = newName.trim();
  const old = nameOf(at.meaning);
  if (name === old) return { documentChanges: [] };
  if (!/^[A-Za-z_]\w*$/.test(name) || name === '_') {
    throw refusal(`${newName} is no name: it takes letters, digits and underscores, and begins with no digit.`);
  }
  if (reserved.has(name)) throw refusal(`${name} is a word of Rego.`);
  const found = everywhere(modules, module, at.meaning);
  const taken = at.meaning.kind === 'data' ? takenWhole(modules, at.meaning.path) : undefined;
  if (taken) {
    const line = rangeOf(taken.module.document, taken.occurrence).start.line + 1;
    const whole = pathOf(taken.occurrence)?.join('.');
    throw refusal(`${taken.module.path}:${line} takes ${whole} as a whole, with the names in it as its keys.`);
  }
  const changed = changedMeaning(root, modules, found, name);
  if (changed) {
    throw refusal(`After this, ${changed.name} in ${changed.path}:${changed.line} would mean something else.`);
  }
  return { documentChanges: [...textEdits(root, found, name), ...fileMoves(root, modules, at.meaning, name)] };
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
function takenWhole(modules: Modules, path: readonly string[]): Found | undefined {
  for (const module of modules.byPath.values()) {
    for (const occurrence of occurrencesIn(modules, module)) {
      if (!occurrence.whole) continue;
      const outer = pathOf(occurrence);
      if (outer && outer.length < path.length && outer.every((name, at) => path[at] === name)) {
        return { module, occurrence };
      }
    }
  }
  return undefined;
}

function pathOf({ meaning }: Occurrence): readonly string[] | undefined {
  if (meaning.kind === 'data') return meaning.path;
  return meaning.kind === 'alias' ? meaning.import.path.map(({ name }) => name) : undefined;
}

/** A rule, or a package or what packages lie in. */
function isMadeHere(modules: Modules, path: readonly string[]): boolean {
  if (path.length < 2) return false;
  const isPackage = [...modules.byPackage.values()].some(
    ([module]) => module && path.every((name, at) => module.package[at] === name),
  );
  return (
    isPackage ||
    definitionsOf(modules, path).some(({ module, rule }) => module.package.length + rule.path.length >= path.length)
  );
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

function textEdits(root: Root, found: readonly Found[], name: string): TextDocumentEdit[] {
  return [...byModule(found)].map(([{ path, document }, occurrences]) => {
    const edits = occurrences.map((one) => ({ range: rangeOf(document, one), newText: name }));
    return TextDocumentEdit.create({ uri: uriOf(root, path), version: document.version }, edits);
  });
}

/** Where the folders of a package's modules are named as the package is, they go with it. */
function fileMoves(root: Root, modules: Modules, meaning: Meaning, name: string): RenameFile[] {
  if (meaning.kind !== 'data') return [];
  const depth = meaning.path.length - 1;
  const moves: RenameFile[] = [];
  for (const { path, package: own } of modules.byPath.values()) {
    if (!meaning.path.every((part, at) => own[at] === part)) continue;
    const folders = path.split('/').slice(0, -1);
    const names = own.slice(1);
    const begins = folders.length - names.length;
    if (begins < 0 || names.some((part, at) => folders[begins + at] !== part)) continue;
    const moved = path.split('/');
    moved[begins + depth - 1] = name;
    moves.push(RenameFile.create(uriOf(root, path), uriWithin(root.base, moved.join('/'))));
  }
  return moves;
}

function refusal(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidRequest, message);
}
