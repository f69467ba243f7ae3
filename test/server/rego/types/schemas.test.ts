/** Schemas of the input by METADATA and by files: hover, unknown fields and values, where a type is described. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver';
import { hover } from '../../../../server/rego/hover.ts';
import { typeDefinition } from '../../../../server/rego/types/type-definition.ts';
import { unknownFields } from '../../../../server/rego/types/unknown-fields.ts';
import { type Fixture, fixture, shown } from '../rego-support.ts';
import { builtins, engine, inCountersign, typeAtCursor } from './types-support.ts';

after(() => engine.dispose());

const schema = (properties: object, more: object = {}) =>
  JSON.stringify({ type: 'object', properties, additionalProperties: false, ...more });
const text = { type: 'string' };
const number = { type: 'number' };

const hovered = ({ root, path, cursor }: Fixture) =>
  (hover(root, path, cursor, builtins)?.contents as MarkupContent | undefined)?.value ?? '';

test('METADATA: by scope, the closest last; by file and inline; parts override parts', () => {
  const files = {
    'schemas/a.json': schema({ x: text, u: { type: 'object', properties: { n: text } } }),
    'schemas/deep/b.schema.json': schema({ x: number }),
    'named.schema.json': schema({ x: { type: 'boolean' } }),
    'top.rego': '# METADATA\n# scope: subpackages\n# schemas:\n#   - input: schema.a\npackage top\n',
  };
  const at = (module: string) => typeAtCursor(fixture({ 'p.rego': module, ...files }));
  assert.equal(at('package top.p\n\nr := input.<|>x\n'), 'string');
  assert.equal(at('package other\n\nr := input.<|>x\n'), undefined);
  const packaged = '# METADATA\n# schemas:\n#   - input: schema.deep.b\npackage top.p\n\n';
  assert.equal(at(`${packaged}r := input.<|>x\n`), 'number');
  const ruled = `# METADATA\n# schemas:\n#   - input: schema["named"]\n`;
  assert.equal(at(`${packaged}${ruled}r := input.<|>x\n`), 'boolean');
  assert.equal(at(`${packaged}${ruled}s := 1\n\nr := input.<|>x\n`), 'number');
  const document = ruled.replace('# schemas', '# scope: document\n# schemas');
  assert.equal(at(`${packaged}${document}r := 1 if input.y\n\nr := input.<|>x if input.z\n`), 'boolean');
  const inline = '# METADATA\n# schemas:\n#   - input.u.n: {type: array, items: {type: boolean}}\n';
  assert.equal(at(`package top.p\n\n${inline}r := input.u.<|>n\n`), 'array[boolean]');
  const overridden = hovered(fixture({ 'p.rego': `package top.p\n\n${inline}r := input.u.<|>n\n`, ...files }));
  assert.match(overridden, /By the schema in METADATA\.$/);
  assert.equal(at(`package top.p\n\n${inline}r := input.<|>x\n`), 'string');
  assert.equal(at('package top.p\n\n# METADATA\n# schemas:\n#   - input: schema.nope\nr := input.<|>x\n'), 'string');
});

test('a schema of the whole input lies in `schemas` of the closest folder', () => {
  const files = { 'schemas/input.json': schema({ x: text }), 'a/input.schema.json': schema({ x: number }) };
  assert.equal(typeAtCursor(fixture({ 'b/p.rego': 'package p\n\nr := input.<|>x\n', ...files })), 'string');
  assert.equal(typeAtCursor(fixture({ 'a/b/p.rego': 'package p\n\nr := input.<|>x\n', ...files })), 'number');
});

test('hover: fields with what the schema says, behind variables, of the sample without its values', () => {
  const files = {
    'schemas/input.json': schema(
      {
        users: {
          type: 'array',
          items: {
            type: 'object',
            properties: { mail: { type: 'string', format: 'email', description: 'Where to write.' } },
            required: ['mail'],
          },
        },
      },
      {},
    ),
  };
  const said = hovered(
    fixture({ 'p.rego': 'package p\n\nr if {\n\tsome u in input.users\n\tu.<|>mail\n}\n', ...files }),
  );
  assert.equal(
    said,
    '```rego\nu.mail: string\n```\n\nWhere to write.\n\nRequired. Format `email`.\n\nBy the schema schemas/input.json.',
  );
  const variable = hovered(
    fixture({ 'p.rego': 'package p\n\nr if {\n\tsome u in input.users\n\t<|>u.mail\n}\n', ...files }),
  );
  assert.match(variable, /u: object\{"mail": string\}[\s\S]*A variable of `some`/);
  const secret = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz';
  const sampled = hovered(
    fixture({ 'p.rego': 'package p\n\nr := input.<|>token\n', 'input.json': JSON.stringify({ token: secret }) }),
  );
  assert.match(sampled, /input\.token: string[\s\S]*As in the sample input\.json/);
  assert.ok(!sampled.includes(secret));
  const wide = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`field_${at}`, text]));
  const lines = hovered(fixture({ 'p.rego': 'package p\n\nr := <|>input\n', 'schemas/input.json': schema(wide) }));
  assert.match(lines, /^```rego\ninput: object\{\n {2}"field_0": string,\n[\s\S]*"field_19": string,\n {2}…\n\}\n```/);
  const rule = hovered(fixture({ 'p.rego': 'package p\n\ndefault level := "low"\n\n<|>level := "high" if input.x\n' }));
  assert.match(rule, /Type: `"low" \| "high"`/);
});

/** The messages, each behind its place. */
function found(one: Fixture): string[] {
  return unknownFields(one.root, one.path, builtins).map(
    ({ range, code, message }) => `${shown(`file:///work/${one.path}`, range)} ${code}: ${message}`,
  );
}

