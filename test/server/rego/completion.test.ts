/** Completion by types, of METADATA, with snippets, and in large workspaces. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type CompletionItem, InsertTextFormat } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { complete } from '../../../server/rego/completion.ts';
import { type Fixture, fixture } from './rego-support.ts';
import { builtins, engine, inCountersign } from './types/types-support.ts';

after(() => engine.dispose());

const broken = { broken: true };
const schema = JSON.stringify({
  type: 'object',
  additionalProperties: false,
  required: ['phase'],
  properties: {
    phase: { enum: ['commit', 'push'], description: 'When it is asked.' },
    users: {
      type: 'array',
      items: { type: 'object', properties: { 'e-mail': { type: 'string' }, name: { type: 'string' } } },
    },
    labels: { type: 'array', items: { enum: ['a', 'b'] } },
    sure: { type: 'boolean' },
  },
});
const files = { 'schemas/input.json': schema };

const at = (module: string, more: Record<string, string> = files) => fixture({ 'p.rego': module, ...more }, broken);
const body = (line: string, more?: Record<string, string>) =>
  at(`package p\n\nr if {\n\t${line}\n\tinput.users\n}\n`, more);
const offered = ({ root, path, cursor }: Fixture, trigger?: string) =>
  complete(root, path, cursor, builtins, { snippets: true, trigger }).items;
const labels = (one: Fixture, trigger?: string) => offered(one, trigger).map(({ label }) => label);

/** The text after an item is taken. */
function taken({ root, path, cursor }: Fixture, item: CompletionItem): string {
  const document = TextDocument.create('', '', 0, root.files.get(path)?.text ?? '');
  const edit = item.textEdit && 'range' in item.textEdit ? item.textEdit : undefined;
  const range = edit?.range ?? { start: cursor, end: cursor };
  const main = { range, newText: edit?.newText ?? item.insertText ?? item.label };
  return TextDocument.applyEdits(document, [main, ...(item.additionalTextEdits ?? [])]);
}

test('fields of the input with their types, required ones first, also behind brackets, variables and calls', () => {
  const items = offered(body('input.<|>'));
  assert.deepEqual(
    items.map(({ label, detail }) => [label, detail]),
    [
      ['phase', '"commit" | "push"'],
      ['users', 'array[object{"e-mail": string, "name": string}]'],
      ['labels', 'array["a" | "b"]'],
      ['sure', 'boolean'],
    ],
  );
  assert.ok((items[0]?.sortText ?? '') < (items[1]?.sortText ?? ''));
  assert.match(JSON.stringify(items[0]?.documentation), /When it is asked\.\\n\\nRequired\./);
  assert.deepEqual(labels(body('input.users[0].<|>')), ['e-mail', 'name']);
  assert.deepEqual(labels(body('some u in input.users; u.<|>')), ['e-mail', 'name']);
  assert.deepEqual(labels(body('sort(input.users)[0].na<|>')), ['e-mail', 'name']);
  assert.deepEqual(labels(at('package p\n\nimport input.users\n\nr := users[_].<|>\n')), ['e-mail', 'name']);
  assert.deepEqual(labels(at('package p\n\nr if f(input.users[_])\n\nf(u) if u.<|>\n')), ['e-mail', 'name']);
  assert.deepEqual(labels(at('package p\n\nimport input.<|>\n')), ['phase', 'users', 'labels', 'sure']);
  assert.deepEqual(labels(body('x := $"{input.<|>}"')), ['phase', 'users', 'labels', 'sure']);
  assert.deepEqual(labels(at('package p\n\nc := {"a": 1}\n\nr := c.<|>\n')), ['a']);
  assert.ok(labels(inCountersign(at('package p\n\nr := input.commits[_].<|>\n'))).includes('disclosure'));
});

test('a name that is none in Rego is written in brackets', () => {
  const one = body('input.users[0].<|>');
  const mail = offered(one).find(({ label }) => label === 'e-mail') ?? assert.fail();
  assert.match(taken(one, mail), /\tinput\.users\[0\]\["e-mail"\]\n/);
});

