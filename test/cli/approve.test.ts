import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { countersign, entry, newRepository, type Ran, type TestRepository, temporaryFolder } from './harness.ts';

const disclosure = `AI-Model: claude-opus-4-6
AI-Timestamp: ${new Date(Date.now() - 95_000_000).toISOString()}
AI-Context: Wrote the parser and its tests from the grammar
AI-Approver: Bo Example <bo@example.com>
`;

const undisclosed = 'Add b\n\nCo-authored-by: Claude <noreply@anthropic.com>\n';

interface Team extends TestRepository {
  keys: string;
  env: Record<string, string>;
  run(args: string[], env?: Record<string, string>): Promise<Ran>;
}

/** A repository in which Bo signs with SSH and is an allowed signer at the base; Ada is the author of all. */
function team(files: Record<string, string> = {}, objectFormat = 'sha1'): Team {
  const repository = newRepository({ objectFormat });
  const keys = temporaryFolder();
  for (const name of ['bo', 'cy']) {
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(keys, name)]);
    assert.equal(made.status, 0);
  }
  repository.git(['config', 'gpg.format', 'ssh']);
  repository.git(['config', 'user.signingKey', join(keys, 'bo.pub')]);
  const policy =
    'package team\n\nimport rego.v1\n\ndeny contains {"rule": "no-wip", "msg": "wip", "commit": c.sha} if {\n\tsome c in input.commits\n\tstartswith(c.subject, "wip")\n}\n';
  repository.commit('Set up\n', {
    files: {
      '.countersign/config.yaml': 'version: 1\n',
      '.countersign/policies/team.rego': policy,
      '.countersign/allowed-signers': signer(keys, 'bo'),
      ...files,
    },
  });
  const env = {
    ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', HOME: keys },
    ...{ GIT_COMMITTER_NAME: 'Bo Example', GIT_COMMITTER_EMAIL: 'bo@example.com' },
  };
  return {
    ...{ ...repository, keys, env },
    run: (args, more = {}) => countersign(args, { cwd: repository.folder, env: { ...env, ...more } }),
  };
}

function signer(keys: string, name: string): string {
  const [type, key] = readFileSync(join(keys, `${name}.pub`), 'utf8').split(' ');
  return `${name}@example.com namespaces="countersign" ${type} ${key}\n`;
}

