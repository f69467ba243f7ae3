/** The server in editors that are not VS Code, with what they say they can. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCapabilities, Hover, InlayHint } from 'vscode-languageserver/node';
import { startClient } from './support.ts';

/**
 * What Helix says, as far as the server asks:
 * https://github.com/helix-editor/helix/blob/079a789e8/helix-lsp/src/client.rs (initialize)
 */
const helix: ClientCapabilities = {
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: false },
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
    inlayHint: { refreshSupport: false },
    diagnostics: { refreshSupport: true },
  },
  textDocument: {
    completion: { completionItem: { snippetSupport: true, insertReplaceSupport: true } },
    hover: { contentFormat: ['markdown'] },
    formatting: { dynamicRegistration: false },
    codeAction: {},
    diagnostic: { dynamicRegistration: false, relatedDocumentSupport: true },
    publishDiagnostics: { versionSupport: true },
    inlayHint: { dynamicRegistration: false },
  },
  window: { workDoneProgress: true },
  general: { positionEncodings: ['utf-8', 'utf-32', 'utf-16'] },
};

test('Helix gets diagnostics, formatting, hover and completion, and is registered nothing that it cannot register', async (t) => {
  const config = 'version: 1\ntrailers:\n  model: AI-Model\n';
  const client = await startClient(t, {
    process: true,
    capabilities: helix,
    folders: { repository: { '.countersign/config.yaml': config } },
    // Helix answers with the part of its `config` that the section names.
    settings: { rego: { version: 'v0' } },
  });
  const { capabilities } = client.initialized;
  assert.equal(capabilities.positionEncoding, 'utf-16');
  for (const provider of [
    'documentFormattingProvider',
    'hoverProvider',
    'completionProvider',
    'codeActionProvider',
    'inlayHintProvider',
  ] as const) {
    assert.ok(capabilities[provider], provider);
  }

  const module = await client.open('repository/p.rego', 'package p\nallow {  input.x }\nmy_if if { input.x }\n');
  const { diagnostics } = await client.published(module, (found) => found.length > 0);
  assert.deepEqual(
    [...new Set(diagnostics.map(({ range }) => range.start.line))],
    [2],
    'read as v0, as the setting says',
  );
  await client.edit(module, 'package p\nallow {  input.x }\n');
  await client.published(module, (found) => found.every(({ source }) => source !== 'opa'));
  const edits = await client.connection.sendRequest('textDocument/formatting', {
    textDocument: { uri: module },
    options: { tabSize: 4, insertSpaces: false },
  });
  assert.ok(Array.isArray(edits) && edits.length > 0);

  const yaml = await client.open('repository/.countersign/config.yaml', config);
  const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
    textDocument: { uri: yaml },
    position: { line: 1, character: 2 },
  });
  assert.ok(hover);
  const other = await client.open('repository/values.yaml', 'b:   1\n');
  const none = await client.connection.sendRequest('textDocument/formatting', {
    textDocument: { uri: other },
    options: { tabSize: 2, insertSpaces: true },
  });
  assert.equal(none, null, 'other YAML is left alone');
  const hints: InlayHint[] | null = await client.connection.sendRequest('textDocument/inlayHint', {
    textDocument: { uri: module },
    range: { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } },
  });
  assert.ok(hints === null || hints.length === 0);

  assert.deepEqual([...new Set(client.registrations.map(({ method }) => method))], ['workspace/didChangeWatchedFiles']);
  await client.stop();
});
