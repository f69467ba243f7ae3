/** Custom rules of Regal are no modules of the policies, and have the features of the language all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Location, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { marked } from '../../marks.ts';
import { applied, pushedClient, startClient } from '../../support.ts';

const shared = 'package custom.shared\n\nwords := {"todo"}\n';

test('definition, rename, formatting and syntax errors in a custom rule', async (t) => {
  const folder = '.regal/rules/custom';
  const client = await startClient(t, {
    folders: {
      w: {
        '.regal/config.yaml': 'project: {rego-version: 0}\n',
        [`${folder}/shared.rego`]: shared,
        'p.rego': 'package p\n\nallow {\n\tinput.x\n}\n',
      },
    },
    capabilities: { workspace: { ...pushedClient.workspace, workspaceEdit: { documentChanges: true } } },
  });
  const { text, cursors } = marked(
    'package custom.regal.rules.naming.words\n\nimport data.custom.shared\n\nreport contains word if {\n\tsome word in shared.wo<|>rds\n}\n\nwide   :=   1\n',
  );
  const uri = await client.open(`w/${folder}/words.rego`, text);
  const at = { textDocument: { uri }, position: cursors[0] };
  const found: Location[] = await client.connection.sendRequest('textDocument/definition', at);
  assert.deepEqual(
    found.map((one) => one.uri),
    [client.uri(`w/${folder}/shared.rego`)],
  );
  const edit: WorkspaceEdit = await client.connection.sendRequest('textDocument/rename', { ...at, newName: 'terms' });
  const texts = new Map([
    [uri, text],
    [client.uri(`w/${folder}/shared.rego`), shared],
  ]);
  const renamed = (edit.documentChanges as TextDocumentEdit[]).map(({ textDocument, edits }) =>
    applied(texts.get(textDocument.uri) ?? '', edits as TextEdit[]),
  );
  assert.deepEqual(
    renamed.sort(),
    [text.replace('shared.words', 'shared.terms'), shared.replace('words', 'terms')].sort(),
  );
  const range = { start: { line: 8, character: 0 }, end: { line: 8, character: 0 } };
  const formatted: TextEdit[] = await client.connection.sendRequest('textDocument/rangeFormatting', {
    ...{ textDocument: { uri }, range },
    options: { tabSize: 4, insertSpaces: false },
  });
  assert.equal(applied(text, formatted), text.replace('wide   :=   1', 'wide := 1'));
  await client.edit(uri, text.replace('wide   :=   1', 'broken := )'));
  const { diagnostics } = await client.published(uri, (all) => all.length > 0);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['rego_parse_error'],
  );
});
