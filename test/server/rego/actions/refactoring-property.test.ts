/** Whatever is extracted from or inlined into rules by chance, they decide as before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LSPErrorCodes } from 'vscode-languageserver/node';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import type { Span } from '../../../../server/rego/syntax/tree.ts';
import { visit } from '../../../../server/rego/syntax/walk.ts';
import '../../../support/seed.ts';
import { workspace } from './action-support.ts';
import { decisions, ofRules } from './decisions.ts';

const inputs = [
  {},
  { a: 'ab', b: { c: 1 }, xs: [1, 2, 'a'], flag: true },
  { a: 2, b: { c: [1, 2] }, xs: [[1, 2], { c: 1 }, 2], flag: false },
  { a: ['a', 1], b: 1, xs: { p: 'a', q: 1, r: 2 } },
];

/** Draws from a list of numbers, the same each time. */
type Draw = (below: number) => number;

function drawFrom(numbers: readonly number[]): Draw {
  let at = 0;
  return (below) => (numbers[at++ % numbers.length] ?? 0) % below;
}

function pick<T>(draw: Draw, ...options: readonly T[]): T {
  return options[draw(options.length)] as T;
}

function term(draw: Draw, names: readonly string[], depth: number): string {
  const inner = () => term(draw, names, depth - 1);
  const simple = () =>
    pick(draw, '1', '2', '"a"', 'true', 'input.a', 'input.b.c', 'input.b', 'input.xs', 'input.flag', 'constant');
  if (names.length > 0 && draw(3) === 0) return pick(draw, ...names);
  if (depth <= 0) return simple();
  switch (draw(12)) {
    case 0:
      return `[${inner()}, ${inner()}]`;
    case 1:
      return `{"k": ${inner()}}`;
    case 2:
      return `is_number(${inner()})`;
    case 3:
      return `plus(${inner()}, ${inner()})`;
    case 4:
      return `(${inner()} == ${inner()})`;
    case 5:
      return `input.xs[${pick(draw, '_', ...names, '0')}]`;
    case 6: {
      const own = [...names, `v${depth}`];
      return `[${term(draw, own, 0)} | some v${depth} in input.xs; ${literal(draw, own, depth - 1)}]`;
    }
    case 7:
      return `{y${depth} | y${depth} := ${inner()}; ${literal(draw, [...names, `y${depth}`], depth - 1)}}`;
    case 8:
      return `sprintf("%v", [${inner()}])`;
    default:
      return simple();
  }
}

function literal(draw: Draw, names: readonly string[], depth: number): string {
  const inner = () => term(draw, names, depth);
  switch (draw(10)) {
    case 0:
      // OPA drops `not true` where it is all there is of a comprehension's body and the head is a reference.
      return `not ${inner().replace(/^true$/, 'input.flag')}`;
    case 1:
      return `not ${inner()} == ${inner()}`;
    case 2:
      return `every e${depth} in input.xs { ${literal(draw, [...names, `e${depth}`], depth - 1)} }`;
    case 3:
      return `is_number(${inner()}) with input.a as ${inner()}`;
    case 4:
      return `${inner()} in ${inner()}`;
    case 5:
      return `${inner()} > ${inner()}`;
    case 6:
      return inner();
    default:
      return `${inner()} == ${inner()}`;
  }
}

function body(draw: Draw, names: string[], own: string, depth: number): string[] {
  const lines: string[] = [];
  for (let count = 1 + draw(4); count > 0; count--) {
    const name = `${own}${count}`;
    switch (draw(5)) {
      case 0:
        lines.push(`some ${name} in input.xs`);
        names.push(name);
        break;
      case 1:
      case 2:
        lines.push(`${name} := ${term(draw, names, depth)}`);
        names.push(name);
        break;
      case 3:
        lines.push(`input.xs[${name}]`);
        names.push(name);
        break;
      default:
        lines.push(literal(draw, names, depth));
    }
  }
  return lines;
}

function moduleFrom(numbers: readonly number[]): string {
  const draw = drawFrom(numbers);
  const rules = ['constant := input.b', 'plus(x, y) := [x, y]', 'condition if input.flag'];
  for (const name of ['first', 'second']) {
    const names: string[] = [];
    const lines = body(draw, names, name[0] as string, 2);
    if (draw(4) === 0) lines.push(pick(draw, 'condition', 'not condition'));
    const head = pick(
      draw,
      `${name} contains ${term(draw, names, 1)}`,
      `${name} contains ${term(draw, names, 0)}`,
      name,
    );
    rules.push(`${head} if {\n\t${lines.join('\n\t')}\n}`);
  }
  return `package p\n\n${rules.join('\n\n')}\n`;
}

/** What could be selected: everything that the tree tells apart, and lines together. */
function selections(text: string): Span[] {
  const spans: Span[] = [];
  visit(parse(text).root, (node) => {
    if (node.kind === 'body' && node.literals.length > 1) {
      for (const [at, first] of node.literals.entries()) {
        for (const last of node.literals.slice(at)) spans.push({ start: first.start, end: last.end });
      }
    }
    if (node.kind !== 'module' && node.kind !== 'rule') spans.push({ start: node.start, end: node.end });
    return true;
  });
  return spans;
}

/** Who refers to a rule is looked up once it is chosen. */
function refusal(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== LSPErrorCodes.RequestFailed) throw error;
}

test('refactorings of rules by chance change no decision', { timeout: 120_000 }, async (t) => {
  const { open } = await workspace(t);
  const decide = await decisions(t);
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(9999), { minLength: 40, maxLength: 40 }),
      fc.array(fc.nat(9999), { minLength: 6, maxLength: 6 }),
      async (numbers, chosen) => {
        const text = moduleFrom(numbers);
        const before = await decide({ 'p.rego': text }, inputs);
        // Not every module compiles.
        if (!before[0]?.startsWith('{')) return;
        const places = selections(text);
        for (const one of chosen) {
          const { start, end } = places[one % places.length] as Span;
          const module = await open('p.rego', `${text.slice(0, start)}[|${text.slice(start, end)}|]${text.slice(end)}`);
          const offered = await module.actions({ only: ['refactor.extract', 'refactor.inline'] });
          for (const { title, disabled } of offered) {
            if (disabled) continue;
            const now = await module.after(title, { only: ['refactor'] }).catch(refusal);
            if (now === undefined) continue;
            const after = await decide({ 'p.rego': now }, inputs);
            // OPA checks the types of rules more closely than those of `every`: what could never hold is an error now.
            if (/match error|invalid argument/.test(after[0] ?? '')) continue;
            tried++;
            assert.deepEqual(
              ofRules(text, after),
              ofRules(now, before),
              `${title} of ${text.slice(start, end)} in\n${text}\n${now}`,
            );
          }
        }
      },
    ),
    { numRuns: 100 },
  );
  assert.ok(tried > 50, `only ${tried} refactorings were tried`);
});
