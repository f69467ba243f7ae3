/** What is evaluated: a package, a rule or a stretch of text, as a query, and where its result is shown. */
import type { EvaluationTarget } from '../../protocol.ts';
import type { Module } from '../names/modules.ts';
import type { RuleName } from '../names/names.ts';
import { offsetAt } from '../places.ts';
import type { Span } from '../syntax/tree.ts';

export interface Target {
  kind: 'package' | 'rule' | 'query';
  /** In Rego. */
  query: string;
  /** Of a query: where its text begins in the module; undefined when it is no text of the module. */
  start?: number;
  /** Where its result is shown. */
  places: readonly Span[];
}

/** What was asked for is nothing that can be evaluated; the message says why. */
export class NoTarget extends Error {
  override name = 'NoTarget';
}

/** Rejects with {@link NoTarget}. */
export function targetOf(module: Module, target: EvaluationTarget): Target {
  const { document, names } = module;
  switch (target.kind) {
    case 'package':
      return packageTarget(module);
    case 'rule': {
      const offset = offsetAt(document, target.position);
      const rule = names.rules.find(({ node }) => node.start <= offset && offset <= node.end);
      if (!rule) throw new NoTarget('There is no rule at this place.');
      return ruleTarget(module, rule);
    }
    case 'selection':
      return selected(module, {
        start: offsetAt(document, target.range.start),
        end: offsetAt(document, target.range.end),
      });
    case 'query':
      if (target.query.trim() === '') throw new NoTarget('The query is empty.');
      return { kind: 'query', query: target.query, places: [] };
  }
}

function packageTarget({ names }: Module): Target {
  const last = names.package.at(-1);
  const first = names.package[0];
  if (!first || !last) throw new NoTarget('The module has no package.');
  const path = names.package.map(({ name }) => name);
  return { kind: 'package', query: dataPath(path), places: [{ start: first.start, end: last.end }] };
}

function ruleTarget({ names, package: own }: Module, { path }: RuleName): Target {
  const [first] = path;
  if (own.length < 2) throw new NoTarget('The module has no package.');
  if (!first) throw new NoTarget('The rule has no name.');
  const same = names.rules.filter(
    (other) => other.path.length === path.length && other.path.every(({ name }, at) => name === path[at]?.name),
  );
  if (same.every(({ kind }) => kind === 'function')) {
    throw new NoTarget(
      `${path.map(({ name }) => name).join('.')} is a function: select a call of it, with its arguments, to evaluate that.`,
    );
  }
  return {
    kind: 'rule',
    query: dataPath([...own.slice(1), ...path.map(({ name }) => name)]),
    places: same.map((one) => ({
      start: one.path[0]?.start ?? one.node.start,
      end: one.path.at(-1)?.end ?? one.node.end,
    })),
  };
}

/** A selection without a text is the place of the cursor; one that holds rules as a whole means them. */
function selected(module: Module, span: Span): Target {
  const { names, document } = module;
  const { start, end } = trimmed(document.text, span);
  if (start >= end) {
    const rule = names.rules.find(({ node }) => node.start <= span.start && span.start <= node.end);
    return rule ? ruleTarget(module, rule) : packageTarget(module);
  }
  const whole = names.rules.filter(({ node }) => start <= node.start && node.end <= end);
  const [first] = whole;
  if (first) {
    const one = whole.every(
      ({ path }) => path.map(({ name }) => name).join('\n') === first.path.map(({ name }) => name).join('\n'),
    );
    return one ? ruleTarget(module, first) : packageTarget(module);
  }
  const head = names.rules.find(
    ({ node }) => start === node.start && end <= node.head.end && end >= node.head.name.end,
  );
  if (head && head.kind !== 'function') return ruleTarget(module, head);
  const declared = names.package[0];
  if (declared && start < declared.start && declared.start < end) return packageTarget(module);
  return { kind: 'query', query: document.text.slice(start, end), start, places: [{ start, end }] };
}

function trimmed(text: string, { start, end }: Span): Span {
  const selected = text.slice(start, end);
  return { start: start + selected.length - selected.trimStart().length, end: start + selected.trimEnd().length };
}

/** A path below `data` as a reference. Words that are keywords anywhere stand in brackets. */
function dataPath(path: readonly string[]): string {
  return path.reduce((to, name) => `${to}${isPlain(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`, 'data');
}

const keywords = new Set(
  'as and contains default else every false if import in not null or package some true with'.split(' '),
);

function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !keywords.has(name);
}
