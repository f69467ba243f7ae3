import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TextEdit } from 'vscode-languageserver/node';
import { lineEdits } from '../../server/rego/line-edits.ts';
import { applied, type Client, startClient } from './support.ts';

const options = { tabSize: 4, insertSpaces: false };

function format(client: Client, uri: string): Promise<TextEdit[] | null> {
  return client.connection.sendRequest('textDocument/formatting', { textDocument: { uri }, options });
}

test('a module is formatted as OPA formats it, in edits of the lines that change', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const text = 'package p\n\nimport data.b\n\n# stays\nallow   if {\n  b.x == "👩‍💻"\n}\n\ndeny := false\n';
  const uri = await client.open('policy/p.rego', text);
  const edits = await format(client, uri);
  assert.equal(
    applied(text, edits ?? []),
    'package p\n\nimport data.b\n\n# stays\nallow if {\n\tb.x == "👩‍💻"\n}\n\ndeny := false\n',
  );
  assert.deepEqual(
    edits?.map(({ range }) => [range.start.line, range.end.line]),
    [[5, 7]],
  );
});

test('a formatted module has no edits', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  assert.deepEqual(await format(client, await client.open('policy/p.rego', 'package p\n\na := 1\n')), []);
});

test('line ends stay what they are', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const text = 'package p\r\n\r\na   := 1\r\nb := 2\r\n';
  const edits = await format(client, await client.open('policy/p.rego', text));
  assert.equal(applied(text, edits ?? []), 'package p\r\n\r\na := 1\r\nb := 2\r\n');
});

test('a module with a syntax error is left alone', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  assert.equal(await format(client, await client.open('policy/p.rego', 'package p\n\na := {\n')), null);
});

test('v0 stays v0', async (t) => {
  const config = 'project:\n  rego-version: 0\n';
  const client = await startClient(t, { folders: { policy: { '.regal/config.yaml': config } } });
  const text = 'package p\n\nallow   {\n  input.x\n}\n';
  const edits = await format(client, await client.open('policy/p.rego', text));
  assert.equal(applied(text, edits ?? []), 'package p\n\nallow {\n\tinput.x\n}\n');
});

test('formatting is announced for Rego alone', async (t) => {
  const client = await startClient(t);
  await client.ready();
  const found = client.registrations.find(({ method }) => method === 'textDocument/formatting');
  assert.deepEqual(found?.options, { documentSelector: [{ language: 'rego' }] });
});

const lines = fc.array(fc.constantFrom('a', 'b', 'ü 👩‍💻', '', '\t}'), { maxLength: 12 });
const ending = fc.constantFrom('\n', '\r\n');
const last = fc.constantFrom('', 'x');

test('line edits make the second text of the first', () => {
  fc.assert(
    fc.property(lines, lines, ending, last, last, (before, after, eol, lastBefore, lastAfter) => {
      const text = (all: string[], end: string, rest: string) => all.map((line) => line + end).join('') + rest;
      const first = text(before, eol, lastBefore);
      const found = applied(first, lineEdits(first, text(after, '\n', lastAfter)));
      assert.equal(found, text(after, before.length > 0 ? eol : '\n', lastAfter));
    }),
  );
});

test('line edits never touch each other', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const edits = lineEdits(before.join('\n'), after.join('\n'));
      for (const [at, edit] of edits.entries()) {
        const next = edits[at + 1];
        if (next) assert.ok(edit.range.end.line < next.range.start.line, JSON.stringify(edits));
      }
    }),
  );
});
