/** Files in v0 that nothing declares as such: read as v0 all through, and told of once. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type {
  ApplyWorkspaceEditParams,
  ClientCapabilities,
  CreateFile,
  Diagnostic,
  ShowMessageRequestParams,
  TextDocumentEdit,
  TextEdit,
} from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { applied, type Client, type ClientOptions, pushedClient, startClient, writeFile } from '../../support.ts';

const old = 'package old\n\nimport data.lib\n\nallow {\n\tlib.ok(input.x)\n}\n';
const lib = 'package lib\n\nok(x) if x == 1\n';
const capabilities: ClientCapabilities = {
  ...pushedClient,
  workspace: {
    ...pushedClient.workspace,
    applyEdit: true,
    workspaceEdit: { documentChanges: true, resourceOperations: ['create'] },
  },
};

/** A client that answers the server's questions with the button of that name, and applies edits to the disk. */
async function answering(
  t: Parameters<typeof startClient>[0],
  button: string | undefined,
  options: ClientOptions = {},
) {
  const client = await startClient(t, {
    folders: { w: { 'old.rego': old, 'lib/lib.rego': lib } },
    capabilities,
    ...options,
  });
  const asked: ShowMessageRequestParams[] = [];
  client.connection.onRequest('window/showMessageRequest', (params: ShowMessageRequestParams) => {
    asked.push(params);
    return params.actions?.find(({ title }) => title === button) ?? null;
  });
  client.connection.onRequest('workspace/applyEdit', async ({ edit }: ApplyWorkspaceEditParams) => {
    for (const change of (edit.documentChanges ?? []) as (TextDocumentEdit | CreateFile)[]) {
      if ('kind' in change) writeFile(URI.parse(change.uri).fsPath, '');
      else {
        const path = URI.parse(change.textDocument.uri).fsPath;
        const text = applied(readFileSync(path, 'utf8'), change.edits as TextEdit[]);
        writeFileSync(path, text);
        if (change.textDocument.version !== null) await client.edit(change.textDocument.uri, text);
      }
    }
    return { applied: true };
  });
  return { client, asked };
}

/** The problems of a document once they settle: its own pull would be another provider's in turn. */
async function problems(client: Client, uri: string, when: (found: Diagnostic[]) => boolean): Promise<string[]> {
  return (await client.published(uri, when)).diagnostics.map(({ code }) => String(code));
}

test('a v0 file among v1 files is checked, linted and formatted as v0, and told of once', async (t) => {
  const { client, asked } = await answering(t, undefined);
  const uri = await client.open('w/old.rego', old);
  const found = await problems(client, uri, (all) => all.some(({ source }) => source === 'regal'));
  assert.ok(!found.some((code) => code.startsWith('rego_')), found.join());
  assert.ok(found.includes('imports/use-rego-v1'), found.join());
  await client.until(() => asked.length > 0);
  assert.deepEqual(
    asked.map(({ message, actions }) => [message, actions?.map(({ title }) => title)]),
    [
      [
        'old.rego is written in Rego v0 and is read as such, for nothing declares its version.',
        ['Migrate the file to v1', 'Declare v0 for the folder'],
      ],
    ],
  );
  await client.open('w/more.rego', old);
  await client.edit(uri, old.replace('input.x', 'input.y'));
  const wrong = old.replace('lib.ok(input.x)', '1 + "x" == 2');
  await client.edit(uri, wrong);
  assert.deepEqual(
    (await problems(client, uri, (all) => all.some(({ code }) => String(code).startsWith('rego_')))).filter((code) =>
      code.startsWith('rego_'),
    ),
    ['rego_type_error'],
    'OPA compiles it beside modules of v1',
  );
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(asked.length, 1);
});

test('the file is migrated', async (t) => {
  const { client, asked } = await answering(t, 'Migrate the file to v1');
  const uri = await client.open('w/old.rego', old);
  await client.until(() => asked.length > 0);
  const path = URI.parse(uri).fsPath;
  await client.until(() => readFileSync(path, 'utf8') !== old);
  assert.equal(readFileSync(path, 'utf8'), old.replace('allow {', 'allow if {'));
});

test('the version is declared, and the configuration keeps what it has', async (t) => {
  const config = '# ours\nrules:\n  style:\n    todo-comment:\n      level: ignore # yet\n';
  const { client } = await answering(t, 'Declare v0 for the folder', {
    folders: { w: { 'old.rego': old, '.regal/config.yaml': config } },
  });
  await client.open('w/old.rego', old);
  const path = URI.parse(client.uri('w/.regal/config.yaml')).fsPath;
  await client.until(() => readFileSync(path, 'utf8') !== config);
  assert.equal(readFileSync(path, 'utf8'), `${config}project:\n  rego-version: 0\n`);
});

test('where there is no configuration, one is made', async (t) => {
  const { client } = await answering(t, 'Declare v0 for the folder');
  await client.open('w/old.rego', old);
  const path = URI.parse(client.uri('w/.regal/config.yaml')).fsPath;
  await client.until(() => existsSync(path) && readFileSync(path, 'utf8') !== '');
  assert.equal(readFileSync(path, 'utf8'), 'project:\n  rego-version: 0\n');
});

test('nothing is said where v0 is declared, nor of texts that are in no file', async (t) => {
  const { client, asked } = await answering(t, undefined, {
    folders: { w: { 'old.rego': old, '.regal/config.yaml': 'project: {rego-version: 0}\n' } },
  });
  await client.open('w/old.rego', old);
  await client.open('untitled:Untitled-1', old);
  await client.open('git:/w/old.rego?HEAD', old);
  await new Promise((resolve) => setTimeout(resolve, 900));
  assert.deepEqual(asked, []);
});

test('an editor that makes no files is not offered a configuration, one that edits none nothing', async (t) => {
  const { workspace } = pushedClient;
  const edits = await answering(t, undefined, { capabilities: { workspace: { ...workspace, applyEdit: true } } });
  await edits.client.open('w/old.rego', old);
  const shows = await answering(t, undefined, { capabilities: { workspace } });
  await shows.client.open('w/old.rego', old);
  await edits.client.until(() => edits.asked.length > 0);
  assert.deepEqual(
    edits.asked[0]?.actions?.map(({ title }) => title),
    ['Migrate the file to v1'],
  );
  await shows.client.until(() => shows.asked.length > 0);
  assert.deepEqual(shows.asked[0]?.actions ?? [], []);
});
