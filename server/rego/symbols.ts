/** The outline of a module: its package, its imports, and its rules with all their definitions. */
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import type { Module } from './names/modules.ts';
import { isTest, type RuleOutline } from './names/outline.ts';
import { rangeOf } from './places.ts';
import type { Package, Span } from './syntax/tree.ts';

export function documentSymbols({ document, names, outline }: Module): DocumentSymbol[] {
  const declared = names.tree.root.items.find((item): item is Package => item.kind === 'package');
  const packageSymbols = declared
    ? [symbol(document, names.package.map(({ name }) => name).join('.'), SymbolKind.Package, declared, declared.path)]
    : [];
  const imports = names.imports
    .filter(({ name }) => name !== undefined)
    .map(({ node, path, alias }) => {
      const detail = path.map(({ name }) => name).join('.');
      const name = alias?.name ?? path.at(-1)?.name ?? detail;
      return { ...symbol(document, name, SymbolKind.Namespace, node, alias ?? node.path), detail };
    });
  return [...packageSymbols, ...imports, ...ruleSymbols(document, outline.rules)];
}

/** A rule that is defined once stands for itself; the definitions of others stand below the first. */
function ruleSymbols(document: Document, rules: readonly RuleOutline[]): DocumentSymbol[] {
  const groups = new Map<string, RuleOutline[]>();
  for (const rule of rules) {
    const name = nameOf(rule);
    const group = groups.get(name);
    if (group) group.push(rule);
    else groups.set(name, [rule]);
  }
  return [...groups].map(([name, group]) => {
    const [first] = group as [RuleOutline, ...RuleOutline[]];
    const all = group.map((rule) => ruleSymbol(document, rule, headText(document, rule)));
    const own = ruleSymbol(document, first, name);
    const last = group.at(-1) ?? first;
    // A parent holds its children; other rules may stand between them, which editors take well.
    const range = rangeOf(document, { start: first.start, end: last.end });
    return group.length === 1 ? own : { ...own, range, detail: undefined, children: all };
  });
}

function ruleSymbol(document: Document, rule: RuleOutline, name: string): DocumentSymbol {
  const made = symbol(document, name, kindOf(rule), rule, rule.head);
  return rule.kind === 'default' ? { ...made, detail: 'default' } : made;
}

function symbol(document: Document, name: string, kind: SymbolKind, span: Span, selection: Span): DocumentSymbol {
  return {
    name: name === '' ? '(unnamed)' : name,
    kind,
    range: rangeOf(document, span),
    selectionRange: rangeOf(document, selection),
  };
}

/** The name of a rule as its references have it. */
export function nameOf({ path }: Pick<RuleOutline, 'path'>): string {
  return path.map((name, at) => (at === 0 || isPlain(name) ? name : JSON.stringify(name))).reduce(joined, '');
}

function joined(before: string, name: string): string {
  if (before === '') return name;
  return name.startsWith('"') ? `${before}[${name}]` : `${before}.${name}`;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/** The head on one line. */
function headText({ text }: Document, rule: RuleOutline): string {
  const head = text
    .slice(rule.head.start, rule.head.end)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  return head.length > 80 ? `${head.slice(0, 79)}…` : head;
}

export function kindOf(rule: RuleOutline): SymbolKind {
  if (isTest(rule)) return SymbolKind.Event;
  switch (rule.kind) {
    case 'function':
      return SymbolKind.Function;
    case 'set':
      return SymbolKind.Array;
    case 'default':
      return SymbolKind.Constant;
    default:
      return rule.constant ? SymbolKind.Constant : SymbolKind.Variable;
  }
}
