/** The imports of a module as those who add, remove and sort them need them: with their comments, in OPA's order. */

import type { Module } from '../names/modules.ts';
import type { ImportName } from '../names/names.ts';
import type { Import, Span, Tree } from '../syntax/tree.ts';
import { lineEnd, lineStart, newlineOf, type SpanEdit } from './action.ts';

/** An import with the comments above it and behind it; whole lines, but for what else stands on them. */
export interface ImportLines extends Span {
  readonly name: ImportName;
  readonly text: string;
}

export function importLines({ names: { tree, imports } }: Module): ImportLines[] {
  return imports.map((name) => {
    const { start, end } = withComments(tree, name.node);
    return { name, start, end, text: tree.text.slice(start, end) };
  });
}

function withComments({ text, comments }: Tree, node: Import): Span {
  const behind = comments.find(({ start }) => start >= node.end && start < lineEnd(text, node.end));
  let start = node.start;
  for (let at = lineStart(text, node.start); at > 0; at = lineStart(text, at - 1)) {
    const above = lineStart(text, at - 1);
    if (!/^\s*#/.test(text.slice(above, at))) break;
    start = above;
  }
  return { start, end: behind?.end ?? node.end };
}

/** As `opa fmt` sorts them: by the names of the path, then by the alias. */
export function compareImports(one: ImportName, other: ImportName): number {
  const names = ({ path }: ImportName) => path.map(({ name }) => name);
  return compareNames(names(one), names(other)) || compareText(one.alias?.name ?? '', other.alias?.name ?? '');
}

export function compareNames(one: readonly string[], other: readonly string[]): number {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const order = compareText(one[at] ?? '', other[at] ?? '');
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Whether a name of an import is referred to. */
export function isUsed({ names: { uses } }: Module, name: string): boolean {
  return uses.some(({ segments: [first], local }) => first?.name === name && local.kind === 'implicit');
}

/** The edit that adds an import, where it belongs among those of the last group. */
export function addImport({ names: { tree, imports } }: Module, path: readonly string[], alias?: string): SpanEdit {
  const newline = newlineOf(tree.text);
  const written = `import ${pathText(path)}${alias === undefined ? '' : ` as ${alias}`}`;
  const last = imports.at(-1);
  if (!last) {
    const declared = tree.root.items.find(({ kind }) => kind === 'package');
    const at = declared ? lineEnd(tree.text, declared.end) : 0;
    return { start: at, end: at, text: declared ? `${newline}${newline}${written}` : `${written}${newline}${newline}` };
  }
  // Keywords and `rego.v1` stand before the others.
  const group = imports.filter(({ path: [root] }) => root?.name === path[0]);
  const next = group.find(
    (one) =>
      compareNames(
        one.path.map(({ name }) => name),
        path,
      ) > 0,
  );
  if (next) {
    const { start } = withComments(tree, next.node);
    return { start, end: start, text: `${written}${newline}` };
  }
  const before = group.at(-1) ?? last;
  const end = lineEnd(tree.text, before.node.end);
  return { start: end, end, text: `${newline}${written}` };
}

/** A path as it is written, with brackets for what is no name. */
export function pathText(path: readonly string[]): string {
  return path
    .map((name, at) => (at === 0 ? name : /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`))
    .join('');
}
