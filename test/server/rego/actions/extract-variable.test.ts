/** A term becomes a variable, and the module decides as before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './action-support.ts';
import { decisions } from './decisions.ts';

const inputs = [
  {},
  { user: { name: 'ann', roles: ['admin', 'dev'] }, xs: [1, 2, 3], flag: true },
  { user: { name: 'bo', roles: [] }, xs: [], flag: false, limit: 2 },
  { user: { roles: ['dev'] }, xs: [3], limit: 1 },
];

/** The module with the selection, and after it; undefined where it is refused. */
const cases: [string, string | undefined][] = [
  [
    'package p\n\nallow if {\n\tinput.flag\n\tstartswith([|input.user.name|], "a")\n}\n',
    'package p\n\nallow if {\n\tinput.flag\n\tname := input.user.name\n\tstartswith(name, "a")\n}\n',
  ],
  [
    'package p\n\nallow if count([|input.user|].roles) > 1\n',
    'package p\n\nallow if {\n\tuser := input.user\n\tcount(user.roles) > 1\n}\n',
  ],
  [
    'package p\n\nallow if { input.flag; [|count(input.xs)|] > 1 }\n',
    'package p\n\nallow if { input.flag; count_result := count(input.xs); count_result > 1 }\n',
  ],
  [
    'package p\n\nsum := [|input.xs[0] + input.xs[1]|] - 1 if input.flag\n',
    'package p\n\nsum := value - 1 if {\n\tinput.flag\n\tvalue := input.xs[0] + input.xs[1]\n}\n',
  ],
  ['package p\n\nlow := [|input.limit|] + 1\n', 'package p\n\nlow := limit + 1 if {\n\tlimit := input.limit\n}\n'],
  [
    'package p\n\nys := {[|abs(x)|] | some x in input.xs; x > 1}\n',
    'package p\n\nys := {abs_result | some x in input.xs; x > 1; abs_result := abs(x)}\n',
  ],
  [
    'package p\n\nbig if {\n\tsome x in input.xs\n\tevery y in input.xs {\n\t\ty <= [|x + 1|]\n\t}\n}\n',
    'package p\n\nbig if {\n\tsome x in input.xs\n\tevery y in input.xs {\n\t\tvalue := x + 1\n\t\ty <= value\n\t}\n}\n',
  ],
  ['package p\n\nbig if some x in [|input.xs|]\n', 'package p\n\nbig if {\n\txs := input.xs\n\tsome x in xs\n}\n'],
  [
    'package p\n\nn := x if {\n\tx := [|count(input.xs)|] with input.xs as [1]\n}\n',
    'package p\n\nn := x if {\n\tcount_result := count(input.xs) with input.xs as [1]\n\tx := count_result with input.xs as [1]\n}\n',
  ],
  [
    'package p\n\nn := x if {\n\tx := count(input.xs) with input.xs as [|[input.limit]|]\n}\n',
    'package p\n\nn := x if {\n\tvalue := [input.limit]\n\tx := count(input.xs) with input.xs as value\n}\n',
  ],
  [
    'package p\n\nno if not input.user.name in [|{"ann", "bo"}|]\n',
    'package p\n\nno if {\n\tvalue := {"ann", "bo"}\n\tnot input.user.name in value\n}\n',
  ],
  [
    'package p\n\nkind := "a" if {\n\tinput.flag\n} else := [|input.user.name|] if {\n\tinput.limit\n}\n',
    'package p\n\nkind := "a" if {\n\tinput.flag\n} else := name if {\n\tinput.limit\n\tname := input.user.name\n}\n',
  ],
  ['package p\n\nhas contains [|role|] if some role in input.user.roles\n', undefined],
  ['package p\n\nno if not startswith([|input.user.name|], "a")\n', undefined],
  ['package p\n\nno if {\n\tinput.flag\n\tprint([|input.user.name|])\n}\n', undefined],
  ['package p\n\ntext := $"{[|input.user.name|]}!"\n', undefined],
  ['package p\n\ndefault x := [|1|]\n', undefined],
  ['package p\n\nf([|{"a": x}|]) := x\n', undefined],
  ['package p\n\nz if {\n\t[|[a, b]|] = input.xs\n\ta == b\n}\n', undefined],
  ['package p\n\nz if [|count|](input.xs) == 1\n', undefined],
  ['package p\n\nz if some [|x|] in input.xs\n', undefined],
];

test('a term becomes a variable where that changes nothing', async (t) => {
  const { open } = await workspace(t);
  const decide = await decisions(t);
  for (const [source, after] of cases) {
    const module = await open('p.rego', source);
    const found = (await module.actions({ only: ['refactor.extract'] })).find(
      ({ title }) => title === 'Extract variable',
    );
    if (after === undefined) {
      assert.ok(!found || found.disabled, source);
      continue;
    }
    assert.equal(found?.disabled, undefined, source);
    const now = await module.after('Extract variable', { only: ['refactor.extract'] });
    assert.equal(now, after);
    assert.deepEqual(await decide({ 'p.rego': now }, inputs), await decide({ 'p.rego': module.text }, inputs), now);
  }
});
