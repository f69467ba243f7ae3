/** Names in the `schemas` of METADATA are names like any other: found, explained, renamed. OPA's types are the oracle. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver';
import { TextDocumentEdit, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver';
import type { WorkspaceFile } from '../../../engine/protocol.ts';
import { definition } from '../../../server/rego/definition.ts';
import { renameFiles } from '../../../server/rego/files/file-renames.ts';
import { highlights } from '../../../server/rego/highlight.ts';
import { hover } from '../../../server/rego/hover.ts';
import { references } from '../../../server/rego/references.ts';
import { prepareRename, rename } from '../../../server/rego/rename.ts';
import { semanticTokens } from '../../../server/rego/semantic-tokens.ts';
import type { Snapshot } from '../../../server/snapshot.ts';
import { applied } from '../support.ts';
import { base, type Fixture, fixture, shown, shownLocations } from './rego-support.ts';
import { builtins, engine } from './types/types-support.ts';

after(() => engine.dispose());

const closed = '{type: object, properties: {name: {type: string}}, additionalProperties: false}';

/** What the engine says of the types, with names as they were, so that it can be compared. */
async function typeErrors(texts: Readonly<Record<string, string>>): Promise<string[]> {
  const files = Object.entries(texts).map(([path, text]): WorkspaceFile => {
    return { path, text, kind: path.endsWith('.json') ? 'schema' : 'module' };
  });
  await engine.call('workspace/open', { workspace: 'schemas', files });
  const { problems } = await engine.call('check', { workspace: 'schemas' });
  await engine.call('workspace/close', { workspace: 'schemas' });
  return problems
    .map(({ code, range: { start }, message }) => `${start.line} ${code} ${message.replaceAll(/\n +/g, '\n')}`)
    .sort();
}

/** The texts after an edit, by the paths that they have before it. */
function applying(texts: Record<string, string>, edit: WorkspaceEdit | null): Record<string, string> {
  const result = { ...texts };
  for (const change of edit?.documentChanges ?? []) {
    if (!TextDocumentEdit.is(change)) continue;
    const path = change.textDocument.uri.slice(base.length + 1);
    result[path] = applied(texts[path] ?? '', change.edits as TextEdit[]);
  }
  return result;
}

function textsOf({ root }: Fixture): Record<string, string> {
  return Object.fromEntries([...root.files].map(([path, { text }]) => [path, text]));
}

/** `USER` stands for what is renamed wherever it is meant; the rule `r` asks for a field that its schema has not. */
function follows(title: string, names: [old: string, now: string], sources: Record<string, string>): void {
  test(`rename: ${title}`, async () => {
    const named = (name: string) =>
      Object.fromEntries(Object.entries(sources).map(([path, text]) => [path, text.replaceAll('USER', name)]));
    const [old, now] = names;
    const one = fixture(named(old));
    const texts = applying(textsOf(one), rename(one.root, one.path, one.cursor, now));
    assert.deepEqual(texts, textsOf(fixture(named(now))));
    const before = await typeErrors(textsOf(one));
    assert.match(before.join(), /rego_type_error/);
    const said = (await typeErrors(texts)).map((line) => line.replaceAll(now, old));
    assert.deepEqual(said, before);
  });
}

const lib = 'package lib\n\n<|>USER := object.get(input, "user", {})\n';
const use = 'r := data.lib.USER.nmae\n';
const key = (written: string, more = '') => `package p\n\n# METADATA${more}\n# schemas:\n#   - ${written}: ${closed}\n`;