test('fields of a sample, and what policies ask beside it', () => {
  const sample = { 'input.json': '{"user": {"name": "Ann"}}', 'q.rego': 'package q\n\nr := input.user.id\n' };
  assert.deepEqual(labels(body('input.user.<|>', sample)), ['name', 'id']);
});

test('values of an enumeration: where they are compared, in sets, as members, in quotes and without', () => {
  const phases = ['commit', 'push'];
  assert.deepEqual(labels(body('input.phase == "<|>"')), phases);
  assert.deepEqual(labels(body('"<|>" == input.phase')), phases);
  assert.deepEqual(labels(body('input.phase != "co<|>')), phases);
  assert.deepEqual(labels(body('input.phase in {"commit", "<|>"}')), phases);
  assert.deepEqual(labels(body('input.phase in ["<|>"]')), phases);
  assert.deepEqual(labels(body('"<|>" in input.labels')), ['a', 'b']);
  assert.deepEqual(labels(body('x := input.phase; x == "<|>"')), phases);
  assert.deepEqual(labels(body('"commit" = "<|>"')), ['commit']);
  assert.deepEqual(labels(body('input["<|>"]')), ['phase', 'users', 'labels', 'sure']);
  assert.deepEqual(labels(body('x := "<|>"')), []);
  assert.deepEqual(labels(body('input.phase == <|>'), ' '), ['"commit"', '"push"']);
  assert.deepEqual(labels(body('input.phase <|>'), ' '), []);
  assert.deepEqual(labels(body('input[<|>'), '['), ['"phase"', '"users"', '"labels"', '"sure"']);
  assert.ok(labels(body('input.phase == <|>')).includes('"push"'));
  assert.deepEqual(labels(body('input.sure == <|>'), ' '), []);
  for (const line of ['input.phase == "<|>"', 'input.phase == "c<|>"', 'input.phase in {"<|>"}']) {
    const one = body(line);
    const push = offered(one).find(({ label }) => label === 'push') ?? assert.fail();
    assert.match(taken(one, push), /\tinput\.phase (== "push"|in \{"push"\})\n/);
  }
  const mixed = { 'schemas/input.json': '{"properties": {"a": {"enum": ["x", 1, null]}}}' };
  assert.deepEqual(labels(body('input.a == "<|>"', mixed)), ['x']);
  assert.deepEqual(labels(body('input.a == <|>', mixed), ' '), ['"x"', '1', 'null']);
  const level = 'level := "low" if input.sure\n\nlevel := "high" if input.phase\n';
  assert.deepEqual(labels(at(`package p\n\n${level}\nr if level == "<|>"\n`)), ['low', 'high']);
});

test('what `with` puts in place of the input has its fields and values', () => {
  assert.deepEqual(labels(body('r with input as {"<|>"}')), ['phase', 'users', 'labels', 'sure']);
  assert.deepEqual(labels(body('r with input as {"phase": "push", "<|>"}')), ['users', 'labels', 'sure']);
  assert.deepEqual(labels(body('r with input as {"phase": "<|>"}')), ['commit', 'push']);
  assert.deepEqual(labels(body('r with input as {"users": [{"<|>": 1}]}')), ['e-mail', 'name']);
  assert.deepEqual(labels(body('r with input.users as [{"<|>"}]')), ['e-mail', 'name']);
  assert.deepEqual(labels(body('r with input as {"labels": ["<|>"]}')), ['a', 'b']);
  assert.deepEqual(labels(body('r with data.x as {"<|>"}')), []);
  const described =
    '# METADATA\n# schemas:\n#   - input: {properties: {size: {type: number}}}\npackage lib\n\ndeny if input.size\n';
  const test = 'package lib_test\n\nimport data.lib\n\ntest_deny if count(lib.deny) == 0 with input as {"<|>"}\n';
  assert.deepEqual(labels(at(test, { 'lib.rego': described })), ['size']);
});

