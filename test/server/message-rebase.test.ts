/** The todo list of an interactive rebase, as git writes it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Hover, InlayHint, MarkupContent } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { openRepository } from '../../core/git/repository.ts';
import { installHooks } from '../../core/hook/install.ts';
import { readTodo } from '../../server/message/rebase.ts';
import { makeRepository } from '../support/repository.ts';
import { capabilities, configuration, told } from './message-support.ts';
import { startClient } from './support.ts';

const installation = {
  global: false,
  pinned: { node: process.execPath, cli: 'cli.js' },
  useNodeModules: false,
  plain: true,
};

async function rebasing(t: TestContext) {
  const repository = await makeRepository(t);
  for (const [path, text] of Object.entries(configuration)) await repository.write(path, text);
  const messages = [
    'Begin\n',
    'One\n\nAI-Model: example-1\nAI-Context: wrote one\n',
    'fixup! One\n\nAI-Model: example-2\n',
    'Two\n',
    'squash! One\n\nAI-Model: example-1\n',
  ];
  for (const [at, message] of messages.entries()) {
    await repository.write(`${at}.txt`, `${at}`);
    await repository.commit(message);
  }
  return repository;
}

/** What git shows in its editor. */
async function todoOf(repository: Awaited<ReturnType<typeof rebasing>>): Promise<string> {
  const copy = join(repository.root, '..', 'todo');
  // The editor copies the list and gives up.
  const editor = `sh -c 'cp "$0" "${copy}"; exit 1'`;
  const run = repository.git('-c', `sequence.editor=${editor}`, 'rebase', '-i', '--autosquash', 'HEAD~4');
  await run.catch(() => undefined);
  return readFile(copy, 'utf8');
}

async function opened(t: TestContext, repository: Awaited<ReturnType<typeof rebasing>>, text: string) {
  const client = await startClient(t, { capabilities });
  const path = join(repository.root, '.git/rebase-merge/git-rebase-todo');
  const uri = await client.open(URI.file(path).toString(), text, 'git-rebase');
  return { client, uri };
}

test('with the hooks, it is said what will be merged', async (t) => {
  const repository = await rebasing(t);
  await installHooks(await openRepository(repository.root), installation);
  const text = await todoOf(repository);
  const { client, uri } = await opened(t, repository, text);
  const { diagnostics } = await client.published(uri, (all) => all.length > 0);
  assert.deepEqual(
    told(text, diagnostics).map(([code, at]) => [code, at.split(' ')[0]]),
    [
      ['disclosure-merged', 'fixup'],
      ['disclosure-merged', 'squash'],
    ],
  );
  assert.match(String(diagnostics[0]?.message), /AI-Model: example-2.* into the disclosure of [0-9a-f]+ One\./);
  const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const hints = await client.connection.sendRequest<InlayHint[]>('textDocument/inlayHint', {
    textDocument: { uri },
    range,
  });
  assert.deepEqual(
    hints.map(({ label, position }) => [label, position.line]),
    [['will disclose AI-Model: example-1, example-2', 0]],
  );
});

test('without them, what is lost', async (t) => {
  const repository = await rebasing(t);
  const text = await todoOf(repository);
  const { client, uri } = await opened(t, repository, text);
  const { diagnostics } = await client.published(uri, (all) => all.length > 0);
  assert.deepEqual(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [
      ['disclosure-dropped', 2],
      ['disclosure-apart', 3],
    ],
  );
  const hovered = async (line: number, character: number) => {
    const params = { textDocument: { uri }, position: { line, character } };
    const hover = await client.connection.sendRequest<Hover | null>('textDocument/hover', params);
    return (hover?.contents as MarkupContent | undefined)?.value;
  };
  assert.match((await hovered(0, 6)) ?? '', /\*\*One\*\*[\s\S]*- AI\\-Model: example\\-1\n- AI\\-Context: wrote one/);
  assert.match((await hovered(3, 6)) ?? '', /discloses no AI use/);
  assert.equal(await hovered(0, 0), undefined);
});

test('a list is read line by line', () => {
  const text =
    'p 0123abc One\r\nfixup -C 0123abd # Two\nf 0123abe\nexec make 0123abc\nmerge -C 0123abf side\nlabel onto\n# pick 0123aaa\n\nupdate-ref refs/heads/x\nd 0123ab0 x\npick nothex\n';
  assert.deepEqual(
    readTodo(text).map(({ line, action, commit, takesMessage }) => [line, action, commit, takesMessage]),
    [
      [0, 'pick', '0123abc', false],
      [1, 'fixup', '0123abd', true],
      [2, 'fixup', '0123abe', false],
      [4, 'merge', '0123abf', false],
      [9, 'drop', '0123ab0', false],
    ],
  );
});
