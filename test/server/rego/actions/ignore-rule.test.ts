/** Ignoring a rule of Regal: here, by a directive, and everywhere, in its configuration. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFile, TextDocumentEdit } from 'vscode-languageserver/node';
import { withRuleIgnored } from '../../../../server/rego/actions/lint-config.ts';
import { applied } from '../../support.ts';
import { plainClient, textAfter, titles, workspace } from './action-support.ts';
import { codes } from './codes.ts';

const snake = 'style/prefer-snake-case';

/** With the finding of the rule in the first line that it is found in. */
const directives: [string, string, string][] = [
  [snake, 'package p\n\ncamelCase := 1\n', 'package p\n\n# regal ignore:prefer-snake-case\ncamelCase := 1\n'],
  [
    'style/line-length',
    `package p\n\nallow if {\n\tinput.x == "${'x'.repeat(130)}"\n}\n`,
    `package p\n\nallow if {\n\t# regal ignore:line-length\n\tinput.x == "${'x'.repeat(130)}"\n}\n`,
  ],
  [
    snake,
    'package p\n\n# regal ignore:todo-comment, line-length\ncamelCase := 1\n',
    'package p\n\n# regal ignore:todo-comment, line-length,prefer-snake-case\ncamelCase := 1\n',
  ],
  [
    snake,
    'package p\n\ncamelCase := 1 # regal ignore:line-length\n',
    'package p\n\ncamelCase := 1 # regal ignore:line-length,prefer-snake-case\n',
  ],
  [
    snake,
    'package p\n\n# METADATA\n# title: C\ncamelCase := 1\n',
    'package p\n\n# METADATA\n# title: C\ncamelCase := 1 # regal ignore:prefer-snake-case\n',
  ],
  ['style/opa-fmt', 'package p\nx:=1\n', '# regal ignore:opa-fmt\npackage p\nx:=1\n'],
  [
    'style/prefer-some-in-iteration',
    'package p\n\nx contains y if {\n\tz := `\na`; y := input.xs[i]; input.ys[i] == z\n}\n',
    'package p\n\nx contains y if {\n\tz := `\na`; y := input.xs[i]; input.ys[i] == z # regal ignore:prefer-some-in-iteration\n}\n',
  ],
];

test('a directive silences one finding, and joins one that is there', async (t) => {
  const { open } = await workspace(t);
  for (const [code, before, after] of directives) {
    const module = await open('p/p.rego', before);
    const found = (await module.lint()).find((one) => one.code === code);
    assert.ok(found, `${code}: ${codes(await module.lint())}`);
    const title = `Ignore ${code.split('/')[1]} here`;
    assert.equal(await module.after(title, { diagnostics: [found] }), after);
    const quiet = codes(await (await open('p/p.rego', after)).lint());
    assert.ok(!quiet.includes(code), `${quiet}`);
  }
});

test('the configuration is made, or edited as it stands', async (t) => {
  const { open, client } = await workspace(t);
  const module = await open('p/p.rego', 'package p\n\ncamelCase := 1\n');
  const found = (await module.lint()).filter(({ code }) => code === snake);
  const title = 'Ignore prefer-snake-case in Regal’s configuration';
  const made = await module.edit(title, { diagnostics: found });
  const [create, text] = made.documentChanges ?? [];
  assert.ok(CreateFile.is(create) && TextDocumentEdit.is(text));
  assert.equal(create.uri, client.uri('policy/.regal/config.yaml'));
  const config = applied(
    '',
    text.edits.filter((edit) => 'newText' in edit),
  );
  assert.equal(config, 'rules:\n  style:\n    prefer-snake-case:\n      level: ignore\n');

  const old = '# ours\nrules:\n  style:\n    # why\n    line-length: {level: ignore}\n';
  const uri = await client.open('policy/.regal/config.yaml', old, 'yaml');
  assert.ok(codes(await module.lint()).includes(snake));
  const edited = textAfter(old, uri, await module.edit(title, { diagnostics: found }));
  assert.equal(edited, `${old}    prefer-snake-case:\n      level: ignore\n`);
  await client.edit(uri, edited);
  assert.ok(!codes(await module.lint()).includes(snake));
});

test('a client that creates no files is offered no new configuration', async (t) => {
  const { open } = await workspace(t, {}, { capabilities: plainClient });
  const module = await open('p/p.rego', 'package p\n\ncamelCase := 1\n');
  const diagnostics = (await module.lint()).filter(({ code }) => code === snake);
  const offered = await module.actions({ diagnostics, only: ['quickfix'] });
  assert.deepEqual(titles(offered), ['Ignore prefer-snake-case here', 'Rename camelCase to camel_case']);
  assert.equal(
    textAfter(module.text, module.uri, offered.find(({ title }) => title.startsWith('Ignore'))?.edit ?? {}),
    'package p\n\n# regal ignore:prefer-snake-case\ncamelCase := 1\n',
  );
});

test('configurations keep their comments and their form', () => {
  const add = (text: string) => withRuleIgnored(text, 'style', 'x');
  assert.equal(add(''), 'rules:\n  style:\n    x:\n      level: ignore\n');
  assert.equal(add('rules: {}\n'), 'rules:\n  style:\n    x:\n      level: ignore\n');
  assert.equal(add('rules:\n'), 'rules:\n  style:\n    x:\n      level: ignore\n');
  assert.equal(
    add(
      'ignore:\n    files:\n    - a # a\nrules:\n    style:\n        x: # it\n            level: error\n            max: 3\n',
    ),
    'ignore:\n    files:\n    - a # a\nrules:\n    style:\n        x: # it\n            level: ignore\n            max: 3\n',
  );
  assert.equal(
    add('rules:\r\n  style:\r\n    x:\r\n      level: # not yet\r\n  bugs: {}\r\n')?.replaceAll('\r', ''),
    'rules:\n  style:\n    x:\n      level: ignore # not yet\n  bugs: {}\n',
  );
  assert.equal(
    add('rules:\n  style: {} # s\n  bugs:\n'),
    'rules:\n  style: # s\n    x:\n      level: ignore\n  bugs:\n',
  );
  assert.equal(
    add('rules:\n  style:\n    y: {level: error}\n    # end\n\n# b\nproject: {}'),
    'rules:\n  style:\n    y: {level: error}\n    x:\n      level: ignore\n    # end\n\n# b\nproject: {}',
  );
  assert.equal(add('# empty'), '# empty\nrules:\n  style:\n    x:\n      level: ignore\n');
  assert.equal(add('rules: {style: {y: {level: error}}}\n')?.includes('x: { level: ignore }'), true);
  for (const broken of ['rules: [', '- a\n', 'rules: 3\n', 'rules:\n  style: all\n'])
    assert.equal(add(broken), undefined);
});
