/** Signatures: the fixtures are what `opa build` and `opa sign` 1.20.2 wrote; what else is refused is made here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readArchive } from '../../../../core/policies/bundle/archive.ts';
import { loadBundle } from '../../../../core/policies/bundle/load-bundle.ts';
import type { VerificationKey } from '../../../../core/policies/bundle/signature.ts';
import type { Engine } from '../../../../engine/engine.ts';
import { startEngine } from '../../../../engine/start.ts';
import { archiveOf, bundleOf, fileInfo, hmacSigner, rsaSigner, signedBundle } from '../../../support/bundles.ts';
import { temporaryFolder } from '../../../support/repository.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const rsa = readFileSync(join(fixtures, 'rsa.pem'), 'utf8');
const ec = readFileSync(join(fixtures, 'ec.pem'), 'utf8');

let engine: Engine;
before(async () => {
  engine = await startEngine();
});
after(() => engine.dispose());

const load = (path: string, key?: VerificationKey) =>
  loadBundle(engine, { kind: 'path', path }, { key, environment: {} });

const opas: [string, VerificationKey][] = [
  ['signed-rs', { key: rsa, algorithm: 'RS256', keyId: 'default' }],
  ['signed-ps', { key: rsa, algorithm: 'PS384' }],
  ['signed-es', { key: ec, algorithm: 'ES256' }],
  ['signed-hs', { key: 'secret', algorithm: 'HS256' }],
  ['signed-yaml', { key: rsa, algorithm: 'RS512', scope: 'write', keyId: 'team' }],
];

for (const [name, key] of opas) {
  const path = join(fixtures, `${name}.tar.gz`);

  test(`${name}: OPA's signature holds, and only with its key, algorithm, key id and scope`, async () => {
    const { policies } = await load(path, key);
    assert.deepEqual(policies.problems, []);
    assert.match(policies.revision, /^(v7@)?sha256:[0-9a-f]{64}$/);
    await assert.rejects(load(path), /is signed, and no key is given/);
    await assert.rejects(load(path, { ...key, scope: 'other' }), /has the scope/);
    if (key.keyId) await assert.rejects(load(path, { ...key, keyId: 'other' }), /is signed with the key/);
    const other = key.algorithm.startsWith('HS')
      ? { key: 'other', algorithm: key.algorithm }
      : { key: rsaSigner().key, algorithm: 'RS256' };
    await assert.rejects(load(path, { ...key, ...other }), /signature is not one of/);
  });

  test(`${name}: any file that was changed, added or taken out is noticed`, async (t) => {
    const folder = await temporaryFolder(t);
    const files = (await readArchive(readFileSync(path), name)).map((file) => ({
      path: file.path,
      content: Buffer.from(file.bytes),
    }));
    const attempt = async (entries: { path: string; content: Buffer | string }[], says: RegExp): Promise<void> => {
      const changed = join(folder, 'changed.tar.gz');
      await writeFile(changed, archiveOf(entries));
      await assert.rejects(load(changed, key), says);
    };
    for (const file of files) {
      const others = files.filter((one) => one !== file);
      if (file.path === '.signatures.json') {
        await attempt(others, /is not signed/);
        continue;
      }
      await attempt(others, new RegExp(`names what is not in the bundle: ${file.path}`));
      const text = file.content.toString();
      const changed = file.path.endsWith('.manifest')
        ? `{"metadata": {},${text.slice(1)}`
        : text.replace(/ada@|sprintf|null/, 'true');
      assert.notEqual(changed, text);
      await attempt([...others, { path: file.path, content: changed }], /was changed after signing|is no JSON/);
    }
    await attempt([...files, { path: 'more/extra.rego', content: 'package extra' }], /was added after signing/);
    await attempt([...files, { path: 'README.md', content: '' }], /was added after signing/);
    await attempt([...files, { path: 'x/.signatures.json', content: '{}' }], /second signature/);
  });
}

test('what JSON and YAML say is signed, not how they are laid out', async (t) => {
  const folder = await temporaryFolder(t);
  const files = await readArchive(readFileSync(join(fixtures, 'signed-yaml.tar.gz')), 'b');
  const laidOut = files.map(({ path, bytes }) => {
    let content = Buffer.from(bytes).toString();
    if (path === 'data.json') content = ` \n${content.replaceAll(':', ' : \n').replaceAll(',', '\t,')}\n\n`;
    if (path.endsWith('.yaml')) content = `# a comment\n${content}`;
    return { path, content };
  });
  const path = join(folder, 'b.tar.gz');
  await writeFile(path, archiveOf(laidOut));
  await load(path, { key: rsa, algorithm: 'RS512', scope: 'write' });
});

const rego = { 'main.rego': 'package main\n\ndeny contains "x" if input.nothing\n' };

test('refused: what does not prove who signed', async (t) => {
  const folder = await temporaryFolder(t);
  const { key, signer } = rsaSigner();
  const attempt = async (bundle: Buffer, says: RegExp, wanted: VerificationKey = { key, algorithm: 'RS256' }) => {
    const path = join(folder, 'b.tar.gz');
    await writeFile(path, bundle);
    await assert.rejects(load(path, wanted), says);
  };
  const listed = Object.entries(rego).map(([name, content]) => fileInfo(name, content));
  const withFile = (signatures: string): Buffer => bundleOf({ ...rego, '.signatures.json': signatures });

  // The public key is no secret: whoever knows it must not be able to sign by it.
  await attempt(withFile(hmacSigner(key)({ files: listed })), /signature is not one of RS256/);
  await attempt(withFile(signer({ files: listed }, { alg: 'none' })), /signature is not one of RS256/);
  const unsigned = JSON.parse(signer({ files: listed })) as { signatures: [string] };
  unsigned.signatures[0] = `${unsigned.signatures[0].split('.').slice(0, 2).join('.')}.`;
  await attempt(withFile(JSON.stringify(unsigned)), /signature is not one of RS256/);

  const [one] = (JSON.parse(signer({ files: listed })) as { signatures: [string] }).signatures;
  await attempt(withFile(JSON.stringify({ signatures: [one, one] })), /exactly one signature/);
  await attempt(withFile(JSON.stringify({ signatures: [] })), /exactly one signature/);
  await attempt(withFile(JSON.stringify({ signatures: [one], plugin: 'mine' })), /verifier "mine"/);
  await attempt(withFile('signed, truly'), /is no JSON/);
  await attempt(withFile(signer({})), /was added after signing/);
  for (const algorithm of ['MD5', 'SHA-1', 'sha256', 'none']) {
    const file = { ...listed[0], algorithm };
    await attempt(withFile(signer({ files: [file] })), /which is not taken/);
  }
  await attempt(withFile(signer({ files: [{ name: 'main.rego' }] })), /without its digest/);
  await attempt(signedBundle(rego, signer), /no public key in PEM/, { key: 'secret', algorithm: 'RS256' });
  await attempt(signedBundle(rego, signer), /is no signing algorithm/, { key, algorithm: 'none' });
  await attempt(signedBundle(rego, hmacSigner('')), /signature is not one of HS256/, { key: '', algorithm: 'HS256' });
});

test('the key itself is never told', async (t) => {
  const path = join(await temporaryFolder(t), 'b.tar.gz');
  await writeFile(path, signedBundle(rego, hmacSigner('the-secret-itself')));
  for (const algorithm of ['HS512', 'RS256', 'ES256']) {
    await assert.rejects(load(path, { key: 'the-secret-itself', algorithm }), (error: Error) => {
      assert.doesNotMatch(String(error.message), /secret-itself/);
      return true;
    });
  }
});
