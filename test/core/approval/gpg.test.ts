/** OpenPGP through a keyring of the test's own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkCountersignatures } from '../../../core/approval/countersignatures.ts';
import type { ApprovalStatement } from '../../../core/approval/statement.ts';
import { findSigner } from '../../../core/git/signing.ts';
import { makeRepository } from '../../support/repository.ts';
import { commitOf, entry, gpgHome, gpgKey, opened, run, sealed, statementOf, trustIn } from './support.ts';

const now = new Date('2034-07-01T00:00:00Z');
const gpg = spawnSync('gpg', ['--version']).status === 0 && process.platform !== 'win32';

test('a key of the keyring that is trusted fully signs; others do not count', { skip: !gpg && 'no gpg' }, async (t) => {
  const home = gpgHome(t);
  const made = await makeRepository(t);
  await made.write('a.txt', 'one\n');
  const id = await made.commit('Add\n\nAI-Model: example-1\n');
  const repository = await opened(made, { GNUPGHOME: home.GNUPGHOME });
  const commit = await commitOf(repository, id);
  const tree = (await made.git('rev-parse', `${id}^{tree}`)).trim();
  assert.match((await findSigner(repository, { email: 'bo@example.com' })).why, /no secret key for bo@example\.com/);
  const key = gpgKey(home, 'Bo Example <bo@example.com>');
  const { signer } = await findSigner(repository, { email: 'bo@example.com' });
  assert.deepEqual(signer, { format: 'openpgp', program: 'gpg', key });
  const signed = async (fields: Partial<ApprovalStatement> = {}) =>
    sealed(repository, await statementOf(repository, commit, tree, fields), signer!);
  const check = async (envelope: unknown, where = repository) => {
    const found = await checkCountersignatures(where, [commit], [entry(id, envelope)], trustIn(undefined), { now });
    return found.get(id)![0]!;
  };
  const good = await signed();

  const found = await check(good);
  assert.deepEqual([found.status, found.detail, found.key, found.format], ['valid', '', key, 'openpgp']);
  assert.equal(found.approver?.principal, 'bo@example.com');

  // gpg itself, over bytes put together by hand.
  const payload = Buffer.from(good.payload, 'base64');
  const folder = path.dirname(made.root);
  writeFileSync(path.join(folder, 's.sig'), Buffer.from(good.signatures[0]!.sig, 'base64'));
  writeFileSync(path.join(folder, 's'), `DSSEv1 28 application/vnd.in-toto+json ${payload.length} ${payload}`);
  const args = ['--verify', path.join(folder, 's.sig'), path.join(folder, 's')];
  assert.equal(spawnSync('gpg', args, { env: home }).status, 0);

  payload[payload.length - 3]! ^= 1;
  assert.equal((await check({ ...good, payload: payload.toString('base64') })).status, 'broken');
  const claimed = await check(await signed({ approver: { name: 'Cy Example', email: 'cy@example.com' } }));
  assert.deepEqual([claimed.status, /the key is that of bo@example\.com/.test(claimed.detail)], ['untrusted', true]);

  const other = gpgHome(t);
  const elsewhere = await opened(made, { GNUPGHOME: other.GNUPGHOME });
  const unknown = await check(good, elsewhere);
  assert.deepEqual([unknown.status, unknown.detail], ['untrusted', 'Its key is not in the keyring of this machine.']);
  run('gpg', ['--batch', '--quiet', '--import'], other, run('gpg', ['--export', '--armor', key], home));
  const imported = await check(good, elsewhere);
  assert.equal(imported.status, 'untrusted');
  assert.match(imported.detail, /does not trust the key/);
  run('gpg', ['--batch', '--quiet', '--import-ownertrust'], other, `${key}:6:\n`);
  assert.equal((await check(good, elsewhere)).status, 'valid');

  // gpg prepares this when it makes a key, with a colon that keeps it from being imported by accident.
  const prepared = readFileSync(path.join(home.GNUPGHOME!, 'openpgp-revocs.d', `${key}.rev`), 'utf8');
  const revocation = prepared.replace(':-----BEGIN', '-----BEGIN');
  run('gpg', ['--batch', '--quiet', '--import'], home, revocation);
  const revoked = await check(good);
  assert.deepEqual([revoked.status, revoked.detail], ['untrusted', `The key ${key} is revoked.`]);
});

const gpgsm = spawnSync('gpgsm', ['--version']).status === 0 && process.platform !== 'win32';

test('an X.509 certificate that the machine trusts signs, too', { skip: !gpgsm && 'no gpgsm' }, async (t) => {
  const home = gpgHome(t);
  const made = await makeRepository(t);
  await made.write('a.txt', 'one\n');
  const id = await made.commit('Add\n');
  await made.git('config', 'gpg.format', 'x509');
  const repository = await opened(made, { GNUPGHOME: home.GNUPGHOME });
  const request = ['Key-Type: RSA', 'Key-Length: 2048', 'Key-Usage: sign', 'Serial: random'];
  const file = path.join(home.GNUPGHOME!, 'request');
  writeFileSync(file, [...request, 'Name-DN: CN=Bo Example', 'Name-Email: bo@example.com', ''].join('\n'));
  const loopback = ['--batch', '--pinentry-mode', 'loopback', '--passphrase-fd', '0'];
  run('gpgsm', [...loopback, '--armor', '--output', `${file}.pem`, '--generate-key', file], home);
  run('gpgsm', ['--batch', '--import', `${file}.pem`], home);
  const key = /^fpr:+([0-9A-F]+):/m.exec(run('gpgsm', ['--with-colons', '--list-keys'], home))![1]!;
  writeFileSync(path.join(home.GNUPGHOME!, 'trustlist.txt'), `${key} S relax\n`);
  spawnSync('gpgconf', ['--kill', 'gpg-agent'], { env: home });
  // A certificate without a place that lists revocations; the signing side is git's, and asks for none.
  writeFileSync(path.join(home.GNUPGHOME!, 'gpgsm.conf'), 'disable-crl-checks\n');
  const { signer, why } = await findSigner(repository, { email: 'bo@example.com' });
  assert.deepEqual(signer, { format: 'x509', program: 'gpgsm', key }, why);
  const commit = await commitOf(repository, id);
  const tree = (await made.git('rev-parse', `${id}^{tree}`)).trim();
  const good = await sealed(repository, await statementOf(repository, commit, tree), signer!);
  const check = async (envelope: unknown) => {
    const found = await checkCountersignatures(repository, [commit], [entry(id, envelope)], trustIn(undefined), {
      now,
    });
    return found.get(id)![0]!;
  };
  const found = await check(good);
  assert.deepEqual([found.status, found.detail, found.key, found.format], ['valid', '', key, 'x509']);
  assert.equal(found.approver?.principal, 'bo@example.com');
  const payload = Buffer.from(good.payload, 'base64');
  payload[payload.length - 3]! ^= 1;
  assert.equal((await check({ ...good, payload: payload.toString('base64') })).status, 'broken');
  writeFileSync(path.join(home.GNUPGHOME!, 'trustlist.txt'), '');
  spawnSync('gpgconf', ['--kill', 'gpg-agent'], { env: home });
  assert.equal((await check(good)).status, 'untrusted');
});
