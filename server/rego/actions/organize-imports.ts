/**
 * Sorts the imports as `opa fmt` does, within the groups that blank lines make, and takes out those that are there
 * twice or are not used. Imports behind rules come up to the others.
 */
import { CodeActionKind } from 'vscode-languageserver';
import type { Module } from '../names/modules.ts';
import {
  lineEnd,
  lineStart,
  newlineOf,
  type Offer,
  ownEdit,
  type SpanEdit,
  type Subject,
  staysReadable,
} from './action.ts';
import { compareImports, type ImportLines, importLines, isUsed } from './imports.ts';

export function organizeImports(subject: Subject): Offer[] {
  const kind = CodeActionKind.SourceOrganizeImports;
  // Where something cannot be read, an import may be used after all.
  if (subject.tree.errors.length > 0) return [];
  const edits = organized(subject.module);
  return [
    { title: 'Organize imports', kind, edit: edits.length > 0 ? ownEdit(subject, edits) : { documentChanges: [] } },
  ];
}

/** None where all is well. */
export function organized(module: Module): SpanEdit[] {
  const { tree } = module.names;
  const lines = withAllComments(module, importLines(module));
  const kept = lines.filter((_, at) => !isRedundant(module, lines, at));
  const [first] = lines;
  if (!first) return [];
  const groups = groupsOf(module, lines).map((group) => group.filter((one) => kept.includes(one)));
  const newline = newlineOf(tree.text);
  const text = groups
    .filter((group) => group.length > 0)
    .map((group) =>
      group
        .toSorted((a, b) => compareImports(a.name, b.name))
        .map((one) => one.text)
        .join(newline),
    )
    .join(newline + newline);
  const contiguous = lastOfFirstRun(module, lines);
  const edits = [
    { start: first.start, end: contiguous.end, text },
    ...lines.slice(lines.indexOf(contiguous) + 1).map((one) => withoutLine(tree.text, one)),
  ];
  if (text === '') edits[0] = withoutLine(tree.text, { start: first.start, end: contiguous.end });
  const changes = edits.filter((edit) => tree.text.slice(edit.start, edit.end) !== edit.text);
  return staysReadable(tree, changes) ? changes : [];
}

/** A comment that stands between two imports goes with the second, so that none is lost. */
function withAllComments({ names: { tree } }: Module, lines: readonly ImportLines[]): ImportLines[] {
  return lines.map((line, at) => {
    const before = lines[at - 1];
    const comment = before && tree.comments.find(({ start, end }) => start >= before.end && end <= line.start);
    const start = comment && before.end <= line.start ? comment.start : line.start;
    const others = tree.root.items.some((item) => item.start >= start && item.end <= line.start);
    return others ? line : { ...line, start, text: tree.text.slice(start, line.end) };
  });
}

/** Its lines, and a blank one that would be left over. */
function withoutLine(text: string, { start, end }: { start: number; end: number }): SpanEdit {
  const from = lineStart(text, start);
  const next = text.indexOf('\n', lineEnd(text, end));
  const to = next < 0 ? text.length : next + 1;
  const blank = /^\r?\n/.exec(text.slice(to))?.[0].length ?? 0;
  return { start: from, end: to + blank, text: '' };
}

/** There before, or not needed. */
function isRedundant(module: Module, lines: readonly ImportLines[], at: number): boolean {
  const { name } = lines[at] as ImportLines;
  const isSame = (one: ImportLines) => compareImports(one.name, name) === 0;
  if (lines.findIndex(isSame) < at) return true;
  if (name.name !== undefined) return !isUsed(module, name.name);
  // Words of v1, which import themselves.
  const [root, , word] = name.path.map((one) => one.name);
  return (
    module.names.tree.version === 'v1' && root === 'future' && ['if', 'in', 'contains', 'every'].includes(word ?? '')
  );
}

/** The last of the imports before which nothing else stands than imports. */
function lastOfFirstRun({ names: { tree } }: Module, lines: readonly ImportLines[]): ImportLines {
  const items = tree.root.items.filter(({ kind }) => kind !== 'package');
  let last = lines[0] as ImportLines;
  for (const line of lines) if (items[lines.indexOf(line)] === line.name.node) last = line;
  return last;
}

/** Those behind rules are of the last group. */
function groupsOf(module: Module, lines: readonly ImportLines[]): ImportLines[][] {
  const { text } = module.names.tree;
  const last = lastOfFirstRun(module, lines);
  const groups: ImportLines[][] = [];
  let before: ImportLines | undefined;
  for (const line of lines) {
    const isApart = before && line.start <= last.start && /\n\s*\n/.test(text.slice(before.end, line.start));
    const group = groups.at(-1);
    if (!group || isApart) groups.push([line]);
    else group.push(line);
    before = line;
  }
  return groups;
}
