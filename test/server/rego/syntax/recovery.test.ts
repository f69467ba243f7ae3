/** Broken modules: what is whole stays whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import { outline, problems, statements } from './outline.ts';

const after = 'q := 1 if {\n\tx\n}\n\nr contains 2\n';
const intact = ['(rule (head := q 1) (body if {} (expression x)))', '(rule (head contains r 2))'];

/** Something broken between whole rules: what it is read as, and its problems. */
function check(name: string, broken: string, expected: string[], told: string[]): void {
  test(name, () => {
    assert.deepEqual(statements(`${after}\n${broken}\n\n${after}`), [...intact, ...expected, ...intact]);
    assert.deepEqual(problems(`package p\n${broken}\n\n${after}`), told);
  });
}

check(
  'a body without its end',
  'p if {\n\tinput.x',
  ['(rule (head p) (body if {} (expression (ref input .x))))'],
  [': unexpected end of the rule: expected `}`'],
);
check(
  'a body without its end within another',
  'p if {\n\tevery y in ys {\n\t\ty\n\n}',
  ['(rule (head p) (body if {} (every (membership y ys) (body {} (expression y)))))'],
  [': unexpected end of the rule: expected `}`'],
);
check(
  'a call without its end',
  'p if {\n\tcount(x\n\ty\n}',
  ['(rule (head p) (body if {} (expression (call count x)) (expression y)))'],
  ['y: unexpected `y`: expected `,` or `)`'],
);
check(
  'a value to come',
  'p :=',
  ['(rule (head := p ?))'],
  [': unexpected end of the rule: expected a value, a variable or an expression'],
);
check(
  'a name to come',
  'p if {\n\tinput.\n\ty\n}',
  ['(rule (head p) (body if {} (expression (ref input .)) (expression y)))'],
  ['y: unexpected `y`: expected a name behind the dot'],
);
check(
  'an expression to come',
  'p if {\n\tx ==\n}',
  ['(rule (head p) (body if {} (expression (infix == x ?))))'],
  ['}: unexpected `}`: expected a value, a variable or an expression'],
);
check(
  'an index to come',
  'p if {\n\tx[\n\ty\n}',
  ['(rule (head p) (body if {} (expression (ref x (index y)))))'],
  ['}: unexpected `}`: expected `]`'],
);
check(
  'an expression of a template string to come',
  'p if {\n\tx := $"a {\n\ty\n}',
  ['(rule (head p) (body if {} (expression := x (template $"a {)) (expression y)))'],
  [': expected } to end the expression'],
);
check(
  'a template string without its brace',
  'p if {\n\tx := $"a {b"\n\ty\n}',
  ['(rule (head p) (body if {} (expression := x (template $"a { (expression b) ")) (expression y)))'],
  ['": expected } to end the expression'],
);
check(
  'a string without its end',
  'p if {\n\tx := "a\n\ty\n}',
  ['(rule (head p) (body if {} (expression := x "a) (expression y)))'],
  ['"a: non-terminated string'],
);
check(
  'words in a line',
  'p if {\n\tx y z\n\tw\n}',
  ['(rule (head p) (body if {} (expression x) !y z! (expression w)))'],
  ['y: unexpected `y`: expected a new line, `;` or the end of the body'],
);
check(
  'a bracket too many',
  'p := 1\n}',
  ['(rule (head := p 1))', '!}!'],
  ['}: unexpected `}`: expected a value, a variable or an expression'],
);
check(
  'an item too many',
  'p := [1, 2 3, 4]',
  ['(rule (head := p (array 1 2 3 4)))'],
  ['3: unexpected number 3: expected `,` or `]`'],
);

test('imports and the package survive what follows them', () => {
  const text = 'package a.b\n\nimport data.\n\nimport data.x\n\np := 1\n';
  assert.deepEqual(
    parse(text).root.items.map((item) => outline(item, text)),
    ['(package (ref a .b))', '(import (ref data .))', '(import (ref data .x))', '(rule (head := p 1))'],
  );
});

test('an unindented body that is closed is none of the next rules', () => {
  assert.deepEqual(statements('p if {\nx := 1\nq := [\n}\nr := 2'), [
    '(rule (head p) (body if {} (expression := x 1) (expression := q (array))))',
    '(rule (head := r 2))',
  ]);
});

test('an element to come does not take the name of the next rule', () => {
  assert.deepEqual(statements('q contains\nq contains 1\nr := 2').slice(1), [
    '(rule (head contains q 1))',
    '(rule (head := r 2))',
  ]);
});

test('rules are found where they are indented otherwise than the damaged one', () => {
  // A tab reaches as far as eight spaces.
  const spaced = '\tpackage p\n\n\tp if {\n\t\tx "y"\n\t}\n\n        q := 1\n';
  const deeper = '\n\tpackage p\n\np := [1, , 2]\n\n\tq := 1\n';
  const conditional = 'package p\n\np if x..y\n    q[z].w if z\n    f(a) := 1 if a\n    r contains 2\n';
  for (const [text, names] of [
    [spaced, ['p', 'q']],
    [deeper, ['p', 'q']],
    [conditional, ['p', 'q', 'f', 'r']],
  ] as const) {
    const rules = parse(text).root.items.filter((item) => item.kind === 'rule');
    assert.deepEqual(
      rules.map(({ head }) => /^\w/.exec(text.slice(head.start))?.[0]),
      names,
    );
  }
});

test('a quote too many does not hide where a raw string begins', () => {
  const raw = ' f(`\nnot := "rego"\n`)\n\nq := 1\n';
  assert.deepEqual(statements(`p := "${raw}`).at(-1), '(rule (head := q 1))');
  // Without a backquote to close it, what is in the line is text.
  assert.deepEqual(statements('p := "use `x\n\nq := 1\n').at(-1), '(rule (head := q 1))');
});

test('an empty body is told at its end, where that is in another line', () => {
  assert.deepEqual(problems('package p\n\np := 1 {\n\t# todo\n}\n')[0], '}: the body is empty');
  assert.deepEqual(problems('package p\n\np := 1 { }\n')[0], '{ }: the body is empty');
});
