/** Fixes of findings that Regal's own fixer leaves alone, where what is to be done is plain. */
import { T } from '../syntax/tokens.ts';
import type { Infix, Node, Rule, Tree } from '../syntax/tree.ts';
import { lineEnd, lineStart, type SpanEdit } from './action.ts';
import { literalAt, removeLiteral, removeTrue } from './bodies.ts';
import { pathOf } from './inlining.ts';
import type { Fix } from './regal-fixes.ts';

/** By the rule's title. */
export const moreFixes: Readonly<Record<string, (tree: Tree, at: number) => Fix | undefined>> = {
  'redundant-alias': redundantAlias,
  'redundant-data-import': redundantDataImport,
  'yoda-condition': yodaCondition,
  'unnecessary-some': unnecessarySome,
  'in-wildcard-key': inWildcardKey,
  'unused-output-variable': unusedOutputVariable,
  'walk-no-path': walkNoPath,
  'redundant-loop-count': redundantLoopCount,
  'trailing-default-rule': trailingDefaultRule,
  'detached-metadata': detachedMetadata,
  'print-or-trace-call': printOrTraceCall,
  'use-in-operator': useInOperator,
};

function fix(title: string, isSafe: boolean, ...edits: SpanEdit[]): Fix {
  return { title, isSafe, edits };
}

/** The innermost node of a kind that holds the offset. */
function find<K extends Node['kind']>(tree: Tree, at: number, kind: K): Extract<Node, { kind: K }> | undefined {
  const is = (node: Node): node is Extract<Node, { kind: K }> => node.kind === kind;
  return pathOf(tree, { start: at, end: at + 1 }).findLast(is);
}

function redundantAlias(tree: Tree, at: number): Fix | undefined {
  const node = find(tree, at, 'import');
  if (!node?.alias) return undefined;
  return fix('Remove the alias', true, { start: node.path.end, end: node.alias.end, text: '' });
}

function redundantDataImport(tree: Tree, at: number): Fix | undefined {
  const node = find(tree, at, 'import');
  if (node?.path.kind !== 'var' || node.alias) return undefined;
  const next = tree.text.indexOf('\n', lineEnd(tree.text, node.end));
  const end = next < 0 ? tree.text.length : next + 1;
  return fix('Remove the import', true, { start: lineStart(tree.text, node.start), end, text: '' });
}

const flipped: Readonly<Record<number, string>> = {
  [T.equal]: '==',
  [T.notEqual]: '!=',
  [T.less]: '>',
  [T.lessOrEqual]: '>=',
  [T.greater]: '<',
  [T.greaterOrEqual]: '<=',
};

function yodaCondition(tree: Tree, at: number): Fix | undefined {
  const node = find(tree, at, 'infix');
  const [one, other] = node?.operands ?? [];
  const operator = flipped[node?.operators[0] ?? -1];
  if (!node || !one || !other || node.operands.length !== 2 || !operator) return undefined;
  const between = tree.text.slice(one.end, other.start);
  const [, before = ' ', after = ' '] = /^(\s*)[=!<>]+(\s*)$/.exec(between) ?? [];
  return fix(
    'Put the constant second',
    true,
    { start: one.start, end: one.end, text: textOf(tree, other) },
    { start: one.end, end: other.start, text: `${before}${operator}${after}` },
    { start: other.start, end: other.end, text: textOf(tree, one) },
  );
}

function textOf({ text }: Tree, { start, end }: { start: number; end: number }): string {
  return text.slice(start, end);
}

function unnecessarySome(tree: Tree, at: number): Fix | undefined {
  const node = find(tree, at, 'some');
  const [symbol] = node?.symbols ?? [];
  if (!node || symbol?.kind !== 'membership') return undefined;
  return fix('Remove some', true, { start: node.start, end: symbol.start, text: '' });
}

function inWildcardKey(tree: Tree, at: number): Fix | undefined {
  const node = find(tree, at, 'membership');
  if (node?.key?.kind !== 'var' || node.key.name !== '_') return undefined;
  return fix('Remove the wildcard key', true, { start: node.key.start, end: node.value.start, text: '' });
}

function unusedOutputVariable(tree: Tree, at: number): Fix | undefined {
  const path = pathOf(tree, { start: at, end: at + 1 });
  const [holder, node] = path.slice(-2);
  if (node?.kind !== 'var' || holder?.kind !== 'index') return undefined;
  const undeclared = withoutDeclaration(tree, path, node.name);
  if (!undeclared) return undefined;
  return fix(`Replace ${node.name} with _`, true, { start: node.start, end: node.end, text: '_' }, ...undeclared);
}

