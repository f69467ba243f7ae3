/** Hover, signatures, completion and semantic tokens, with OPA's real built-ins. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { startEngine } from '../../../engine/start.ts';
import { type Builtin, builtinsOf } from '../../../server/rego/builtins.ts';
import { type CompletionData, complete, resolveCompletion } from '../../../server/rego/completion.ts';
import { hover } from '../../../server/rego/hover.ts';
import { legend } from '../../../server/rego/semantic-legend.ts';
import { semanticTokens } from '../../../server/rego/semantic-tokens.ts';
import { signatureHelp } from '../../../server/rego/signature.ts';
import type { Ask } from '../../../server/snapshot.ts';
import { type Fixture, fixture } from './rego-support.ts';

const engine = await startEngine();
after(() => engine.dispose());
const ask: Ask = {
  root: () => Promise.reject(new Error('not asked here')),
  plain: (method, params) => engine.call(method, params),
};
const builtins: ReadonlyMap<string, Builtin> = await builtinsOf(ask);

function hovered({ root, path, cursor }: Fixture): string {
  return (hover(root, path, cursor, builtins)?.contents as MarkupContent | undefined)?.value ?? '';
}

function offered({ root, path, cursor }: Fixture) {
  return complete(root, path, cursor, builtins).items;
}

const labels = (one: Fixture) => offered(one).map(({ label }) => label);
const broken = { broken: true };

test('hover: a rule of many files says how many, and shows the first', () => {
  const many = Array.from({ length: 250 }, (_, at) => [`m${at}.rego`, `package lib\n\nallow if input.a${at}\n`]);
  const said = hovered(fixture({ ...Object.fromEntries(many), 'z.rego': 'package p\n\nx if data.lib.al<|>low\n' }));
  assert.match(said, /and 150 more/);
  assert.match(said, /`data\.lib\.allow` in m0\.rego, .*, and 244 more$/m);
  assert.ok(said.length < 1000, said);
});

test('hover: a rule with its METADATA and the heads of its definitions', () => {
  const said = hovered(
    fixture({
      'a.rego':
        'package lib\n\n# METADATA\n# title: Who may\n# description: Those who are asked.\ndefault allow := false\n\nallow if input.a\n',
      'b.rego': 'package p\n\nx if data.lib.al<|>low\n',
    }),
  );
  assert.match(said, /default allow := false\nallow\n/);
  assert.match(said, /\*\*Who may\*\*\n\nThose who are asked\./);
  assert.match(said, /`data\.lib\.allow` in a\.rego/);
});

test('hover: a package, a variable, a built-in, a keyword, the input', () => {
  const lib = 'package lib.roles\n\nadmin := 1\n';
  const one = (text: string) => hovered(fixture({ 'p.rego': text, 'lib.rego': lib }));
  assert.match(
    one('package p\n\nimport data.lib.roles as r\n\nx := <|>r.admin\n'),
    /package lib\.roles[\s\S]*1 module/,
  );
  assert.match(one('package p\n\nf(who) := wh<|>o\n'), /An argument:[\s\S]*f\(who\) := who/);
  assert.match(one('package p\n\nx := conc<|>at(",", [])\n'), /concat\(delimiter: string[\s\S]*Joins a set or array/);
  assert.match(one('package p\n\nx := any<|>([])\n'), /Deprecated/);
  assert.match(one('package p\n\nx <|>if input.a\n'), /\*\*if\*\*/);
  assert.match(one('package p\n\nx if input.us<|>er.name\n'), /input\.user/);
  assert.equal(one('package p\n\n# if <|>it\nx := 1\n'), '');
  assert.equal(one('package p\n\nx := "every <|>if"\n'), '');
});

