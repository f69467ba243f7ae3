/** `countersign exception`: from opening to closing, and what the gate makes of it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { countersign, newRepository, type Ran, type TestRepository, temporaryFolder, writeFiles } from './harness.ts';

const marked = 'Vendor it\n\nCo-authored-by: Claude <noreply@anthropic.com>\n';

interface Home extends TestRepository {
  run(...args: string[]): Promise<Ran>;
  /** Commits the work tree as it is. */
  save(message: string): string;
}

/** A repository with the default policies, where git knows who commits. */
async function home(): Promise<Home> {
  const repository = newRepository();
  const { folder, git } = repository;
  git(['config', 'user.name', 'Ann Example']);
  git(['config', 'user.email', 'ann@example.com']);
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const run = (...args: string[]): Promise<Ran> => countersign(args, { cwd: folder, env });
  assert.equal((await run('init', '--yes', '--no-tests')).code, 0);
  const save = (message: string): string => {
    git(['add', '--all']);
    return repository.commit(message);
  };
  save('Set up\n');
  return { ...repository, run, save };
}

const open = ['exception', 'open', '--reason', 'Vendored code', '--approved-by', 'Bo Example <bo@example.com>'];

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** A file as someone wrote it some hours ago. */
const written = (hours: number, more = ''): string => `rules: [undisclosed-ai]
paths: ["vendor/**"]
reason: Vendored code
approved_by: Bo Example <bo@example.com>
opened: ${hoursAgo(hours)}
expires: ${hoursAgo(-1000)}
${more}`;

test('an exception holds from when it is in the base, is told in the verdict, and ends when it is closed', async () => {
  const { folder, run, save, commit } = await home();
  const opened = await run(
    ...open,
    '--rule',
    'undisclosed-ai',
    '--path',
    'vendor/',
    '--id',
    'vendored',
    '--ticket',
    'T-1',
  );
  assert.equal(opened.code, 0, opened.stderr);
  assert.equal(opened.stdout, '.countersign/exceptions/vendored.yaml\n');
  assert.match(opened.stderr, /Have it reviewed.*\n.*exception follow-up vendored/);
  const file = join(folder, '.countersign/exceptions/vendored.yaml');
  const fields = parse(readFileSync(file, 'utf8'));
  assert.deepEqual(Object.keys(fields), ['rules', 'paths', 'reason', 'approved_by', 'opened', 'expires', 'ticket']);
  assert.deepEqual([fields.rules, fields.paths], [['undisclosed-ai'], ['vendor/**']]);

  const base = save('Except vendored code\n');
  commit(marked, { files: { 'vendor/a.js': '1' } });
  const gate = async (): Promise<Ran> => run('gate', '--base', base, '--format', 'json');
  const allowed = await gate();
  assert.equal(allowed.code, 0, allowed.stdout);
  const { exceptions } = JSON.parse(allowed.stdout);
  assert.deepEqual([exceptions.length, exceptions[0].id, exceptions[0].rules], [1, 'vendored', ['undisclosed-ai']]);
  assert.match(
    (await run('gate', '--base', base)).stdout,
    /exception vendored excuses 1 violation of undisclosed-ai, until/,
  );

  const followed = await run('exception', 'follow-up', 'vendored', '--note', 'Checked "upstream": fine');
  assert.equal(followed.code, 0, followed.stderr);
  const [note] = parse(readFileSync(file, 'utf8')).follow_ups;
  assert.deepEqual([note.by, note.note], ['Ann Example <ann@example.com>', 'Checked "upstream": fine']);
  assert.equal((await run('exception', 'close', 'vendored', '--by', 'Bo Example <bo@example.com>')).code, 0);
  const later = save('Close the exception\n');
  commit(marked, { files: { 'vendor/b.js': '1' } });
  assert.equal((await run('gate', '--base', later)).code, 1);
  const again = await run('exception', 'close', 'vendored');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /vendored was closed on/);

  const list = await run('exception', 'list', '--format', 'json');
  const [one] = JSON.parse(list.stdout).exceptions;
  assert.deepEqual(
    [one.id, one.state, one.follow_up.state, one.path],
    ['vendored', 'closed', 'done', '.countersign/exceptions/vendored.yaml'],
  );
  assert.deepEqual(
    one.history.map(({ change, subject, author }: Record<string, string>) => [change, subject, author]),
    [
      ['added', 'Except vendored code', 'Ada Author <ada@example.com>'],
      ['changed', 'Close the exception', 'Ada Author <ada@example.com>'],
    ],
  );
  const text = await run('exception', 'list');
  assert.match(text.stdout, /^vendored {2}closed on .*\n {4}undisclosed-ai in vendor\/\*\*\n {4}Vendored code\n/);
  assert.match(text.stdout, /added by Ada Author <ada@example\.com> in [0-9a-f]{10}, changed 1 time since/);
});

