/** Quick fixes of Regal's findings: each makes its finding go away, and nothing else comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';
import { editedText } from '../../../../server/rego/actions/action.ts';
import { moreFixes } from '../../../../server/rego/actions/more-fixes.ts';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import { textAfter, titles, workspace } from './action-support.ts';
import { codes } from './codes.ts';

/** The module, and what it is after the fix; the finding is where Regal says. */
const cases: { rule: string; before: string; after: string; preferred?: boolean }[] = [
  {
    rule: 'style/opa-fmt',
    before: 'package p\n\nallow   if input.x == 1\n',
    after: 'package p\n\nallow if input.x == 1\n',
  },
  {
    rule: 'style/use-assignment-operator',
    before: 'package p\n\nx = 1\n',
    after: 'package p\n\nx := 1\n',
  },
  {
    rule: 'style/use-assignment-operator',
    before: 'package p\n\nx(y) := 1 if {\n\ty == "="\n} else = 2 if {\n\ty == 3\n}\n',
    after: 'package p\n\nx(y) := 1 if {\n\ty == "="\n} else := 2 if {\n\ty == 3\n}\n',
  },
  {
    rule: 'style/no-whitespace-comment',
    before: 'package p\n\n#why\nx := 1\n',
    after: 'package p\n\n# why\nx := 1\n',
  },
  {
    rule: 'style/no-whitespace-comment',
    before: 'package p\n\n#METADATA\n#title: X\n#custom:\n#  a: 1\nx := 1\n',
    after: 'package p\n\n# METADATA\n# title: X\n# custom:\n#   a: 1\nx := 1\n',
  },
  {
    rule: 'idiomatic/non-raw-regex-pattern',
    before: 'package p\n\nallow if regex.match("^\\\\d+\\"ä$", input.x)\n',
    after: 'package p\n\nallow if regex.match(`^\\d+"ä$`, input.x)\n',
  },
  {
    rule: 'idiomatic/prefer-equals-comparison',
    before: 'package p\n\nallow if {\n\tinput.x = "a=b"\n}\n',
    after: 'package p\n\nallow if {\n\tinput.x == "a=b"\n}\n',
  },
  {
    rule: 'bugs/redundant-existence-check',
    before: 'package p\n\nallow if {\n\tinput.user\n\tinput.user.name == "ann"\n}\n',
    after: 'package p\n\nallow if {\n\tinput.user.name == "ann"\n}\n',
  },
  {
    rule: 'bugs/redundant-existence-check',
    before: 'package p\n\nallow if {\n\tinput.email # 😀\n\tendswith(input.email, "@example.com")\n}\n',
    after: 'package p\n\nallow if {\n\tendswith(input.email, "@example.com")\n}\n',
    preferred: false,
  },
  {
    rule: 'bugs/constant-condition',
    before: 'package p\n\nallow if {\n\t1 == 1\n\tinput.x\n}\n',
    after: 'package p\n\nallow if {\n\tinput.x\n}\n',
  },
  {
    rule: 'bugs/constant-condition',
    before: 'package p\n\nallow if true\n',
    after: 'package p\n\nallow := true\n',
  },
  {
    rule: 'bugs/constant-condition',
    before: 'package p\n\nallow if {\n\t"b" < "a"; input.x\n}\n',
    after: 'package p\n\nallow if {\n\tinput.x\n}\n',
    preferred: false,
  },
  // Beyond what Regal's own fixer does.
  {
    rule: 'imports/redundant-alias',
    before: 'package p\n\nimport data.a.b as b\n\nx := b.c\n',
    after: 'package p\n\nimport data.a.b\n\nx := b.c\n',
  },
  {
    rule: 'imports/redundant-data-import',
    before: 'package p\n\nimport data\n\nx := data.c\n',
    after: 'package p\n\n\nx := data.c\n',
  },
  {
    rule: 'style/yoda-condition',
    before: 'package p\n\nallow if {\n\t1 < count(input.xs)\n}\n',
    after: 'package p\n\nallow if {\n\tcount(input.xs) > 1\n}\n',
  },
  {
    rule: 'style/unnecessary-some',
    before: 'package p\n\nallow if some "a" in input.xs\n',
    after: 'package p\n\nallow if "a" in input.xs\n',
  },
  {
    rule: 'idiomatic/in-wildcard-key',
    before: 'package p\n\nallow if {\n\tsome _, x in input.xs\n\tx == 1\n}\n',
    after: 'package p\n\nallow if {\n\tsome x in input.xs\n\tx == 1\n}\n',
  },
  {
    rule: 'bugs/unused-output-variable',
    before: 'package p\n\nallow if {\n\tsome i\n\tinput.xs[i]\n}\n',
    after: 'package p\n\nallow if {\n\tinput.xs[_]\n}\n',
  },
  {
    rule: 'performance/walk-no-path',
    before: 'package p\n\nxs contains value if walk(input, [path, value])\n',
    after: 'package p\n\nxs contains value if walk(input, [_, value])\n',
  },
  {
    rule: 'bugs/redundant-loop-count',
    before: 'package p\n\nallow if {\n\tcount(input.xs) > 0\n\tsome x in input.xs\n\tx == 1\n}\n',
    after: 'package p\n\nallow if {\n\tsome x in input.xs\n\tx == 1\n}\n',
  },
  {
    rule: 'style/trailing-default-rule',
    before: 'package p\n\n# why\nx := 1 if input.x\n\n# else\ndefault x := 2\n\ny := 1\n',
    after: 'package p\n\n# else\ndefault x := 2\n\n# why\nx := 1 if input.x\n\ny := 1\n',
  },
  {
    rule: 'style/detached-metadata',
    before: 'package p\n\n# METADATA\n# title: X\n\n\nx := 1\n',
    after: 'package p\n\n# METADATA\n# title: X\nx := 1\n',
    preferred: false,
  },
  {
    rule: 'testing/print-or-trace-call',
    before: 'package p\n\nallow if {\n\tprint("x", input.x)\n\tinput.x\n}\n',
    after: 'package p\n\nallow if {\n\tinput.x\n}\n',
    preferred: false,
  },
  {
    rule: 'idiomatic/use-in-operator',
    before: 'package p\n\nallow if "a" == input.xs[_]\n',
    after: 'package p\n\nallow if "a" in input.xs\n',
    preferred: false,
  },
  {
    rule: 'style/prefer-snake-case',
    before: 'package p\n\nisURLOk if input.x\n\nallow if isURLOk\n',
    after: 'package p\n\nis_url_ok if input.x\n\nallow if is_url_ok\n',
  },
  {
    rule: 'style/avoid-get-and-list-prefix',
    before: 'package p\n\nget_name(x) := x.name\n\ny := get_name(input)\n',
    after: 'package p\n\nname(x) := x.name\n\ny := name(input)\n',
  },
];