test('an approver signs what they have seen; verify says so, and git keeps it in a note', async () => {
  const { run, git, commit } = team();
  const sha = commit(`Add a\n\nText.\n\n${disclosure}`, { files: { 'src/ä.ts': '1\n2\n' } });
  const ran = await run(['approve', '--yes', '--reason', 'Read every line']);
  assert.equal(ran.code, 0, ran.stderr);
  for (const shown of [
    `commit ${sha}`,
    'Author:    Ada Author <ada@example.com>',
    'Add a',
    'src/ä.ts  +2 -0',
    '1 file changed',
    'model: claude-opus-4-6',
    'allows it',
    'Signing as Bo Example <bo@example.com>, by ssh with',
    'Approved',
  ]) {
    assert.ok(ran.stdout.includes(shown), `${shown}\n${ran.stdout}`);
  }
  assert.match(ran.stderr, /git push origin refs\/notes\/countersign/);
  const record = JSON.parse(git(['notes', '--ref=countersign', 'show', sha]));
  assert.deepEqual([record.type, record.version], ['countersignature', 1]);
  const statement = JSON.parse(Buffer.from(record.envelope.payload, 'base64').toString('utf8'));
  assert.equal(statement.subject[0].digest.gitCommit, sha);
  assert.equal(statement.subject[1].digest.gitTree, git(['rev-parse', `${sha}^{tree}`]));
  assert.equal(statement.predicate.reason, 'Read every line');
  assert.equal(statement.predicate.policy.result, 'allow');
  assert.equal(statement.predicate.policy.revision, git(['rev-parse', `${sha}^`]));
  assert.equal(statement.predicate.policy.tree, git(['rev-parse', `${sha}^:.countersign`]));
  const patch = spawnSync('git', ['patch-id', '--stable'], { input: `${git(['diff-tree', '-p', sha])}\n` });
  assert.equal(statement.predicate.patch.id, patch.stdout.toString().split(' ')[0]);

  const verified = await run(['verify']);
  assert.equal(verified.code, 0, verified.stderr + verified.stdout);
  assert.match(verified.stdout, /valid Bo Example <bo@example\.com>, \d{4}-.*key SHA256:.*reason: Read every line/);
  const json = JSON.parse((await run(['verify', '--format', 'json', `${sha}^..${sha}`])).stdout);
  assert.deepEqual(
    json.commits.map((one: { commit: string; status: string; holds: boolean }) => [one.commit, one.status, one.holds]),
    [[sha, 'valid', true]],
  );

  const again = await run(['approve', '--yes', '--patch']);
  assert.match(again.stdout, /\+\+\+ "?b\/src.*\n@@ -0,0 \+1,2 @@\n\+1\n\+2\n/);
  assert.equal(again.code, 0);
  assert.match(again.stderr, /has your countersignature already/);
});

test('another note on the commit stays, byte for byte', async () => {
  const { run, git, commit } = team();
  const sha = commit(`Add a\n\n${disclosure}`);
  git(['notes', '--ref=countersign', 'add', '-m', '{"type":"of another kind","x":1}', sha]);
  git(['notes', 'add', '-m', 'Mine', sha]);
  assert.equal((await run(['approve', '--yes', '--format', 'json'])).code, 0);
  const lines = git(['notes', '--ref=countersign', 'show', sha]).split('\n');
  assert.equal(lines.length, 2);
  assert.equal(lines[0], '{"type":"of another kind","x":1}');
  assert.equal(git(['notes', 'show', sha]), 'Mine');
});

test('nobody approves their own commit, under none of their names, and --despite does not help', async () => {
  const { run, git, commit } = team({
    '.mailmap': 'Ada Author <ada@example.com> <ada@home.example>\n',
    '.countersign/allowed-signers': '',
  });
  commit(`Add a\n\n${disclosure}Co-authored-by: Cy <cy@example.com>\n`);
  for (const [name, email, what] of [
    ['Ada Author', 'ada@example.com', 'the author and the committer'],
    ['A.', 'ADA@home.example', 'the author and the committer'],
    ['Cy Example', 'cy@example.com', 'a co-author'],
  ] as const) {
    const args = ['approve', '--yes', '--despite', '--reason', 'I say so'];
    const ran = await run(args, { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email });
    assert.equal(ran.code, 1, email);
    assert.ok(ran.stderr.includes(`${what} of`), ran.stderr);
  }
  assert.equal(git(['for-each-ref', 'refs/notes']), '');
});

test('what the policy denies is approved only despite it, with a reason, and both are signed', async () => {
  const { run, git, commit } = team();
  const sha = commit(`wip: add a\n\n${disclosure}`);
  const denied = await run(['approve', '--yes']);
  assert.equal(denied.code, 1);
  assert.match(denied.stdout, /deny wip \(no-wip\)/);
  assert.match(denied.stderr, /The policy denies [0-9a-f]{10}: no-wip\.[\s\S]*--despite --reason/);
  assert.equal((await run(['approve', '--yes', '--despite'])).code, 2);
  assert.equal((await run(['approve', '--yes', '--despite', '--reason', ' '])).code, 2);
  assert.equal(git(['for-each-ref', 'refs/notes']), '');
  const ran = await run(['approve', '--yes', '--despite', '--reason', 'Needed tonight']);
  assert.equal(ran.code, 0, ran.stderr);
  const { envelope } = JSON.parse(git(['notes', '--ref=countersign', 'show', sha]));
  const { predicate } = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'));
  assert.deepEqual([predicate.policy.result, predicate.policy.denied], ['deny', ['no-wip']]);
  assert.match((await run(['verify'])).stdout, /though the policy denied it, reason: Needed tonight/);
});

test('without a key it says how to get one; with one that is not allowed, nothing is written', async () => {
  const { run, git, commit, keys, folder } = team();
  commit(`Add a\n\n${disclosure}`);
  const fromHere = relative(folder, join(keys, 'cy'));
  const other = await run(['approve', '--yes', '--key', fromHere]);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /Your signature would not count\..*not among the allowed signers/);
  const line = `bo@example.com namespaces="countersign" ${readFileSync(join(keys, 'cy.pub'), 'utf8').split(' ').slice(0, 2).join(' ')}`;
  assert.ok(other.stderr.includes(line), other.stderr);
  git(['config', '--unset', 'user.signingKey']);
  const none = await run(['approve', '--yes']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /ssh-keygen -t ed25519[\s\S]*gpg\.format ssh[\s\S]*user\.signingKey/);
  git(['config', 'user.signingKey', join(keys, 'gone')]);
  assert.match((await run(['approve', '--yes'])).stderr, /There is no key .*gone/);
  assert.equal(git(['for-each-ref', 'refs/notes']), '');
  const literal = readFileSync(join(keys, 'bo.pub'), 'utf8').trim();
  git(['config', 'user.signingKey', `key::${literal}`]);
  const noAgent = await run(['approve', '--yes'], { SSH_AUTH_SOCK: '' });
  assert.equal(noAgent.code, 3, 'no agent has it');
  git(['config', 'gpg.format', 'paper']);
  assert.match((await run(['approve', '--yes'])).stderr, /gpg\.format is "paper"/);
});

