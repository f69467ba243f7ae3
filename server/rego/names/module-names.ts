/**
 * Finds the names of a module with OPA's scoping: arguments, `:=`, `some` and `every` declare a variable from there on
 * in their body; a comprehension, `every`, `not { … }` and a template's expressions are bodies of their own. A variable
 * that nothing declares belongs to the outermost body that uses it. Pure.
 */
import { derived } from '../../derived.ts';
import { termOf } from '../syntax/metadata-references.ts';
import type {
  Body,
  Every,
  Import,
  Literal,
  MetadataPath,
  Operand,
  Rule,
  Span,
  Term,
  Tree,
  With,
} from '../syntax/tree.ts';
import type { ImportName, Local, MetadataName, ModuleNames, RuleName, Segment, Use } from './names.ts';
import { segmentsOf } from './segments.ts';

interface LocalDraft extends Local {
  spans: Span[];
}

interface Scope {
  span: Span;
  declared: Map<string, LocalDraft>;
  /** Uses of what nothing declares. */
  free: { use: { -readonly [K in keyof Use]: Use[K] }; segment: Segment }[];
  parent: Scope | undefined;
  children: Scope[];
}

/** Made once for a tree. */
export const namesOf = derived((tree: Tree): ModuleNames => collect(tree));

function collect(tree: Tree): ModuleNames {
  const imports: ImportName[] = [];
  const rules: RuleName[] = [];
  const uses: Use[] = [];
  const locals: LocalDraft[] = [];
  let packagePath: readonly Segment[] = [];

  for (const item of tree.root.items) {
    if (item.kind === 'package') packagePath = segmentsOf(tree.text, item.path).segments;
    else if (item.kind === 'import') imports.push(importOf(item));
    else if (item.kind === 'rule') rules.push(ruleOf(item));
    else inScope(item, undefined, (scope) => literal(item, scope));
  }
  uses.sort((a, b) => (a.segments[0]?.start ?? 0) - (b.segments[0]?.start ?? 0));
  const inMetadata = tree.metadata.flatMap(({ paths }) => paths.map(metadataNameOf));
  return { tree, package: packagePath, imports, rules, uses, locals, inMetadata };

  function importOf(node: Import): ImportName {
    const path = segmentsOf(tree.text, node.path).segments;
    const [alias] = node.alias ? segmentsOf(tree.text, node.alias).segments : [];
    const root = path[0]?.name;
    const named = root === 'data' || root === 'input';
    return { node, path, alias, name: named ? (alias ?? path.at(-1))?.name : undefined };
  }

  function ruleOf(node: Rule): RuleName {
    const { head, bodies, elses } = node;
    const { segments, rest } = segmentsOf(tree.text, head.name);
    inScope(node, undefined, (scope) => {
      for (const arg of head.args ?? []) pattern(arg, 'argument', scope);
      const [first, ...others] = bodies;
      // What the body declares is seen in the head.
      const headIn = (inner: Scope) => {
        for (const term of rest) walk(term, inner);
        if (head.value) walk(head.value, inner);
      };
      if (first) body(first, scope, headIn);
      else headIn(scope);
      for (const other of others) body(other, scope);
      for (const { value, body: own } of elses) {
        const valueIn = (inner: Scope) => {
          if (value) walk(value, inner);
        };
        if (own) body(own, scope, valueIn);
        else valueIn(scope);
      }
    });
    return { node, path: segments, kind: kindOf(node, rest.length) };
  }

  /** Runs in a scope of its own; the outermost one of a rule settles what nothing declared. */
  function inScope(span: Span, parent: Scope | undefined, run: (scope: Scope) => void): void {
    const scope: Scope = { span, declared: new Map(), free: [], parent, children: [] };
    parent?.children.push(scope);
    run(scope);
    if (!parent) settle(scope, new Map());
  }

  function settle(scope: Scope, outer: ReadonlyMap<string, LocalDraft>): void {
    const known = new Map(outer);
    for (const { use, segment } of scope.free) {
      let local = known.get(segment.name);
      if (!local) {
        local = { name: segment.name, kind: 'implicit', spans: [], scope: scope.span };
        known.set(segment.name, local);
        locals.push(local);
      }
      local.spans.push(segment);
      use.local = local;
    }
    for (const child of scope.children) settle(child, known);
  }

  function body({ literals, start, end }: Body, parent: Scope, after?: (scope: Scope) => void): void {
    inScope({ start, end }, parent, (scope) => {
      for (const one of literals) literal(one, scope);
      after?.(scope);
    });
  }

  function literal(node: Literal, scope: Scope): void {
    switch (node.kind) {
      case 'expression':
        // The right side is looked at before the left one declares.
        if (node.right) walk(node.right, scope);
        if (node.operator === ':=') pattern(node.left, 'assigned', scope);
        else walk(node.left, scope);
        break;
      case 'some':
        for (const symbol of node.symbols) membership(symbol, 'some', scope, scope);
        break;
      case 'every':
        every(node, scope);
        break;
      case 'not':
      case 'group':
        operand(node.operand, scope);
        break;
      case 'logical':
        for (const one of node.operands) operand(one, scope);
        break;
      case 'damage':
        return;
    }
    withs(node.withs, scope);
  }

  function every({ domain, body: own, start, end }: Every, scope: Scope): void {
    inScope({ start, end }, scope, (inner) => {
      membership(domain, 'every', scope, inner);
      if (own) body(own, inner);
    });
  }

  /** `k, v in xs`: the collection is looked up outside of what it declares. */
  function membership(term: Term, kind: Local['kind'], outside: Scope, inside: Scope): void {
    if (term.kind !== 'membership') {
      pattern(term, kind, inside);
      return;
    }
    walk(term.collection, outside);
    if (term.key) pattern(term.key, kind, inside);
    pattern(term.value, kind, inside);
  }

  function operand(node: Operand, scope: Scope): void {
    if (node.kind === 'body') body(node, scope);
    else literal(node, scope);
  }

  function withs(nodes: readonly With[], scope: Scope): void {
    for (const { target, value } of nodes) {
      walk(target, scope, isCallable(target));
      walk(value, scope, false);
    }
  }

  /** Declares the variables of a pattern. */
  function pattern(term: Term, kind: Local['kind'], scope: Scope): void {
    switch (term.kind) {
      case 'var':
        declare(term, kind, scope);
        return;
      case 'array':
        for (const item of term.items) pattern(item, kind, scope);
        return;
      case 'object':
        for (const item of term.items) {
          if (item.kind === 'damage') continue;
          walk(item.key, scope);
          pattern(item.value, kind, scope);
        }
        return;
      case 'parens':
        pattern(term.term, kind, scope);
        return;
      default:
        walk(term, scope);
        return;
    }
  }

  function declare(segment: Segment & Span, kind: Local['kind'], scope: Scope): void {
    const { name, start, end } = segment;
    if (name === '_') return;
    let local = scope.declared.get(name);
    if (!local) {
      local = { name, kind, spans: [], scope: scope.span };
      scope.declared.set(name, local);
      locals.push(local);
    }
    local.spans.push({ start, end });
    uses.push({ segments: [{ name, start, end }], called: false, local });
  }

  function walk(term: Term, scope: Scope, called = false): void {
    switch (term.kind) {
      case 'var':
        refer([{ name: term.name, start: term.start, end: term.end }], called, scope);
        return;
      case 'ref': {
        const { segments, rest } = segmentsOf(tree.text, term);
        if (segments.length > 0) refer(segments, called && rest.length === 0, scope);
        for (const one of rest) walk(one, scope);
        return;
      }
      case 'call':
        walk(term.operator, scope, true);
        for (const arg of term.args) walk(arg, scope);
        return;
      case 'infix':
        for (const one of term.operands) walk(one, scope);
        return;
      case 'membership':
        if (term.key) walk(term.key, scope);
        walk(term.value, scope);
        walk(term.collection, scope);
        return;
      case 'negative':
      case 'parens':
        walk(term.term, scope);
        return;
      case 'array':
      case 'set':
        for (const item of term.items) walk(item, scope);
        return;
      case 'object':
        for (const item of term.items) entryOrDamage(item, scope);
        return;
      case 'comprehension':
        body(term.body, scope, (inner) => entryOrDamage(term.head, inner));
        return;
      case 'template':
        for (const part of term.parts) if (part.kind !== 'text') inScope(part, scope, (inner) => literal(part, inner));
        return;
      default:
    }
  }

  function entryOrDamage(node: Term | { kind: 'entry'; key: Term; value: Term }, scope: Scope): void {
    if (node.kind !== 'entry') {
      walk(node, scope);
      return;
    }
    walk(node.key, scope);
    walk(node.value, scope);
  }

  function refer(segments: readonly Segment[], called: boolean, scope: Scope): void {
    const [first] = segments;
    if (!first || first.name === '_' || first.name === '') return;
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      const local = at.declared.get(first.name);
      if (!local) continue;
      local.spans.push({ start: first.start, end: first.end });
      uses.push({ segments, called, local });
      return;
    }
    const use = { segments, called, local: undefined as unknown as Local };
    uses.push(use);
    scope.free.push({ use, segment: first });
  }
}

function metadataNameOf(node: MetadataPath): MetadataName {
  const { text, places } = node;
  const term = termOf(text);
  const { segments } = term ? segmentsOf(text, term) : { segments: [] };
  const path = segments.map(({ name, start, end }) => ({ name, start: places[start]!, end: places[end]! }));
  return { node, path };
}

/** A partial set has `contains`, or, in v0, one more part and no value. */
function kindOf({ isDefault, head: { args, operator, value } }: Rule, rest: number): RuleName['kind'] {
  if (isDefault) return 'default';
  if (args) return 'function';
  return operator === 'contains' || (rest === 1 && !value && operator === '') ? 'set' : 'rule';
}

function isCallable({ kind }: Term): boolean {
  return kind === 'var' || kind === 'ref';
}
