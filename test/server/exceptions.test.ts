/** Exceptions in an editor: what is wrong with their files, where they stand, and recording what became of them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CodeAction, Hover } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import {
  checkException,
  type ExceptionFormResult,
  exceptionForm,
  exceptionsChanged,
  type ListExceptionsResult,
  listExceptions,
  type OpenExceptionResult,
  openException,
  recordException,
} from '../../server/protocol.ts';
import { marked } from './marks.ts';
import { type Client, type ClientOptions, startClient, writeFile } from './support.ts';

const hour = 3_600_000;
const time = (hours: number) => `${new Date(Date.now() + hours * hour).toISOString().slice(0, 19)}Z`;

const home: Record<string, string> = {
  '.countersign/config.yaml': 'version: 1\n',
  '.countersign/policies/legal.rego':
    'package team.legal\n\ndeny contains {"rule": "legal-texts", "msg": "no"} if input.no\n',
  '.countersign/data/scope.yaml':
    'scope:\n  default: low\n  tiers:\n    - name: low\n    - name: high\n      follow_up_hours: 2\n      follow_up_grace_hours: 1\n  rules:\n    - paths: ["secret/**"]\n      tier: high\n',
  'legal/terms.txt': 'Terms.\n',
};

/** An exception that was opened some hours ago. */
function exception(opened: number, more = '', expires = 100): string {
  return `rules: [legal-texts]\npaths: [legal/**]\nreason: it was late\napproved_by: Ann Example <ann@example.com>\nopened: ${time(opened)}\nexpires: ${time(expires)}\n${more}`;
}

/** A repository in the workspace, with what is in `files` committed. */
async function repository(t: TestContext, files: Record<string, string>, options: ClientOptions = {}): Promise<Client> {
  const client = await startClient(t, { folders: { repo: { ...home, ...files } }, ...options });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: join(client.root, 'repo'), stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada Example');
  git('config', 'user.email', 'ada@example.com');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'Start');
  return client;
}

const list = (client: Client) => client.connection.sendRequest<ListExceptionsResult>(listExceptions, {});

const closed = `closed:\n  at: ${time(-1)}\n  note: Settled.\n`;
const followedUp = `follow_ups:\n  - at: ${time(-1)}\n    note: Found out.\n`;

const judged: [name: string, text: string, codes: string[]][] = [
  ['one that is followed up is fine', exception(-10, followedUp), []],
  ['what is due is told', exception(-10).replace(/(opened: )(.*)/, '$1[|$2|]'), ['information follow-up-due']],
  ['what is overdue is warned of', exception(-50).replace(/(opened: )(.*)/, '$1[|$2|]'), ['warning follow-up-overdue']],
  [
    'and is an error when changes are denied',
    exception(-80).replace(/(opened: )(.*)/, '$1[|$2|]'),
    ['error follow-up-overdue'],
  ],
  [
    'a tier of its paths may want it sooner',
    exception(-4)
      .replace('legal/**', '[|secret/**|]')
      .replace(/(opened: )(.*)/, '$1[|$2|]'),
    ['warning unmatched-path', 'error follow-up-overdue'],
  ],
  [
    'an expired one is warned of',
    exception(-10, followedUp, -1).replace(/(expires: )(.*)/, '$1[|$2|]'),
    ['warning exception-expired'],
  ],
  [
    'a rule that no policy has',
    exception(-10, followedUp).replace('legal-texts', 'legal-texts, [|leagal|]'),
    ['warning unknown-rule'],
  ],
  [
    'a path that matches nothing',
    exception(-10, followedUp).replace('legal/**', '[|leagal/**|], legal/*.txt'),
    ['warning unmatched-path'],
  ],
  [
    'a secret, also in a closed one',
    exception(-10, closed).replace('it was late', `[|it was npm_${'a1B2'.repeat(9)}|]`),
    ['error secret'],
  ],
  [
    'one that is closed owes nothing, whatever it names',
    exception(-90, closed, -1).replace('legal-texts', 'leagal'),
    [],
  ],
  ['what the schema refuses is said as before', exception(-10).replace('reason: it was late\n', ''), ['error']],
];

