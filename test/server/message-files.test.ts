/** Message files that git opens in an editor: comments, scissors, and whose repository they are. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { URI } from 'vscode-uri';
import { makeRepository } from '../support/repository.ts';
import { capabilities, configuration, policy, told } from './message-support.ts';
import { type ClientOptions, startClient } from './support.ts';

async function opened(t: TestContext, config: [string, string][] = [], options: ClientOptions = {}) {
  const repository = await makeRepository(t);
  for (const [path, text] of Object.entries(configuration)) await repository.write(path, text);
  await repository.commit('Begin\n');
  for (const [name, value] of config) await repository.git('config', name, value);
  const client = await startClient(t, { capabilities, ...options });
  const uri = (path: string) => URI.file(join(repository.root, path)).toString();
  return { repository, client, uri };
}

const comments = `
# Please enter the commit message for your changes. Lines starting
# with '#' will be ignored, and an empty message aborts the commit.
#
# On branch main
`;
const incomplete = `Fix it\n\nAI-Model: example-1\n${comments}`;
const at = 'AI-Model: example-1';

test('a message file in a repository that is open nowhere, with its comments', async (t) => {
  const { client, uri } = await opened(t);
  const file = await client.open(uri('.git/COMMIT_EDITMSG'), incomplete, 'git-commit');
  const { diagnostics } = await client.published(file, (all) => all.length > 0);
  assert.deepEqual(told(incomplete, diagnostics), [['missing-field', at]]);
  const params = {
    textDocument: { uri: file },
    range: diagnostics[0]!.range,
    context: { diagnostics },
  };
  const [action] = await client.connection.sendRequest<{ edit: { changes: Record<string, { newText: string }[]> } }[]>(
    'textDocument/codeAction',
    params,
  );
  assert.deepEqual(
    Object.values(action!.edit.changes)[0]?.map(({ newText }) => newText.trim()),
    ['AI-Context:'],
  );
});

test('any editor’s language identifier, or the name alone', async (t) => {
  const { client, uri } = await opened(t);
  for (const languageId of ['gitcommit', 'plaintext']) {
    const file = await client.open(uri('.git/MERGE_MSG'), incomplete, languageId);
    await client.published(file, (all) => all.length === 1);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: file } });
    await client.published(file, (all) => all.length === 0);
  }
});

test('what is below the scissors, and behind another comment character, is not the message', async (t) => {
  const { client, uri } = await opened(t, [['core.commentChar', ';']]);
  const text = `; a note\n\nFix it\n\nAI-Model: example-1\n; AI-Model: x\n\n; ------------------------ >8 ------------------------\ndiff\n\nAI-Model: y\n`;
  const file = await client.open(uri('.git/COMMIT_EDITMSG'), text, 'git-commit');
  const { diagnostics } = await client.published(file, (all) => all.length > 0);
  assert.deepEqual(told(text, diagnostics), [['missing-field', at]]);
});

test('a message file that is opened with HEAD’s message amends HEAD: its files are judged', async (t) => {
  const { repository, client, uri } = await opened(t);
  await repository.write('.countersign/policies/own.rego', policy);
  await repository.write('a.txt', 'a');
  await repository.commit('Add a and a policy\n');
  const files = (text: string) => (all: { message: unknown }[]) =>
    all.some(({ message }) => String(message).endsWith(text));
  const blue = 'Add a\n\nAI-Model: example-1\nAI-Context: it is all blue to me\n';
  const file = await client.open(uri('.git/COMMIT_EDITMSG'), `Add a and a policy\n${comments}`, 'git-commit');
  await client.edit(file, blue + comments);
  await client.published(file, files('in 2 files'));
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: file } });
  // Another text is of another commit, for which nothing is staged.
  await client.open(file, blue + comments, 'git-commit');
  await client.published(file, files('in 0 files'));
});

test('a squash: the disclosure of the first commit is above the last block, and can be moved', async (t) => {
  const { client, uri } = await opened(t);
  const block = 'AI-Model: example-1\nAI-Context: wrote the tests by hand\n';
  const text = `# This is a combination of 2 commits.\n# This is the 1st commit message:\n\nOne\n\nAI-Model: example-2\n\n# This is the commit message #2:\n\nTwo\n\n${block}${comments}`;
  const file = await client.open(uri('.git/COMMIT_EDITMSG'), text, 'git-commit');
  const { diagnostics } = await client.published(file, (all) => all.length > 0);
  assert.deepEqual(told(text, diagnostics), [['ignored-trailer', 'AI-Model: example-2']]);
});

test('a linked work tree has its own configuration', async (t) => {
  const { repository, client, uri } = await opened(t);
  const tree = join(repository.root, '..', 'other tree');
  await repository.git('worktree', 'add', '--quiet', tree, '-b', 'side');
  await repository.write(
    '../other tree/.countersign/config.yaml',
    'version: 1\ntrailers: {model: X-Model, reason: X-Why}\n',
  );
  await repository.write(
    '../other tree/.countersign/data/scope.yaml',
    'scope:\n  tiers:\n    - name: all\n      required: [model, reason]\n  default: all\n  rules: []\n',
  );
  const text = 'Fix it\n\nX-Model: example-1\n';
  const file = await client.open(uri('.git/worktrees/other-tree/COMMIT_EDITMSG'), text, 'git-commit');
  const { diagnostics } = await client.published(file, (all) => all.length > 0);
  assert.match(String(diagnostics[0]?.message), /X-Why/);
});

test('an input box names its repository, open in the workspace or not', async (t) => {
  const { repository, client } = await opened(t);
  const root = encodeURIComponent(URI.file(repository.root).toString());
  const text = 'Fix it\n\nAI-Model: example-1\n';
  // As VS Code spells it: the query's value is encoded, and the URI once more.
  for (const query of [`rootUri%3D${encodeURIComponent(root)}`, `rootUri=${root}`]) {
    const file = await client.open(`vscode-scm:git/scm7/input?${query}`, text, 'scminput');
    await client.published(file, (all) => all.length === 1);
  }
});

test('an input box without a repository in its name belongs to the only folder', async (t) => {
  const { repository, client } = await opened(t);
  const event = { added: [{ uri: URI.file(repository.root).toString(), name: 'r' }], removed: [] };
  await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', { event });
  const file = await client.open('vscode-scm:git/scm0/input', 'Fix it\n\nAI-Model: example-1\n', 'scminput');
  await client.published(file, (all) => all.length === 1);
});

test('VS Code is told the documents by registration, in any scheme', async (t) => {
  const client = await startClient(t, {
    capabilities: {
      textDocument: {
        codeAction: { dynamicRegistration: true },
        inlayHint: { dynamicRegistration: true },
        completion: { dynamicRegistration: true },
        hover: { dynamicRegistration: true },
      },
    },
  });
  await client.until(() => client.registrations.some(({ method }) => method === 'textDocument/inlayHint'));
  for (const method of [
    'textDocument/codeAction',
    'textDocument/inlayHint',
    'textDocument/completion',
    'textDocument/hover',
  ]) {
    const options = client.registrations
      .filter((one) => one.method === method)
      .map((one) => JSON.stringify(one.options));
    assert.ok(
      options.some((option) => option.includes('{"language":"scminput"}')),
      method,
    );
  }
  assert.equal(client.initialized.capabilities.codeActionProvider, undefined);
});
