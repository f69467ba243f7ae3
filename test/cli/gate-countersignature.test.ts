/** The gate, where the base's policy requires countersignatures. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, type Ran, temporaryFolder } from './harness.ts';

const pack = join(import.meta.dirname, '..', '..', 'policies');

const disclosure = (approver = 'Bo Example <bo@example.com>') => `AI-Model: claude-opus-4-6
AI-Timestamp: ${new Date(Date.now() - 95_000_000).toISOString()}
AI-Context: Wrote the parser and its tests from the grammar
AI-Approver: ${approver}
`;

/** A repository under the pack whose standard tier requires countersignatures. */
async function team(settings: string, files: Record<string, string> = {}) {
  const repository = newRepository();
  const keys = temporaryFolder();
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bo', '-f', join(keys, 'bo')]);
  const key = readFileSync(join(keys, 'bo.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  repository.git(['config', 'gpg.format', 'ssh']);
  repository.git(['config', 'user.signingKey', join(keys, 'bo')]);
  assert.equal((await countersign(['init', '--yes', '--no-tests'], { cwd: repository.folder })).code, 0);
  const scope = readFileSync(join(pack, 'data', 'scope.yaml'), 'utf8');
  const base = repository.commit('Set up\n', {
    files: {
      '.countersign/data/scope.yaml': scope.replace('- name: standard\n', `- name: standard\n${settings}`),
      '.countersign/allowed-signers': `bo@example.com namespaces="countersign" ${key}\n`,
      ...files,
    },
  });
  const env = {
    ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_COMMITTER_NAME: 'Bo Example', GIT_COMMITTER_EMAIL: 'bo@example.com' },
  };
  return {
    ...{ ...repository, base, keys },
    run: (args: string[]) => countersign(args, { cwd: repository.folder, env }),
    async gate(from = base) {
      const ran = await countersign(['gate', '--base', from, '--format', 'json'], { cwd: repository.folder, env });
      return { ...ran, ...found(ran) };
    },
  };
}

function found(ran: Ran): { deny: string[]; warn: string[]; fixes: string[] } {
  const { commits } = JSON.parse(ran.stdout || '{"commits":[]}') as {
    commits: Record<'deny' | 'warn', { rule: string; fix?: string }[]>[];
  };
  const rules = (level: 'deny' | 'warn') => commits.flatMap((commit) => commit[level].map(({ rule }) => rule));
  const fixes = commits.flatMap(({ deny }) => deny.flatMap(({ fix }) => fix ?? []));
  return { deny: rules('deny'), warn: rules('warn'), fixes };
}

const required = '      countersignature: required\n';

test('required: denied without, with the command as fix; allowed with; denied where notes were not fetched', async () => {
  const { run, gate, commit, git, folder } = await team(required);
  const sha = commit(`Add a\n\n${disclosure()}`, { files: { 'src/a.ts': '1' } });
  commit('By hand\n', { files: { 'src/b.ts': '1' } });
  const before = await gate();
  assert.deepEqual([before.code, before.deny], [1, ['countersignature-required']]);
  assert.match(before.fixes[0] ?? '', /git fetch origin refs\/notes\/countersign:refs\/notes\/countersign/);

  git(['notes', '--ref=countersign', 'add', '-m', '{"type":"of another kind"}', 'HEAD']);
  const noted = await gate();
  assert.deepEqual([noted.code, noted.deny], [1, ['countersignature-required']]);
  assert.match(noted.fixes[0] ?? '', new RegExp(`countersign approve ${sha.slice(0, 12)}`));

  const approved = await run(['approve', '--yes', sha]);
  assert.equal(approved.code, 0, approved.stderr + approved.stdout);
  const after = await gate();
  assert.equal(after.code, 0, after.stdout + after.stderr);
  const [{ countersignatures }, byHand] = JSON.parse(after.stdout).commits;
  assert.deepEqual(
    countersignatures.map((one: { status: string; approver: { principal: string } }) => [
      one.status,
      one.approver.principal,
    ]),
    [['valid', 'bo@example.com']],
  );
  assert.equal('countersignatures' in byHand, false);
  assert.match(
    (await run(['gate', '--base', `${sha}^`, '--verbose'])).stdout,
    /signed Bo Example <bo@example\.com>: valid/,
  );

  const clone = temporaryFolder();
  git(['clone', '--quiet', folder, join(clone, 'c')]);
  const ci = (args: string[]) => countersign(args, { cwd: join(clone, 'c') });
  const unfetched = await ci(['gate', '--base', `${sha}^`]);
  assert.equal(unfetched.code, 1);
  assert.match(unfetched.stdout, /is not in this clone[\s\S]*fix {2}git fetch origin/);
  git(['-C', join(clone, 'c'), 'fetch', '--quiet', 'origin', 'refs/notes/countersign:refs/notes/countersign']);
  const fetched = await ci(['gate', '--base', `${sha}^`]);
  assert.equal(fetched.code, 0, fetched.stdout + fetched.stderr);
});

test('two approvers in two clones: their notes merge with git’s own means, and both count', async () => {
  const { run, commit, git, folder, keys, gate } = await team(required);
  const sha = commit(`Add a\n\n${disclosure()}`, { files: { 'src/a.ts': '1' } });
  const other = join(temporaryFolder(), 'clone');
  git(['clone', '--quiet', folder, other]);
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'cy', '-f', join(keys, 'cy')]);
  const list = join(keys, 'list');
  const lines = ['bo', 'cy'].map((name) => `${name}@example.com ${readFileSync(join(keys, `${name}.pub`), 'utf8')}`);
  writeFileSync(list, lines.join(''));
  assert.equal((await run(['approve', '--yes', sha])).code, 0);
  const cy = {
    ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_COMMITTER_NAME: 'Cy Example', GIT_COMMITTER_EMAIL: 'cy@example.com' },
    ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'gpg.format', GIT_CONFIG_VALUE_0: 'ssh' },
  };
  // By a base without a list of signers: Cy is in that of the check alone.
  const signed = await countersign(['approve', '--yes', '--base', `${sha}~2`, '--key', join(keys, 'cy'), sha], {
    ...{ cwd: other, env: cy },
  });
  assert.equal(signed.code, 0, signed.stderr + signed.stdout);
  const ref = 'refs/notes/countersign';
  git(['fetch', '--quiet', other, `${ref}:refs/notes/theirs`]);
  git(['notes', `--ref=${ref}`, 'merge', '--quiet', '-s', 'cat_sort_uniq', 'refs/notes/theirs']);
  const verified = await run(['verify', '--allowed-signers', list, '--format', 'json', sha]);
  assert.equal(verified.code, 0, verified.stdout);
  const [{ countersignatures }] = JSON.parse(verified.stdout).commits;
  assert.deepEqual(
    countersignatures
      .map((one: { status: string; approver: { email: string } }) => `${one.status} ${one.approver.email}`)
      .sort(),
    ['valid bo@example.com', 'valid cy@example.com'],
  );
  assert.equal((await gate()).code, 0);
});

