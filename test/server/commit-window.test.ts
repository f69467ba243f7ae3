/** A commit hook reaches the client through the server: the real socket, and a client that answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CancellationToken } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { askWindow } from '../../core/prompt-link/ask-window.ts';
import { listenForPrompts } from '../../core/prompt-link/listen.ts';
import type { PromptRequest } from '../../core/prompt-link/messages.ts';
import {
  type AskDisclosureParams,
  type AskDisclosureResult,
  askDisclosure,
  promptShown,
  type WindowStateParams,
  windowState,
} from '../../server/protocol.ts';
import { startClient } from './support.ts';

async function setUp(t: TestContext, trusted = true) {
  const runtimeFolder = mkdtempSync(join(tmpdir(), 'cs-'));
  t.after(() => rmSync(runtimeFolder, { recursive: true, force: true }));
  const environment = { ...process.env, XDG_RUNTIME_DIR: runtimeFolder, COUNTERSIGN_WINDOW: '' };
  const client = await startClient(t, {
    trusted,
    folders: { repository: {} },
    runtime: { listenForPrompts: (options) => listenForPrompts({ ...options, environment }) },
  });
  const repository = join(client.root, 'repository');
  const request: PromptRequest = {
    repository,
    message: 'Add a\n',
    values: {},
    known: [],
    evidence: [],
    violations: [],
  };
  const state: WindowStateParams = {
    id: 'w',
    terminalPrompt: true,
    focused: true,
    folders: [URI.file(client.root).toString(), 'untitled:not-on-disk'],
  };
  const registered = () => {
    const folder = join(runtimeFolder, 'countersign');
    return readdirSync(runtimeFolder).length > 0 && readdirSync(folder).some((name) => name.endsWith('.json'));
  };
  return {
    client,
    request,
    registered,
    tell: (change: Partial<WindowStateParams> = {}) =>
      client.connection.sendNotification(windowState, { ...state, ...change }),
    ask: (signal?: AbortSignal) => askWindow(request, { waitMs: 20_000, environment, signal }),
  };
}

test('a hook’s question becomes the client’s, and the client’s answer the hook’s', async (t) => {
  const { client, request, registered, tell, ask } = await setUp(t);
  const asked: AskDisclosureParams[] = [];
  client.connection.onRequest<AskDisclosureResult, void>(askDisclosure, async (params: AskDisclosureParams) => {
    asked.push(params);
    await client.connection.sendNotification(promptShown, { id: params.id });
    return { kind: 'values', values: { model: ['one', 'two'] } };
  });
  await tell();
  await client.until(registered);
  assert.deepEqual(await ask(), { kind: 'values', values: { model: ['one', 'two'] } });
  assert.deepEqual(asked[0]?.request, request);
  assert.equal(asked[0]?.repository, URI.file(request.repository).toString());
});

test('a hook that goes away takes the client’s prompt with it', async (t) => {
  const { client, registered, tell, ask } = await setUp(t);
  const hook = new AbortController();
  const withdrawn = new Promise<void>((done) => {
    client.connection.onRequest<AskDisclosureResult, void>(
      askDisclosure,
      (_: AskDisclosureParams, token: CancellationToken) => {
        token.onCancellationRequested(() => done());
        hook.abort(new Error('gone'));
        return new Promise(() => {});
      },
    );
  });
  await tell();
  await client.until(registered);
  await assert.rejects(ask(hook.signal), /gone/);
  await withdrawn;
});

test('a client that fails or declines is no answer', async (t) => {
  const { client, registered, tell, ask } = await setUp(t);
  await tell();
  await client.until(registered);
  // It does not know the request at all.
  assert.equal(await ask(), undefined);
  client.connection.onRequest(askDisclosure, () => null);
  assert.equal(await ask(), undefined);
});

test('nothing listens when it is switched off, or without trust, or after the end', async (t) => {
  const { client, registered, tell, ask } = await setUp(t, false);
  client.connection.onRequest(askDisclosure, () => ({ kind: 'no-ai' }));
  await tell();
  await client.ready();
  assert.equal(registered(), false);
  assert.equal(await ask(), undefined);
  await client.connection.sendNotification('countersign/trustGranted');
  await client.until(registered);
  assert.deepEqual(await ask(), { kind: 'no-ai' });
  await tell({ terminalPrompt: false });
  await client.until(() => !registered());
  assert.equal(await ask(), undefined);
  await tell();
  await client.until(registered);
  await client.stop();
  assert.equal(registered(), false);
});
