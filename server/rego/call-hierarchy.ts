/** Which rules refer to a rule, and to which it refers. */
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  Position,
  Range,
} from 'vscode-languageserver';
import { type Root, uriOf } from '../snapshot.ts';
import { definitionAt } from './names/definition.ts';
import {
  type Definition,
  definitionsOf,
  type Module,
  type Modules,
  modulesOf,
  occurrenceAt,
  occurrencesIn,
  rulePath,
} from './names/modules.ts';
import { offsetAt, rangeOf } from './places.ts';
import { everywhere } from './references.ts';
import { kindOf, nameOf } from './symbols.ts';
import type { Span } from './syntax/tree.ts';

/** What an item carries from one request to the next. */
export interface HierarchyData {
  root: string;
  rule: string[];
}

export function prepareCallHierarchy(root: Root, path: string, position: Position): CallHierarchyItem[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  if (at?.meaning.kind !== 'data') return [];
  const [first] = definitionsOf(modules, at.meaning.path);
  return first ? [itemOf(root, first)] : [];
}

export function incomingCalls(root: Root, { rule }: HierarchyData): CallHierarchyIncomingCall[] {
  const modules = modulesOf(root);
  const [first] = definitionsOf(modules, rule);
  if (!first) return [];
  const calls = new Map<string, CallHierarchyIncomingCall>();
  for (const { module, occurrence } of everywhere(modules, first.module, { kind: 'data', path: rule })) {
    if (occurrence.declares) continue;
    const caller = ruleAround(module, occurrence);
    if (caller)
      add(calls, root, caller, rangeOf(module.document, occurrence), (from, ranges) => ({ from, fromRanges: ranges }));
  }
  return [...calls.values()];
}

export function outgoingCalls(root: Root, { rule }: HierarchyData): CallHierarchyOutgoingCall[] {
  const modules = modulesOf(root);
  const calls = new Map<string, CallHierarchyOutgoingCall>();
  for (const { module, outline } of definitionsOf(modules, rule)) {
    for (const one of occurrencesIn(modules, module)) {
      if (one.declares || !isWithin(one, outline) || one.meaning.kind !== 'data') continue;
      const target = exactly(modules, one.meaning.path);
      // Each definition has its own ranges, and VS Code looks for them in the item's file.
      if (target) add(calls, root, target, rangeOf(module.document, one), (to, ranges) => ({ to, fromRanges: ranges }));
    }
  }
  return [...calls.values()];
}

function add<C extends { fromRanges: Range[] }>(
  calls: Map<string, C>,
  root: Root,
  definition: Definition,
  range: Range,
  make: (item: CallHierarchyItem, ranges: Range[]) => C,
): void {
  const key = `${definition.module.path} ${rulePath(definition).join('\n')}`;
  const known = calls.get(key);
  if (known) known.fromRanges.push(range);
  else calls.set(key, make(itemOf(root, definition), [range]));
}

/** The rule that a path names, not what lies in it or around it. */
function exactly(modules: Modules, path: readonly string[]): Definition | undefined {
  return definitionsOf(modules, path).find((one) => rulePath(one).length === path.length);
}

function ruleAround(module: Module, span: Span): Definition | undefined {
  const at = module.outline.rules.findIndex((rule) => isWithin(span, rule));
  return at < 0 ? undefined : definitionAt(module, at);
}

function isWithin(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function itemOf(root: Root, definition: Definition): CallHierarchyItem {
  const { module, outline } = definition;
  return {
    name: nameOf(outline),
    kind: kindOf(outline),
    detail: module.package.slice(1).join('.'),
    uri: uriOf(root, module.path),
    range: rangeOf(module.document, outline),
    selectionRange: rangeOf(module.document, outline.name),
    data: { root: root.id, rule: rulePath(definition) } satisfies HierarchyData,
  };
}
