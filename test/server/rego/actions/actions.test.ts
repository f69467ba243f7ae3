/** How code actions are announced, filtered and resolved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CodeAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeActionTriggerKind,
} from 'vscode-languageserver/node';
import { codeActions } from '../../../../server/rego/actions/actions.ts';
import { regoActionKinds } from '../../../../server/rego/actions/kinds.ts';
import { pushedClient, startClient } from '../../support.ts';
import { fixture } from '../rego-support.ts';
import { titles, workspace } from './action-support.ts';

test('actions are announced with their kinds, at once or for Rego alone', async (t) => {
  const announced = { codeActionKinds: regoActionKinds, resolveProvider: true };
  const { client } = await workspace(t);
  await client.until(() => client.registrations.some(({ method }) => method === 'textDocument/codeAction'));
  const registered = client.registrations.filter(({ method }) => method === 'textDocument/codeAction');
  assert.deepEqual(registered[0]?.options, { documentSelector: [{ language: 'rego' }], ...announced });
  assert.equal(client.initialized.capabilities.codeActionProvider, undefined);
  const other = await startClient(t, { capabilities: pushedClient });
  assert.deepEqual(other.initialized.capabilities.codeActionProvider, announced);
});

test('what is asked for is answered: kinds, and nothing of whole files for a lightbulb', async (t) => {
  const { open, client } = await workspace(t);
  const module = await open('p.rego', 'package p\n\nimport data.a\n\nx if [|count(input.x)|] > a\n');
  const kindsFor = async (context: object) => {
    const params = { textDocument: { uri: module.uri }, range: module.range, context: { diagnostics: [], ...context } };
    const actions = (await client.connection.sendRequest(CodeActionRequest.type, params)) as CodeAction[];
    return [...new Set(actions.map(({ kind }) => kind))].sort();
  };
  const refactor = ['refactor.extract.function', 'refactor.extract.variable', 'refactor.rewrite'];
  const source = ['source.createTest', 'source.fixAll.countersign', 'source.organizeImports'];
  assert.deepEqual(await kindsFor({}), [...refactor.slice(0, 2), ...source]);
  assert.deepEqual(await kindsFor({ triggerKind: CodeActionTriggerKind.Automatic }), refactor.slice(0, 2));
  assert.deepEqual(await kindsFor({ only: ['refactor.extract.variable'] }), ['refactor.extract.variable']);
  assert.deepEqual(await kindsFor({ only: ['source.organizeImports', 'source.fixAll'] }), source.slice(1));
  assert.deepEqual(await kindsFor({ only: ['refactor.move'] }), []);
});

test('an action of a text that has changed is not resolved', async (t) => {
  const { open, client } = await workspace(t);
  const module = await open('p.rego', 'package p\n\nx   := 1\n');
  const [action] = await module.actions({ only: ['source.fixAll'] });
  assert.ok(action?.data && !action.edit);
  await client.edit(module.uri, 'package p\n\nx   := 2\n');
  await assert.rejects(client.connection.sendRequest(CodeActionResolveRequest.type, action), { code: -32801 });
});

test('broken modules have actions, too, and none of them fails', async (t) => {
  const { open } = await workspace(t);
  const whole =
    'package p\n\nimport data.a\n\n# METADATA\n# title: x\nx contains y if {\n\tsome y in input.ys\n\tnot a[y]\n\tz := $"{y}"\n\tf(z)\n}\n';
  for (let length = 0; length < whole.length; length += 3) {
    const text = whole.slice(0, length);
    const at = Math.max(0, length - (length % 20));
    const module = await open('p.rego', `${text.slice(0, at)}[|${text.slice(at)}|]`);
    assert.ok(Array.isArray(await module.actions()), text);
  }
});

test('VS Code opens the page of a rule', async () => {
  const { root, path } = fixture({ 'p.rego': 'package p\n\n<|>x = 1\n' });
  const snapshot = {
    folders: [{ uri: root.base, disk: root.files, inherited: [], ignored: () => false }],
    roots: new Map([[root.id, root]]),
  };
  const client = { resolves: true, disabled: true, documentChanges: true, creates: true, renames: true };
  const range = { start: { line: 2, character: 2 }, end: { line: 2, character: 3 } };
  const href = 'https://www.openpolicyagent.org/projects/regal/rules/style/use-assignment-operator';
  const code = 'style/use-assignment-operator';
  const diagnostics = [{ range, message: '', source: 'regal', code, codeDescription: { href } }];
  const offered = async (opensLinks: boolean) => {
    const request = { snapshot, client: { ...client, opensLinks }, builtins: async () => new Map() };
    const params = {
      textDocument: { uri: `${root.base}/${path}` },
      range,
      context: { diagnostics, only: ['quickfix'] },
    };
    return (await codeActions(request as never, params)) ?? [];
  };
  const page = 'Show the page of use-assignment-operator';
  const [action] = (await offered(true)).filter(({ title }) => title === page);
  assert.deepEqual(action?.command, { title: page, command: 'vscode.open', arguments: [href] });
  assert.ok(!titles(await offered(false)).includes(page));
});
