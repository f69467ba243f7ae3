/** What a name wants that nothing makes: an import, or the rule itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocumentEdit } from 'vscode-languageserver/node';
import { withBuiltin } from '../../../../server/rego/actions/lint-config.ts';
import { applied } from '../../support.ts';
import { titles, workspace } from './action-support.ts';

const files = {
  'lib/roles.rego': 'package lib.roles\n\nadmin(user) if user == "ann"\n\nall := ["admin"]\n',
  'other/roles.rego': 'package other.roles\n\nadmin(user) if user == "bo"\n\nextra := 1\n',
  'lib/roles_test.rego': 'package lib.roles_test\n\ntest_admin if true\n',
};
const only = ['quickfix'];

test('packages are imported by their name or by the name of a rule', async (t) => {
  const { open, client } = await workspace(t, files);
  const after = async (source: string, title: string, expected: string) => {
    const module = await open('p.rego', source);
    const now = await module.after(title, { only });
    assert.equal(now, expected);
    const again = await open('p.rego', now);
    assert.deepEqual(await client.pull(again.uri, 'check'), []);
  };
  const offered = async (source: string) => {
    const all = titles(await (await open('p.rego', source)).actions({ only }));
    return all.filter((title) => /^(Import|Create|Change)/.test(title));
  };
  await after(
    'package p\n\nallow if ro<|>les.admin(input.user)\n',
    'Import data.lib.roles',
    'package p\n\nimport data.lib.roles\n\nallow if roles.admin(input.user)\n',
  );
  await after(
    'package p\n\nimport data.a\nimport data.z\n\nallow if {\n\tnot a.x\n\tnot z.x\n\troles.ex<|>tra == 1\n}\n',
    'Import data.other.roles',
    'package p\n\nimport data.a\nimport data.other.roles\nimport data.z\n\nallow if {\n\tnot a.x\n\tnot z.x\n\troles.extra == 1\n}\n',
  );
  await after(
    'package p\r\n\r\nallow if <|>admin(input.a)\r\n\r\nallow if admin(input.b)\r\n',
    'Import data.lib.roles, and write roles.admin',
    'package p\r\n\r\nimport data.lib.roles\r\n\r\nallow if roles.admin(input.a)\r\n\r\nallow if roles.admin(input.b)\r\n',
  );
  await after(
    'package p\n\nimport data.other.roles\n\nallow if {\n\troles.extra\n\tadmin<|>(input.a)\n}\n',
    'Import data.lib.roles, and write lib_roles.admin',
    'package p\n\nimport data.lib.roles as lib_roles\nimport data.other.roles\n\nallow if {\n\troles.extra\n\tlib_roles.admin(input.a)\n}\n',
  );
  assert.deepEqual(await offered('package p\n\nallow if roles.<|>admin(1)\n'), [
    'Import data.lib.roles',
    'Import data.other.roles',
  ]);
  // What is made here, built in, or a variable wants nothing.
  for (const source of [
    'package p\n\nallow if <|>admin(1)\n\nadmin(_) := true\n',
    'package p\n\nallow if <|>count(input.x) > 1\n',
    'package p\n\nallow if {\n\tall := 1\n\t<|>all == 1\n}\n',
    'package p\n\nallow if {\n\tinput.xs[al<|>l]\n\tinput.ys[all]\n}\n',
    'package p\n\nallow if <|>input.x\n',
  ]) {
    assert.deepEqual(await offered(source), [], source);
  }
});

test('keywords of other versions are imported', async (t) => {
  const { open } = await workspace(t, { '.regal/config.yaml': 'project:\n  rego-version: 0\n' });
  const module = await open('p.rego', 'package p\n\nallow i<|>f input.x\n');
  assert.equal(await module.after('Import rego.v1', { only }), 'package p\n\nimport rego.v1\n\nallow if input.x\n');
});

test('a rule or a function is made from its use', async (t) => {
  const { open, client } = await workspace(t, files);
  const cases: [string, string, string][] = [
    [
      'package p\n\nallow if is<|>_owner(input.user, input.items[0], "x", input.other.user)\n\nallow if input.x\n\ny := 1\n',
      'Create function is_owner',
      '\n\nallow if input.x\n\nis_owner(user, items, arg3, user2) if {\n\tfalse\n}\n\ny := 1\n',
    ],
    ['package p\n\nallow if not den<|>ied\n', 'Create rule denied', 'allow if not denied\n\ndenied if {\n\tfalse\n}\n'],
    [
      'package p\n\nallow if {\n\tlevel := lev<|>el_of(input.user)\n\tlevel > 3\n}\n',
      'Create function level_of',
      '}\n\nlevel_of(user) := null\n',
    ],
  ];
  for (const [source, title, expected] of cases) {
    const module = await open('p.rego', source);
    const now = await module.after(title, { only });
    assert.ok(now.endsWith(expected), now);
    const errors = await client.pull((await open('p.rego', now)).uri, 'check');
    assert.deepEqual(errors, []);
  }
  const module = await open('p.rego', 'package p\n\nimport data.lib.roles\n\nallow if roles.ow<|>ner(input.user)\n');
  const { documentChanges } = await module.edit('Create function owner in lib/roles.rego', { only });
  assert.match(JSON.stringify(documentChanges), /roles\.rego.*owner\(user\) if \{\\n\\tfalse/);
});

test('what is misspelt is corrected', async (t) => {
  const { open, client } = await workspace(t, {
    ...files,
    'schemas/input.json':
      '{"type": "object", "additionalProperties": false, "properties": {"user": {}, "kind": {"enum": ["pod", "node"]}}}',
  });
  const cases: [string, string, string][] = [
    ['package p\n\nx := con<|>cta(",", ["a"])\n', 'concat', 'package p\n\nx := concat(",", ["a"])\n'],
    ['package p\n\nx := jso<|>n.marshall(1)\n', 'json.marshal', 'package p\n\nx := json.marshal(1)\n'],
    ['package p\n\nx if admn<|>s == 1\n\nadmins := 1\n', 'admins', 'package p\n\nx if admins == 1\n\nadmins := 1\n'],
    [
      'package p\n\nimport data.lib.roles\n\nx if role<|>.all\n',
      'roles',
      'package p\n\nimport data.lib.roles\n\nx if roles.all\n',
    ],
    ['package p\n\nx if input.use<|>rs == 1\n', 'user', 'package p\n\nx if input.user == 1\n'],
    ['package p\n\nx if input.kind == "po<|>t"\n', 'pod', 'package p\n\nx if input.kind == "pod"\n'],
  ];
  for (const [source, right, after] of cases) {
    const module = await open('p.rego', source);
    const diagnostics = await client.pull(module.uri, 'check');
    assert.equal(await module.after(`Change to ${right}`, { only, diagnostics }), after);
  }
});

test('a built-in of another OPA is declared, and known from then on', async (t) => {
  const { open, client } = await workspace(t);
  const module = await open('p.rego', 'package p\n\nx := ldap<|>.query("a", 1)\n');
  assert.match(JSON.stringify(await client.pull(module.uri, 'check')), /undefined function ldap\.query/);
  const edit = await module.edit(/^Declare ldap\.query/, { only });
  const [, text] = edit.documentChanges ?? [];
  assert.ok(TextDocumentEdit.is(text));
  const config = applied(
    '',
    text.edits.filter((one) => 'newText' in one),
  );
  await client.open('policy/.regal/config.yaml', config, 'yaml');
  assert.deepEqual(await client.pull(module.uri, 'check'), []);
  assert.equal(
    withBuiltin(config, 'ldap.other', 0),
    `${config}      - name: ldap.other\n        type: function\n        decl:\n          args: []\n          result:\n            type: any\n`,
  );
  assert.match(
    withBuiltin('capabilities:\n  from: {engine: opa, version: v1.0.0}\n', 'a.b', 1) ?? '',
    /engine: opa(.|\n)*- name: a\.b/,
  );
  assert.equal(withBuiltin('- a\n', 'a.b', 1), undefined);
});
