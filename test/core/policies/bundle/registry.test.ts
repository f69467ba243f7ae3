/** Bundles from a registry: as OPA pulls them, as conftest pushes them, and what is not what it should be. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pull } from '../../../../core/policies/bundle/registry.ts';
import { readSource } from '../../../../core/policies/bundle/source.ts';
import { bundleOf } from '../../../support/bundles.ts';
import { archiveType, digestOf, type Registry, startRegistry } from '../../../support/registry.ts';
import { temporaryFolder } from '../../../support/repository.ts';

const archive = bundleOf({ '/main.rego': 'package main', '/data.json': '{}' });
const layer = { mediaType: archiveType, bytes: archive };

function from(text: string, environment: NodeJS.ProcessEnv = { HOME: '/nowhere' }) {
  const source = readSource(`oci://${text}`);
  assert.equal(source.kind, 'oci');
  return pull(source.reference, { environment });
}

test('the archive is the layer that OPA takes, by tag, by digest, or the latest', async (t) => {
  const { host, push } = await startRegistry(t);
  const other = { mediaType: 'text/plain', bytes: Buffer.from('readme') };
  const digest = push('team/policies', 'v1', [other, layer]);
  push('team/policies', 'latest', [layer]);
  for (const reference of [':v1', `@${digest}`, `:v1@${digest}`, '']) {
    const { files, digest: found, form } = await from(`${host}/team/policies${reference}`);
    assert.deepEqual([files.map(({ path }) => path), form], [['data.json', 'main.rego'], 'archive']);
    assert.equal(found, digestOf(archive));
  }
});

test("conftest's layers are a file each", async (t) => {
  const { host, push } = await startRegistry(t);
  const title = (path: string) => ({ 'org.opencontainers.image.title': path });
  const file = (mediaType: string, path: string, text: string) => ({
    mediaType: `application/vnd.cncf.openpolicyagent.${mediaType}`,
    bytes: Buffer.from(text),
    annotations: title(path),
  });
  const rego = file('policy.layer.v1+rego', 'policy/main.rego', 'package main');
  const digest = push('p', 'v1', [rego, file('data.layer.v1+json', 'data/team.yaml', 'a: 1')]);
  const { files, form, digest: found } = await from(`${host}/p:v1`);
  assert.deepEqual(
    [files.map(({ path }) => path), form, found],
    [['data/team.yaml', 'policy/main.rego'], 'files', digest],
  );
  push('p', 'evil', [{ ...rego, annotations: title('../../x.rego') }]);
  await assert.rejects(from(`${host}/p:evil`), /no file's path of its own/);
  push('p', 'twice', [rego, rego]);
  await assert.rejects(from(`${host}/p:twice`), /no file's path of its own/);
});

test('a token is got for reading this repository, with what docker login keeps or the environment says', async (t) => {
  const registry = await startRegistry(t, 'ann:pass');
  const { host, push, requests } = registry;
  push('team/p', 'v1', [layer]);
  const home = await temporaryFolder(t);
  await assert.rejects(from(`${host}/team/p:v1`, { HOME: home }), {
    kind: 'unavailable',
    message: /wants a credential \(401\): log in/,
  });
  await mkdir(join(home, '.docker'));
  const auth = Buffer.from('ann:pass').toString('base64');
  await writeFile(join(home, '.docker', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  for (const environment of [
    { HOME: home },
    { DOCKER_CONFIG: join(home, '.docker') },
    { HOME: '/nowhere', COUNTERSIGN_BUNDLE_USER: 'ann', COUNTERSIGN_BUNDLE_PASSWORD: 'pass' },
  ]) {
    requests.length = 0;
    await from(`${host}/team/p:v1`, environment);
    assert.deepEqual(requests, [
      'GET /v2/team/p/manifests/v1',
      'GET /token with credential',
      'GET /v2/team/p/manifests/v1 with credential',
      `GET /v2/team/p/blobs/${digestOf(archive)} with credential`,
    ]);
  }
  await assert.rejects(from(`${host}/team/p:v1`, { COUNTERSIGN_BUNDLE_TOKEN: 'wrong' }), /without a credential|wants/);
});

const changes: [string, (registry: Registry) => void, RegExp][] = [
  ['the blob is another', ({ blobs }) => blobs.set(digestOf(archive), flipped(archive)), /is not what its digest/],
  [
    'the blob is longer',
    ({ blobs }) => blobs.set(digestOf(archive), Buffer.concat([archive, archive])),
    /is larger than/,
  ],
  ['the blob is cut', ({ blobs }) => blobs.set(digestOf(archive), archive.subarray(1)), /not the size/],
  ['the blob is gone', ({ blobs }) => blobs.clear(), /no bundle at .* \(404\)/],
  [
    'the manifest is another than its digest',
    ({ manifests }) => {
      for (const manifest of manifests.values()) manifest.bytes = Buffer.from(`${manifest.bytes} `);
    },
    /The manifest of .* is not what its digest/,
  ],
];

for (const [what, change, says] of changes) {
  test(`refused: ${what}`, async (t) => {
    const registry = await startRegistry(t);
    const digest = registry.push('p', 'v1', [layer]);
    change(registry);
    await assert.rejects(from(`${registry.host}/p@${digest}`), says);
  });
}

test('refused: what is no image with a bundle in it', async (t) => {
  const { host, push, manifests } = await startRegistry(t);
  push('p', 'index', [], { mediaType: 'application/vnd.oci.image.index.v1+json' });
  push('p', 'text', [{ mediaType: 'text/plain', bytes: archive }]);
  push('p', 'none', []);
  push('p', 'bad', [], { layers: [{ mediaType: archiveType, digest: '../../etc', size: 1 }] });
  manifests.set('p:html', { type: 'text/html', bytes: Buffer.from('<html>') });
  for (const [tag, says] of [
    ['index', /not a bundle's manifest/],
    ['text', /holds no bundle/],
    ['none', /holds no bundle/],
    ['bad', /without type, digest or size/],
    ['html', /is no JSON/],
    ['absent', /no bundle at .* \(404\)/],
  ] as const) {
    await assert.rejects(from(`${host}/p:${tag}`), says);
  }
});

test('addresses are read by the grammar of the specification', () => {
  const reference = (text: string) => {
    const source = readSource(text);
    return source.kind === 'oci' ? source.reference : undefined;
  };
  const sha = `sha256:${'a'.repeat(64)}`;
  assert.deepEqual(reference('oci://ghcr.example/a/b-c.d:v1'), {
    host: 'ghcr.example',
    repository: 'a/b-c.d',
    reference: 'v1',
    plain: false,
  });
  assert.deepEqual(reference(`oci://localhost:5000/a@${sha}`), {
    host: 'localhost:5000',
    repository: 'a',
    reference: sha,
    plain: true,
  });
  for (const bad of ['oci://', 'oci://host', 'oci://host/', 'oci://host/A', 'oci://host/a:', 'oci://u:p@host/a']) {
    assert.throws(() => readSource(bad), { kind: 'configuration' }, bad);
  }
  for (const bad of ['ftp://x/y', 'https://ann:pw@example.com/b', 'file:///etc']) {
    assert.throws(() => readSource(bad), { kind: 'configuration' }, bad);
  }
  assert.throws(() => readSource('policies/', true), { kind: 'configuration' });
});

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[20] = (other[20] ?? 0) ^ 1;
  return other;
}