test('the key may come from gpg.ssh.defaultKeyCommand and an agent', {
  skip: process.platform === 'win32',
}, async (t) => {
  const { run, git, commit, keys } = team();
  commit(`Add a\n\n${disclosure}`);
  git(['config', '--unset', 'user.signingKey']);
  git(['config', 'gpg.ssh.defaultKeyCommand', 'ssh-add -L']);
  const started = spawnSync('ssh-agent', ['-s'], { encoding: 'utf8' }).stdout;
  const [, socket] = /SSH_AUTH_SOCK=([^;]+)/.exec(started) ?? [];
  const [, pid] = /SSH_AGENT_PID=(\d+)/.exec(started) ?? [];
  t.after(() => process.kill(Number(pid)));
  const env = { SSH_AUTH_SOCK: socket! };
  assert.match((await run(['approve', '--yes'], env)).stderr, /user\.signingKey names no key/);
  spawnSync('ssh-add', ['-q', join(keys, 'bo')], { env: { ...process.env, ...env } });
  const ran = await run(['approve', '--yes'], env);
  assert.equal(ran.code, 0, ran.stderr);
});

test('before anybody is an allowed signer one can sign, and is told what is missing', async () => {
  const { run, git, commit, keys } = team();
  git(['rm', '--quiet', '-r', '--cached', '.countersign/allowed-signers']);
  commit('Take the list out\n');
  commit(`Add a\n\n${disclosure}`);
  const ran = await run(['approve', '--yes']);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(
    ran.stderr.replace(/\s+/g, ' '),
    /does not count yet.*Add this line to \.countersign\/allowed-signers.*bo@example\.com namespaces/,
  );
  assert.equal((await run(['verify'])).code, 1);
  const list = join(keys, 'list');
  writeFileSync(list, signer(keys, 'bo'));
  assert.equal((await run(['verify', '--allowed-signers', list])).code, 0);
  assert.equal((await run(['verify', '--allowed-signers', join(keys, 'none')])).code, 2);
});

