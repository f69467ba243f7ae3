import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkCountersignatures } from '../../../core/approval/countersignatures.ts';
import type { Entry } from '../../../core/approval/entries.ts';
import type { ApprovalStatement } from '../../../core/approval/statement.ts';
import type { Trust } from '../../../core/approval/trust.ts';
import type { GitRepository } from '../../../core/git/repository.ts';
import { armour } from '../../../core/git/ssh-signature.ts';
import type { Commit } from '../../../core/input.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';
import { allowed, bo, commitOf, entry, opened, sealed, sshKey, sshSigner, statementOf, trustIn } from './support.ts';

const now = new Date('2024-07-01T00:00:00Z');

interface Scene {
  made: TestRepository;
  repository: GitRepository;
  commit: Commit;
  tree: string;
  /** Bo's key. */
  key: string;
  statement(fields?: Partial<ApprovalStatement>): Promise<ApprovalStatement>;
  check(entries: Entry[], trust: Trust, commit?: Commit): Promise<{ status: string; detail: string }[]>;
}

const message = 'Add a\n\nAI-Model: example-1\nAI-Approver: Bo Example <bo@example.com>\n';

async function scene(t: TestContext): Promise<Scene> {
  const made = await makeRepository(t);
  await made.write('a.txt', 'one\n');
  await made.commit('Base\n');
  await made.write('b.txt', 'two\n');
  const id = await made.commit(message);
  const repository = await opened(made);
  const commit = await commitOf(repository, id);
  const tree = (await made.git('rev-parse', `${id}^{tree}`)).trim();
  const key = sshKey(path.dirname(made.root), 'bo');
  return {
    ...{ made, repository, commit, tree, key },
    statement: (fields) => statementOf(repository, commit, tree, fields),
    async check(entries, trust, of = commit) {
      return (await checkCountersignatures(repository, [of], entries, trust, { now })).get(of.sha) ?? [];
    },
  };
}

test('a signature by an allowed key, of this very commit, is valid', async (t) => {
  const { repository, commit, key, statement, check } = await scene(t);
  const envelope = await sealed(repository, await statement({ reason: 'Read it.' }), sshSigner(key));
  const trust = trustIn(allowed('bo@example.com', key));
  const [found, ...more] = await check([entry(commit.sha, envelope)], trust);
  assert.deepEqual(more, []);
  const fingerprint = spawnSync('ssh-keygen', ['-l', '-f', `${key}.pub`], { encoding: 'utf8' }).stdout.split(' ')[1];
  assert.deepEqual(found, {
    status: 'valid',
    detail: '',
    approver: { ...bo, principal: 'bo@example.com' },
    key: fingerprint,
    format: 'ssh',
    signed_at: '2024-06-01T12:00:00Z',
    approved_commit: commit.sha,
    policy_revision: 'pack@0.1.0',
    policy: 'same',
    verdict: 'allow',
    reason: 'Read it.',
    roles: [],
  });
});

