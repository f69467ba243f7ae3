/** Makes the rule or function that a name wants which nothing makes, in this package or in the one that is named. */
import { CodeActionKind, type WorkspaceEdit } from 'vscode-languageserver';
import { exportsOf, type Module } from '../names/modules.ts';
import { isDeclared, type Use } from '../names/names.ts';
import type { Call, Node, Span, Term } from '../syntax/tree.ts';
import { pathAt } from '../syntax/walk.ts';
import { documentEdit, lineEnd, newlineOf, type Offer, type Subject } from './action.ts';
import { usesIf } from './if-keyword.ts';
import { unresolvedAt } from './unresolved.ts';

export async function createFromUse(subject: Subject): Promise<Offer[]> {
  const found = (await ownName(subject)) ?? nameElsewhere(subject);
  if (!found) return [];
  const { name, called, at, module, diagnostics } = found;
  const use = placeOf(subject, at);
  const args = called ? argumentNames(subject, use?.call?.args ?? []) : undefined;
  const head = `${name}${args ? `(${args.join(', ')})` : ''}`;
  const isCondition = use?.isCondition ?? false;
  const newline = newlineOf(module.names.tree.text);
  // It holds for nothing yet; Regal says so until it is written.
  const body = [usesIf({ module, tree: module.names.tree }) ? `${head} if {` : `${head} {`, '\tfalse', '}'].join(
    newline,
  );
  const text = isCondition ? body : `${head} := null`;
  const where = module === subject.module ? '' : ` in ${module.path}`;
  return [
    {
      title: `Create ${args ? 'function' : 'rule'} ${name}${where}`,
      kind: CodeActionKind.QuickFix,
      diagnostics,
      edit: insertion(subject, module, text, newline),
    },
  ];
}

interface Wanted {
  name: string;
  called: boolean;
  /** Where it is used. */
  at: Span;
  /** Where it is to be. */
  module: Module;
  diagnostics: Offer['diagnostics'];
}

async function ownName(subject: Subject): Promise<Wanted | undefined> {
  const unresolved = await unresolvedAt(subject);
  if (!unresolved || unresolved.segments.length > 1) return undefined;
  const [{ name, start, end }] = unresolved.segments;
  return { ...unresolved, name, at: { start, end }, module: subject.module };
}

/** `lib.name` and `data.lib.name`, where the package is there and the rule is not. */
function nameElsewhere({ module, modules, span, diagnostics }: Subject): Wanted | undefined {
  const use = module.names.uses.find(({ segments }) => {
    const [first, last] = [segments[0], segments.at(-1)];
    return first && last && first.start <= span.start && span.end <= last.end;
  });
  const path = use && pathOf(module, use);
  if (!use || !path) return undefined;
  for (let length = path.length - 1; length > 1; length--) {
    const [target] = modules.byPackage.get(path.slice(0, length).join('\n')) ?? [];
    if (!target) continue;
    const name = path[length];
    const last = use.segments.at(-1);
    const first = use.segments[0];
    if (name === undefined || !first || !last || !/^[A-Za-z_]\w*$/.test(name)) return undefined;
    if (length !== path.length - 1 || exportsOf(modules, path.slice(0, length)).has(name)) return undefined;
    if (modules.byPackage.has(path.join('\n'))) return undefined;
    const at = { start: first.start, end: last.end };
    const shown = diagnostics.filter(({ source }) => source === 'opa' || source === 'countersign');
    return { name, called: use.called, at, module: target, diagnostics: shown };
  }
  return undefined;
}

/** From `data` on. */
function pathOf(module: Module, { segments, local }: Use): string[] | undefined {
  const [first, ...rest] = segments.map(({ name }) => name);
  if (first === undefined || isDeclared(local)) return undefined;
  if (first === 'data') return [first, ...rest];
  const imported = module.names.imports.find((one) => one.name === first);
  const path = imported?.path.map(({ name }) => name);
  return path?.[0] === 'data' ? [...path, ...rest] : undefined;
}

/** The call that a name calls, and whether it stands for a condition: an expression of its own, negated or not. */
function placeOf({ tree }: Subject, at: Span): { call: Call | undefined; isCondition: boolean } | undefined {
  const path = pathAt(tree, at.start + 1);
  const call = path.find(
    (node): node is Call => node.kind === 'call' && node.start === at.start && node.operator.end >= at.end,
  );
  const inner: Node | undefined =
    call ?? path.find((node) => node.start === at.start && node.end >= at.end && isTerm(node));
  const literal = path.findLast((node) => node.kind === 'expression');
  if (!inner || literal?.kind !== 'expression') return { call, isCondition: false };
  return { call, isCondition: literal.right === undefined && literal.left === inner };
}

function isTerm({ kind }: Node): boolean {
  return kind === 'var' || kind === 'ref';
}

/** After what is given to the call, each once. */
function argumentNames({ tree }: Subject, args: readonly Term[]): string[] {
  const taken = new Set<string>();
  return args.map((arg, at) => {
    const wanted = nameFor(arg, tree.text) ?? `arg${at + 1}`;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}${number}`;
    taken.add(name);
    return name;
  });
}

const words = new Set([
  ...['as', 'default', 'else', 'false', 'import', 'package', 'not', 'null', 'some', 'true', 'with'],
  ...['contains', 'every', 'if', 'in', 'input', 'data', 'and', 'or'],
]);

function nameFor(term: Term, text: string): string | undefined {
  const written =
    term.kind === 'call' ? text.slice(term.operator.start, term.operator.end) : text.slice(term.start, term.end);
  if (!['var', 'ref', 'call'].includes(term.kind)) return undefined;
  const name = /([A-Za-z_]\w*)(?:\[[^\]]*\])*$/.exec(written)?.[1];
  return name === undefined || words.has(name) || name === '_' ? undefined : name;
}

/** Below the rule that uses it, or at the end of the other module. */
function insertion(subject: Subject, module: Module, text: string, newline: string): WorkspaceEdit {
  const { tree } = module.names;
  const around = tree.root.items.find((item) => item.start <= subject.span.start && subject.span.end <= item.end);
  const last = tree.root.items.at(-1);
  const item = module === subject.module && around?.kind === 'rule' ? lastOfGroup(module, around) : last;
  const at = item ? lineEnd(tree.text, item.end) : tree.text.length;
  const edit = { start: at, end: at, text: `${newline}${newline}${text}` };
  return { documentChanges: [documentEdit(subject.root, module.path, module.document, [edit])] };
}

/** The last definition of the rule's name from there on, so that they stay together. */
export function lastOfGroup({ names: { rules, tree } }: Module, rule: Span): Span {
  const nameOf = (span: Span) =>
    rules
      .find(({ node }) => node === span)
      ?.path.map(({ name }) => name)
      .join('\n');
  const name = nameOf(rule);
  let last = rule;
  for (const item of tree.root.items.filter(({ start }) => start > rule.start)) {
    if (item.kind !== 'rule' || nameOf(item) !== name) break;
    last = item;
  }
  return last;
}
