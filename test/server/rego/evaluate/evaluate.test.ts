import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationTokenSource, LSPErrorCodes } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  type CompilerStagesResult,
  compilerStages,
  type EvaluateParams,
  type EvaluatePartiallyResult,
  type EvaluateResult,
  evaluate,
  evaluatePartially,
  type InputSkeletonResult,
  inputSkeleton,
  type TestCoverageResult,
  testCoverage,
} from '../../../../server/protocol.ts';
import { marked } from '../../marks.ts';
import { startClient } from '../../support.ts';

const policy = marked(`package team.policy

import data.lib.roles as r

default <|>allow := false

allow if {
	print("asked by", input.user.name)
	input.user.name in r.admins
}

[|deny|] contains msg if {
	some x in input.xs
	x > data.limit
	msg := sprintf("%d is too large", [x])
}

deny contains "never" if input.never

double(x) := 2 * x

exact := 12345678901234567890123

bad := json.unmarshal("{")

shared := "caf\u00e9 😀 <x>"

conflict := 1 if input.a

conflict := 2 if input.a

names["with space"] := input.user["full name"]
`);

const folders = {
  work: {
    '.regal/config.yaml': 'rules: {}\n',
    'lib/roles.rego': 'package lib.roles\n\nadmins contains "ann"\n',
    'team/policy.rego': policy.text,
    'team/policy_test.rego':
      'package team.policy_test\n\nimport data.team.policy\n\ntest_allow if policy.allow with input.user.name as "ann"\n\ntest_wrong if policy.exact == 1\n',
    'team/deep/er/inner.rego': 'package team.deep.er\n\nseen := input.from\n\nwhole := input\n',
    'team/input.json': '{"user": {"name": "ann"}, "xs": [1, 3], "from": "team"}',
    'input.yaml': 'from: top\n',
    'top.rego': 'package top\n\nseen := input.from\n\nbig := input.big + 1\n',
    'data.json': '{"limit": 2}',
    'broken.rego': 'package broken\n\nx :=\n',
  },
  other: { 'a.rego': 'package a\n\nx := input.y\n' },
};