test('without a limit it is refused, and a commit is named by its whole id', async () => {
  const { folder, run, git } = await home();
  const refused = await run(...open, '--rule', 'undisclosed-ai');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--commit.*--path.*--any-commit/);
  assert.ok(!existsSync(join(folder, '.countersign/exceptions')));
  assert.equal((await run(...open, '--rule', 'undisclosed-ai', '--any-commit')).code, 0);
  const named = await run(
    ...open,
    '--rule',
    'undisclosed-ai',
    '--rule',
    'no-such-rule',
    '--commit',
    'HEAD',
    '--expires',
    '12h',
  );
  assert.equal(named.code, 0, named.stderr);
  assert.match(named.stderr, /No policy here names the rule no-such-rule/);
  assert.doesNotMatch(named.stderr, /names the rule undisclosed-ai/);
  const fields = parse(readFileSync(join(folder, named.stdout.trim()), 'utf8'));
  assert.deepEqual(fields.commits, [git(['rev-parse', 'HEAD'])]);
  assert.equal((await run(...open, '--rule', 'x', '--commit', 'nowhere')).code, 2);
});

test('no file is ever written over, and who approves themselves is told', async () => {
  const { folder, run } = await home();
  const mine = [
    'exception',
    'open',
    '--reason',
    'x',
    '--approved-by',
    'Ann Example <ann@example.com>',
    '--rule',
    'r',
    '--path',
    'a',
  ];
  const first = await run(...mine);
  assert.match(first.stderr, /You name yourself/);
  const second = await run(...mine);
  assert.notEqual(second.stdout, first.stdout);
  assert.equal(readdirSync(join(folder, '.countersign/exceptions')).length, 2);
  writeFiles(folder, { '.countersign/exceptions/readme': 'x', '.countersign/exceptions/taken.json': '{}' });
  const taken = await run(...mine, '--id', 'taken');
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, /taken\.json:1:1/);
  assert.equal(readFileSync(join(folder, '.countersign/exceptions/taken.json'), 'utf8'), '{}');
});

test('whoever may not approve is told', async () => {
  const { folder, run } = await home();
  const people = 'approvers:\n  people: [{ name: Dee Example, email: dee@example.com }]\n  bots: []\n';
  writeFiles(folder, { '.countersign/data/approvers.yaml': people });
  const args = ['exception', 'open', '--reason', 'x', '--rule', 'undisclosed-ai', '--path', 'a', '--approved-by'];
  assert.match(
    (await run(...args, 'Bo Example <bo@example.com>')).stderr,
    /Bo Example <bo@example\.com> is nobody whom/,
  );
  assert.doesNotMatch((await run(...args, 'Dee Example <dee@example.com>')).stderr, /is nobody whom/);
});