follows('a rule, from its head', ['user', 'person'], { 'a.rego': lib, 'p.rego': key('data.lib.USER') + use });
follows('a rule, from the key', ['user', 'person'], {
  'a.rego': lib.replace('<|>', ''),
  'p.rego': key('data.lib.<|>USER') + use,
});
follows('lines that end as in Windows', ['user', 'person'], {
  'a.rego': lib.replaceAll('\n', '\r\n'),
  'p.rego': (key('data.lib.USER', '\n# title: 😀 é') + use).replaceAll('\n', '\r\n'),
});
follows('single quotes', ['user', 'person'], { 'a.rego': lib, 'p.rego': key('\'data.lib["USER"]\'') + use });
follows('double quotes', ['user', 'person'], { 'a.rego': lib, 'p.rego': key('"data.lib[\\"USER\\"]"') + use });
follows('escapes of YAML before the name', ['user', 'person'], {
  'a.rego': lib,
  'p.rego': key('"d\\x61ta.\\u006cib.USER"') + use,
});
follows('a map in braces', ['user', 'person'], {
  'a.rego': lib,
  'p.rego': `package p\n\n# METADATA\n# schemas: [{data.lib.USER: ${closed}}]\n${use}`,
});
follows('a key with a question mark', ['user', 'person'], {
  'a.rego': lib,
  'p.rego': `package p\n\n# METADATA\n# schemas:\n#   - ? data.lib.USER\n#     : ${closed}\n${use}`,
});
follows('a schema in a file', ['user', 'person'], {
  'schemas/s.json': '{"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": false}',
  'a.rego': lib,
  'p.rego': `package p\n\n# METADATA\n# schemas:\n#   - data.lib.USER: schema.s\n${use}`,
});
follows('a package, for packages below', ['user', 'person'], {
  'a.rego': 'package lib.<|>USER\n\nself := object.get(input, "user", {})\n',
  'top.rego': `# METADATA\n# scope: subpackages\n# schemas:\n#   - data.lib.USER.self: ${closed}\npackage top\n`,
  'p.rego': 'package top.p\n\nr := data.lib.USER.self.nmae\n',
});
follows('a package’s own rule, at its package', ['user', 'person'], {
  'a.rego': `# METADATA\n# schemas:\n#   - data.lib.USER: ${closed}\n#   - data.lib.other: {type: string}\n${lib}\nr := USER.nmae\n`,
});
follows('a name that only stands in brackets', ['us-er', 'per. son, {x}'], {
  'a.rego': 'package lib["<|>USER"]\n\nself := object.get(input, "user", {})\n',
  'p.rego': `${key('data.lib["USER"].self')}r := data.lib["USER"].self.nmae\n`,
});

function refused(title: string, name: string, sources: Record<string, string>, why: RegExp): void {
  test(`refused: ${title}`, () => {
    const { root, path, cursor } = fixture(sources);
    assert.throws(() => rename(root, path, cursor, name), why);
  });
}

refused(
  'the new name has a schema already',
  'person',
  { 'a.rego': 'package lib\n\nus<|>er := {}\n', 'p.rego': `${key('data.lib.person')}r := 1\n` },
  /person in p\.rego:5 would mean something else/,
);
refused(
  'the schema of what holds it has it as a key',
  'person',
  { 'a.rego': 'package lib\n\nus<|>er := {}\n', 'p.rego': `${key('data.lib')}r := 1\n` },
  /p\.rego:5 takes data\.lib as a whole/,
);
for (const name of ["it's", 'a: b', 'a #b']) {
  refused(
    `what YAML would read as something else: ${name}`,
    name,
    { 'a.rego': 'package lib["us<|>er"]\n\nx := 1\n', 'p.rego': `${key('data.lib["user"].x')}r := 1\n` },
    /stands in METADATA/,
  );
}
refused('the input', 'person', { 'p.rego': `${key('input.us<|>er')}r := 1\n` }, /named by those who ask/);
refused('what nothing makes', 'person', { 'p.rego': `${key('data.lib.us<|>er')}r := 1\n` }, /none of the policies/);
refused('a schema', 'person', { 'p.rego': key('input').replace(closed, 'schema.us<|>er') + use }, /no name here/);

/** The files as they are before somebody opens them. */
function unopened(one: Fixture): Fixture {
  const files = new Map([...one.root.files].map(([path, document]) => [path, { ...document, version: null }]));
  return { ...one, root: { ...one.root, files } };
}