test('diagnostics of an exception’s file', async (t) => {
  const client = await repository(t, {});
  const severities = ['', 'error', 'warning', 'information'];
  for (const [name, source, codes] of judged) {
    await t.test(name, async () => {
      const { text, ranges } = marked(source);
      const uri = await client.open(`repo/.countersign/exceptions/${name.replace(/\W+/g, '-')}.yaml`, text);
      const found = await client.pull(uri);
      const said = found.map(({ severity = 0, code }) => `${severities[severity]} ${code}`);
      if (codes[0] === 'error') assert.equal(found.length, 1);
      else assert.deepEqual(said, codes, JSON.stringify(found));
      if (ranges.length > 0)
        assert.deepEqual(
          found.map(({ range }) => range),
          ranges,
        );
      await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    });
  }
  await t.test('two files of one name', async () => {
    writeFile(join(client.root, 'repo/.countersign/exceptions/late.yaml'), exception(-1));
    const uri = client.uri('repo/.countersign/exceptions/late.yaml');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 1 }] });
    const other = await client.open('repo/.countersign/exceptions/late.yml', exception(-1));
    await client.until(async () => {
      const found = [...(await client.pull(other)), ...(await client.pull(uri))];
      return found.some(({ message }) => /late\.ya?ml has the same name/.test(String(message)));
    });
  });
});

test('quick fixes call the client’s commands, where it has them; the hover says state and due time', async (t) => {
  const client = await repository(t, {}, { exceptionCommands: true });
  const uri = await client.open('repo/.countersign/exceptions/late.yaml', exception(-50));
  const diagnostics = await client.pull(uri);
  const range = diagnostics[0]?.range ?? assert.fail();
  const params = { textDocument: { uri }, range, context: { diagnostics } };
  const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', params);
  assert.deepEqual(
    actions.map(({ title, command, isPreferred }) => [title, command?.command, command?.arguments, isPreferred]),
    [
      ['Record a follow-up…', 'countersign.exceptions.followUp', [{ uri }], true],
      ['Close this exception…', 'countersign.exceptions.close', [{ uri }], false],
    ],
  );
  const hover = await client.connection.sendRequest<Hover>('textDocument/hover', {
    textDocument: { uri },
    position: { line: 5, character: 3 },
  });
  const { value } = hover.contents as { value: string };
  assert.match(
    value,
    /^\*\*Active until `\S+` \(in 4 days\)\.\*\* The follow-up is overdue since `\S+` \(2 hours ago\); changes are denied from `\S+` \(in 2[12] hours\)\./,
  );
  assert.match(value, /RFC 3339/);
  const without = await startClient(t, { folders: { repo: home } });
  const plain = await without.open('repo/.countersign/exceptions/late.yaml', exception(-50));
  const found = await without.pull(plain);
  const none = { textDocument: { uri: plain }, range, context: { diagnostics: found } };
  assert.equal(await without.connection.sendRequest('textDocument/codeAction', none), null);
});

test('the list has each exception’s standing and history, and tells of files that are none', async (t) => {
  const client = await repository(t, {
    '.countersign/exceptions/active.yaml': exception(-10, followedUp),
    '.countersign/exceptions/late.yaml': exception(-80),
    '.countersign/exceptions/over.yaml': exception(-90, closed, -1),
    '.countersign/exceptions/broken.yaml': 'rules: []\n',
  });
  const [only, ...others] = await list(client);
  assert.deepEqual(others, []);
  assert.equal(only?.repository, client.uri('repo'));
  assert.equal(only?.readOnly, undefined);
  assert.deepEqual(
    only?.exceptions.map(({ id, state, followUp }) => [id, state, followUp]),
    [
      ['active', 'active', 'done'],
      ['late', 'active', 'denied'],
      ['over', 'closed', 'done'],
    ],
  );
  const late = only?.exceptions[1];
  assert.equal(late?.uri, client.uri('repo/.countersign/exceptions/late.yaml'));
  assert.equal(late?.added?.author, 'Ada Example <ada@example.com>');
  assert.equal(only?.exceptions[2]?.last?.note, 'Settled.');
  assert.ok(only?.problems.some(({ uri }) => uri.endsWith('/broken.yaml')));
});

test('in Restricted Mode the list is there, without git, and nothing can be recorded', async (t) => {
  const client = await repository(t, { '.countersign/exceptions/late.yaml': exception(-50) }, { trusted: false });
  const [only] = await list(client);
  assert.equal(only?.readOnly, 'untrusted');
  assert.deepEqual(
    only?.exceptions.map(({ id, followUp, added }) => [id, followUp, added]),
    [['late', 'overdue', undefined]],
  );
  const params = { repository: client.uri('repo'), id: 'late', what: 'close', note: 'Done.' };
  await assert.rejects(client.connection.sendRequest(recordException, params), /trusted/);
  assert.equal(
    readFileSync(join(client.root, 'repo/.countersign/exceptions/late.yaml'), 'utf8').includes('Done'),
    false,
  );
});