test('evaluation beside the code', async (t) => {
  const client = await startClient(t, { folders });
  const ask = (path: string, params: Omit<EvaluateParams, 'uri'>): Promise<EvaluateResult> =>
    client.connection.sendRequest(evaluate, { uri: client.uri(path), ...params });
  const rule = (path: string, line: number, more: Partial<EvaluateParams> = {}) =>
    ask(path, { target: { kind: 'rule', position: { line, character: 1 } }, ...more });
  const query = (text: string, more: Partial<EvaluateParams> = {}) =>
    ask('work/team/policy.rego', { target: { kind: 'query', query: text }, ...more });
  /** The selection of a text that stands once in the policy. */
  const select = (text: string) => {
    const at = policy.text.indexOf(text);
    assert.ok(at >= 0 && policy.text.indexOf(text, at + 1) < 0, text);
    const document = TextDocument.create('', '', 0, policy.text);
    const range = { start: document.positionAt(at), end: document.positionAt(at + text.length) };
    return ask('work/team/policy.rego', { target: { kind: 'selection', range } });
  };
  const lines = ({ places }: EvaluateResult) => places.map(({ start }) => start.line);

  await t.test('gives the value of a rule with the closest sample input, at each of its definitions', async () => {
    const allow = await rule('work/team/policy.rego', policy.cursors[0]?.line ?? 0);
    assert.equal(allow.outcome, 'value');
    assert.equal(allow.kind, 'rule');
    assert.equal(allow.query, 'data.team.policy.allow');
    assert.equal(allow.short, 'true');
    assert.equal(allow.value, 'true');
    assert.deepEqual(allow.input, { name: 'team/input.json', uri: client.uri('work/team/input.json') });
    assert.deepEqual(lines(allow), [4, 6]);
    assert.equal(allow.version, null);
    assert.ok((allow.evalMs ?? 0) > 0);
    assert.deepEqual(allow.printed, [
      {
        text: 'asked by ann',
        place: {
          uri: client.uri('work/team/policy.rego'),
          range: { start: { line: 7, character: 1 }, end: { line: 7, character: 35 } },
        },
      },
    ]);
    const deny = await rule('work/team/policy.rego', policy.ranges[0]?.start.line ?? 0);
    assert.equal(deny.short, '["3 is too large"]');
    assert.equal(deny.value, '[\n  "3 is too large"\n]');
    assert.deepEqual(lines(deny), [11, 17]);
    assert.deepEqual(deny.places[0], policy.ranges[0]);
  });

  await t.test('finds the sample beside the module, else above it, JSON or YAML', async () => {
    assert.equal((await rule('work/team/deep/er/inner.rego', 2)).short, '"team"');
    const top = await rule('work/top.rego', 2);
    assert.equal(top.short, '"top"');
    assert.equal(top.input?.name, 'input.yaml');
    const none = await rule('other/a.rego', 2);
    assert.equal(none.outcome, 'undefined');
    assert.equal(none.short, 'undefined');
    assert.equal(none.value, undefined);
    assert.equal(none.input, undefined);
    assert.match(none.notes.join(), /no input\.json or input\.yaml beside or above/);
  });

  await t.test('takes the input that is open, a file, a text, or none', async () => {
    const open = await client.open('work/input.yaml', 'from: open\nbig: 1\n');
    assert.equal((await rule('work/top.rego', 2)).short, '"open"');
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: open } });
    assert.equal((await rule('work/top.rego', 2)).short, '"top"');
    const file = { from: 'file', uri: client.uri('work/team/input.json') } as const;
    assert.equal((await rule('work/top.rego', 2, { input: file })).short, '"team"');
    const text = { from: 'text', text: '{"from": "copied"}', name: 'the clipboard' } as const;
    const copied = await rule('work/top.rego', 2, { input: text });
    assert.equal(copied.short, '"copied"');
    assert.deepEqual(copied.input, { name: 'the clipboard' });
    const without = await rule('work/top.rego', 2, { input: { from: 'none' } });
    assert.equal(without.outcome, 'undefined');
    assert.deepEqual(without.notes, []);
  });

  await t.test('takes the syntax tree of a module, as rules of Regal do', async () => {
    const names = ['package rules', '', 'names := [rule.head.ref[0].value | some rule in input.rules]', ''];
    const uri = await client.open('work/rules.rego', ['# regal eval:use-as-input', ...names].join('\n'));
    const own = await rule('work/rules.rego', 3);
    assert.equal(own.short, '["names"]');
    assert.equal(own.input?.name, 'the module itself');
    const other = { from: 'file', uri: client.uri('work/top.rego') } as const;
    assert.equal((await rule('work/rules.rego', 3, { input: other })).short, '["seen", "big"]');
    await client.edit(uri, names.join('\n'));
    assert.equal((await rule('work/rules.rego', 2)).input?.name, 'input.yaml');
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });

  await t.test('says what is wrong with an input, with its place', async () => {
    const bad = { from: 'text', text: '{\n  "a": tru\n}', name: 'the clipboard' } as const;
    const answer = await rule('work/top.rego', 2, { input: bad });
    assert.equal(answer.outcome, 'error');
    assert.match(answer.problems[0]?.message ?? '', /^The input \(the clipboard\) cannot be read: line 2: /);
    const uri = await client.open('work/team/input.json', '{\n  "user": \n');
    const file = await rule('work/team/policy.rego', 4);
    assert.match(file.short, /^The input \(team\/input\.json\) cannot be read: line 2: /);
    assert.equal(file.problems[0]?.place?.uri, uri);
    assert.equal(file.problems[0]?.place?.range.start.line, 1);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    const gone = { from: 'file', uri: client.uri('work/nothing.json') } as const;
    assert.match((await rule('work/top.rego', 2, { input: gone })).short, /nothing\.json is not there/);
    const empty = { from: 'text', text: ' ', name: 'the clipboard' } as const;
    assert.match((await rule('work/top.rego', 2, { input: empty })).short, /is empty/);
  });

  await t.test('keeps numbers and characters exact', async () => {
    const big = { from: 'text', text: '{"big": 12345678901234567890123}', name: 'typed' } as const;
    assert.equal((await rule('work/top.rego', 4, { input: big })).value, '12345678901234567890124');
    assert.equal((await query('exact')).short, '12345678901234567890123');
    const shared = await query('{"s": shared, "e": {}, "l": [[], [1]], "q": "a\\"b,c:{"}');
    assert.equal(shared.value, JSON.stringify({ e: {}, l: [[], [1]], q: 'a"b,c:{', s: 'café 😀 <x>' }, undefined, 2));
    assert.equal(shared.short, '{"e": {}, "l": [[], [1]], "q": "a\\"b,c:{", "s": "café 😀 <x>"}');
    const long = await query('concat("", [x | some i in numbers.range(1, 300); x := "😀"])');
    assert.ok(long.short.length <= 200 && long.short.endsWith('😀…'), long.short);
    assert.equal(JSON.parse(long.value ?? ''), '😀'.repeat(300));
  });

  await t.test('evaluates a package, with the packages below it', async () => {
    const lib = await ask('work/lib/roles.rego', { target: { kind: 'package' } });
    assert.equal(lib.kind, 'package');
    assert.equal(lib.query, 'data.lib.roles');
    assert.equal(lib.short, '{"admins": ["ann"]}');
    assert.deepEqual(lib.places, [{ start: { line: 0, character: 8 }, end: { line: 0, character: 17 } }]);
    assert.match((await query('data.team')).short, /"deep"/);
  });

  await t.test('evaluates a selection as if it stood in the module', async () => {
    const members = await select('r.admins');
    assert.equal(members.kind, 'query');
    assert.equal(members.short, '["ann"]');
    assert.equal(members.query, 'r.admins');
    assert.equal((await select('input.user.name in r.admins')).short, 'true');
    assert.equal((await select('some x in input.xs\n\tx > data.limit')).short, '{"x": 3}');
    assert.equal((await query('double(input.xs[i])')).value, '[\n  {\n    "i": 0\n  },\n  {\n    "i": 1\n  }\n]');
    assert.equal((await query('double(4) > 9')).short, 'false');
    assert.equal((await query('[double(1), double(2)]')).short, '[2, 4]');
  });

  await t.test(
    'takes rules that are selected as a whole for rules, and a mere cursor for the rule around it',
    async () => {
      const head = await select('deny contains "never"');
      assert.equal(head.query, 'data.team.policy.deny');
      const whole = await select('\n\ndeny contains "never" if input.never\n\n');
      assert.equal(whole.query, 'data.team.policy.deny');
      assert.equal((await select('package team.policy')).query, 'data.team.policy');
      assert.equal(
        (await select('exact := 12345678901234567890123\n\nbad := json.unmarshal("{")')).query,
        'data.team.policy',
      );
      const at = { line: 8, character: 3 };
      const cursor = await ask('work/team/policy.rego', {
        target: { kind: 'selection', range: { start: at, end: at } },
      });
      assert.equal(cursor.query, 'data.team.policy.allow');
    },
  );

  await t.test('says what is wrong with a selection, at its place in the module', async () => {
    const unsafe = await select('sprintf("%d is too large", [x])');
    assert.equal(unsafe.outcome, 'error');
    assert.match(unsafe.short, /var x is unsafe: the selection does not say what it is/);
    assert.deepEqual(unsafe.problems[0]?.place, {
      uri: client.uri('work/team/policy.rego'),
      range: { start: { line: 14, character: 36 }, end: { line: 14, character: 37 } },
    });
    const broken = await select('user.name in');
    assert.equal(broken.outcome, 'error');
    assert.equal(broken.problems[0]?.place?.range.start.line, 8);
    assert.match((await query(' ')).short, /query is empty/);
  });

  await t.test('says that a function needs a call, and that there is no rule', async () => {
    const line = policy.text.split('\n').indexOf('double(x) := 2 * x');
    assert.match((await rule('work/team/policy.rego', line)).short, /double is a function: select a call/);
    assert.match((await rule('work/team/policy.rego', 1)).short, /no rule at this place/);
  });

  await t.test('quotes names that are no words of Rego', async () => {
    const line = policy.text.split('\n').findIndex((text) => text.startsWith('names['));
    const named = await rule('work/team/policy.rego', line, {
      input: { from: 'text', text: '{"user": {"full name": "Ann Example"}}', name: 'typed' },
    });
    assert.equal(named.query, 'data.team.policy.names["with space"]');
    assert.equal(named.short, '"Ann Example"');
  });

  await t.test('tells errors of built-ins, and conflicts with their place', async () => {
    const bad = await query('data.team.policy.bad');
    assert.equal(bad.outcome, 'undefined');
    assert.match(bad.builtinErrors[0]?.message ?? '', /json\.unmarshal/);
    assert.equal(bad.builtinErrors[0]?.place?.range.start.line, 23);
    const conflict = await query('conflict', { input: { from: 'text', text: '{"a": true}', name: 'typed' } });
    assert.equal(conflict.outcome, 'error');
    assert.match(conflict.short, /eval_conflict_error/);
    assert.equal(conflict.problems[0]?.place?.uri, client.uri('work/team/policy.rego'));
  });

  await t.test('tells of a module that does not compile, by file and line', async () => {
    const own = await ask('work/broken.rego', { target: { kind: 'package' } });
    assert.equal(own.outcome, 'error');
    assert.match(own.short, /^broken\.rego:4: /);
    assert.equal(own.problems[0]?.place?.uri, client.uri('work/broken.rego'));
    // It is no matter of others, until they ask for it.
    const asked = await query('data.broken.x');
    assert.equal(asked.outcome, 'error');
    assert.match(asked.short, /^broken\.rego:4: /);
  });

  await t.test('evaluates what is typed, and says of which version', async () => {
    const uri = await client.open('work/top.rego', 'package top\n\nseen := 1\n');
    await client.edit(uri, 'package top\n\nseen := 2\n');
    const answer = await rule('work/top.rego', 2);
    assert.equal(answer.short, '2');
    assert.equal(answer.version, 2);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });

  await t.test('ends in time, and when it is cancelled', async () => {
    const slow = 'count([1 | some x in numbers.range(1, 100000); some y in numbers.range(1, 1000); x == y])';
    const late = await query(slow, { timeoutMs: 30 });
    assert.equal(late.outcome, 'error');
    assert.match(late.short, /longer than 30 ms/);
    const source = new CancellationTokenSource();
    const answer = client.connection.sendRequest(
      evaluate,
      { uri: client.uri('work/top.rego'), target: { kind: 'query', query: slow } },
      source.token,
    );
    source.cancel();
    await assert.rejects(answer, { code: LSPErrorCodes.RequestCancelled });
  });

  await t.test('reaches no network', async () => {
    const sent = await query('http.send({"method": "get", "url": "http://127.0.0.1/"})');
    assert.equal(sent.outcome, 'error');
    assert.match(sent.short, /unsafe built-in function calls in expression: http\.send/);
  });

  await t.test('tells coverage and profile', async () => {
    const covered = await query('double(1)', { coverage: true, profile: true });
    const [file] = covered.coverage?.files.filter(({ uri }) => uri === client.uri('work/team/policy.rego')) ?? [];
    const line = policy.text.split('\n').indexOf('double(x) := 2 * x');
    assert.deepEqual(file?.covered, [line]);
    assert.ok(file?.notCovered.includes(8));
    const [slowest] = covered.profile ?? [];
    assert.ok(slowest && slowest.ms > 0 && slowest.evals >= 1);
    assert.equal(slowest.place.uri, client.uri('work/team/policy.rego'));
    const tests: TestCoverageResult = await client.connection.sendRequest(testCoverage, {
      uri: client.uri('work/team/policy.rego'),
    });
    // One module is broken, so that no test runs: as everywhere, that is said.
    assert.match(tests.problems[0]?.message ?? '', /unexpected eof/);
    assert.equal(tests.coverage, undefined);
  });

  await t.test('evaluates partially', async () => {
    const partial = (text: string, unknowns?: string[]): Promise<EvaluatePartiallyResult> =>
      client.connection.sendRequest(evaluatePartially, {
        uri: client.uri('work/team/policy.rego'),
        target: { kind: 'query', query: text },
        ...(unknowns && { unknowns }),
      });
    assert.deepEqual((await partial('input.user.name in r.admins')).queries, ['input.user.name in {"ann"}']);
    assert.deepEqual((await partial('data.limit > 2')).queries, []);
    assert.match((await partial('data.limit > 2', ['data.limit'])).queries.join(), /data\.limit/);
    const wrong = await partial('nowhere > 2');
    assert.match(wrong.problems[0]?.message ?? '', /var nowhere is unsafe/);
  });

  await t.test('shows the stages of the compiler', async () => {
    const { stages, problems }: CompilerStagesResult = await client.connection.sendRequest(compilerStages, {
      uri: client.uri('work/team/policy.rego'),
    });
    assert.deepEqual(problems, []);
    assert.equal(stages[0]?.name, 'ParseModule');
    assert.ok(stages.some(({ name, text }) => name === 'ResolveRefs' && text.includes('data.lib.roles.admins')));
    const broken: CompilerStagesResult = await client.connection.sendRequest(compilerStages, {
      uri: client.uri('work/broken.rego'),
    });
    assert.match(broken.problems[0]?.message ?? '', /unexpected eof/);
  });

  await t.test('makes an input to begin with', async () => {
    const { text }: InputSkeletonResult = await client.connection.sendRequest(inputSkeleton, {
      uri: client.uri('work/team/policy.rego'),
    });
    assert.deepEqual(JSON.parse(text), {
      user: { name: null, 'full name': null },
      xs: null,
      never: null,
      a: null,
    });
  });

  await t.test('knows nothing of what is no module', async () => {
    await assert.rejects(ask('work/data.json', { target: { kind: 'package' } }), /no Rego module/);
    await assert.rejects(ask('work/nothing.rego', { target: { kind: 'package' } }), /no Rego module/);
  });
});