const marks = {
  'a.rego': 'package lib\n\n[|us<|>er|] := {}\n',
  'p.rego': `# METADATA\n# schemas:\n#   - data.lib.[|user|]: {type: object}\n#   - data.lib: {type: object}\npackage p\n\nr := data.lib.[|user|]\n`,
  'q.rego': `package q\n\n# METADATA\n# schemas:\n#   - 'data.lib["[|user|]"].x': {type: object}\n# title: data.lib.user\nr := 1\n\n# schemas:\n# - data.lib.user: {}\ns := 1\n`,
};

test('references are in METADATA, too, of files that are open and of others', () => {
  const one = fixture(marks);
  for (const { root, path, cursor, ranges } of [one, unopened(one)]) {
    assert.deepEqual(shownLocations(references(root, path, cursor, true)), ranges);
  }
});

const inKey = {
  'a.rego': '# METADATA\n# title: The user\npackage lib\n\n[|user|] := {}\n',
  'p.rego': `${key('data.lib.us<|>er')}r := data.lib.user\n`,
};

const said = ({ root, path, cursor }: Fixture) =>
  (hover(root, path, cursor, builtins)?.contents as MarkupContent | undefined)?.value ?? '';

const masked = {
  'p.rego':
    '# METADATA\n# scope: package\n# compile:\n#   unknowns: [input.fruits, "data.USER"]\n#   mask_rule: MASK\npackage filters\n\nus<|>er := {}\n',
};
for (const [written, from, to] of [
  ['data.filters.user', 'user', 'person'],
  ['user.columns', 'user', 'person'],
  [`'data["filters"].user'`, 'user', 'person'],
] as const) {
  test(`rename: the rule for masks of the compile API, written ${written}`, () => {
    const named = (name: string) =>
      masked['p.rego'].replace('MASK', written.replace('user', name)).replace('us<|>er', name);
    const one = fixture({ 'p.rego': named(from).replace(/user(?= :=)/, 'us<|>er') });
    const texts = applying(textsOf(one), rename(one.root, one.path, one.cursor, to));
    assert.deepEqual(texts, { 'p.rego': named(to) });
  });
}

test('rename: what is unknown to the compile API, of a file that nobody opened, too', () => {
  const sources = (name: string) => ({
    'a.rego': `package lib.${name}\n\nself := 1\n`,
    'p.rego': `# METADATA\n# compile:\n#   unknowns:\n#     - input.fruits\n#     - data.lib.${name}\n#   mask_rule: data.lib.${name}.self\npackage p\n`,
  });
  const marked = { ...sources('user'), 'a.rego': sources('user')['a.rego'].replace('user', 'us<|>er') };
  for (const one of [fixture(marked), unopened(fixture(marked))]) {
    const texts = applying(textsOf(one), rename(one.root, one.path, one.cursor, 'person'));
    assert.deepEqual(texts, sources('person'));
  }
});

test('a key of METADATA leads to what it names, which is explained and highlighted', () => {
  const one = fixture(inKey);
  const { root, path, cursor, ranges } = one;
  const found = definition(root, path, cursor);
  assert.deepEqual(
    found.map(({ targetUri, targetSelectionRange }) => shown(targetUri, targetSelectionRange)),
    ranges,
  );
  assert.match(said(one), /`data\.lib\.user` in a\.rego/);
  assert.deepEqual(
    highlights(root, path, cursor).map(({ range }) => shown(`${base}/${path}`, range)),
    ['p.rego:4:15-4:19', 'p.rego:5:14-5:18'],
  );
  assert.equal(prepareRename(root, path, cursor).placeholder, 'user');
  const package_ = fixture({ ...inKey, 'p.rego': `${key('data.l<|>ib.user')}r := 1\n` });
  assert.match(said(package_), /The user/);
});

const inputSchema = '{type: object, properties: {user: {description: Who asks, properties: {name: {type: string}}}}}';