test('signature: of a built-in and of a function, with the argument at hand', () => {
  const help = (text: string) => {
    const { root, path, cursor } = fixture({ 'p.rego': text }, broken);
    const found = signatureHelp(root, path, cursor, builtins);
    return found && `${found.signatures[found.activeSignature ?? 0]?.label} @${found.activeParameter}`;
  };
  assert.match(help('package p\n\nx := concat(",", <|>[])\n') ?? '', /^concat\(delimiter: string.* @1$/);
  assert.match(help('package p\n\nx := concat(<|>",", [])\n') ?? '', /@0$/);
  assert.match(
    help('package p\n\nf(a, b) := a + b\n\ny := f(1, <|>2)\n') ?? '',
    /^f\(a: number, b: number\) -> number @1$/,
  );
  assert.match(help('package p\n\ny if {\n\tcount(concat(",", <|>\n}\n') ?? '', /^concat\(/);
  assert.equal(help('package p\n\nx := 1 <|>+ 2\n'), null);
});

test('completion: what follows a dot', () => {
  const files = {
    'lib.rego': 'package lib.roles\n\nadmin := 1\n\nuser.name := 2\n',
    'q.rego': 'package q\n\nx := input.request.method == "GET"\n\ny := input.request.path\n',
  };
  const after = (line: string) =>
    labels(fixture({ ...files, 'p.rego': `package p\n\nimport data.lib.roles\n\nx := ${line}<|>\n` }, broken));
  assert.deepEqual(after('roles.').sort(), ['admin', 'user']);
  assert.deepEqual(after('data.lib.'), ['roles']);
  assert.deepEqual(after('data.lib.roles.user.'), ['name']);
  assert.deepEqual(after('input.request.').sort(), ['method', 'path']);
  assert.ok(after('json.').includes('patch'));
  assert.deepEqual(after('1.'), []);
  assert.deepEqual(after('"a.'), []);
});

test('completion: names in sight, and rules of others with their import', () => {
  const one = fixture(
    {
      'p.rego':
        'package p\n\nimport data.other\n\nlimit := 3\n\nf(arg) := n if {\n\tsome item in arg\n\tn := <|>\n}\n\ng(hidden) := hidden\n',
      'lib.rego': 'package lib.roles\n\nadmin := 1\n\ntest_admin if admin\n',
    },
    broken,
  );
  const items = offered(one);
  const found = new Set(items.map(({ label }) => label));
  for (const label of ['arg', 'item', 'limit', 'f', 'other', 'input', 'data', 'count', 'roles.admin']) {
    assert.ok(found.has(label), label);
  }
  assert.ok(!found.has('hidden') && !found.has('roles.test_admin') && !found.has('plus'));
  const imported = items.find(({ label }) => label === 'roles.admin') ?? assert.fail();
  const document = TextDocument.create('', '', 0, one.root.files.get('p.rego')?.text ?? '');
  const text = TextDocument.applyEdits(document, imported.additionalTextEdits ?? []);
  assert.match(text, /^package p\n\nimport data\.other\nimport data\.lib\.roles\n\nlimit/);
  const detailed = resolveCompletion(imported, one.root, builtins);
  assert.match((detailed.documentation as MarkupContent).value, /data\.lib\.roles\.admin/);
  const count = items.find(({ label }) => label === 'count') ?? assert.fail();
  assert.deepEqual(count.data, { builtin: 'count', root: one.root.id } satisfies CompletionData);
  assert.match((resolveCompletion(count, undefined, builtins).documentation as MarkupContent).value, /Built in/);
});

test('completion: keywords by place, packages to import, the package by the folder', () => {
  const lib = 'package lib.roles\n\nadmin := 1\n';
  const at = (text: string, path = 'p.rego') => labels(fixture({ [path]: text, 'lib.rego': lib }, broken));
  assert.ok(at('package p\n\n<|>').includes('default'));
  assert.ok(at('package p\n\nallow <|>').includes('if'));
  assert.ok(at('package p\n\nallow if {\n\t<|>\n}\n').includes('every'));
  assert.deepEqual(at('package p\n\nimport da<|>\n'), [
    'data',
    'input',
    'future.keywords',
    'future.keywords.and',
    'future.keywords.not',
    'future.keywords.or',
    'data.lib.roles',
  ]);
  assert.deepEqual(at('package p\n\nimport data.lib.roles.<|>\n'), ['admin']);
  assert.deepEqual(at('package <|>\n', 'team/authz/p.rego'), ['team.authz', 'authz']);
  assert.deepEqual(at('package p\n\n# a com<|>ment\n'), []);
});

test('semantic tokens tell names apart', () => {
  const { root, path } = fixture({
    'p.rego': 'package p\n\nimport data.lib as l\n\nf(x) := count(x)\n\nallow if f(input.user) > l.n\n',
    'lib.rego': 'package lib\n\nn := 1\n',
  });
  const data = semanticTokens(root, path);
  const lines = root.files.get(path)?.text.split('\n') ?? [];
  const found: string[] = [];
  let line = 0;
  let character = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [down = 0, right = 0, length = 0, type = 0] = data.slice(at);
    line += down;
    character = down > 0 ? right : character + right;
    found.push(`${lines[line]?.slice(character, character + length)} ${legend.tokenTypes[type]}`);
  }
  assert.deepEqual(found, [
    'p namespace',
    'data namespace',
    'lib namespace',
    'l namespace',
    'f function',
    'x parameter',
    'count function',
    'x parameter',
    'allow variable',
    'f function',
    'input variable',
    'user property',
    'l namespace',
    'n variable',
  ]);
});