test('who may approve is the policy of the base, not what the change says of it', async () => {
  const approvers = 'approvers:\n  people:\n    - email: cy@example.com\n  bots: []\n';
  const { run, commit } = team({ '.countersign/data/approvers.yaml': approvers });
  commit(`Let Bo in\n\n${disclosure}`, {
    files: { '.countersign/data/approvers.yaml': approvers.replace('cy@', 'bo@') },
  });
  const ran = await run(['approve', '--yes']);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /bo@example\.com> is not among the approvers/);
});

test('a change is asked about on a terminal alone, and hostile texts cannot forge lines', async () => {
  const { run, commit, git } = team();
  commit(`Add \u001b[2Ka\u202e\n\n${disclosure}`);
  const ran = await run(['approve']);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /no terminal to ask in/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not appear
  assert.doesNotMatch(ran.stdout + ran.stderr, /[\u001b\u202e]/);
  assert.equal(git(['for-each-ref', 'refs/notes']), '');
  for (const args of [
    ['approve', 'nowhere'],
    ['verify', 'nowhere'],
    ['verify', 'a...b'],
    ['verify', 'nowhere..HEAD'],
  ]) {
    assert.equal((await run(args)).code, 2, args.join(' '));
  }
});

for (const objectFormat of ['sha1', 'sha256']) {
  test(`a first commit and a merge can be approved, under ${objectFormat}`, async () => {
    const { run, commit, git } = team({}, objectFormat);
    const root = git(['rev-list', '--max-parents=0', 'HEAD']);
    const first = await run(['approve', '--yes', root]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /built-in policies judge/);
    const one = commit('One\n', { files: { one: '1' } });
    const two = commit('Two\n', { parents: [`${one}`], files: { two: '2' } });
    const merge = commit('Merge\n', { parents: [two, one] });
    const merged = await run(['approve', '--yes', merge]);
    assert.equal(merged.code, 0, merged.stderr);
    assert.match(merged.stdout, /\(a merge\)/);
    assert.equal((await run(['verify', merge])).code, 0);
  });
}

test('undisclosed work with AI is denied by the built-in policies, and says so', async () => {
  const repository = newRepository();
  repository.commit(undisclosed);
  const ran = await countersign(['approve', '--yes'], {
    cwd: repository.folder,
    env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_COMMITTER_NAME: 'Bo', GIT_COMMITTER_EMAIL: 'bo@example.com' },
  });
  assert.notEqual(ran.code, 0);
  assert.match(ran.stdout, /undisclosed-ai/);
});

const terminal = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true;

/** Answers the question in a real terminal, once it is there. */
function answering(answer: string, { folder, env }: Team): Promise<{ code: number | null; screen: string }> {
  return new Promise((resolve, reject) => {
    const command = `"${process.execPath}" "${entry}" approve`;
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      ...{ cwd: folder, env: { ...process.env, ...env, TERM: 'xterm', NO_COLOR: '1' } },
    });
    let screen = '';
    let asked = false;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      screen += text;
      if (asked || !screen.includes('[y/N]')) return;
      asked = true;
      child.stdin.write(`${answer}\r`);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, screen }));
  });
}

test('in a terminal it asks, and only a yes signs', { skip: !terminal && 'no util-linux `script`' }, async () => {
  const approvers = team();
  const sha = approvers.commit(`Add a\n\n${disclosure}`);
  for (const answer of ['', 'n', 'yesterday']) {
    const ran = await answering(answer, approvers);
    assert.equal(ran.code, 1, ran.screen);
    assert.match(ran.screen, /Sign that you approve [0-9a-f]{10}\?[\s\S]*Nothing was signed/);
  }
  assert.equal(approvers.git(['for-each-ref', 'refs/notes']), '');
  const ran = await answering('y', approvers);
  assert.equal(ran.code, 0, ran.screen);
  assert.match(ran.screen, new RegExp(`Approved ${sha.slice(0, 10)}`));
  assert.equal((await approvers.run(['verify'])).code, 0);
});