test('unknown fields and values are told where a schema closes them, at their name', () => {
  const files = {
    'schemas/input.json': schema({
      user: { type: 'object', properties: { name: text }, additionalProperties: false },
      open: { type: 'object', properties: { a: text } },
      phase: { enum: ['commit', 'push'] },
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
      list: { type: 'array', items: { type: 'object', properties: { id: number }, additionalProperties: false } },
    }),
  };
  const module = `package p

import input.[|usr|] as x

r if {
	input.user.[|nme|] == "a"
	input.open.whatever
	input.user[[|"mail"|]]
	input.phase == [|"comit"|]
	"push" != input.phase
	input.phase in {"push", [|"pull"|]}
	input.phase = [|"pull"|]
	[|"c"|] in input.tags
	some "a" in input.tags
	some one in input.list
	one.[|ident|]
	input.list[0].id
	input.list[_].id.[|deeper|]
	u := input.user
	u.name
	u.[|nam|]
	x
	input.anything.else with input as {}
	input.user.nme with input.user as {"nme": 1}
	f(u)
}

f(u) if u.whatever
`;
  const one = fixture({ 'p.rego': module, ...files });
  const told = unknownFields(one.root, 'p.rego', builtins).map(({ range }) => shown('file:///work/p.rego', range));
  assert.deepEqual(told.sort(), one.ranges);
  assert.deepEqual(found(fixture({ 'p.rego': 'package p\n\nr := input.usr\n', ...files })), [
    'p.rego:2:11-2:14 unknown-field: schemas/input.json has no field "usr" here, but "user", "open", "phase", "tags", "list".',
  ]);
  assert.deepEqual(found(fixture({ 'p.rego': 'package p\n\nr := input.usr\n' })), []);
  assert.deepEqual(found(fixture({ 'p.rego': 'package p\n\nr := input.usr\n', 'input.json': '{"user": 1}' })), []);
});

test("what schemas in METADATA close is OPA's to say; values of theirs are told", () => {
  const files = { 'schemas/a.json': schema({ user: text, phase: { enum: ['commit'] } }) };
  const module =
    '# METADATA\n# schemas:\n#   - input: schema.a\npackage p\n\nr := input.usr\n\ns if input.phase == "x"\n';
  assert.deepEqual(found(fixture({ 'p.rego': module, ...files })), [
    'p.rego:7:20-7:23 unknown-value: By schemas/a.json this is never "x", but "commit".',
  ]);
});

