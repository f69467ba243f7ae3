/** Actions on whole files: imports in order, METADATA. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkspaceEdit } from 'vscode-languageserver/node';
import { textAfter, titles, workspace } from './action-support.ts';

const organized: [string, string][] = [
  [
    'package p\n\nimport data.c\nimport data.b # b\n# about a\nimport data.a\nimport data.b\nimport data.unused\n\nx := [a.x, b.x, c.x]\n',
    'package p\n\n# about a\nimport data.a\nimport data.b # b\nimport data.c\n\nx := [a.x, b.x, c.x]\n',
  ],
  [
    'package p\n\nimport rego.v1\n\nimport input.user\nimport data.a as x\nimport data.a\n\n# of no import\n\nimport data.b\n\ny := [user, x, a, b]\n\nimport data.c\n\nz := c\n',
    'package p\n\nimport rego.v1\n\nimport data.a\nimport data.a as x\nimport input.user\n\n# of no import\n\nimport data.b\nimport data.c\n\ny := [user, x, a, b]\n\nz := c\n',
  ],
  ['package p\n\nimport data.a\n\nx := 1\n', 'package p\n\nx := 1\n'],
  [
    'package p\n\nimport future.keywords.in\nimport future.keywords.not\n\nx if {\n\tsome a in input.as\n\tnot {\n\t\ta\n\t}\n}\n',
    'package p\n\nimport future.keywords.not\n\nx if {\n\tsome a in input.as\n\tnot {\n\t\ta\n\t}\n}\n',
  ],
  // A local of the same name is no use.
  ['package p\n\nimport data.a\n\nf(a) := a\n', 'package p\n\nf(a) := a\n'],
  ['package p\n\nimport data.a\n\nx if {\n\tevery y in [1] {\n\t\ty == a.y\n\t}\n}\n', ''],
  ['package p\n\nimport data.b\nimport data.a\n\nx := {\n', ''],
];

test('imports are sorted as OPA sorts them, and those without use go', async (t) => {
  const { open, client } = await workspace(t);
  for (const [before, after] of organized) {
    for (const newline of ['\n', '\r\n']) {
      const module = await open('p.rego', before.replaceAll('\n', newline));
      const [action] = await module.actions({ only: ['source.organizeImports'] });
      const now = action?.edit ? textAfter(module.text, module.uri, action.edit as WorkspaceEdit) : module.text;
      assert.equal(now, (after || before).replaceAll('\n', newline));
      if (!after) continue;
      const formatted = await open('p.rego', now);
      const params = { textDocument: { uri: formatted.uri }, options: { tabSize: 4, insertSpaces: false } };
      assert.deepEqual(await client.connection.sendRequest('textDocument/formatting', params), [], now);
    }
  }
});

const described: [string, string, string][] = [
  [
    'package p\n\nis_<|>admin if input.x\n',
    'Add METADATA to is_admin',
    'package p\n\n# METADATA\n# title: Is admin\n# description: What is_admin is for\nis_admin if input.x\n',
  ],
  [
    'package p<|>\n\nx := 1\n',
    'Add METADATA to the package',
    '# METADATA\n# title: P\n# description: What p is for\npackage p\n\nx := 1\n',
  ],
  [
    'package p\n\n# Yes: no\n#\n# and more\nx<|> := 1\n',
    'Add METADATA to x',
    'package p\n\n# METADATA\n# title: X\n# description: |\n#   Yes: no\n#\n#   and more\nx := 1\n',
  ],
  [
    'package p\n\n# a "b": c\ndefault x := 1\n\nx<|> := 2 if input.x\n',
    'Add METADATA to all definitions of x',
    'package p\n\n# METADATA\n# title: X\n# description: "a \\"b\\": c"\n# scope: document\ndefault x := 1\n\nx := 2 if input.x\n',
  ],
  [
    'package p\n\nx := 1 if input.y\n\nx<|> := 2 if input.x\n',
    'Add METADATA to this definition of x',
    'package p\n\nx := 1 if input.y\n\n# METADATA\n# title: X\n# description: What x is for\nx := 2 if input.x\n',
  ],
];

test('METADATA is added to rules and packages, and OPA reads it', async (t) => {
  const { open, client } = await workspace(t);
  for (const [before, title, after] of described) {
    const module = await open('p.rego', before);
    assert.equal(await module.after(title, { only: ['refactor'] }), after);
    const again = await open(
      'p.rego',
      after.replace(/^(\S+.*) := |^is_/m, (all) => `<|>${all}`),
    );
    assert.deepEqual(await client.pull(again.uri, 'check'), []);
  }
  for (const none of [
    '# METADATA\n# title: P\npackage <|>p\n',
    'package p\n\n# METADATA\n# title: X\nx<|> := 1\n',
    'package p\n\nx if {\n\tinput.<|>x\n}\n',
    'package p\n\n# regal ignore:line-length\nx<|> := 1\n',
  ]) {
    const offered = titles(await (await open('p.rego', none)).actions({ only: ['refactor.rewrite'] }));
    assert.deepEqual(
      offered.filter((title) => title.includes('METADATA')),
      [],
      none,
    );
  }
});
