import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeLens, Location } from 'vscode-languageserver';
import type { EvaluateResult, LensTarget } from '../../../../server/protocol.ts';
import { type Client, pullingClient, startClient } from '../../support.ts';

const policy = `package team.policy

import data.lib.roles

default allow := false

allow if input.user in roles.admins

double(x) := 2 * x

by["a b"].c := double(1) if allow

deny contains "no" if not allow
`;

const folders = {
  work: {
    'lib/roles.rego': 'package lib.roles\n\nadmins contains "ann"\n',
    'team/policy.rego': policy,
    'team/policy_test.rego':
      'package team.policy_test\n\nimport data.team.policy\n\ntest_allow if policy.allow with input.user as "ann"\n\ntest_bad if policy.allow\n',
    'team/input.json': '{"user": "ann"}',
  },
};

/** `line:character title -> command`, each lens resolved as an editor does it. */
async function shown(client: Client, uri: string): Promise<string[]> {
  const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
  const resolved = lenses.map((lens): Promise<CodeLens> | CodeLens =>
    lens.command ? lens : client.connection.sendRequest('codeLens/resolve', lens),
  );
  return (await Promise.all(resolved)).map(({ range: { start }, command }) => {
    return `${start.line}:${start.character} ${command?.title} -> ${command?.command}`;
  });
}

test('code lenses of a module', async (t) => {
  const client = await startClient(t, { folders, lensCommands: true });
  const uri = await client.open('work/team/policy.rego', policy);

  await t.test('evaluate, and count references', async () => {
    assert.deepEqual(await shown(client, uri), [
      '0:8 Evaluate -> countersign.rego.evaluate',
      '0:8 3 references -> countersign.rego.showReferences',
      '4:8 Evaluate -> countersign.rego.evaluate',
      '4:8 4 references -> countersign.rego.showReferences',
      '8:0 1 reference -> countersign.rego.showReferences',
      '10:0 Evaluate -> countersign.rego.evaluate',
      '10:0 0 references -> countersign.rego.showReferences',
      '12:0 Evaluate -> countersign.rego.evaluate',
      '12:0 0 references -> countersign.rego.showReferences',
    ]);
  });

  await t.test('count only when they are seen', async () => {
    const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ['Evaluate', undefined, 'Evaluate', undefined, undefined, 'Evaluate', undefined, 'Evaluate', undefined],
    );
  });

  await t.test('run tests', async () => {
    const tests = client.uri('work/team/policy_test.rego');
    assert.deepEqual(await shown(client, tests), [
      '0:8 Evaluate -> countersign.rego.evaluate',
      '0:8 Run Tests -> countersign.rego.runTests',
      '0:8 0 references -> countersign.rego.showReferences',
      '4:0 Evaluate -> countersign.rego.evaluate',
      '4:0 Run Test -> countersign.rego.runTests',
      '6:0 Evaluate -> countersign.rego.evaluate',
      '6:0 Run Test -> countersign.rego.runTests',
    ]);
  });

  await t.test('run no tests of custom rules, which Regal runs', async () => {
    const rules = await client.open(
      'work/.regal/rules/a_test.rego',
      'package custom.regal.rules.x.a_test\n\ntest_a if true\n',
    );
    assert.deepEqual(await shown(client, rules), [
      '0:8 Evaluate -> countersign.rego.evaluate',
      '0:8 0 references -> countersign.rego.showReferences',
      '2:0 Evaluate -> countersign.rego.evaluate',
    ]);
  });

  await t.test('stay in a module that is broken while it is written', async () => {
    await client.edit(uri, policy.replace('double(x) := 2 * x', 'double(x) := '));
    assert.ok((await shown(client, uri)).includes('4:8 Evaluate -> countersign.rego.evaluate'));
    await client.edit(uri, policy);
  });

  await t.test('are none for what is no module', async () => {
    const data = client.uri('work/team/input.json');
    assert.equal(await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: data } }), null);
  });
});

test('each kind of code lens has its setting', async (t) => {
  const settings = { codeLens: { evaluate: false, tests: true, references: false } };
  const client = await startClient(t, { folders, lensCommands: true, settings });
  assert.deepEqual(await shown(client, client.uri('work/team/policy.rego')), []);
  assert.deepEqual(await shown(client, client.uri('work/team/policy_test.rego')), [
    '0:8 Run Tests -> countersign.rego.runTests',
    '4:0 Run Test -> countersign.rego.runTests',
    '6:0 Run Test -> countersign.rego.runTests',
  ]);
  settings.codeLens = { evaluate: false, tests: false, references: true };
  const [lens] = await shown(client, client.uri('work/team/policy_test.rego'));
  assert.match(lens ?? '', /0 references/);
});

test('clients that are told when to ask again are told after changes elsewhere, and of settings', async (t) => {
  const capabilities = {
    ...pullingClient,
    workspace: { ...pullingClient.workspace, codeLens: { refreshSupport: true } },
  };
  const client = await startClient(t, { folders, lensCommands: true, capabilities });
  let refreshed = 0;
  client.connection.onRequest('workspace/codeLens/refresh', () => {
    refreshed += 1;
    return null;
  });
  const uri = client.uri('work/team/policy.rego');
  const other = await client.open('work/other.rego', 'package other\n');
  await shown(client, uri);
  assert.equal(refreshed, 0);
  await client.edit(other, 'package other\n\nimport data.team.policy\n\nx if policy.allow\n');
  // While somebody types, nothing is counted anew.
  assert.ok((await shown(client, uri)).includes('4:8 4 references -> countersign.rego.showReferences'));
  await client.until(() => refreshed === 1);
  assert.ok((await shown(client, uri)).includes('4:8 5 references -> countersign.rego.showReferences'));
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await client.until(() => refreshed === 2);
});