test('follow-ups: due, overdue with a warning, then every change is denied but the one that brings it', async () => {
  const { folder, run, save, commit } = await home();
  writeFiles(folder, {
    '.countersign/exceptions/fresh.yaml': written(1),
    '.countersign/exceptions/late.yaml': written(50),
  });
  let base = save('Exceptions\n');
  commit('A change\n', { files: { a: '1' } });
  const due = await run('exception', 'due');
  assert.equal(due.code, 1, due.stderr);
  assert.match(due.stdout, /^late {2}active .*follow-up overdue since .*: changes are denied from/);
  assert.match(due.stderr, /1 follow-up overdue, 1 due/);
  const warned = await run('gate', '--base', base, '--format', 'json');
  assert.equal(warned.code, 0, warned.stdout);
  const rules = (ran: Ran, level: 'deny' | 'warn') =>
    JSON.parse(ran.stdout).change[level].map(({ rule }: { rule: string }) => rule);
  assert.deepEqual(rules(warned, 'warn'), ['follow-up-overdue']);

  writeFiles(folder, { '.countersign/exceptions/late.yaml': written(73) });
  base = save('Later\n');
  commit('A change\n', { files: { a: '2' } });
  const denied = await run('gate', '--base', base, '--format', 'json');
  assert.equal(denied.code, 1, denied.stdout);
  assert.deepEqual(rules(denied, 'deny'), ['follow-up-overdue']);
  const markdown = await run('exception', 'due', '--format', 'markdown');
  assert.match(
    markdown.stdout,
    /^<!-- countersign:exceptions -->\n## Follow-ups.*\n\n### Overdue: 1 exception\n\n- `late` \(`undisclosed-ai`\): due `[^`]+`, changes are denied since/,
  );

  assert.equal((await run('exception', 'follow-up', 'late', '--note', 'Upstream has it.')).code, 0);
  save('Follow up\n');
  const bringing = await run('gate', '--base', base, '--format', 'json');
  assert.equal(bringing.code, 0, bringing.stdout);
  assert.deepEqual(rules(bringing, 'warn'), ['follow-up-overdue']);
  const settled = await run('exception', 'due', '--format', 'json');
  assert.equal(settled.code, 0);
  const { overdue, due: rest } = JSON.parse(settled.stdout);
  assert.deepEqual([overdue, rest.map(({ id }: { id: string }) => id)], [[], ['fresh']]);
});

test('a tier may ask for it sooner', async () => {
  const { folder, run } = await home();
  const file = join(folder, '.countersign/data/scope.yaml');
  const scope = readFileSync(file, 'utf8').replace(/(- name: standard\n)/, '$1      follow_up_hours: 4\n');
  writeFiles(folder, { '.countersign/data/scope.yaml': scope, '.countersign/exceptions/x.yaml': written(5) });
  assert.equal((await run('exception', 'due')).code, 1);
  writeFiles(folder, { '.countersign/exceptions/x.yaml': written(3) });
  assert.equal((await run('exception', 'due')).code, 0);
});

test('states can be picked, and nothing that is said forges a line', async () => {
  const { folder, run } = await home();
  writeFiles(folder, {
    '.countersign/exceptions/a.yaml': written(60).replace('Vendored code', '"\\e[2K\\n::error::forged\\n@team `x`"'),
    '.countersign/exceptions/b.yaml': written(60, 'closed: {at: 2026-01-01T00:00:00Z, note: Over}\n'),
  });
  const overdue = await run('exception', 'list', '--state', 'overdue');
  assert.match(overdue.stdout, /^a {2}active/);
  assert.doesNotMatch(overdue.stdout, /^b {2}/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this must not appear
  assert.doesNotMatch(overdue.stdout, /\u001b|^\s*::error/m);
  assert.match((await run('exception', 'list', '--state', 'closed')).stdout, /^b {2}closed on 2026-01-01/);
  const markdown = (await run('exception', 'due', '--format', 'markdown')).stdout;
  assert.match(markdown, /why: `` \\u001b\[2K ::error::forged @team `x` ``/);
  assert.equal((await run('exception', 'list', '--state', 'old')).code, 2);
});

const misuses: [name: string, args: string[], message: RegExp][] = [
  ['no such exception', ['follow-up', 'nowhere', '--note', 'x'], /no exception "nowhere"\. There are none/],
  ['no note', ['follow-up', 'x'], /--note/],
  ['no rule', ['open', '--path', 'a', '--reason', 'x', '--approved-by', 'b'], /--rule/],
  [
    'a time that is over',
    ['open', '--rule', 'r', '--path', 'a', '--reason', 'x', '--approved-by', 'b', '--expires', '2020-01-01'],
    /is over/,
  ],
  ['a format that is none', ['list', '--format', 'xml'], /text, json/],
];
for (const [name, args, message] of misuses) {
  test(`misuse: ${name}`, async () => {
    const { run } = await home();
    const ran = await run('exception', ...args);
    assert.equal(ran.code, 2, ran.stderr + ran.stdout);
    assert.match(ran.stderr, message);
    assert.equal(ran.stdout, '');
  });
}

test('where there is no configuration, and no repository, that is said', async () => {
  const { folder } = newRepository();
  const none = await countersign(['exception', 'list'], { cwd: folder });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /countersign init/);
  assert.equal((await countersign(['exception', 'list'], { cwd: temporaryFolder() })).code, 2);
});
