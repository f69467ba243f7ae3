/** A variable or a rule is replaced by what it stands for, and the module decides as before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './action-support.ts';
import { decisions, ofRules } from './decisions.ts';

const inputs = [
  {},
  { user: { name: 'ann', roles: ['admin', 'dev'] }, xs: [1, 2, 3], flag: true },
  { user: { name: 'bo', roles: [] }, xs: [], flag: false, limit: 2 },
  { user: { roles: ['dev'] }, xs: [3, 3], limit: 1 },
];

/** The module with the cursor, and after it; a reason where it is refused, undefined where nothing is offered. */
const cases: [string, string | RegExp | undefined][] = [
  [
    'package p\n\nallow if {\n\tuser<|> := input.user\n\tuser.name == "ann"\n\tcount(user.roles) > 1\n}\n',
    'package p\n\nallow if {\n\tinput.user.name == "ann"\n\tcount(input.user.roles) > 1\n}\n',
  ],
  [
    'package p\n\nn := x * 2 if {\n\tinput.flag\n\tx := input.xs[0] + input.xs[1]\n\t<|>x > 1\n}\n',
    'package p\n\nn := (input.xs[0] + input.xs[1]) * 2 if {\n\tinput.flag\n\tinput.xs[0] + input.xs[1] > 1\n}\n',
  ],
  ['package p\n\nn := x<|> if x := count(input.xs)\n', 'package p\n\nn := count(input.xs)\n'],
  [
    'package p\n\nns contains n if {\n\tx<|> := input.xs[_]\n\tn := x + 1\n}\n',
    'package p\n\nns contains n if {\n\tn := input.xs[_] + 1\n}\n',
  ],
  ['package p\n\nn := {y | some x in input.xs; y<|> := abs(x)}\n', 'package p\n\nn := {abs(x) | some x in input.xs}\n'],
  [
    'package p\n\nno if {\n\tnames<|> := {"ann"}\n\tnot input.user.name in names\n}\n',
    'package p\n\nno if {\n\tnot input.user.name in {"ann"}\n}\n',
  ],
  ['package p\n\nns contains n if {\n\tx<|> := input.xs[_]\n\tx > 1\n\tn := x + 1\n}\n', /only once/],
  ['package p\n\nno if {\n\tname<|> := input.user.name\n\tnot name == "ann"\n}\n', /undefined/],
  ['package p\n\nn := [y | name<|> := input.limit; y := $"{name}"]\n', /undefined/],
  ['package p\n\nn if {\n\tx<|> := input.limit\n\tinput.flag\n}\n', /defined/],
  ['package p\n\nn := y if {\n\tx<|> := input.limit\n\ty := x with input as {}\n}\n', /other values/],
  ['package p\n\nn := y if {\n\tx<|> := input.limit with input.limit as 3\n\ty := x\n}\n', /other values/],
  [
    'package p\n\nn := ys if {\n\tx := 1\n\tz<|> := [x, input.limit]\n\tys := {y | some x in input.xs; y := [x, z]}\n\tcount(z) > 0\n}\n',
    /^x means something else/,
  ],
  [
    'package p\n\nn := [z | some x in input.xs; z := [x, use]; count(use) > 0] if {\n\tx := input.limit\n\tu<|>se := [x]\n\tcount(use) > 0\n}\n',
    /^x means something else/,
  ],
  ['package p\n\nn if {\n\tx<|> := input.limit + 1\n\tx.y == 1\n}\n', /part/],
  ['package p\n\nn := y if {\n\t[x<|>, y] := input.xs\n\tx\n}\n', undefined],
  ['package p\n\nf(x<|>) := x\n', undefined],
  // Rules.
  [
    'package p\n\nallow if admin<|>\n\nadmin if {\n\tinput.flag\n\tinput.user.name == "ann"\n}\n',
    'package p\n\nallow if {\n\tinput.flag\n\tinput.user.name == "ann"\n}\n\nadmin if {\n\tinput.flag\n\tinput.user.name == "ann"\n}\n',
  ],
  [
    'package p\n\nallow if {\n\tinput.user.name in names\n\tnot limit == 2\n}\n\n# who\nna<|>mes := {"ann", "bo"}\n\nlimit := input.limit\n',
    'package p\n\nallow if {\n\tinput.user.name in {"ann", "bo"}\n\tnot limit == 2\n}\n\nlimit := input.limit\n',
  ],
  [
    'package p\n\nallow if not li<|>mit == 2\n\nlimit := input.limit\n',
    'package p\n\nallow if not input.limit == 2\n\nlimit := input.limit\n',
  ],
  [
    'package p\n\nallow if not flag<|>\n\nflag if input.flag\n',
    'package p\n\nallow if not input.flag\n\nflag if input.flag\n',
  ],
  ['package p\n\nallow if not adm<|>in\n\nadmin if {\n\tinput.flag\n\tinput.user\n}\n', /A negation/],
  ['package p\n\nn := [1 | anyone<|>]\n\nanyone if {\n\tsome x in input.xs\n\tx > 0\n}\n', /entry for each/],
  ['package p\n\nn := x if x := adm<|>in\n\nadmin if input.flag\n', /value/],
  [
    'package p\n\nn if {\n\tx := 1\n\tadm<|>in\n\tx == 1\n}\n\nadmin if {\n\tx := input.limit\n\tx > 1\n}\n',
    /^x is a variable/,
  ],
  ['package p\n\nallow if limi<|>ts == 2\n\ndefault limits := 1\n\nlimits := 2 if input.flag\n', undefined],
  ['package p\n\nallow if big<|>(2)\n\nbig(x) if x > 1\n', undefined],
];

test('a name is inlined where that changes nothing', async (t) => {
  const { open } = await workspace(t);
  const decide = await decisions(t);
  const only = ['refactor.inline'];
  for (const [source, after] of cases) {
    const module = await open('p.rego', source);
    const [found] = await module.actions({ only });
    if (after === undefined) {
      assert.equal(found, undefined, source);
      continue;
    }
    assert.ok(found, source);
    if (typeof after !== 'string') {
      assert.match(found.disabled?.reason ?? '', after, source);
      continue;
    }
    assert.equal(found.disabled, undefined, source);
    const now = await module.after(found.title, { only });
    assert.equal(now, after);
    assert.deepEqual(
      ofRules(now, await decide({ 'p.rego': now }, inputs)),
      ofRules(now, await decide({ 'p.rego': module.text }, inputs)),
      now,
    );
  }
});

test('a rule that another module refers to stays', async (t) => {
  const { open } = await workspace(t, { 'q.rego': 'package q\n\nimport data.p\n\nx := p.limit\n' });
  const module = await open('p.rego', 'package p\n\nli<|>mit := 3\n\nallow if input.x > limit\n');
  await assert.rejects(module.edit('Inline rule limit and remove it'), /q\.rego refers to it\./);
});