test('a fix makes its finding go away', async (t) => {
  const { open, client } = await workspace(t);
  for (const { rule, before, after, preferred = true } of cases) {
    for (const newline of ['\n', '\r\n']) {
      const text = before.replaceAll('\n', newline);
      const module = await open('p/p.rego', text);
      const found = (await module.lint()).find(({ code }) => code === rule);
      assert.ok(found, `${rule} is not found in ${before}`);
      const actions = await module.actions({ diagnostics: [found], only: ['quickfix'] });
      const [first] = actions;
      assert.ok(first, `${rule}: nothing is offered`);
      assert.equal(first.isPreferred ?? false, preferred, `${rule}: ${first.title}`);
      assert.deepEqual(first.diagnostics, [found]);
      const now = await module.after(first.title, { diagnostics: [found] });
      assert.equal(now, after.replaceAll('\n', newline));
      const fixed = await open('p/p.rego', now);
      assert.deepEqual(await client.pull(fixed.uri, 'check'), [], now);
      assert.deepEqual(
        codes(await fixed.lint()).filter((code) => code === rule),
        [],
        now,
      );
      assert.deepEqual(await fixed.actions({ diagnostics: [found], only: ['refactor.nothing'] }), []);
    }
  }
});

test('a finding that is out of date has no fix, and one that has none only ways to ignore it', async (t) => {
  const { open } = await workspace(t);
  const module = await open('p/p.rego', 'package p\n\nx := 1\n');
  const stale = (code: string): Diagnostic => ({
    range: { start: { line: 2, character: 2 }, end: { line: 2, character: 3 } },
    message: '',
    source: 'regal',
    code,
  });
  for (const code of ['style/use-assignment-operator', 'bugs/constant-condition', 'style/todo-comment']) {
    const rule = code.split('/')[1];
    assert.deepEqual(titles(await module.actions({ diagnostics: [stale(code)], only: ['quickfix'] })), [
      `Ignore ${rule} here`,
      `Ignore ${rule} in Regal’s configuration`,
    ]);
  }
});