/** Takes a name out of the `some` that declares it, which OPA wants to be used; undefined where it cannot be. */
function withoutDeclaration(tree: Tree, path: readonly Node[], name: string): SpanEdit[] | undefined {
  for (const body of path.toReversed()) {
    if (body.kind !== 'body') continue;
    for (const literal of body.literals) {
      if (literal.kind !== 'some') continue;
      const index = literal.symbols.findIndex((symbol) => symbol.kind === 'var' && symbol.name === name);
      if (index < 0) continue;
      if (literal.symbols.length === 1) return [removeLiteral(tree, body, literal)];
      const [before, symbol, after] = [literal.symbols[index - 1], literal.symbols[index], literal.symbols[index + 1]];
      if (!symbol) return undefined;
      return [
        after
          ? { start: symbol.start, end: after.start, text: '' }
          : { start: before?.end ?? symbol.start, end: symbol.end, text: '' },
      ];
    }
  }
  return [];
}

function walkNoPath(tree: Tree, at: number): Fix | undefined {
  const node = find(tree, at, 'call');
  const [, output] = node?.args ?? [];
  const [path] = output?.kind === 'array' ? output.items : [];
  if (path?.kind !== 'var' || path.name === '_') return undefined;
  return fix('Replace the path with _', true, { start: path.start, end: path.end, text: '_' });
}

function redundantLoopCount(tree: Tree, at: number): Fix | undefined {
  const place = literalAt(tree, { start: at, end: at });
  const { literal, body } = place ?? {};
  const left = literal?.kind === 'expression' && !literal.negated && !literal.right ? literal.left : undefined;
  if (!place || left?.kind !== 'infix' || left.operands[0]?.kind !== 'call' || (body?.literals.length ?? 0) < 2)
    return undefined;
  const edit = removeTrue(tree, place);
  return edit && fix('Remove the count', true, edit);
}

/** Before the first definition. */
function trailingDefaultRule(tree: Tree, at: number): Fix | undefined {
  const rule = tree.root.items.find((item): item is Rule => item.kind === 'rule' && item.start <= at && at <= item.end);
  if (!rule?.isDefault) return undefined;
  const nameOf = ({ head }: Rule) => textOf(tree, head.name);
  const first = tree.root.items.find((item) => item.kind === 'rule' && nameOf(item) === nameOf(rule));
  if (!first || first === rule || tree.metadata.some(({ target }) => target === rule)) return undefined;
  const top = topOf(tree, first.start);
  const newline = tree.text.includes('\r\n') ? '\r\n' : '\n';
  const start = topOf(tree, rule.start);
  const next = tree.text.indexOf('\n', lineEnd(tree.text, rule.end));
  const end = next < 0 ? tree.text.length : next + 1;
  const blank = /(\r?\n){2}$/.exec(tree.text.slice(0, start)) ? newline.length : 0;
  return fix(
    'Put the default first',
    true,
    { start: top, end: top, text: `${tree.text.slice(start, rule.end)}${newline}${newline}` },
    { start: start - blank, end, text: '' },
  );
}

/** Where the comments above a statement begin. */
function topOf({ text }: Tree, at: number): number {
  let top = lineStart(text, at);
  while (top > 0 && /^[ \t]*#/.test(text.slice(lineStart(text, top - 1), top))) top = lineStart(text, top - 1);
  return top;
}

function detachedMetadata(tree: Tree, at: number): Fix | undefined {
  const block = tree.metadata.find(({ start, end }) => start <= at && at <= end);
  if (!block?.target) return undefined;
  const start = lineEnd(tree.text, block.end);
  const gap = /^(?:\r?\n[ \t]*)+/.exec(tree.text.slice(start, block.target.start))?.[0] ?? '';
  if ((gap.match(/\n/g)?.length ?? 0) < 2) return undefined;
  return fix('Join the METADATA with what is below', false, {
    start,
    end: start + gap.length,
    text: gap.startsWith('\r\n') ? '\r\n' : '\n',
  });
}

function printOrTraceCall(tree: Tree, at: number): Fix | undefined {
  const place = literalAt(tree, { start: at, end: at });
  const { literal } = place ?? {};
  if (!place || literal?.kind !== 'expression' || literal.negated || literal.right || literal.left.start !== at)
    return undefined;
  const edit = removeTrue(tree, place);
  return edit && fix('Remove the call', false, edit);
}

/** `"x" in xs` for `xs[_] == "x"`. */
function useInOperator(tree: Tree, at: number): Fix | undefined {
  const literal = find(tree, at, 'expression');
  const isUnified = literal?.operator === '=' && literal.right;
  const [one, other] = isUnified ? [literal.left, literal.right] : comparedIn(literal?.left);
  const [loop, value] = one && one.start <= at && at < one.end ? [one, other] : [other, one];
  if (!literal || loop?.kind !== 'ref' || !value || !one || !other) return undefined;
  const last = loop.parts.at(-1);
  if (last?.kind !== 'index' || last.term.kind !== 'var' || last.term.name !== '_') return undefined;
  const collection = tree.text.slice(loop.start, last.start);
  return fix('Write it with in', false, {
    start: one.start,
    end: other.end,
    text: `${textOf(tree, value)} in ${collection}`,
  });
}

function comparedIn(node: Node | undefined): Infix['operands'] {
  return node?.kind === 'infix' && node.operands.length === 2 && node.operators[0] === T.equal ? node.operands : [];
}
