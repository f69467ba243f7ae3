/** A workspace of many modules, asked before all of them have been read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Location, WorkspaceEdit, WorkspaceSymbol } from 'vscode-languageserver/node';
import { startClient } from '../support.ts';

const count = 300;
const module = (at: number) =>
  `package m${at}\n\nimport data.lib\n\nallow if lib.ok(input.n${at})\n\nonly_${at} := ${at % 7 === 0 ? 'lib.rare' : at}\n`;

test('answers are whole from the first request on, and stay so while one types', async (t) => {
  const policy = Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}.rego`, module(at)]));
  const lib = 'package lib\n\nok(x) if x\n\nrare := 1\n';
  const client = await startClient(t, { folders: { policy: { ...policy, 'lib.rego': lib } } });
  const uri = await client.open('policy/lib.rego', lib);
  const at = (line: number) => ({ textDocument: { uri }, position: { line, character: 1 } });
  const ask = <R>(method: string, params: object): Promise<R> => client.connection.sendRequest(method, params);
  const references = (line: number) =>
    ask<Location[]>('textDocument/references', { ...at(line), context: { includeDeclaration: false } });

  const first = Promise.all([references(2), references(4)]);
  await client.edit(uri, `${lib}\nother := 1\n`);
  const [ok, rare] = await first;
  assert.deepEqual([ok.length, rare.length], [count, Math.ceil(count / 7)]);
  const edit = await ask<WorkspaceEdit>('textDocument/rename', { ...at(2), newName: 'fine' });
  assert.equal(edit.documentChanges?.length, count + 1);
  const symbols = await ask<WorkspaceSymbol[]>('workspace/symbol', { query: 'm299.only' });
  assert.deepEqual(
    symbols.map(({ name }) => name),
    ['only_299'],
  );

  const other = await client.open('policy/m8.rego', `${module(8)}\nmore := lib.rare\n`);
  assert.equal((await references(4)).length, Math.ceil(count / 7) + 1);
  await client.edit(other, module(8));
  assert.equal((await references(4)).length, Math.ceil(count / 7));
});
