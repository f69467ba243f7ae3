/** Rego that YAML writes once and names elsewhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hover, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { readTargets } from '../../../../server/rego/embedded/documents.ts';
import { applied, startClient } from '../../support.ts';

const limit = { timeout: 60_000 };
const use = (version: string, libs: string) => `    - target: ${version}
      code:
        - engine: Rego
          source:
            version: ${version}
            rego: *main
            libs: ${libs}
`;
const text = `x-rego: &main |
  package k8sexample

  import data.lib.names

  violation contains {"msg": msg} if msg := names.bad
x-lib: &lib "package lib.names\\n\\nbad := \\"bad\\"\\n"
x-libs: &libs
  - *lib
kind: ConstraintTemplate
spec:
  targets:
${use('v1', '*libs')}${use('v0', '[*lib]')}`;

test('what aliases stand for is served once, for the first of them', limit, async (t) => {
  const targets = readTargets(text).map(({ target, version, missing, texts }) => ({
    ...{ target, version, missing },
    texts: texts.map(({ name, value }) => [name, value.split('\n')[0]]),
  }));
  assert.deepEqual(targets, [
    {
      ...{ target: 'v1', version: 'v1', missing: undefined },
      texts: [
        ['rego', 'package k8sexample'],
        ['libs[0]', 'package lib.names'],
      ],
    },
    { target: 'v0', version: 'v0', missing: undefined, texts: [] },
  ]);

  const client = await startClient(t);
  await client.ready();
  const uri = await client.open('alias.yaml', text);
  // In v0, `if` and `contains` would be errors.
  assert.deepEqual([...(await client.pull(uri, 'syntax')), ...(await client.pull(uri))], []);
  const position = TextDocument.create('', '', 0, text).positionAt(text.indexOf('names.bad') + 7);
  const hover = await client.connection.sendRequest<Hover>('textDocument/hover', { textDocument: { uri }, position });
  assert.match(JSON.stringify(hover.contents), /bad/);
  const params = { textDocument: { uri }, position, newName: 'worse' };
  const edit = await client.connection.sendRequest<WorkspaceEdit>('textDocument/rename', params);
  const [change] = edit.documentChanges as TextDocumentEdit[];
  assert.equal(
    applied(text, change?.edits as TextEdit[]),
    text.replace('names.bad', 'names.worse').replace('bad :=', 'worse :='),
  );
});
