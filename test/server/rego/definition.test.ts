/** From a name to where it is made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaration, definition } from '../../../server/rego/definition.ts';
import { fixture, shown } from './rego-support.ts';

function check(name: string, sources: Record<string, string>): void {
  test(name, () => {
    const { root, path, cursor, ranges } = fixture(sources);
    const found = definition(root, path, cursor).map(({ targetUri, targetSelectionRange }) =>
      shown(targetUri, targetSelectionRange),
    );
    assert.deepEqual(found.sort(), ranges);
  });
}

check('a rule of the module, with its default', {
  'p.rego': 'package p\n\ndefault [|allow|] := false\n\n[|allow|] if input.admin\n\ndeny if not al<|>low\n',
});
check('all definitions of a partial rule', {
  'p.rego':
    'package p\n\n[|deny|] contains "a" if input.a\n\n[|deny|] contains "b" if input.b\n\nn := count(<|>deny)\n',
});
check('a rule of the same package in another module', {
  'a.rego': 'package p\n\nallow if is_<|>admin\n',
  'b.rego': 'package p\n\n[|is_admin|] if input.admin\n',
  'c.rego': 'package q\n\nis_admin := 1\n',
});
check('through an import', {
  'a.rego': 'package p\n\nimport data.lib.roles\n\nallow if roles.ad<|>min\n',
  'b.rego': 'package lib.roles\n\n[|admin|] if input.admin\n',
});
check('an import’s alias leads to the package', {
  'a.rego': 'package p\n\nimport data.lib.roles as r\n\nallow if <|>r.admin\n',
  'b.rego': 'package lib.[|roles|]\n\nadmin if input.admin\n',
});
check('through the full path, in brackets', {
  'a.rego': 'package p\n\nallow if data.lib["rol<|>es"].admin\n',
  'b.rego': 'package lib.[|roles|]\n\nadmin if input.admin\n',
});
check('into a rule with a reference for its head', {
  'a.rego':
    'package p\n\n[|roles.admin|] := {"ann"}\n\n[|roles|][name] := {name} if some name in ["x"]\n\nx := ro<|>les.admin\n',
});
check('a variable that := declares, from a comprehension', {
  'p.rego': 'package p\n\nn := [x | some y in [1]; x := y + <|>z] if [|z|] := 1\n',
});
check('an argument, not the rule of its name', {
  'p.rego': 'package p\n\nx := 1\n\nf([|x|]) := <|>x + 1\n',
});
check('a variable of some … in, seen in the head', {
  'p.rego': 'package p\n\nnames contains na<|>me if some [|name|] in input.names\n',
});
check('the rule, where := has yet to declare', {
  'p.rego': 'package p\n\n[|x|] := 1\n\ny := z if {\n\tx := <|>x + 1\n\tz := x\n}\n',
});
check('a variable of every, apart from one outside', {
  'p.rego': 'package p\n\nall_ok if {\n\tsome x in [1]\n\tevery [|x|] in [2] {\n\t\t<|>x > 1\n\t}\n\tx > 0\n}\n',
});
check('variables that nothing declares belong to the outermost body that uses them', {
  'p.rego': 'package p\n\ny if {\n\t[|x|] = 1\n\tcount([1 | <|>x = 1]) > 0\n}\n',
});
check('the same variable in two comprehensions is two', {
  'p.rego': 'package p\n\ny if {\n\tcount([1 | x = 1]) > 0\n\tcount([1 | [|x|] = 1; <|>x > 0]) > 0\n}\n',
});
check('nothing for a built-in or for the input', { 'p.rego': 'package p\n\nn := co<|>unt(input.x)\n' });

function declared(name: string, sources: Record<string, string>): void {
  test(`declaration: ${name}`, () => {
    const { root, path, cursor, ranges } = fixture(sources);
    const found = declaration(root, path, cursor).map(({ targetUri, targetSelectionRange }) =>
      shown(targetUri, targetSelectionRange),
    );
    assert.deepEqual(found.sort(), ranges);
  });
}

declared('the import of a package', {
  'a.rego': 'package lib.roles\n\nadmin := 1\n',
  'p.rego': 'package p\n\nimport data.lib.[|roles|]\n\nx := ro<|>les.admin\n',
});
declared('the alias of an import', {
  'p.rego': 'package p\n\nimport input.user as [|u|]\n\nx := <|>u.name\n',
});
declared('the rule, behind an imported name', {
  'a.rego': 'package lib.roles\n\n[|admin|] := 1\n',
  'p.rego': 'package p\n\nimport data.lib.roles\n\nx := roles.ad<|>min\n',
});
declared('the variable, where one takes the name from an import', {
  'p.rego': 'package p\n\nimport data.lib.roles\n\nf([|roles|]) := ro<|>les\n',
});
