/** Renaming across modules; what cannot be renamed without changing what is decided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RenameFile, TextDocumentEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { prepareRename, rename } from '../../../server/rego/rename.ts';
import { base, type Fixture, fixture } from './rego-support.ts';

/** The files after the rename, moved ones under their new paths. */
function renamed({ root, path, cursor }: Fixture, name: string): Record<string, string> {
  const { documentChanges = [] } = rename(root, path, cursor, name);
  const texts = Object.fromEntries([...root.files].map(([file, { text }]) => [file, text]));
  for (const change of documentChanges) {
    if (TextDocumentEdit.is(change)) {
      const file = change.textDocument.uri.slice(base.length + 1);
      assert.equal(change.textDocument.version, 1);
      const document = TextDocument.create('', '', 0, texts[file] ?? '');
      texts[file] = TextDocument.applyEdits(document, change.edits as never);
    } else if (RenameFile.is(change)) {
      const from = change.oldUri.slice(base.length + 1);
      texts[change.newUri.slice(base.length + 1)] = texts[from] ?? '';
      delete texts[from];
    }
  }
  return texts;
}

function check(title: string, name: string, before: Record<string, string>, after: Record<string, string>): void {
  test(title, () => assert.deepEqual(renamed(fixture(before), name), after));
}

function refused(title: string, name: string, sources: Record<string, string>, why: RegExp): void {
  test(title, () => {
    const { root, path, cursor } = fixture(sources);
    assert.throws(() => rename(root, path, cursor, name), why);
  });
}

check(
  'a rule in all modules',
  'permitted',
  {
    'a.rego': 'package lib\n\ndefault al<|>low := false\n\nallow if input.ok\n',
    'b.rego': 'package p\n\nimport data.lib\n\nallow if lib.allow\n\nx if data.lib["allow"]\n',
  },
  {
    'a.rego': 'package lib\n\ndefault permitted := false\n\npermitted if input.ok\n',
    'b.rego': 'package p\n\nimport data.lib\n\nallow if lib.permitted\n\nx if data.lib["permitted"]\n',
  },
);
check(
  'an imported rule, and its uses by that name',
  'fine',
  { 'a.rego': 'package lib\n\no<|>k := 1\n', 'b.rego': 'package p\n\nimport data.lib.ok\n\nx := ok\n' },
  { 'a.rego': 'package lib\n\nfine := 1\n', 'b.rego': 'package p\n\nimport data.lib.fine\n\nx := fine\n' },
);
check(
  'an alias alone',
  'r',
  {
    'a.rego': 'package lib.roles\n\nadmin := 1\n',
    'b.rego': 'package p\n\nimport data.lib.roles as ro<|>l\n\nx := rol.admin\n',
  },
  {
    'a.rego': 'package lib.roles\n\nadmin := 1\n',
    'b.rego': 'package p\n\nimport data.lib.roles as r\n\nx := r.admin\n',
  },
);
check(
  'a package, with the folder that follows it',
  'people',
  {
    'lib/roles/r.rego': 'package lib.ro<|>les\n\nadmin := 1\n',
    'lib/roles/r_test.rego': 'package lib.roles\n\ntest_admin if admin == 1\n',
    'other/r.rego': 'package lib.roles.deep\n\nx := 1\n',
    'p.rego': 'package p\n\nimport data.lib.roles\n\nx := roles.admin\n\ny := data.lib.roles.deep.x\n',
  },
  {
    'lib/people/r.rego': 'package lib.people\n\nadmin := 1\n',
    'lib/people/r_test.rego': 'package lib.people\n\ntest_admin if admin == 1\n',
    'other/r.rego': 'package lib.people.deep\n\nx := 1\n',
    'p.rego': 'package p\n\nimport data.lib.people\n\nx := people.admin\n\ny := data.lib.people.deep.x\n',
  },
);
check(
  'a variable in its rule alone',
  'y',
  { 'p.rego': 'package p\n\na if {\n\tx<|> := 1\n\tx > 0\n}\n\nb if {\n\tx := 1\n\tx > 0\n}\n' },
  { 'p.rego': 'package p\n\na if {\n\ty := 1\n\ty > 0\n}\n\nb if {\n\tx := 1\n\tx > 0\n}\n' },
);
check(
  'an argument, beyond the plane of UTF-16’s single units',
  'who',
  { 'p.rego': 'package p\n\nf(us<|>er) := concat("😀", ["😀", user])\n' },
  { 'p.rego': 'package p\n\nf(who) := concat("😀", ["😀", who])\n' },
);