test('METADATA: its keys and values at their place, names of schemas', () => {
  const block = (lines: string) => at(`package p\n\n# METADATA\n${lines}\nr := 1\n`);
  assert.deepEqual(labels(block('# title: a\n# <|>')).slice(0, 3), ['description', 'scope', 'entrypoint']);
  assert.deepEqual(labels(block('# sc<|>\n# title: a')).slice(0, 3), ['description', 'scope', 'entrypoint']);
  assert.deepEqual(labels(block('# scope: <|>'), ' '), ['rule', 'document', 'package', 'subpackages']);
  assert.deepEqual(labels(block('# entrypoint: t<|>')), ['true', 'false']);
  assert.deepEqual(labels(block('# authors:\n#   - <|>')), ['name', 'email']);
  assert.deepEqual(labels(block('# authors:\n#   - name: Ann Example\n#     <|>')), ['email']);
  const two = '# authors:\n#   - name: Ann Example\n#     email: ann@example.com\n#   - name: Bo Example\n#     <|>';
  assert.deepEqual(labels(block(two)), ['email']);
  assert.deepEqual(labels(block('# related_resources:\n# - ref: https://example.com\n#   <|>')), ['description']);
  assert.deepEqual(labels(block('# custom:\n#   <|>')), []);
  assert.deepEqual(labels(block('# schemas:\n#   - <|>')), ['input', 'data']);
  assert.deepEqual(labels(block('# schemas:\n#   - input: <|>')), ['schema.input']);
  assert.deepEqual(labels(block('# description: any <|>')), []);
  assert.deepEqual(labels(at('package p\n\n# MET<|>\nr := 1\n')), ['METADATA']);
  const begun = at('package p\n\n# META<|>\nr := 1\n');
  assert.ok(complete(begun.root, begun.path, begun.cursor, builtins).isIncomplete);
  assert.deepEqual(labels(at('package p\n\n# METADATA<|>\nr := 1\n')), []);
  assert.deepEqual(labels(at('package p\n\n# <|>\nr := 1\n'), ' '), []);
  assert.deepEqual(labels(at('package p\n\nr := 1 # <|>\n')), []);
  const one = block('# <|>');
  const authors = offered(one).find(({ label }) => label === 'authors') ?? assert.fail();
  assert.match(taken(one, authors), /# METADATA\n# authors:\n# {3}- \nr/);
});

test('snippets go to clients that take them', () => {
  const { root, path, cursor } = at('package p\n\n<|>\n');
  const items = complete(root, path, cursor, builtins, { snippets: true }).items;
  const snippets = items.filter(({ insertTextFormat }) => insertTextFormat === InsertTextFormat.Snippet);
  assert.deepEqual(
    snippets.map(({ label }) => label),
    ['allow', 'deny', 'rule', 'function', 'default', 'test', 'METADATA'],
  );
  const plain = complete(root, path, cursor, builtins, { snippets: false }).items;
  assert.ok(plain.every(({ insertTextFormat }) => insertTextFormat !== InsertTextFormat.Snippet));
  assert.ok(labels(body('<|>')).includes('every … in'));
  assert.ok(labels(body('x := <|>')).includes('[… | …]'));
});

test('rules of other packages come with their import: after a letter, by the package, a hundred at a time', () => {
  const alphas = Array.from({ length: 120 }, (_, at) => `alpha${at} := ${at}\n`);
  const many = {
    'lib.rego': 'package lib.roles\n\nadmin(x) := x\n\ntest_admin if admin(1)\n',
    'm.rego': `package some.greek\n\n${alphas.join('\n')}`,
  };
  const list = (line: string) => {
    const { root, path, cursor } = body(line, many);
    return complete(root, path, cursor, builtins);
  };
  const empty = list('x := <|>');
  assert.ok(empty.isIncomplete && !empty.items.some(({ label }) => label.includes('alpha')));
  const alpha = list('x := alp<|>');
  assert.ok(alpha.isIncomplete);
  assert.equal(alpha.items.filter(({ label }) => label.startsWith('greek.alpha')).length, 100);
  const admin = list('x := adm<|>');
  assert.ok(!admin.isIncomplete);
  assert.ok(admin.items.some(({ label }) => label === 'roles.admin'));
  assert.deepEqual(labels(body('x := roles.<|>', many)), ['admin']);
  const one = body('x := roles.<|>', many);
  const item = offered(one)[0] ?? assert.fail();
  assert.match(taken(one, item), /^package p\n\nimport data\.lib\.roles\n[\s\S]*x := roles\.admin\n/);
});

test('at the top of a module keywords and own rules; the language of the module in imports and templates', () => {
  const own = 'package p\n\nallow if input.a\n\n';
  assert.deepEqual(
    labels(at(`${own}al<|>\n`)).filter((label) => ['allow', 'count', 'input', 'rule'].includes(label)),
    ['allow', 'rule', 'allow'],
  );
  assert.deepEqual(labels(at(`${own}default <|>\n`)), ['allow']);
  const old = (module: string) => fixture({ 'p.rego': module }, { version: 'v0', broken: true });
  assert.deepEqual(labels(old('package p\n\nimport re<|>\n')).slice(0, 3), ['data', 'input', 'rego.v1']);
  assert.deepEqual(labels(old('package p\n\nimport future.keywords.<|>\n')).slice(0, 3), ['and', 'contains', 'every']);
  assert.deepEqual(labels(at('package p\n\nimport future.keywords.<|>\n')), ['and', 'not', 'or']);
  const deny = (one: Fixture) => offered(one).find(({ label }) => label === 'deny')?.insertText;
  assert.match(deny(old('package p\n\n<|>\n')) ?? '', /^deny\[msg\] \{/);
  assert.match(deny(old('package p\n\nimport rego.v1\n\n<|>\n')) ?? '', /^deny contains msg if \{/);
});

test('a package of thousands of rules: what is typed decides which are offered', () => {
  const rules = Array.from({ length: 3000 }, (_, at) => `rule_${at} := ${at}`).join('\n');
  const offer = (text: string) => {
    const { root, path, cursor } = fixture(
      { 'p.rego': text, 'large.rego': `package large\n\n${rules}\n\nz_rule_2999 := 1\n` },
      broken,
    );
    return complete(root, path, cursor, builtins);
  };
  for (const [before, header] of [
    ['', 'package large'],
    ['data.large.', 'package p'],
  ]) {
    const all = offer(`${header}\n\nx if {\n\t${before}r<|>\n}\n`);
    assert.equal(all.isIncomplete, true, before);
    const large = all.items.filter(({ label }) => /^(z_)?rule_\d+$/.test(label));
    assert.equal(large.length, 1000, before);
    const few = offer(`${header}\n\nx if {\n\t${before}Rule_2999<|>\n}\n`);
    assert.deepEqual(
      few.items.map(({ label }) => label).filter((label) => /rule_\d+$/.test(label)),
      ['rule_2999', 'z_rule_2999'],
      before,
    );
  }
});

test('no blank in what an item is found by: a keyword and the blank behind it must find no rule elsewhere', () => {
  const finding = { 'finding.rego': 'package lib.finding\n\nid := 1\n' };
  const found = (one: Fixture) =>
    offered(one).flatMap(({ filterText }) => (filterText?.includes('finding') ? filterText : []));
  const rules = found(at('package p\n\nr i<|>', finding));
  assert.deepEqual(rules, ['id·finding.id']);
  assert.deepEqual(found(at('package p\n\nimport f<|>\n', finding)), ['finding·data.lib.finding']);
});

test('what ends a line is not replaced by Enter: new names, values behind a keyword, whole imports', () => {
  for (const line of ['some i<|>', 'some key, i<|>', 'some <|>', 'every i<|>', 'every k, i<|>']) {
    assert.deepEqual(labels(body(line)), [], line);
  }
  assert.ok(labels(body('some x i<|>')).includes('in'));
  assert.ok(labels(body('some x in i<|>')).includes('input'));
  assert.ok(labels(body('p.allow with input.sure as tr<|>')).includes('true'));
  assert.ok(labels(body('p.allow with input.sure as true\n\t\twith input.phase as n<|>')).includes('null'));
  assert.ok(labels(body('true in fa<|>')).includes('false'));
  assert.ok(labels(body('x := not t<|>')).includes('true'));
  assert.ok(labels(body('input.sure w<|>')).includes('with'));
  assert.ok(labels(at('package p\n\nimport future.keywords<|>\n')).includes('keywords'));
});