/** METADATA of another module, and how it is said there; the last two have nothing to say of the rule. */
const phase = 'input: {properties: {phase: {enum: [commit]}}}';
for (const [title, other, isTold] of [
  ['its package', `# METADATA\n# schemas:\n#   - ${phase}\npackage top.p\n`, true],
  ['a package above', `# METADATA\n# scope: subpackages\n# schemas:\n#   - ${phase}\npackage top\n`, true],
  ['all of the rule', `package top.p\n\n# METADATA\n# scope: document\n# schemas:\n#   - ${phase}\ns if false\n`, true],
  ['a quoted key', `# METADATA\n# "schemas" :\n#   - ${phase}\npackage top.p\n`, true],
  ['in braces', `# METADATA\r\n# {schemas: [${phase}]}\r\npackage top.p\r\n`, true],
  ['a package above, for itself', `# METADATA\n# schemas:\n#   - ${phase}\npackage top\n`, false],
  ['another rule', `package top.p\n\n# METADATA\n# schemas:\n#   - ${phase}\nother if false\n`, false],
] as const) {
  test(`values that METADATA of another module lists: ${title}`, () => {
    const own = 'package top.p\n\ns if input.phase == [|"x"|]\n';
    const one = fixture({ 'p.rego': own, 'a.rego': other });
    const told = unknownFields(one.root, 'p.rego', builtins).map(({ range }) => shown('file:///work/p.rego', range));
    assert.deepEqual(told, isTold ? one.ranges : []);
    // What the module's package is does not matter where it takes the value from there.
    const through = fixture({
      'p.rego': 'package q\n\nr if data.top.p.phase == [|"x"|]\n',
      'a.rego': `${other}\nphase := input.phase\n`,
    });
    const inferred = unknownFields(through.root, 'p.rego', builtins);
    assert.deepEqual(
      inferred.map(({ range }) => shown('file:///work/p.rego', range)),
      /package top\.p\r?\n$/.test(other) ? through.ranges : [],
    );
  });
}

test("in .countersign, Countersign's input closes", () => {
  const one = inCountersign(
    fixture({ '.countersign/policies/p.rego': 'package p\n\nr := input.commits[_].[|shaa|]\n' }),
  );
  const [told] = unknownFields(one.root, one.path, builtins);
  assert.ok(told);
  assert.equal(shown(`file:///work/${one.path}`, told.range), one.ranges[0]);
  assert.match(String(told.message), /^Countersign's input has no field "shaa" here, but "sha"/);
});

test('the default pack asks for nothing that the input does not have', () => {
  const pack = join(import.meta.dirname, '../../../../policies');
  const modules = readdirSync(pack).filter((name) => name.endsWith('.rego'));
  const { root } = inCountersign(
    fixture(
      Object.fromEntries(
        modules.map((name) => [`.countersign/policies/${name}`, readFileSync(join(pack, name), 'utf8')]),
      ),
    ),
  );
  assert.ok(modules.length > 50);
  for (const name of modules)
    assert.deepEqual(unknownFields(root, `.countersign/policies/${name}`, builtins), [], name);
});

test('type definition: the place in the schema, the sample or METADATA', () => {
  const places = (one: Fixture) =>
    typeDefinition(one.root, one.path, one.cursor, builtins, new Map()).map(({ targetUri, targetSelectionRange }) =>
      shown(targetUri, targetSelectionRange),
    );
  const goes = (module: string, files: Record<string, string>) => {
    const one = fixture({ 'p.rego': module, ...files });
    assert.deepEqual(places(one), one.ranges);
  };
  const inFile = {
    'schemas/input.json': '{\n\t"properties": {\n\t\t[|"user"|]: {"properties": {"name": {}}}\n\t}\n}\n',
  };
  goes('package p\n\nr := input.<|>user\n', inFile);
  goes('package p\n\nr if {\n\tu := input.user\n\t<|>u\n}\n', inFile);
  goes('package p\n\nr if {\n\tu := input.users[_]\n\tu.<|>name\n}\n', {
    'input.json': '{"users": [{"id": 1}, {[|"name"|]: "x"}]}',
  });
  goes('package p\n\nr := input.<|>a\n', { 'input.yaml': '[|a|]: 1\n' });
  goes(
    'package p\n\n# METADATA\n# schemas:\n#   - input: {properties: {[|a|]: {type: string}}}\nr := input.<|>a\n',
    {},
  );
  goes('package p\n\n# METADATA\n# schemas:\n#   - [|input.a.b|]: {type: string}\nr := input.a.<|>b\n', {});
  goes('package p\n\nr := <|>1\n', {});
});