test('several folders, one of them not under Countersign, one without git, and a repository around a folder', async (t) => {
  const folders = { plain: { 'a.txt': '' }, loose: { ...home, '.countersign/exceptions/one.yaml': exception(-1) } };
  const client = await startClient(t, { folders });
  const around = join(client.root, 'around');
  writeFile(join(around, '.countersign/config.yaml'), 'version: 1\n');
  writeFile(join(around, '.countersign/exceptions/two.yaml'), exception(-1));
  execFileSync('git', ['init', '--quiet'], { cwd: around });
  const repositories = [client.uri('around'), client.uri('plain'), client.uri('gone')];
  const found = await client.connection.sendRequest<ListExceptionsResult>(listExceptions, { repositories });
  assert.deepEqual(
    found.map(({ repository, readOnly, exceptions }) => [repository, readOnly, exceptions.map(({ id }) => id)]),
    [
      [client.uri('around'), undefined, ['two']],
      [client.uri('loose'), 'no-repository', ['one']],
    ],
  );
});

test('the client is told when a file changes, and when time passes one by', async (t) => {
  const client = await repository(t, { '.countersign/exceptions/late.yaml': exception(-1) });
  let told = 0;
  client.connection.onNotification(exceptionsChanged, () => {
    told++;
  });
  await list(client);
  const file = join(client.root, 'repo/.countersign/exceptions/late.yaml');
  const uri = URI.file(file).toString();
  // Overdue in a moment: the follow-up is due 48 hours after the opening.
  writeFileSync(file, exception(-48 + 2 / 3600));
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] });
  await client.until(() => told > 0);
  assert.equal((await list(client))[0]?.exceptions[0]?.followUp, 'due');
  const before = told;
  await client.until(() => told > before);
  assert.equal((await list(client))[0]?.exceptions[0]?.followUp, 'overdue');
  assert.deepEqual(
    (await client.pull(uri)).map(({ code }) => code),
    ['follow-up-overdue'],
  );
});

test('an exception is opened, followed up and closed; what will not do is refused with a reason', async (t) => {
  const client = await repository(t, {});
  const repo = client.uri('repo');
  const form = await client.connection.sendRequest<ExceptionFormResult>(exceptionForm, { repository: repo });
  assert.deepEqual(form?.rules, ['legal-texts']);
  assert.deepEqual(
    form?.commits.map(({ subject }) => subject),
    ['Start'],
  );
  const check = (field: string, value: string) => client.connection.sendRequest(checkException, { field, value });
  assert.deepEqual(await check('path', 'legal/**'), {});
  assert.match(JSON.stringify(await check('path', '../x')), /not one of this repository/);
  assert.match(JSON.stringify(await check('expires', 'soon')), /no time to expire at/);
  assert.match(JSON.stringify(await check('text', `npm_${'a1B2'.repeat(9)}`)), /secret/);

  const asked = {
    repository: repo,
    rules: ['legal-texts'],
    paths: ['legal\\terms.txt'],
    reason: 'The law has changed',
    approvedBy: 'Ada Example <ada@example.com>',
    expires: '2d',
  };
  await assert.rejects(
    client.connection.sendRequest(openException, { ...asked, paths: [] }),
    /It would excuse every commit/,
  );
  const made = await client.connection.sendRequest<OpenExceptionResult>(openException, asked);
  const file = URI.parse(made.uri).fsPath;
  assert.match(file, /exceptions[\\/]\d{4}-\d\d-\d\d-legal-texts\.yaml$/);
  assert.match(readFileSync(file, 'utf8'), /^rules:\n {2}- legal-texts\npaths:\n {2}- legal\/terms\.txt\n/);
  assert.match(made.notes.join(), /^You name yourself as the one who gives it/);

  const record = (what: string, note: string) =>
    client.connection.sendRequest(recordException, { repository: repo, id: made.id, what, note });
  await assert.rejects(record('follow-up', ' '), /must not be empty/);
  assert.deepEqual(await record('follow-up', 'Found out.'), { uri: made.uri });
  // Another file that cannot be read keeps nobody from recording; a new one might have its name.
  writeFile(join(client.root, 'repo/.countersign/exceptions/broken.yaml'), 'rules: []\n');
  await assert.rejects(client.connection.sendRequest(openException, asked), /broken\.yaml:1:\d/);
  await record('close', 'Settled.');
  await assert.rejects(record('close', 'Again.'), /was closed on/);
  assert.match(
    readFileSync(file, 'utf8'),
    /follow_ups:\n.*by: Ada Example <ada@example\.com>\n.*Found out\.\nclosed:\n.*Settled\.\n$/s,
  );
  assert.equal((await list(client))[0]?.exceptions[0]?.state, 'closed');
  await assert.rejects(
    client.connection.sendRequest(recordException, { repository: repo, id: 'no', what: 'close', note: 'x' }),
    /no exception "no"/,
  );
});