test('a key in the input is explained by the schema that it gets', () => {
  const rule = `# METADATA\n# schemas:\n#   - input: ${inputSchema}\n#   - input.us<|>er.age: {type: number}\nr := 1\n`;
  const user = said(fixture({ 'p.rego': `package p\n\n${rule}` }));
  assert.match(user, /^```rego\ninput\.user: object\{/);
  assert.match(user, /Who asks/);
  assert.match(user, /"age": number/);
  const age = said(fixture({ 'p.rego': `package p\n\n${rule.replace('us<|>er.age', 'user.a<|>ge')}` }));
  assert.match(age, /^```rego\ninput\.user\.age: number\n/);
  const whole = said(fixture({ 'p.rego': `# METADATA\n# schemas:\n#   - in<|>put: ${inputSchema}\npackage p\n` }));
  assert.match(whole, /^```rego\ninput: object\{/);
  const unknown = said(fixture({ 'p.rego': `${key('input.us<|>er').replace(closed, 'schema.none')}r := 1\n` }));
  assert.match(unknown, /Part of the input/);
});

test('the names in a key have their colours', () => {
  const one = fixture({ 'a.rego': 'package lib\n\nuser := {}\n', 'p.rego': `${key('data.lib.user')}r := 1\n` });
  const data = semanticTokens(one.root, 'p.rego');
  const lines: number[] = [];
  for (let at = 0; at < data.length; at += 5) lines.push((lines.at(-1) ?? 0) + data[at]!);
  assert.equal(lines.filter((line) => line === 4).length, 3);
});

/** Renames of files, with what OPA says of the types before and after. */
async function moved(sources: Record<string, string>, from: string, to: string): Promise<Record<string, string>> {
  const { root } = fixture(sources);
  const snapshot = { roots: new Map([[root.id, root]]) } as Partial<Snapshot> as Snapshot;
  const edit = renameFiles(snapshot, [{ oldUri: `${base}/${from}`, newUri: `${base}/${to}` }]);
  const texts = applying(sources, edit);
  const before = await typeErrors(sources);
  assert.match(before.join(), /rego_type_error/);
  const names = (line: string) => line.replaceAll(/lib\.\w+|lib\["[^"]*"\]/g, 'lib.x');
  assert.deepEqual((await typeErrors(texts)).map(names), before.map(names));
  return texts;
}

for (const [title, written, now, quoted] of [
  ['without quotes', 'data.lib.roles.admin', 'data.lib.people.admin', '\'data.lib["the people"].admin\''],
  ['single quotes', "'data.lib.roles.admin'", "'data.lib.people.admin'", '\'data.lib["the people"].admin\''],
  ['double quotes', '"data.lib.roles.admin"', '"data.lib.people.admin"', '"data.lib[\\"the people\\"].admin"'],
  ['brackets', 'data["lib"]["roles"].admin', 'data.lib.people.admin', 'data.lib["the people"].admin'],
  ['a rest in brackets', 'data.lib.roles["admin"]', 'data.lib.people["admin"]', 'data.lib["the people"]["admin"]'],
] as const) {
  for (const [folder, after] of [
    ['people', now],
    ['the people', quoted],
  ] as const) {
    test(`a folder’s rename: ${title}, to ${folder}`, async () => {
      const sources = {
        'lib/roles/r.rego': 'package lib.roles\n\nadmin := object.get(input, "user", {})\n',
        'p.rego': `package p\n\n# METADATA\n# schemas:\n#   - {${written.includes('[') ? 'input.x' : written}: ${closed}}\n#   - ${written}: ${closed}\nr := data.lib.roles.admin.nmae\n`,
      };
      const texts = await moved(sources, 'lib/roles', `lib/${folder}`);
      const [, , , , braces, plain] = texts['p.rego']!.split('\n');
      if (!written.includes('[')) assert.equal(braces, `#   - {${after}: ${closed}}`);
      assert.equal(plain, `#   - ${after}: ${closed}`);
    });
  }
}