test('an edit meanwhile begins it anew', async (t) => {
  let edits = 0;
  const client = await startClient(t, {
    folders: { work: { 'a.rego': 'package a\n\nx := 0\n' } },
    runtime: {
      async readFile() {
        edits += 1;
        if (edits <= 2) await client.edit(client.uri('work/a.rego'), `package a\n\nx := ${edits}\n`);
        // Until the server has it.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return undefined;
      },
    },
  });
  const uri = await client.open('work/a.rego', 'package a\n\nx := 0\n');
  const answer: EvaluateResult = await client.connection.sendRequest(evaluate, { uri, target: { kind: 'package' } });
  assert.equal(answer.short, '{"x": 2}');
  assert.equal(answer.version, 3);
});

test('a custom rule of Regal is evaluated among Regal’s own', async (t) => {
  const rule = [
    'package custom.regal.rules.naming.short',
    '',
    'import data.regal.ast',
    '',
    'names := [ast.ref_to_string(rule.head.ref) | some rule in input.rules]',
    '',
  ].join('\n');
  const client = await startClient(t, {
    folders: { work: { '.regal/rules/short.rego': rule, 'a.rego': 'package a\n\nx.y := 1\n' } },
  });
  const answer: EvaluateResult = await client.connection.sendRequest(evaluate, {
    uri: client.uri('work/.regal/rules/short.rego'),
    target: { kind: 'rule', position: { line: 4, character: 0 } },
    input: { from: 'file', uri: client.uri('work/a.rego') },
  });
  assert.equal(answer.short, '["x.y"]', JSON.stringify(answer));
});

test('nothing is evaluated in an untrusted workspace', async (t) => {
  const client = await startClient(t, { folders: { work: { 'a.rego': 'package a\n\nx := 1\n' } }, trusted: false });
  const uri = client.uri('work/a.rego');
  const target = { kind: 'package' };
  await assert.rejects(
    client.connection.sendRequest(evaluate, { uri, target }),
    /Evaluating needs a trusted workspace/,
  );
  await assert.rejects(client.connection.sendRequest(evaluatePartially, { uri, target }), /needs a trusted workspace/);
  await assert.rejects(client.connection.sendRequest(testCoverage, { uri }), /needs a trusted workspace/);
  await assert.rejects(
    client.connection.sendRequest('workspace/executeCommand', {
      command: 'countersign.evaluate',
      arguments: [{ uri, target }],
    }),
    /needs a trusted workspace/,
  );
  assert.equal(client.engines.length, 0);
  await client.connection.sendNotification('countersign/trustGranted');
  const answer: EvaluateResult = await client.connection.sendRequest(evaluate, { uri, target });
  assert.equal(answer.short, '{"x": 1}');
});