test('all of a rule are fixed at once', async (t) => {
  const { open } = await workspace(t);
  const module = await open('p/p.rego', 'package p\n\n#a\nx := 1 #b\n\ny = 2\n');
  const [found] = (await module.lint()).filter(({ code }) => code === 'style/no-whitespace-comment');
  assert.ok(found);
  assert.equal(
    await module.after('Fix all of no-whitespace-comment in this file', { diagnostics: [found] }),
    'package p\n\n# a\nx := 1 # b\n\ny = 2\n',
  );
});

test('a client that shows no diagnostics and asks for fixes gets them', async (t) => {
  const { open } = await workspace(t);
  const module = await open('p/p.rego', 'package p\n\nx [||]= 1\n');
  assert.equal(await module.after(/:=/, { only: ['quickfix'] }), 'package p\n\nx := 1\n');
  assert.deepEqual(
    titles(await module.actions()).filter((title) => title.includes(':=')),
    [],
  );
});

test('a file is moved to where its package belongs, and not over another', async (t) => {
  const { open, client } = await workspace(t, { 'a/b/m.rego': 'package a.b\n', 'lib/.manifest': '{}' });
  const config = 'rules:\n  idiomatic:\n    directory-package-mismatch:\n      level: error\n';
  await client.open('policy/.regal/config.yaml', config, 'yaml');
  const moves = async (path: string, text: string) => {
    const module = await open(path, text);
    const [found] = (await module.lint()).filter(({ code }) => code === 'idiomatic/directory-package-mismatch');
    assert.ok(found, path);
    const { documentChanges } = await module.edit(/^Move/, { diagnostics: [found] });
    return documentChanges?.map((one) => ('newUri' in one ? one.newUri.slice(client.uri('policy/').length) : one));
  };
  assert.deepEqual(await moves('m.rego', 'package a.b\n'), ['a/b/m_1.rego']);
  assert.deepEqual(await moves('x_test.rego', 'package a.c_test\n'), ['a/c/x_test.rego']);
  assert.deepEqual(await moves('lib/x.rego', 'package d\n'), ['lib/d/x.rego']);
});

test('what is no longer used is no longer declared', () => {
  for (const [some, left] of [
    ['some i, j', 'some j'],
    ['some j, i', 'some j'],
    ['some j, i, k', 'some j, k'],
  ]) {
    const text = `package p\n\nx if {\n\t${some}\n\tinput.xs[i]\n}\n`;
    const fix = moreFixes['unused-output-variable']?.(parse(text), text.indexOf('[i]') + 1);
    assert.equal(editedText(text, fix?.edits ?? []), text.replace(`${some}`, `${left}`).replace('[i]', '[_]'));
  }
});

test('a file of tests gets its suffix', async (t) => {
  const { open, client } = await workspace(t);
  const module = await open('p/t.rego', 'package p_test\n\ntest_x if true\n');
  const diagnostics = (await module.lint()).filter(({ code }) => code === 'testing/file-missing-test-suffix');
  const { documentChanges } = await module.edit('Rename the file to t_test.rego', { diagnostics });
  assert.deepEqual(documentChanges, [
    { kind: 'rename', oldUri: module.uri, newUri: client.uri('policy/p/t_test.rego') },
  ]);
});

test('everything that is safe is fixed, until nothing is left, on save as well', async (t) => {
  const { open } = await workspace(t);
  const before =
    'package p\n\n#why\nallow   if {\n  true\n  1 == 1\n  input.user\n  input.user.name = "ann"\n  "b" < "a"\n}\n';
  const after = 'package p\n\n# why\nallow if {\n\tinput.user.name == "ann"\n\t"b" < "a"\n}\n';
  const module = await open('p/p.rego', before);
  for (const only of ['source.fixAll', 'source.fixAll.countersign', 'source']) {
    assert.equal(await module.after(/^Fix all/, { only: [only] }), after);
  }
  const again = await open('p/p.rego', after);
  const edit = await again.edit(/^Fix all/, { only: ['source.fixAll'] });
  assert.equal(textAfter(after, again.uri, edit), after);
  assert.deepEqual(
    titles(await (await open('p/p.rego', 'package p\n\nx = {')).actions({ only: ['source.fixAll'] })),
    [],
  );
});