test('who may sign is read from the base: a change cannot let its own signer in', async () => {
  const { gate, commit, git, run, keys } = await team(required);
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'm', '-f', join(keys, 'm')]);
  const key = readFileSync(join(keys, 'm.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  git(['config', 'user.signingKey', join(keys, 'm')]);
  commit('Let them in\n', { files: { '.countersign/allowed-signers': `bo@example.com ${key}\n` } });
  const sha = commit(`Add a\n\n${disclosure()}`, { files: { 'src/a.ts': '1' } });
  const approved = await run(['approve', '--yes', sha]);
  assert.equal(approved.code, 0, 'by the policy of its parent, it may');
  const ran = await gate();
  assert.deepEqual([ran.code, ran.deny], [1, ['countersignature-invalid']]);
  assert.match(ran.stdout, /untrusted\. The key SHA256:\S+ is not among the allowed signers/);
});

test('a tier may name its approvers: others can neither be declared nor sign', async () => {
  const { run, gate, commit } = await team(`${required}      approvers: [cy@example.com, "@dee"]\n`);
  const sha = commit(`Add a\n\n${disclosure()}`, { files: { 'src/a.ts': '1' } });
  const refused = await run(['approve', '--yes', '--despite', '--reason', 'I say so', sha]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /By the policy, .*bo@example\.com does not approve in scope tier "standard"/);
  assert.match(refused.stdout, /deny approver "Bo.*ask one of: cy@example\.com, @dee \(approver-tier\)/);
  assert.deepEqual((await gate()).deny, ['approver-tier', 'countersignature-required']);
});

test('an approver who is listed under another address counts by the mailmap of the base', async () => {
  const { run, gate, commit } = await team(required, {
    '.mailmap': 'Bo Example <bo@work.example> <bo@example.com>\n',
    '.countersign/data/approvers.yaml': 'approvers:\n  people:\n    - email: bo@work.example\n  bots: []\n',
  });
  const sha = commit(`Add a\n\n${disclosure('Bo <bo@work.example>')}`, { files: { 'src/a.ts': '1' } });
  const approved = await run(['approve', '--yes', sha]);
  assert.equal(approved.code, 0, approved.stderr + approved.stdout);
  const ran = await gate();
  assert.equal(ran.code, 0, ran.stdout);
});

test('after a rebase the policy decides', async () => {
  for (const [setting, code, deny, warn] of [
    ['', 1, ['countersignature-rebased'], []],
    ['      rebased: warn\n', 0, [], ['countersignature-rebased']],
    ['      rebased: accept\n', 0, [], []],
  ] as const) {
    const { run, gate, commit, git } = await team(required + setting);
    const sha = commit(`Add a\n\n${disclosure()}`, { files: { 'src/a.ts': '1' } });
    assert.equal((await run(['approve', '--yes', sha])).code, 0);
    git(['checkout', '--quiet', '-b', 'topic']);
    git(['checkout', '--quiet', '-B', 'main', `${sha}^`]);
    const moved = commit('Move on\n', { files: { 'src/other.ts': '1' } });
    git(['rebase', '--quiet', 'main', 'topic']);
    const ran = await gate(moved);
    assert.deepEqual([ran.code, ran.deny, ran.warn], [code, deny, warn], setting + ran.stdout + ran.stderr);
    const verified = await run(['verify', 'HEAD']);
    assert.deepEqual([verified.code, /rebased Bo Example/.test(verified.stdout)], [1, true]);
    assert.equal((await run(['verify', '--accept-rebased', 'HEAD'])).code, 0);
  }
});

test('an approver who is the author by the mailmap of the base is told so, without countersignatures, too', async () => {
  const { gate, commit } = await team('', { '.mailmap': 'Ada Author <ada@example.com> <ada@home.example>\n' });
  commit(`Add a\n\n${disclosure('A. <ada@home.example>')}`, {
    files: { 'src/a.ts': '1', '.mailmap': 'A. <a@example.com> <ada@home.example>\n' },
  });
  const ran = await gate();
  assert.deepEqual([ran.code, ran.deny], [1, ['approver-independent']]);
  assert.match(ran.stdout, /is the author and the committer of this commit/);
  commit(`Add b\n\n${disclosure('Bo Example <bo@example.com>')}`, { files: { 'src/b.ts': '1' } });
  assert.deepEqual((await gate('HEAD^')).deny, []);
});

test('a signature that cannot be checked is no decision', { skip: process.platform === 'win32' }, async () => {
  const { run, gate, commit, git } = await team(required);
  const sha = commit(`Add a\n\n${disclosure()}`, { files: { 'src/a.ts': '1' } });
  assert.equal((await run(['approve', '--yes', sha])).code, 0);
  git(['config', 'gpg.ssh.program', 'no-such-ssh-keygen']);
  const ran = await gate();
  assert.equal(ran.code, 3);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /no-such-ssh-keygen was not found.*gpg\.ssh\.program/);
});
