import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SemanticTokens, SemanticTokensDelta } from 'vscode-languageserver';
import { tokenEdits } from '../../../server/rego/semantic-delta.ts';
import { startClient } from '../support.ts';

function apply(data: readonly number[], edits: SemanticTokensDelta['edits']): number[] {
  const out = [...data];
  for (const { start, deleteCount, data: put = [] } of edits) out.splice(start, deleteCount, ...put);
  return out;
}

test('edits make the new tokens of the old ones, and touch whole tokens only', () => {
  const token = fc.tuple(...[3, 9, 4, 3, 2].map((max) => fc.nat(max)));
  const tokens = fc.array(token, { maxLength: 12 }).map((all) => all.flat());
  fc.assert(
    fc.property(tokens, tokens, tokens, tokens, (head, before, now, tail) => {
      const [old, next] = [
        [...head, ...before, ...tail],
        [...head, ...now, ...tail],
      ];
      const edits = tokenEdits(old, next);
      assert.deepEqual(apply(old, edits), next);
      for (const { start, deleteCount } of edits) assert.ok(start % 5 === 0 && deleteCount % 5 === 0);
    }),
  );
  assert.deepEqual(tokenEdits([0, 0, 1, 0, 0], [0, 0, 1, 0, 0]), []);
});

test('a client that has the tokens is sent what changed; one that has others, all of them', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  assert.deepEqual(client.initialized.capabilities.semanticTokensProvider?.full, { delta: true });
  const text = 'package p\n\na := input.x\n\nb if a\n';
  const uri = await client.open('policy/p.rego', text);
  const params = { textDocument: { uri } };
  const first = await client.connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/full', params);
  await client.edit(uri, text.replace('input.x', 'input.x + 1\n\nc := input.y'));
  const delta = await client.connection.sendRequest<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', {
    ...params,
    previousResultId: first.resultId,
  });
  const all = await client.connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/full', params);
  assert.equal(delta.edits.length, 1);
  assert.deepEqual(apply(first.data, delta.edits), all.data);
  const other = await client.connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/full/delta', {
    ...params,
    previousResultId: 'nothing',
  });
  assert.deepEqual(other.data, all.data);
});
