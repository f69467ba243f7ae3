/** The language features of Rego through LSP, as editors ask for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CompletionItem,
  CompletionList,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  LinkedEditingRanges,
  Location,
  LocationLink,
  SelectionRange,
  SemanticTokens,
  SignatureHelp,
  WorkspaceEdit,
  WorkspaceSymbol,
} from 'vscode-languageserver/node';
import { pullingClient, startClient } from '../support.ts';

const main =
  'package p\r\n\r\nimport data.lib.roles\r\n\r\nallow if roles.admin("ann")\r\n\r\nn := concat(", ", ["a"])\r\n\r\nf(x) := x + 1\r\n';
const lib = '\uFEFFpackage lib.roles\n\nadmin(name) if name in {"ann", "bo😀b"}\n';

test('all of it, in a workspace with a byte order mark, CRLF and a folder with a space', async (t) => {
  const client = await startClient(t, {
    folders: { 'my policy': { 'p.rego': main, 'lib/roles.rego': lib } },
    capabilities: {
      ...pullingClient,
      textDocument: {
        ...pullingClient.textDocument,
        declaration: { linkSupport: true },
        definition: { linkSupport: true },
        rename: { prepareSupport: true },
      },
    },
  });
  const uri = await client.open('my policy/p.rego', main);
  const textDocument = { uri };
  const at = (line: number, character: number) => ({ textDocument, position: { line, character } });
  const ask = <R>(method: string, params: object): Promise<R> => client.connection.sendRequest(method, params);

  const links = await ask<LocationLink[]>('textDocument/definition', at(4, 17));
  assert.deepEqual(
    links.map(({ targetUri, targetSelectionRange: { start } }) => [
      decodeURI(targetUri).split('/').slice(-2).join('/'),
      start.line,
    ]),
    [['lib/roles.rego', 2]],
  );
  assert.equal((await ask<LocationLink[]>('textDocument/implementation', at(4, 17))).length, 1);
  const found = await ask<Location[]>('textDocument/references', {
    ...at(4, 17),
    context: { includeDeclaration: true },
  });
  assert.equal(found.length, 2);
  assert.equal((await ask<unknown[]>('textDocument/documentHighlight', at(8, 8))).length, 2);
  assert.match(JSON.stringify((await ask<Hover>('textDocument/hover', at(6, 7))).contents), /Joins a set or array/);
  const help = await ask<SignatureHelp>('textDocument/signatureHelp', at(6, 18));
  assert.equal(help.activeParameter, 1);
  const { items: offered } = await ask<CompletionList>('textDocument/completion', at(4, 15));
  assert.deepEqual(
    offered.map(({ label }) => label),
    ['admin'],
  );
  const detailed = await ask<CompletionItem>('completionItem/resolve', offered[0] as CompletionItem);
  assert.match(JSON.stringify(detailed.documentation), /data\.lib\.roles\.admin/);
  const outline = await ask<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument });
  assert.deepEqual(
    outline.map(({ name }) => name),
    ['p', 'roles', 'allow', 'n', 'f'],
  );
  const symbols = await ask<WorkspaceSymbol[]>('workspace/symbol', { query: 'adm' });
  assert.deepEqual(
    symbols.map(({ name, containerName }) => [name, containerName]),
    [['admin', 'lib.roles']],
  );
  assert.deepEqual(await ask<FoldingRange[]>('textDocument/foldingRange', { textDocument }), []);
  const grown = await ask<SelectionRange[]>('textDocument/selectionRange', {
    textDocument,
    positions: [at(8, 8).position],
  });
  assert.ok(grown[0]?.parent?.parent);
  const hints = await ask<InlayHint[]>('textDocument/inlayHint', {
    textDocument,
    range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } },
  });
  assert.deepEqual(
    hints.map(({ label }) => label),
    ['name:', 'delimiter:', 'collection:'],
  );
  const linked = await ask<LinkedEditingRanges>('textDocument/linkedEditingRange', at(8, 2));
  assert.equal(linked.ranges.length, 2);
  const tokens = await ask<SemanticTokens>('textDocument/semanticTokens/full', { textDocument });
  const some = await ask<SemanticTokens>('textDocument/semanticTokens/range', {
    textDocument,
    range: { start: { line: 8, character: 0 }, end: { line: 9, character: 0 } },
  });
  assert.ok(some.data.length > 0 && some.data.length < tokens.data.length);
  const [item] = await ask<CallHierarchyItem[]>('textDocument/prepareCallHierarchy', at(4, 17));
  assert.equal(item?.name, 'admin');
  const incoming = await ask<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', { item });
  assert.deepEqual(
    incoming.map(({ from: { name } }) => name),
    ['allow'],
  );
  const [caller] = incoming;
  const outgoing = await ask<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', { item: caller?.from });
  assert.deepEqual(
    outgoing.map(({ to: { name } }) => name),
    ['admin'],
  );

  assert.deepEqual(await ask('textDocument/prepareRename', at(4, 17)), {
    range: { start: { line: 4, character: 15 }, end: { line: 4, character: 20 } },
    placeholder: 'admin',
  });
  const edit = await ask<WorkspaceEdit>('textDocument/rename', { ...at(4, 17), newName: 'member' });
  assert.equal(edit.documentChanges?.length, 2);
  await assert.rejects(ask('textDocument/rename', { ...at(6, 7), newName: 'join' }), /built in/);
});

test('a client that knows no versions in edits gets plain ones, and no links', async (t) => {
  const client = await startClient(t, {
    folders: { policy: { 'lib/lib.rego': 'package lib\n\nold := 1\n' } },
    capabilities: {},
  });
  const uri = await client.open('policy/p.rego', 'package p\n\nimport data.lib\n\na := lib.old\n');
  const at = (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } });
  const edit = await client.connection.sendRequest<WorkspaceEdit>('textDocument/rename', {
    ...at(4, 6),
    newName: 'library',
  });
  assert.equal(edit.documentChanges, undefined);
  const lib = client.uri('policy/lib/lib.rego');
  assert.deepEqual(
    Object.entries(edit.changes ?? {}).map(([file, edits]) => [file, edits.map(({ newText }) => newText)]),
    [
      [lib, ['library']],
      [uri, ['library', 'library']],
    ],
  );
  const [declared] = await client.connection.sendRequest<Location[]>('textDocument/declaration', at(4, 6));
  assert.deepEqual(declared, {
    uri,
    range: { start: { line: 2, character: 12 }, end: { line: 2, character: 15 } },
  });
});

test('an edit is seen at once, and a broken text keeps its outline', async (t) => {
  const client = await startClient(t, { folders: { policy: { 'lib.rego': 'package lib\n\nold := 1\n' } } });
  const uri = await client.open('policy/p.rego', 'package p\n\na := data.lib.old\n');
  const names = async () =>
    (
      (await client.connection.sendRequest('textDocument/documentSymbol', {
        textDocument: { uri },
      })) as DocumentSymbol[]
    ).map(({ name }) => name);
  assert.deepEqual(await names(), ['p', 'a']);
  await client.edit(uri, 'package p\n\na := data.lib.old\n\nb := {"x": [\n\nc := 1\n');
  const now = await names();
  assert.ok(now.includes('a') && now.includes('c'), now.join());
});

test('what is no module is left to others', async (t) => {
  const client = await startClient(t, { folders: { policy: { 'data.json': '{}' } } });
  const uri = await client.open('policy/data.json', '{"a": 1}');
  for (const method of [
    'textDocument/documentSymbol',
    'textDocument/foldingRange',
    'textDocument/semanticTokens/full',
  ]) {
    assert.equal(await client.connection.sendRequest(method, { textDocument: { uri } }), null);
  }
});
