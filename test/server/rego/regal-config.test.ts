/** Regal's configuration in the editor: its rules, levels and options. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionList, Hover } from 'vscode-languageserver/node';
import { ruleHelp } from '../../../server/config/regal-rule-help.ts';
import { regalRules } from '../../../server/rego/regal-rules.ts';
import { marked } from '../marks.ts';
import { startClient } from '../support.ts';

test('rules by category, levels and options are completed and explained', async (t) => {
  const client = await startClient(t, { folders: { repo: {} } });
  let version = 0;
  const ask = async <R>(method: string, source: string, path = `repo/${++version}/.regal/config.yaml`): Promise<R> => {
    const { text, cursors } = marked(source);
    const uri = await client.open(path, text);
    return client.connection.sendRequest(method, { textDocument: { uri }, position: cursors[0] });
  };
  const labels = async (source: string, path?: string) =>
    (await ask<CompletionList | null>('textDocument/completion', source, path))?.items.map(({ label }) => label) ?? [];
  assert.deepEqual(await labels('<|>'), ['rules', 'ignore', 'project', 'capabilities', 'features']);
  assert.deepEqual(await labels('rules:\n  <|>\n', 'repo/.regal.yaml'), ['default', ...Object.keys(regalRules)]);
  const bugs = await labels('rules:\n  bugs:\n    constant-condition:\n      level: error\n    <|>\n');
  assert.deepEqual(bugs, ['default', ...(regalRules.bugs ?? []).filter((rule) => rule !== 'constant-condition')]);
  assert.deepEqual(await labels('rules:\n  style:\n    line-length:\n      level: <|>\n'), [
    'error',
    'warning',
    'ignore',
  ]);
  assert.deepEqual(await labels('rules:\n  style:\n    line-length:\n      <|>\n'), [
    'level',
    'max-line-length',
    'non-breakable-word-threshold',
    'ignore',
  ]);
  assert.deepEqual(await labels('rules:\n  custom:\n    my-own:\n      <|>\n'), []);
  const hover = await ask<Hover>('textDocument/hover', 'rules:\n  style:\n    opa-<|>fmt:\n      level: error\n');
  assert.match(JSON.stringify(hover.contents), /opa fmt.*regal\/rules\/style\/opa-fmt/);
  const level = await ask<Hover>('textDocument/hover', 'rules:\n  style:\n    opa-fmt:\n      le<|>vel: error\n');
  assert.match(JSON.stringify(level.contents), /How a violation is told/);
});

test('every rule is explained, and nothing else is', () => {
  assert.deepEqual(Object.keys(ruleHelp).sort(), Object.values(regalRules).flat().sort());
});