test('ssh-keygen itself verifies the envelope over bytes put together by hand', async (t) => {
  const { made, repository, key, statement } = await scene(t);
  const envelope = await sealed(repository, await statement(), sshSigner(key));
  const payload = Buffer.from(envelope.payload, 'base64');
  const head = `DSSEv1 28 application/vnd.in-toto+json ${payload.length} `;
  const folder = path.dirname(made.root);
  const [signers, signature] = [path.join(folder, 'signers'), path.join(folder, 'signature')];
  writeFileSync(signers, allowed('bo@example.com', key));
  writeFileSync(signature, armour(Buffer.from(envelope.signatures[0]!.sig, 'base64')));
  const args = ['-Y', 'verify', '-n', 'countersign', '-f', signers, '-I', 'bo@example.com', '-s', signature];
  const ran = spawnSync('ssh-keygen', args, { input: Buffer.concat([Buffer.from(head), payload]), encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /^Good "countersign" signature for bo@example\.com/);
});

test('keys of other kinds sign, too', async (t) => {
  const { made, repository, commit, statement, check } = await scene(t);
  for (const type of ['ecdsa', 'rsa']) {
    const key = sshKey(path.dirname(made.root), type, type);
    const envelope = await sealed(repository, await statement(), sshSigner(key));
    const [found] = await check([entry(commit.sha, envelope)], trustIn(allowed('bo@example.com', key)));
    assert.equal(found?.status, 'valid', `${type}: ${found?.detail}`);
  }
});

test('a key that the policy does not allow is not trusted, and why is said', async (t) => {
  const { made, repository, commit, key, statement, check } = await scene(t);
  const signedBy = async (fields?: Partial<ApprovalStatement>) =>
    entry(commit.sha, await sealed(repository, await statement(fields), sshSigner(key)));
  const good = await signedBy();
  const other = sshKey(path.dirname(made.root), 'other');
  const line = (options: string, principals = 'bo@example.com') => trustIn(allowed(principals, key, options));
  const cases: [string, Entry, Trust, RegExp][] = [
    ['no list', good, trustIn(undefined), /no list of allowed signers/],
    ['an empty list', good, trustIn(''), /not among the allowed signers/],
    ['another key', good, trustIn(allowed('bo@example.com', other)), /not among the allowed signers/],
    ['for git alone', good, line('namespaces="git"'), /not among the allowed signers/],
    ['expired', good, line('valid-before="20240601"'), /key has expired/],
    ['not yet valid', good, line('valid-after="20240602"'), /not yet valid/],
    [
      "somebody else's key",
      good,
      line('', 'cy@example.com'),
      /speaks for Bo Example.*the key is that of cy@example.com/,
    ],
    ['a wildcard for others', good, line('', '*@elsewhere.example'), /the key is that of \*@elsewhere\.example/],
    ['from the future', await signedBy({ approvedAt: '2024-07-02T00:00:00Z' }), line(''), /still to come/],
    [
      'before the commit',
      await signedBy({ approvedAt: '2023-12-31T00:00:00Z' }),
      line(''),
      /before the commit was made/,
    ],
  ];
  for (const [name, made, trust, why] of cases) {
    const [found] = await check([made], trust);
    assert.equal(found?.status, 'untrusted', `${name}: ${found?.detail}`);
    assert.match(found?.detail ?? '', why, name);
  }
  const valid: [string, Trust][] = [
    ['no namespace', line('')],
    ['within its time', line('valid-after="20240601",valid-before="20240602"')],
    ['several principals', line('', 'cy@example.com,bo@example.com')],
    ['a wildcard', line('', '*@example.com')],
    ['another case', line('', 'BO@example.com')],
  ];
  for (const [name, trust] of valid) {
    const [found] = await check([good], trust);
    assert.equal(found?.status, 'valid', `${name}: ${found?.detail}`);
  }
});

test('the key may be listed under another name of the approver: a login, or what the mailmap knows', async (t) => {
  const { made, repository, commit, key, statement, check } = await scene(t);
  const email = '12+bo-example@users.noreply.github.com';
  const envelope = await sealed(repository, await statement({ approver: { name: 'Bo', email } }), sshSigner(key));
  const [byLogin] = await check([entry(commit.sha, envelope)], trustIn(allowed('bo-example', key)));
  assert.equal(byLogin?.status, 'valid', byLogin?.detail);
  await made.write('.mailmap', `Bo Example <bo@example.com> <${email}>\n`);
  const base = await made.commit('Map\n');
  const mapped = trustIn(allowed('bo@example.com', key), { revision: base });
  const [byMailmap] = await check([entry(commit.sha, envelope)], mapped);
  assert.equal(byMailmap?.status, 'valid', byMailmap?.detail);
  const byOld = trustIn(allowed(email, key), { revision: base });
  const [old] = (await check([entry(commit.sha, envelope)], byOld)) as { approver?: object }[];
  assert.deepEqual(old?.approver, { name: 'Bo', email, principal: email, canonical: 'bo@example.com' });
  const [before] = await check([entry(commit.sha, envelope)], { ...mapped, revision: commit.sha });
  assert.equal(before?.status, 'untrusted', 'the mailmap of the base decides, not that of the work tree');
});

test('what the approver is to the commit is told, under every name', async (t) => {
  const { made, repository, commit, key, statement, check } = await scene(t);
  const rolesFor = async (approver: ApprovalStatement['approver'], fields: Partial<Trust> = {}) => {
    const envelope = await sealed(repository, await statement({ approver }), sshSigner(key));
    const trust = trustIn(allowed(approver.email, key), fields);
    const [found] = (await check([entry(commit.sha, envelope)], trust)) as { roles?: string[] }[];
    return found?.roles;
  };
  assert.deepEqual(await rolesFor({ name: 'Someone', email: 'ADA@example.com' }), ['author']);
  assert.deepEqual(await rolesFor({ name: 'Carl  EXAMPLE', email: 'x@example.com' }), ['committer']);
  const people = [{ name: 'Ada Example', email: 'ada@example.com', aliases: ['ada@home.example'] }];
  const home = { name: 'A.', email: 'ada@home.example' };
  assert.deepEqual(await rolesFor(home), []);
  assert.deepEqual(await rolesFor(home, { data: { approvers: { people } } }), ['author']);
  await made.write('.mailmap', 'Ada Example <ada@example.com> <ada@home.example>\n');
  assert.deepEqual(await rolesFor(home, { revision: await made.commit('Map\n') }), ['author']);
});

test('what was approved must be this commit, its tree and what it declares', async (t) => {
  const { made, repository, commit, key, statement, check } = await scene(t);
  const trust = trustIn(allowed('bo@example.com', key));
  const signed = async (fields: Partial<ApprovalStatement>) =>
    entry(commit.sha, await sealed(repository, await statement(fields), sshSigner(key)));
  const base = (await made.git('rev-parse', `${commit.sha}^`)).trim();
  const cases: [Partial<ApprovalStatement>, string, RegExp][] = [
    [{ tree: '1'.repeat(40) }, 'broken', /not that of the commit/],
    [{ disclosure: '1'.repeat(64) }, 'stale', /not what was approved/],
    [{ commit: base, patch: undefined }, 'stale', /whose change is another/],
    [{ commit: base, patch: { id: '1'.repeat(40), sha256: '1'.repeat(64) } }, 'stale', /whose change is another/],
  ];
  for (const [fields, status, why] of cases) {
    const [found] = await check([await signed(fields)], trust);
    assert.equal(found?.status, status, found?.detail);
    assert.match(found?.detail ?? '', why);
  }
  const elsewhere = await checkCountersignatures(repository, [commit], [await signed({ commit: base })], trust, {
    now,
  });
  assert.equal(elsewhere.get(commit.sha)?.[0]?.status, 'rebased', 'the patch and the disclosure are its own');
});

test('signatures for other purposes and of other types of payload do not count', async (t) => {
  const { made, repository, commit, tree, key, statement, check } = await scene(t);
  const trust = trustIn(allowed('bo@example.com', key, ''));
  const envelope = await sealed(repository, await statement(), sshSigner(key));
  const bytes = Buffer.from(envelope.payload, 'base64');
  const file = path.join(path.dirname(made.root), 'statement');
  writeFileSync(file, Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${bytes.length} `), bytes]));
  spawnSync('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', key, file]);
  const armoured = spawnSync('cat', [`${file}.sig`], { encoding: 'utf8' }).stdout;
  const sig = armoured.split('\n').slice(1, -2).join('');
  const forGit = { ...envelope, signatures: [{ keyid: '', sig, format: 'ssh' }] };
  const otherType = await sealed(repository, await statement(), sshSigner(key), 'application/json');
  const noStatement = await sealed(repository, Buffer.from(`{"tree":"${tree}"}`), sshSigner(key));
  const retyped = { ...otherType, payloadType: 'application/vnd.in-toto+json' };
  for (const bad of [forGit, otherType, noStatement, retyped, { ...envelope, signatures: [] }, 'text', null]) {
    const [found] = await check([entry(commit.sha, bad)], trust);
    assert.equal(found?.status, 'broken', JSON.stringify(bad));
    assert.notEqual(found?.detail, '');
  }
});

test('whether the policy that was gone by is today’s is told', async (t) => {
  const { repository, commit, key, statement, check } = await scene(t);
  const policyOf = async (policy: Partial<ApprovalStatement['policy']>, ours: Trust['policy']) => {
    const fields = { policy: { revision: 'x', decision: 'd', result: 'allow' as const, ...policy } };
    const envelope = await sealed(repository, await statement(fields), sshSigner(key));
    const trust = trustIn(allowed('bo@example.com', key), { policy: ours });
    return ((await check([entry(commit.sha, envelope)], trust)) as { policy?: string }[])[0]?.policy;
  };
  const gone = '1'.repeat(40);
  assert.equal(await policyOf({ revision: gone, tree: 'aa' }, { revision: commit.sha, tree: 'aa' }), 'same');
  assert.equal(await policyOf({ revision: commit.sha, tree: 'aa' }, { revision: gone, tree: 'bb' }), 'other');
  assert.equal(await policyOf({ revision: gone, tree: 'aa' }, { revision: commit.sha, tree: 'bb' }), 'unknown');
  assert.equal(await policyOf({ revision: 'pack@0.0.9' }, { revision: 'pack@0.1.0' }), 'other');
});

test('several countersignatures are judged each for itself, and a commit without any has none', async (t) => {
  const { made, repository, commit, key, statement, check } = await scene(t);
  const good = await sealed(repository, await statement(), sshSigner(key));
  const cy = sshKey(path.dirname(made.root), 'cy');
  const approver = { name: 'Cy Example', email: 'cy@example.com' };
  const second = await sealed(repository, await statement({ approver }), sshSigner(cy));
  const entries = [entry(commit.sha, second), entry(commit.sha, {}), entry(commit.sha, good)];
  const trust = trustIn(allowed('bo@example.com', key));
  const found = await check(entries, trust);
  assert.deepEqual(
    found.map(({ status }) => status),
    ['untrusted', 'broken', 'valid'],
  );
  assert.deepEqual(await check(entries, trust, await commitOf(repository, commit.parents[0]!)), []);
});

test('of a flood of junk, some is looked at, and none of it counts', async (t) => {
  const { repository, commit, key, statement, check } = await scene(t);
  const good = entry(commit.sha, await sealed(repository, await statement(), sshSigner(key)));
  const junk = Array.from({ length: 80 }, (_, at) => entry(commit.sha, { at }));
  const found = await check([...junk, good], trustIn(allowed('bo@example.com', key)));
  assert.equal(found.length, 50);
  assert.ok(found.every(({ status }) => status === 'broken'));
  const first = await check([good, ...junk], trustIn(allowed('bo@example.com', key)));
  assert.equal(first[0]?.status, 'valid');
});
