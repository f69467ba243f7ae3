/** Lines and terms become rules and functions, and the module decides as before. */
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

/** The module with the selection, and after it; undefined where it is refused. */
const cases: [string, string | undefined][] = [
  [
    'package p\n\nallow if {\n\t[|input.flag == true\n\tcount(input.xs) > 1|] # both\n\tinput.user\n}\n\nallow if input.limit == 2\n\nx := 1\n',
    'package p\n\nallow if {\n\tcondition # both\n\tinput.user\n}\n\nallow if input.limit == 2\n\ncondition if {\n\tinput.flag == true\n\tcount(input.xs) > 1\n}\n\nx := 1\n',
  ],
  [
    'package p\n\nallow if [|startswith(input.user.name, "a")|]\n',
    'package p\n\nallow if startswith_of\n\nstartswith_of := startswith(input.user.name, "a")\n',
  ],
  [
    'package p\n\nbig contains x if {\n\tsome x in input.xs\n\t[|x > 1\n\tx < 3|]\n}\n',
    'package p\n\nbig contains x if {\n\tsome x in input.xs\n\tcondition(x)\n}\n\ncondition(x) if {\n\tx > 1\n\tx < 3\n}\n',
  ],
  [
    'package p\n\nn := y + z if {\n\t[|x := input.limit\n\ty := x + 1\n\tz := x + 2|]\n\tinput.user\n}\n',
    'package p\n\nn := y + z if {\n\t[y, z] := y_of\n\tinput.user\n}\n\ny_of := [y, z] if {\n\tx := input.limit\n\ty := x + 1\n\tz := x + 2\n}\n',
  ],
  [
    'package p\n\nadmin if {\n\tu := input.user\n\t[|some role in u.roles\n\trole == "admin"|]\n}\n',
    'package p\n\nadmin if {\n\tu := input.user\n\tcondition(u)\n}\n\ncondition(u) if {\n\tsome role in u.roles\n\trole == "admin"\n}\n',
  ],
  [
    'package p\n\nn := [1 | some x in input.xs; [|x > 1; x < 9|]]\n',
    'package p\n\nn := [1 | some x in input.xs; condition(x)]\n\ncondition(x) if {\n\tx > 1\n\tx < 9\n}\n',
  ],
  [
    'package p\n\nall if every x in input.xs {\n\t[|x > 1|]\n}\n',
    'package p\n\nall if every x in input.xs {\n\tcondition(x)\n}\n\ncondition(x) if x > 1\n',
  ],
  [
    'package p\n\nn := x if {\n\tx := [|count({y | some y in input.xs; y > input.limit})|] + 1\n}\n',
    'package p\n\nn := x if {\n\tx := count_of + 1\n}\n\ncount_of := count({y | some y in input.xs; y > input.limit})\n',
  ],
  ['package p\n\nf(a, b) := [|a + b|] * 2\n\nr := f(1, input.limit)\n', undefined],
  [
    'package p\n\nf(a, b) := [|(a + b)|] * 2\n\nr := f(1, input.limit)\n',
    'package p\n\nf(a, b) := value(a, b) * 2\n\nvalue(a, b) := a + b\n\nr := f(1, input.limit)\n',
  ],
  [
    'package p\n\nno if not [|input.user.name|] == "ann"\n',
    'package p\n\nno if not name == "ann"\n\nname := input.user.name\n',
  ],
  ['package p\n\nn := [1 | [|some x in input.xs; x > 0|]]\n', undefined],
  ['package p\n\nbig contains x if {\n\t[|some x in input.xs\n\tx > 1|]\n}\n', undefined],
  ['package p\n\nn := y if {\n\t[|y := input.xs[_]|]\n\ty == 2\n}\n', undefined],
  ['package p\n\nn if {\n\t[|input.xs[i] == 2|]\n\tinput.user.roles[i]\n}\n', undefined],
  [
    'package p\n\nn if {\n\tinput.user.roles[i]\n\t[|input.xs[i]|] == 2\n}\n',
    'package p\n\nn if {\n\tinput.user.roles[i]\n\txs(i) == 2\n}\n\nxs(i) := input.xs[i]\n',
  ],
  ['package p\n\nn if [|input.xs[_]|] == 2\n', undefined],
  ['package p\n\nno if not [|startswith(input.user.name, "a")|]\n', undefined],
  ['package p\n\ndefault n := [|[1]|]\n', undefined],
  ['package p\n\nm := [|rego.metadata.rule()|]\n', undefined],
];

test('a selection becomes a rule or a function where that changes nothing', async (t) => {
  const { open } = await workspace(t);
  const decide = await decisions(t);
  for (const [source, after] of cases) {
    const module = await open('p.rego', source);
    const only = ['refactor.extract.function'];
    const found = (await module.actions({ only })).find(({ title }) => /^Extract (rule|function)$/.test(title));
    if (after === undefined) {
      assert.ok(!found || found.disabled, source);
      continue;
    }
    assert.equal(found?.disabled, undefined, source);
    const now = await module.after(/^Extract/, { only });
    assert.equal(now, after);
    assert.deepEqual(
      ofRules(module.text, await decide({ 'p.rego': now }, inputs)),
      ofRules(module.text, await decide({ 'p.rego': module.text }, inputs)),
      now,
    );
  }
});

test('v0 has no if', async (t) => {
  const { open } = await workspace(t, { '.regal/config.yaml': 'project:\n  rego-version: 0\n' });
  const module = await open('p.rego', 'package p\n\nallow {\n\t[|input.x == 1\n\tinput.y|]\n\tinput.z\n}\n');
  assert.equal(
    await module.after('Extract rule', { only: ['refactor.extract'] }),
    'package p\n\nallow {\n\tcondition\n\tinput.z\n}\n\ncondition {\n\tinput.x == 1\n\tinput.y\n}\n',
  );
});
