/** Modules that nest as deep as the parser goes, and deeper, in a server with the stack that Node gives it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionList, Diagnostic, DocumentSymbol } from 'vscode-languageserver/node';
import { maxDepth } from '../../../server/rego/syntax/parser.ts';
import { type Client, pushedClient, startClient } from '../support.ts';

/** What is repeated around a variable, how deep that is in nodes, and what comes before and behind all. */
const nests: Record<string, [open: string, close: string, nodes: number, before?: string, behind?: string]> = {
  arrays: ['[', ']', 1],
  parentheses: ['(', ')', 1],
  sets: ['{', '}', 1],
  objects: ['{"a": ', '}', 1],
  calls: ['count(', ')', 1],
  references: ['data.q[', ']', 1],
  sums: ['[1 + ', ']', 1],
  comprehensions: ['[y | y := ', ']', 2],
  quantifiers: ['every y in b { ', ' }', 1, 'deep if { ', ' }'],
  negations: ['not { ', ' }', 1, 'deep if ', ''],
  groups: ['(1 or ', ')', 1, 'deep if ', ''],
  templates: ['$"{', '}"', 2],
  mixed: ['[({"a": count(data.q[', '])})]', 5],
};

const module = (name: string, depth: number): string => {
  const [open, close, nodes, before = 'deep := ', behind = ''] = nests[name]!;
  const times = Math.floor(depth / nodes);
  const deep = `${before}${open.repeat(times)}b${close.repeat(times)}${behind}`;
  return `package p\n\nimport future.keywords\n\nb := 1\n\n${deep}\n\nafter if b\n`;
};

async function open(client: Client, name: string, text: string): Promise<{ uri: string; found: Diagnostic[] }> {
  const uri = await client.open(`w/${name}.rego`, text);
  const { diagnostics } = await client.published(uri, () => true);
  return { uri, found: diagnostics };
}

/** Asks all that walks trees; each answers, and with what lies around the nest. */
async function askAll(client: Client, uri: string, text: string): Promise<void> {
  const textDocument = { uri };
  const lines = text.split('\n');
  const row = lines.findIndex((line) => line.startsWith('deep'));
  const range = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
  const middle = /(?<=\W)b(?=\W*$|\W*\}|\W*\))/.exec(lines[row]!)?.index ?? 0;
  const ask = <R>(method: string, params: object = {}): Promise<R> =>
    client.connection.sendRequest(`textDocument/${method}`, { textDocument, ...params });
  const symbols = await ask<DocumentSymbol[]>('documentSymbol');
  assert.ok(JSON.stringify(symbols).includes('"after"'));
  for (const method of ['foldingRange', 'semanticTokens/full', 'codeLens', 'documentLink']) await ask(method);
  await ask('inlayHint', { range });
  await ask('codeAction', { range, context: { diagnostics: [] } });
  await ask('codeAction', {
    range: { start: { line: row, character: middle }, end: { line: row, character: middle + 1 } },
    context: { diagnostics: [] },
  });
  await ask('formatting', { options: { tabSize: 2, insertSpaces: false } }).catch((error: Error) =>
    assert.doesNotMatch(error.message, /call stack/),
  );
  for (const position of [
    { line: row, character: middle },
    { line: row, character: 2 },
    { line: 4, character: 0 },
  ]) {
    for (const method of ['hover', 'definition', 'documentHighlight', 'signatureHelp', 'linkedEditingRange']) {
      await ask(method, { position });
    }
    await ask('references', { position, context: { includeDeclaration: true } });
    await ask('prepareCallHierarchy', { position });
    await ask('selectionRange', { positions: [position] });
    const { items } = await ask<CompletionList>('completion', { position });
    assert.ok(Array.isArray(items));
  }
  const renamed = await ask('rename', { position: { line: 4, character: 0 }, newName: 'other' });
  assert.ok(renamed);
}

test('all that the editor asks about a module that nests as deep as may be', async (t) => {
  const client = await startClient(t, { folders: { w: {} }, capabilities: pushedClient, process: true });
  for (const name of Object.keys(nests)) {
    await t.test(name, async () => {
      const text = module(name, maxDepth - 10);
      const { uri, found } = await open(client, name, text);
      assert.ok(!found.some(({ message }) => JSON.stringify(message).includes('nested')), JSON.stringify(found));
      await askAll(client, uri, text);
    });
  }
});

test('what nests deeper is told so, and the rules around it are known', async (t) => {
  const client = await startClient(t, { folders: { w: {} }, capabilities: pushedClient, process: true });
  for (const name of Object.keys(nests)) {
    await t.test(name, async () => {
      const text = module(name, 20 * maxDepth);
      const { uri, found } = await open(client, name, text);
      assert.match(found.map(({ message }) => message).join('\n'), new RegExp(`nested more than ${maxDepth} deep`));
      await askAll(client, uri, text);
    });
  }
});
