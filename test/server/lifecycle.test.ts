/** The server as a process of its own: how it begins and ends, and what it makes of nonsense. */
import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  createProtocolConnection,
  type InitializeResult,
  IPCMessageReader,
  IPCMessageWriter,
} from 'vscode-languageserver/node';
import { serverCommand, startClient } from './support.ts';

test('over stdio: initialize, a diagnostic, shutdown, exit with 0', async (t) => {
  const client = await startClient(t, { folders: { policy: {} }, process: true });
  assert.equal(client.initialized.serverInfo?.name, 'countersign');
  assert.equal(client.initialized.capabilities.positionEncoding, 'utf-16');
  const uri = await client.open('policy/p.rego', 'package p\n\na := b\n');
  assert.equal((await client.pull(uri)).length, 1);
  await client.stop();
  assert.equal(client.process?.exitCode, 0);
});

test('an exit without a shutdown is a failure', async (t) => {
  const client = await startClient(t, { process: true });
  const exited = once(client.process!, 'exit');
  await client.connection.sendNotification('exit');
  assert.deepEqual(await exited, [1, null]);
  client.stop = async () => {};
});

test('a client that goes away without a word takes the server and its engine along', async (t) => {
  const client = await startClient(t, { folders: { policy: {} }, process: true });
  await client.pull(await client.open('policy/p.rego', 'package p\n'));
  const exited = once(client.process!, 'exit');
  client.connection.dispose();
  client.process!.stdin!.destroy();
  await exited;
  client.stop = async () => {};
});

test('a parent process that is gone takes the server along though its pipes stay open', async () => {
  const parent = spawn(process.execPath, ['-e', '']);
  await once(parent, 'exit');
  const child = spawn(process.execPath, serverCommand, { stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  const params = { processId: parent.pid, rootUri: null, capabilities: {} };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await exited;
});

test('over IPC, as VS Code starts it', async () => {
  const child = fork(join(import.meta.dirname, '../../server/node.ts'), ['--node-ipc'], { silent: true });
  const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  connection.listen();
  const params = { processId: process.pid, rootUri: null, capabilities: {}, workspaceFolders: null };
  const { serverInfo } = await connection.sendRequest<InitializeResult>('initialize', params);
  assert.equal(serverInfo?.name, 'countersign');
  await connection.sendRequest('shutdown');
  const exited = once(child, 'exit');
  await connection.sendNotification('exit');
  assert.deepEqual(await exited, [0, null]);
});

test('malformed requests are answered with errors, and the server goes on', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const { connection } = client;
  const nonsense: [string, unknown][] = [
    ['textDocument/formatting', {}],
    ['textDocument/formatting', null],
    ['textDocument/completion', { textDocument: { uri: 5 }, position: 'here' }],
    ['textDocument/hover', { textDocument: {} }],
    ['textDocument/diagnostic', {}],
    ['countersign/disclosureForm', {}],
    ['countersign/validateField', { repository: 'nonsense', field: {}, value: 7 }],
    ['countersign/stampMessage', { repository: 'file:///nowhere' }],
    ['countersign/runTests', 5],
    ['no/such/method', {}],
  ];
  for (const [method, params] of nonsense) {
    await connection.sendRequest(method, params).catch((error: { code?: number }) => {
      assert.equal(typeof error.code, 'number', `${method}: ${error}`);
    });
  }
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: 'file:///not/open', version: 1 },
  });
  await connection.sendNotification('textDocument/didOpen', {});
  await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: 'no uri at all' }] });
  const uri = await client.open('policy/p.rego', 'package p\n\na := b\n');
  assert.equal((await client.pull(uri)).length, 1);
});
