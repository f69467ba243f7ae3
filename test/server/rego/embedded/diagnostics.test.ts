/** Problems of Rego in YAML, through the server and the real engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';
import { marked } from '../../marks.ts';
import { startClient } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };

const shown = ({ range: { start, end }, source, code }: Diagnostic) =>
  `${start.line}:${start.character}-${end.line}:${end.character} ${source} ${code}`;

test('a template is parsed, compiled, linted and held against what Gatekeeper takes', limit, async (t) => {
  const client = await startClient(t);
  await client.ready();
  const check = async (path: string, source: string) => {
    const { text, ranges } = marked(source);
    const uri = await client.open(path, text);
    const found = [...(await client.pull(uri, 'syntax')), ...(await client.pull(uri))];
    return { uri, found, ranges };
  };
  const at = (range: Diagnostic['range'] | undefined, code: string) =>
    range && shown({ range, source: code.split(' ')[0], code: code.split(' ')[1] } as Diagnostic);

  await t.test('one that is right has no problems', async () => {
    const rego =
      'package k8sexample\n\nimport data.lib.names\n\nviolation[{"msg": msg}] {\n  names.bad[input.review.object.metadata.name]\n  msg := "no"\n}\n';
    const { found } = await check('right.yaml', template({ rego, libs: ['package lib.names\n\nbad["x"] { true }\n'] }));
    assert.deepEqual(found, []);
  });

  await t.test('v1 where the version says so, v0 else', async () => {
    const rego = 'package k8sexample\n\nviolation contains {"msg": "no"} if input.review\n';
    assert.deepEqual((await check('v1.yaml', template({ rego, version: '"v1"' }))).found, []);
    assert.notDeepEqual((await check('v0.yaml', template({ rego, version: 'v0' }))).found, []);
    assert.notDeepEqual((await check('none.yaml', template({ rego }))).found, []);
  });

  await t.test('syntax errors stand where they are', async () => {
    const rego = 'package k8sexample\n\nviolation[{"msg": "no"}] {\n  x := 1 [|:=|] 2\n}\n';
    const { found, ranges } = await check('syntax.yaml', template({ rego }));
    assert.deepEqual(
      found.map(({ range, code }) => [range.start.line, code]),
      [[ranges[0]?.start.line, 'rego_parse_error']],
    );
  });

  await t.test('compile errors too, in the library as well', async () => {
    const rego = 'package k8sexample\n\nviolation[{"msg": msg}] {\n  msg := [|nowhere|](1)\n}\n';
    const libs = ['package lib.a\n\nb { [|c|] }\n'];
    const { found, ranges } = await check('compile.yaml', template({ rego, libs }));
    assert.deepEqual(
      found.map(({ range }) => range.start).sort((a, b) => a.line - b.line),
      ranges.map(({ start }) => start),
    );
  });

  await t.test('two targets do not clash, and their problems are told apart', async () => {
    const rego = 'package k8sexample\n\nviolation[{"msg": "no"}] { true }\n\nf(x) = 1 { true }\n';
    const { found } = await check(
      'two.yaml',
      `${template({ rego })}---\n${template({ rego: rego.replace('f(x)', 'f(x, y)') })}`,
    );
    assert.deepEqual(found, []);
  });

  await t.test("Gatekeeper's own rules", async () => {
    const rego = `package [|k8sexample|]

import [|data.other|]
import [|input.review|]
import future.keywords.in

allow { [|data.elsewhere|].x; data.inventory.cluster; data.lib.x.y; input.x with [|data.foo|] as [|data|] }
`;
    const { found, ranges } = await check('rules.yaml', template({ rego, libs: ['package [|other.lib|]\n\nx = 1\n'] }));
    const own = found.filter(({ source }) => source === 'gatekeeper');
    const codes = [
      'gatekeeper no-violation',
      'gatekeeper import',
      'gatekeeper import',
      'gatekeeper data',
      'gatekeeper data',
      'gatekeeper data',
      'gatekeeper lib-package',
    ];
    const expected = codes.map((code, index) => at(ranges[index], code));
    assert.deepEqual(own.map(shown).sort(), expected.sort());
  });

  await t.test('a source that is not read, and one without Rego', async () => {
    const both = template({ rego: 'package a\n\nviolation[{"msg": ""}] { true }\n' }).replace(
      '      rego: |',
      '      code:\n        - engine: Rego\n          source:\n            rego: package b\n      rego: |',
    );
    assert.deepEqual(
      (await check('both.yaml', both)).found.map(({ code }) => code),
      ['unread-rego'],
    );
    const none = template({ rego: '' }).replace(
      / {6}rego: \|\n/,
      '      code:\n        - engine: Rego\n          source: {}\n',
    );
    assert.deepEqual(
      (await check('none.yaml', none)).found.map(({ code }) => code),
      ['missing-rego'],
    );
  });

  await t.test('other scalars have problems where they stand', async () => {
    const quoted = template({ rego: '' }).replace(
      'rego: |\n',
      'rego: "package a\\n\\nviolation[{\\"msg\\": \\"é\\"}] { [|nowhere|](1) }"\n',
    );
    const { found, ranges } = await check('quoted.yaml', quoted);
    assert.deepEqual(
      found.map(({ code }) => code),
      ['rego_type_error'],
    );
    assert.deepEqual(found.find(({ source }) => source === 'opa')?.range.start, ranges[0]?.start);
    const folded = template({ rego: '' }).replace(
      'rego: |\n',
      "rego: >-\n        package a\n\n        violation[{'x'}]\n",
    );
    assert.deepEqual(
      (await check('folded.yaml', folded)).found.map(({ code, range }) => [code, range.start.line]),
      [['rego_parse_error', 14]],
    );
    // No escape of YAML's.
    const unread = template({ rego: '' }).replace('rego: |\n', 'rego: "package a\\q"\n');
    assert.ok((await check('unread.yaml', unread)).found.some(({ code }) => code === 'no-block'));
  });

  await t.test('charts and other YAML are left alone', async () => {
    const rego = 'package k8sexample\n\nbroken {\n';
    const chart = template({ rego }).replace('name: k8sexample', 'name: {{ .Values.name }}');
    assert.deepEqual((await check('chart.yaml', chart)).found, []);
    const inside = template({ rego: 'package a\n\n{{- if .Values.x }}\nbroken {\n{{- end }}\n' });
    assert.deepEqual((await check('inside.yaml', inside)).found, []);
    assert.deepEqual((await check('other.yaml', 'kind: ConfigMap\ndata:\n  rego: |\n    package\n')).found, []);
  });

  await t.test('a set of objects is no chart', async () => {
    const rego = 'package k8sexample\n\nviolation[{"msg": msg}] {\n  {{"a": 1}}\n  msg := [|nowhere|](1)\n}\n';
    const { found, ranges } = await check('set.yaml', template({ rego }));
    assert.deepEqual(
      found.map(({ range }) => range.start),
      [ranges[0]?.start],
    );
  });

  await t.test('lint sees the block as a file of its own', async () => {
    const line = 'x := 1 # '.padEnd(118, '.');
    const rego = `package k8sexample\n\nimport future.keywords.contains\nimport future.keywords.if\n\nviolation contains {"msg": "no"} if {\n\tinput.x\n}\n\ny [|=|] 1\n\n${line}\n`;
    const { text, ranges } = marked(template({ rego }));
    const uri = await client.open('lint.yaml', text);
    const found = await client.pull(uri, 'lint');
    const codes = found.map(({ code }) => code);
    for (const rule of ['use-rego-v1', 'directory-package-mismatch', 'no-defined-entrypoint', 'line-length']) {
      assert.ok(!codes.some((code) => String(code).endsWith(`/${rule}`)), rule);
    }
    const assignment = found.find(({ code }) => code === 'style/use-assignment-operator');
    assert.deepEqual(assignment?.range, ranges[0]);
  });
});
