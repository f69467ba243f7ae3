/** Everywhere a name is meant, and nowhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highlights } from '../../../server/rego/highlight.ts';
import { references } from '../../../server/rego/references.ts';
import { base, fixture, shown, shownLocations } from './rego-support.ts';

function check(name: string, sources: Record<string, string>): void {
  test(name, () => {
    const { root, path, cursor, ranges } = fixture(sources);
    assert.deepEqual(shownLocations(references(root, path, cursor, true)), ranges);
    const here = highlights(root, path, cursor).map(({ range }) => shown(`${base}/${path}`, range));
    assert.deepEqual(
      here.sort(),
      ranges.filter((range) => range.startsWith(`${path}:`)),
    );
  });
}

check('a rule by its name, its path, an import and a string', {
  'a.rego': 'package lib\n\n[|ok<|>|] if input.ok\n\nx if [|ok|]\n',
  'b.rego':
    'package p\n\nimport data.lib\n\nimport data.lib.[|ok|] as fine\n\na if lib.[|ok|]\n\nb if data.lib["[|ok|]"]\n\nc if fine\n',
  'c.rego': 'package q\n\nok := 1\n\nd if ok == 1\n',
});
check('a variable stays in its rule', {
  'p.rego': 'package p\n\na if {\n\t[|x<|>|] := 1\n\t[|x|] > 0\n}\n\nb if {\n\tx := 1\n\tx > 0\n}\n',
});
check('the input by its path', {
  'p.rego': 'package p\n\na if input.user.[|na<|>me|] == "x"\n\nb if input["user"].[|name|]\n\nc if input.name\n',
});
check('a built-in', {
  'p.rego': 'package p\n\na := [|cou<|>nt|]([1])\n',
  'q.rego': 'package q\n\nb := [|count|]([])\n',
});
check('in a template string', {
  'p.rego': 'package p\n\n[|n<|>ame|] := "x"\n\ns := $"hello {[|name|]}"\n',
});
check('a mocked function', {
  'p.rego': 'package p\n\n[|f<|>|](x) := x\n\ng(x) := x + 1\n\ntest_f if [|f|](1) == 2 with [|f|] as g\n',
});

test('without declarations', () => {
  const { root, path, cursor } = fixture({ 'p.rego': 'package p\n\no<|>k if input.x\n\ny if ok\n' });
  assert.deepEqual(shownLocations(references(root, path, cursor, false)), ['p.rego:4:5-4:7']);
});
