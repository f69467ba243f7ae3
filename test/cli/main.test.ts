import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { createMessageConnection } from 'vscode-jsonrpc/node';
import packageJson from '../../package.json' with { type: 'json' };
import { countersign, entry } from './harness.ts';

const commands = ['init', 'gate', 'check', 'test', 'stamp', 'language-server', 'version'];

test('help and version are there, on stdout, for the whole and for each command', async () => {
  const version = await countersign(['--version']);
  assert.deepEqual(version, { code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  const help = await countersign(['--help']);
  assert.equal(help.code, 0);
  for (const command of commands) {
    assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
    const own = await countersign([command, '--help']);
    assert.equal(own.code, 0, command);
    assert.match(own.stdout, new RegExp(`^Usage: countersign ${command}\\b`));
    assert.equal(own.stderr, '');
  }
});

test('versions of the engine and what it links', async () => {
  const ran = await countersign(['version', '--format', 'json']);
  assert.equal(ran.code, 0, ran.stderr);
  const versions = JSON.parse(ran.stdout) as Record<string, string>;
  assert.equal(versions.countersign, packageJson.version);
  for (const part of ['engine', 'opa', 'regal', 'go', 'build']) assert.ok(versions[part], part);
});

test('misuse is exit 2, told on stderr', async () => {
  for (const args of [[], ['nonsense'], ['--nonsense'], ['check', '--format', 'xml'], ['gate', 'stray']]) {
    const ran = await countersign(args);
    assert.equal(ran.code, 2, args.join(' '));
    assert.equal(ran.stdout, '', args.join(' '));
    assert.notEqual(ran.stderr, '', args.join(' '));
  }
});

test('the language server wants to know how to talk', async () => {
  const ran = await countersign(['language-server']);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /--stdio/);
});

test('the language server answers on stdio and ends when it is told to', async () => {
  const server = spawn(process.execPath, [entry, 'language-server', '--stdio']);
  const connection = createMessageConnection(server.stdout, server.stdin);
  connection.listen();
  const ended = new Promise((resolve) => server.on('close', resolve));
  const initialized: { capabilities?: object } = await connection.sendRequest('initialize', {
    processId: null,
    rootUri: null,
    capabilities: {},
  });
  assert.ok(initialized.capabilities);
  await connection.sendNotification('initialized', {});
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  assert.equal(await ended, 0);
});
