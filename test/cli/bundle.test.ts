/** `gate --bundle`, and the bundle that a repository's configuration names. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../core/verdict.ts';
import { bundleOf, hmacSigner, rsaSigner, signedBundle } from '../support/bundles.ts';
import { serve } from '../support/http-server.ts';
import { archiveType, startRegistry } from '../support/registry.ts';
import { countersign, newRepository, temporaryFolder, writeFiles } from './harness.ts';

const banning = `package team

deny contains {"msg": "banned", "rule": "ban", "commit": commit.sha} if {
	some commit in input.commits
	commit.author.email in data.team.banned
}
`;
const files = { 'team/main.rego': banning, 'team/data.json': '{"banned": ["ada@example.com"]}' };
const manifest = (more: object): { '.manifest': string } => ({ '.manifest': JSON.stringify(more) });

const { folder, commit, git } = newRepository();
git(['tag', 'base']);
commit('Add a\n', { files: { a: '1' } });
const bundles = temporaryFolder();
const keep = (name: string, bytes: Buffer): string => {
  writeFileSync(join(bundles, name), bytes);
  return join(bundles, name);
};
const gate = (args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) =>
  countersign(['gate', '--base', 'base', ...args], {
    cwd: options.cwd ?? folder,
    env: { XDG_CACHE_HOME: join(bundles, 'cache'), DOCKER_CONFIG: bundles, ...options.env },
  });

test('a file, a folder, a server and a registry give the same verdict and name what they had', async (t) => {
  const bytes = bundleOf({ ...files, ...manifest({ revision: 'v7', roots: ['team'] }) });
  const url = await serve(t, (_request, response) => response.end(bytes));
  const registry = await startRegistry(t);
  registry.push('team/policies', 'v7', [{ mediaType: archiveType, bytes }]);
  const unpacked = temporaryFolder();
  writeFiles(unpacked, { ...files, ...manifest({ revision: 'v7', roots: ['team'] }) });
  const revisions = new Set<string>();
  for (const source of [
    keep('b.tar.gz', bytes),
    `${url}/b.tar.gz`,
    `oci://${registry.host}/team/policies:v7`,
    unpacked,
  ]) {
    const { code, stdout, stderr } = await gate(['--bundle', source, '--format', 'json']);
    assert.equal(code, 1, stderr);
    const { revision, commits } = JSON.parse(stdout) as Verdict;
    assert.match(revision, /^v7@sha256:[0-9a-f]{64}$/);
    assert.deepEqual(
      commits[0]?.deny.map(({ rule, msg }) => [rule, msg]),
      [['ban', 'banned']],
    );
    if (source !== unpacked) revisions.add(revision);
  }
  assert.equal(revisions.size, 1);
});

test('a signature is asked for and checked, by file or environment', async () => {
  const { key, signer } = rsaSigner();
  const pem = keep('key.pem', Buffer.from(key));
  const rego = { 'main.rego': 'package main\n\ndeny contains "x" if input.nothing\n' };
  const signed = keep('signed.tar.gz', signedBundle(rego, signer, { scope: 'gate' }));
  const unsigned = keep('unsigned.tar.gz', bundleOf(rego));
  const secret = keep('secret.tar.gz', signedBundle(rego, hmacSigner('s3cret')));
  const cases: [number, string[], Record<string, string>?][] = [
    [0, [signed, '--verification-key', pem, '--scope', 'gate']],
    [0, [signed, '--scope', 'gate'], { COUNTERSIGN_VERIFICATION_KEY: key }],
    [0, [secret, '--signing-alg', 'HS256'], { COUNTERSIGN_VERIFICATION_KEY: 's3cret' }],
    [3, [signed, '--verification-key', pem]],
    [3, [unsigned, '--verification-key', pem]],
    [3, [secret, '--signing-alg', 'HS256'], { COUNTERSIGN_VERIFICATION_KEY: 'other' }],
    [2, [signed]],
    [2, [signed, '--scope', 'gate']],
    [2, [join(bundles, 'none.tar.gz')]],
    [2, [unsigned, '--policy', '.']],
  ];
  for (const [expected, [source = '', ...args], env] of cases) {
    const { code, stdout, stderr } = await gate(['--bundle', source, ...args], env ? { env } : {});
    assert.equal(code, expected, `${source} ${args.join(' ')}: ${stderr}`);
    if (code !== 0) assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /s3cret(?!\.)| {4}at /);
  }
});

test('what cannot be used is a mistake of the call, and what is not whole no decision', async () => {
  for (const [content, expected, says] of [
    [{ 'patch.json': '{"data": []}' }, 2, /is a delta bundle/],
    [{ 'data.json': '{}' }, 2, /nothing could be denied/],
    [{ ...files, ...manifest({ roots: ['other'] }) }, 3, /beyond its roots/],
    [{ 'a.rego': 'package a\n\ndeny contains' }, 3, /bundle\/a\.rego:3/],
  ] as const) {
    const { code, stdout, stderr } = await gate(['--bundle', keep('refused.tar.gz', bundleOf({ ...content }))]);
    assert.deepEqual([code, stdout], [expected, ''], stderr);
    assert.match(stderr, says);
  }
});

test('the base says which bundle judges, and what it is signed with; a change cannot', async (t) => {
  const { key, signer } = rsaSigner();
  const evil = rsaSigner();
  const served: Record<string, Buffer> = {
    '/org': signedBundle({ 'main.rego': 'package team\n\ndeny contains "org" if input.phase == "change"\n' }, signer),
    '/evil': signedBundle({ 'main.rego': 'package team\n\ndeny contains "x" if input.nothing\n' }, evil.signer),
  };
  const url = await serve(t, ({ url: path = '' }, response) => response.end(served[path]));
  const own = newRepository();
  const config = (name: string): string => `version: 1\nbundle:\n  url: ${url}/${name}\n  key: keys/bundle.pem\n`;
  const home = (name: string, pem: string) => ({
    '.countersign/config.yaml': config(name),
    '.countersign/keys/bundle.pem': pem,
  });
  own.commit('Put under Countersign\n', { files: home('org', key) });
  own.git(['tag', 'base']);
  own.commit('Loosen\n', { files: home('evil', evil.key) });
  const { code, stdout, stderr } = await gate([], { cwd: own.folder });
  assert.equal(code, 1, stderr);
  assert.match(stdout, /judged by the bundle http.*\/org and \.countersign at[\s\S]*deny org/);
  served['/org'] = served['/evil'] as Buffer;
  const swapped = await gate([], { cwd: own.folder });
  assert.deepEqual([swapped.code, swapped.stdout], [3, ''], swapped.stderr);
  assert.match(swapped.stderr, /signature is not one of RS256 by the given key/);
});

test('the repository has beside the bundle what its roots leave to it, and its configuration holds', async (t) => {
  const bytes = bundleOf({
    'team/main.rego': 'package team\n\ndeny contains input.commits[0].disclosure.model[0] if input.phase == "change"\n',
    ...manifest({ revision: 'v1', roots: ['team'] }),
  });
  const url = await serve(t, (_request, response) => response.end(bytes));
  const own = newRepository();
  own.commit('Put under Countersign\n', {
    files: {
      '.countersign/config.yaml': `version: 1\ntrailers: { model: LLM }\nbundle:\n  url: ${url}\n`,
      '.countersign/policies/local.rego': 'package local\n\nwarn contains data.word if input.phase == "change"\n',
      '.countersign/data/word.yaml': 'word: beside\n',
    },
  });
  own.git(['tag', 'base']);
  own.commit('Add\n\nLLM: example-1\n');
  const { code, stdout, stderr } = await gate(['--format', 'json'], { cwd: own.folder });
  assert.equal(code, 1, stderr);
  const { change } = JSON.parse(stdout) as Verdict;
  assert.deepEqual([change.deny[0]?.msg, change.warn[0]?.msg], ['example-1', 'beside']);
  // On the command line the bundle judges alone.
  const alone = await gate(['--bundle', keep('alone.tar.gz', bytes), '--format', 'json'], { cwd: own.folder });
  const verdict = JSON.parse(alone.stdout) as Verdict;
  assert.deepEqual([verdict.change.deny[0]?.msg, verdict.change.warn], ['example-1', []]);
});
