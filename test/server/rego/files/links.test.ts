import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentLink } from 'vscode-languageserver/node';
import { marked } from '../../marks.ts';
import { pushedClient, startClient } from '../../support.ts';

test('comments link to rules’ documentation, schemas and related resources', async (t) => {
  const client = await startClient(t, {
    folders: { w: { 'schemas/input.json': '{}', 'schemas/a/b c.schema.json': '{}' } },
    capabilities: pushedClient,
  });
  const { text, ranges } = marked(`# METADATA
# title: https://example.com/not-this
# related_resources:
# - [|https://example.com/one|]
# - ref: "[|https://example.com/two?a=b#c|]"
#   description: two
# schemas:
# - input: [|schema.input|]
# - data.x: [|schema.a["b c"]|]
# - data.y: schema.none
package p

# a comment with schema.input and regal ignore
x := "# regal ignore:todo-comment" # so regal ignore:[|line-length|], [|opa-fmt|],none-such
# regal ignore:[|non-raw-regex-pattern|]
y := 1
`);
  const uri = await client.open('w/p.rego', text);
  const links: DocumentLink[] = await client.connection.sendRequest('textDocument/documentLink', {
    textDocument: { uri },
  });
  const regal = 'https://www.openpolicyagent.org/projects/regal/rules';
  assert.deepEqual(
    links.map(({ target }) => target),
    [
      'https://example.com/one',
      'https://example.com/two?a=b#c',
      client.uri('w/schemas/input.json'),
      client.uri('w/schemas/a/b c.schema.json'),
      `${regal}/style/line-length`,
      `${regal}/style/opa-fmt`,
      `${regal}/idiomatic/non-raw-regex-pattern`,
    ],
  );
  assert.deepEqual(
    links.map(({ range }) => range),
    ranges,
  );
});