test('other editors are given the commands of the server', async (t) => {
  const client = await startClient(t, { folders });
  const told: string[] = [];
  client.connection.onNotification('window/showMessage', ({ message }) => void told.push(message));
  assert.deepEqual(client.initialized.capabilities.codeLensProvider, { resolveProvider: true });
  const { commands } = client.initialized.capabilities.executeCommandProvider ?? { commands: [] };
  for (const name of ['evaluate', 'test', 'references']) assert.ok(commands.includes(`countersign.${name}`), name);
  const run = <R>(command: string, ...args: unknown[]): Promise<R> =>
    client.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
  const uri = client.uri('work/team/policy.rego');
  const tests = client.uri('work/team/policy_test.rego');
  const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });

  await t.test('evaluate', async () => {
    const rule = lenses.find(({ range, command }) => command && range.start.line === 4)?.command;
    assert.equal(rule?.command, 'countersign.evaluate');
    const result = await run<EvaluateResult>(rule?.command ?? '', ...(rule?.arguments ?? []));
    assert.equal(result.short, 'true');
    await client.until(() => told.length === 1);
    assert.equal(told.pop(), 'data.team.policy.allow (team/input.json) = true');
    const args = { uri, target: { kind: 'package' }, input: { from: 'none' } };
    assert.equal(
      (await run<EvaluateResult>('countersign.evaluate', args)).short,
      '{"allow": false, "by": {"a b": {}}, "deny": ["no"]}',
    );
    assert.deepEqual(told, []);
    await run('countersign.evaluate', { uri, target: { kind: 'query', query: 'nowhere' }, show: true });
    await client.until(() => told.length === 1);
    assert.match(told.pop() ?? '', /^nowhere \(team\/input\.json\): var nowhere is unsafe/);
    await run('countersign.evaluate', { uri, target: { kind: 'query', query: 'data.none' }, show: true });
    await client.until(() => told.length === 1);
    assert.match(told.pop() ?? '', /^data\.none \(team\/input\.json\) is undefined$/);
  });

  await t.test('test', async () => {
    const one = await run<{ name: string; outcome: string }[]>('countersign.test', { uri: tests, test: 'test_allow' });
    assert.deepEqual(
      one.map(({ name, outcome }) => `${name} ${outcome}`),
      ['test_allow pass'],
    );
    const all = await run<{ name: string; outcome: string }[]>('countersign.test', { uri: tests, show: true });
    assert.deepEqual(
      all.map(({ name, outcome }) => `${name} ${outcome}`),
      ['test_allow pass', 'test_bad fail'],
    );
    await client.until(() => told.length === 1);
    assert.match(told.pop() ?? '', /^1 of 2 tests failed\.\ntest_bad: /);
  });

  await t.test('references', async () => {
    const count = lenses.find(({ range, command }) => !command && range.start.line === 4) as CodeLens;
    const { command }: CodeLens = await client.connection.sendRequest('codeLens/resolve', count);
    assert.equal(command?.command, 'countersign.references');
    const found = await run<Location[]>(command?.command ?? '', ...(command?.arguments ?? []));
    assert.equal(found.length, 4);
  });

  await t.test('what is wrong with a call is said', async () => {
    await assert.rejects(run('countersign.nothing'), /There is no command countersign\.nothing/);
    await assert.rejects(run('toString'), /There is no command toString/);
    await assert.rejects(run('countersign.evaluate'), /takes one argument: \{ uri, target, input\? \}/);
    await assert.rejects(run('countersign.test', {}), /takes one argument: \{ uri, test\? \}/);
    await assert.rejects(run('countersign.references', { uri } satisfies LensTarget), /\{ uri, position \}/);
  });
});

test('lenses in blocks of YAML are about their block', async (t) => {
  const template = (name: string) => `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: ${name}
spec:
  crd:
    spec:
      names:
        kind: ${name}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package ${name}

        violation[{"msg": "${name}"}] { owned }

        owned { true }
`;
  const client = await startClient(t, { folders: { work: {} } });
  const uri = await client.open('work/templates.yaml', `${template('first')}---\n${template('second')}`);
  const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
  const second = lenses.filter(({ range }) => range.start.line > 17);
  const [whole, count] = second;
  assert.equal(whole?.command?.title, 'Evaluate');
  const { command = '', arguments: given = [] } = whole?.command ?? {};
  const answer: EvaluateResult = await client.connection.sendRequest('workspace/executeCommand', {
    command,
    arguments: [{ ...given[0], show: false }],
  });
  assert.equal(answer.query, 'data.second', answer.short);
  assert.equal(answer.short, '{"owned": true, "violation": [{"msg": "second"}]}');
  assert.equal(answer.places[0]?.start.line, whole?.range.start.line);
  assert.deepEqual(count?.range, whole?.range);
  const owned = lenses.filter(({ command: has, range }) => !has && range.start.line === 34);
  const resolved: CodeLens = await client.connection.sendRequest('codeLens/resolve', owned[0]);
  assert.equal(resolved.command?.title, '1 reference');
});
