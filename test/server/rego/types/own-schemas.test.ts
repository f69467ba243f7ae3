/** Type definition leads into the project's own schemas: files that any client can open, as they are packaged. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Location, LocationLink } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { isMap, parseDocument } from 'yaml';
import { marked } from '../../marks.ts';
import { type Client, type ClientOptions, pullingClient, startClient } from '../../support.ts';
import { template } from '../embedded/template-support.ts';

const project = join(import.meta.dirname, '../../../..');
const inProject = {
  input: join(project, 'core/schemas/input.schema.json'),
  review: join(project, 'server/rego/embedded/review.schema.json'),
};

const policy = `package p

import rego.v1

deny contains input.<|>phase

deny contains commit.<|>subject if some commit in input.<|>commits

deny contains input.commits[_].<|>author.<|>email

deny contains <|>input

deny contains input.<|>nope
`;
/** The keys, as their places in the schema: by the texts between the quotes of JSON. */
const keys = [
  ['properties', 'phase'],
  ['$defs', 'commit', 'properties', 'subject'],
  ['properties', 'commits'],
  ['$defs', 'commit', 'properties', 'author'],
];

const linking: ClientOptions = {
  folders: { w: {} },
  capabilities: {
    ...pullingClient,
    textDocument: { ...pullingClient.textDocument, typeDefinition: { linkSupport: true } },
  },
};

/** Where a key stands, as another reader of JSON has it. */
function keyAt(text: string, path: readonly string[]): string {
  const owner = parseDocument(text).getIn(path.slice(0, -1), true);
  const pair = isMap<{ value: unknown; range: number[] }>(owner)
    ? owner.items.find(({ key }) => key.value === path.at(-1))
    : undefined;
  assert.ok(pair, path.join('/'));
  const document = TextDocument.create('', '', 0, text);
  return JSON.stringify(document.positionAt(pair.key.range[0]!));
}

async function asked(client: Client, path: string, source: string) {
  const { text, cursors } = marked(source);
  const textDocument = { uri: await client.open(path, text) };
  return Promise.all(
    cursors.map((position) =>
      client.connection.sendRequest<LocationLink[]>('textDocument/typeDefinition', { textDocument, position }),
    ),
  );
}

for (const [title, process, file] of [
  ['from the source', false, inProject.input],
  ['as it is packaged', join(project, 'dist/cli.js'), join(project, 'dist/schemas/input.schema.json')],
] as const) {
  test(`from a field of the input in .countersign to the schema, ${title}`, { timeout: 60_000 }, async (t) => {
    const client = await startClient(t, { ...linking, process });
    const found = await asked(client, 'w/.countersign/policies/p.rego', policy);
    const text = readFileSync(file, 'utf8');
    assert.equal(text, readFileSync(inProject.input, 'utf8'));
    for (const [at, key] of keys.entries()) {
      const [place, ...others] = found[at]!;
      assert.deepEqual(others, []);
      assert.equal(fileURLToPath(place!.targetUri), file);
      assert.equal(JSON.stringify(place!.targetSelectionRange.start), keyAt(text, key), key.join('/'));
      const { start, end } = place!.targetSelectionRange;
      const name = text.split('\n')[start.line]!.slice(start.character, end.character);
      assert.deepEqual([name, start.line], [JSON.stringify(key.at(-1)), end.line]);
    }
    const [deep, whole, none] = found.slice(keys.length);
    assert.match(text.split('\n')[deep![0]!.targetSelectionRange.start.line]!, /^\s*"email"/);
    assert.deepEqual(whole![0]!.targetSelectionRange.start, { line: 0, character: 0 });
    assert.deepEqual(none, []);
  });
}

test('clients without links get places; a schema that METADATA gives comes first', async (t) => {
  const client = await startClient(t, { folders: { w: {} } });
  const text = `package p\n\n# METADATA\n# schemas:\n#   - input.change: {properties: {id: {type: string}}}\ndeny contains input.<|>change.<|>id if input.<|>push\n`;
  const found = (await asked(client, 'w/.countersign/policies/p.rego', text)) as unknown as Location[][];
  assert.deepEqual(
    found.map(([place]) => place!.uri.split('/').at(-1)),
    ['p.rego', 'p.rego', 'input.schema.json'],
  );
  assert.equal(
    JSON.stringify(found[2]![0]!.range.start),
    keyAt(readFileSync(inProject.input, 'utf8'), ['properties', 'push']),
  );
});

test('from the review of a template to what Kubernetes sends', async (t) => {
  const client = await startClient(t, linking);
  const rego =
    'package k8sexample\n\nviolation[{"msg": msg}] {\n  msg := input.review.userInfo.<|>username\n  input.review.kind.<|>group\n}\n';
  const found = await asked(client, 'w/x.yaml', template({ rego, schema: 'type: object' }));
  const text = readFileSync(inProject.review, 'utf8');
  for (const [at, key] of [
    ['properties', 'userInfo', 'properties', 'username'],
    ['$defs', 'kind', 'properties', 'group'],
  ].entries()) {
    const [place] = found[at]!;
    assert.equal(fileURLToPath(place!.targetUri), inProject.review);
    assert.equal(JSON.stringify(place!.targetSelectionRange.start), keyAt(text, key));
  }
});