refused(
  'a rule that is there already',
  'b',
  { 'p.rego': 'package p\n\na<|> := 1\n\nb := 2\n' },
  /would mean something/,
);
refused(
  'a rule by whose name a variable goes',
  'x',
  { 'p.rego': 'package p\n\na<|> := 1\n\nb := y if {\n\tx = 2\n\ty := x + a\n}\n' },
  /would mean something/,
);
refused(
  'a rule that another module would come to see',
  'missing',
  { 'p.rego': 'package p\n\na<|> := 1\n', 'q.rego': 'package q\n\nx := data.p.missing\n' },
  /would mean something/,
);
refused(
  'a variable that would take in another',
  'y',
  { 'p.rego': 'package p\n\na if {\n\tx<|> := 1\n\ty := 2\n\tx + y > 0\n}\n' },
  /would mean something/,
);
refused(
  'what is replaced as a whole, by its keys',
  'b',
  { 'p.rego': 'package p\n\na<|> := 1\n', 'q.rego': 'package q\n\ntest_x if data.p.a == 2 with data.p as {"a": 2}\n' },
  /q\.rego:3 takes data\.p as a whole/,
);
refused(
  'what is gone through by its names',
  'b',
  {
    'p.rego': 'package p\n\na<|> := 1\n',
    'q.rego': 'package q\n\nimport data.p as r\n\nx contains n if some n, _ in r\n',
  },
  /takes data\.p as a whole/,
);
refused('a built-in', 'number', { 'p.rego': 'package p\n\na := cou<|>nt([])\n' }, /built in/);
refused('the input', 'person', { 'p.rego': 'package p\n\na := input.us<|>er\n' }, /input/);
refused('data that no policy makes', 'people', { 'p.rego': 'package p\n\na := data.us<|>ers\n' }, /is data/);
refused('a word of Rego', 'every', { 'p.rego': 'package p\n\na<|> := 1\n' }, /word of Rego/);
refused('no name', 'a-b', { 'p.rego': 'package p\n\na<|> := 1\n' }, /is no name/);
check(
  'a package with its tests beside it, and the data in its folder',
  'people',
  {
    'lib/roles/r.rego': 'package lib.ro<|>les\n\nadmin := data.lib.roles.known[0]\n',
    'lib/roles/r_test.rego': 'package lib.roles_test\n\nimport data.lib.roles\n\ntest_admin if roles.admin == 1\n',
    'lib/roles/data.json': '{"known": [1]}',
    'lib/roles/deep/data.yaml': 'a: 1\n',
    'other/r_test.rego': 'package lib.roles_test\n\nx := 1\n',
  },
  {
    'lib/people/r.rego': 'package lib.people\n\nadmin := data.lib.people.known[0]\n',
    'lib/people/r_test.rego': 'package lib.people_test\n\nimport data.lib.people\n\ntest_admin if people.admin == 1\n',
    'lib/people/data.json': '{"known": [1]}',
    'lib/people/deep/data.yaml': 'a: 1\n',
    'other/r_test.rego': 'package lib.people_test\n\nx := 1\n',
  },
);
check(
  'tests that cannot go with their package stay what they are',
  'people',
  {
    'a.rego': 'package ro<|>les\n\nx := 1\n',
    'b.rego': 'package roles_test\n\nimport data.roles\n\ntest_x if roles.x == 1\n',
    'c.rego': 'package people_test\n\ny := 1\n',
  },
  {
    'a.rego': 'package people\n\nx := 1\n',
    'b.rego': 'package roles_test\n\nimport data.people\n\ntest_x if people.x == 1\n',
    'c.rego': 'package people_test\n\ny := 1\n',
  },
);
check(
  'a name that always stands in quotes, to one that must',
  'c d',
  { 'p.rego': 'package p\n\na["b<|>-c"] := 1\n\nx := data.p.a["b-c"]\n' },
  { 'p.rego': 'package p\n\na["c d"] := 1\n\nx := data.p.a["c d"]\n' },
);

refused(
  'a package whose data would stay behind',
  'people',
  { 'p.rego': 'package ro<|>les\n\nx := data.roles.known\n', 'data.json': '{"roles": {"known": 1}}' },
  /data\.json has data\.roles, too/,
);
refused(
  'a package whose file would go where one is',
  'people',
  { 'roles/a.rego': 'package ro<|>les\n\nx := 1\n', 'people/a.rego': 'package q\n\nx := 1\n' },
  /people\/a\.rego is there already/,
);
refused('quotes in quotes', 'a"b', { 'p.rego': 'package p\n\na["b<|>-c"] := 1\n' }, /takes none itself/);
refused('nothing', 'b', { 'p.rego': 'package p\n\na := <|> 1\n' }, /no name here/);

test('data that has to move is moved, or nothing is renamed', () => {
  const sources = { 'p.rego': 'package li<|>b\n\nx := data.lib.a\n', 'lib/data.json': '{"a": 1}' };
  assert.deepEqual(Object.keys(renamed(fixture(sources), 'library')), ['p.rego', 'library/data.json']);
  const { root, path, cursor } = fixture(sources);
  const client = { documentChanges: true, renamesFiles: false };
  assert.throws(() => rename(root, path, cursor, 'library', client), /lib\/data\.json is the data at data\.lib/);
});

test('says what is renamed', () => {
  const { root, path, cursor } = fixture({ 'p.rego': 'package p\n\na := data["p"]["b<|>c"]\n\nbc := 1\n' });
  assert.deepEqual(prepareRename(root, path, cursor), {
    range: { start: { line: 2, character: 16 }, end: { line: 2, character: 18 } },
    placeholder: 'bc',
  });
});
