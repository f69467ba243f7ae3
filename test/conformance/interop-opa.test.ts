/** Bundles and servers of the real OPA, built from its Go module: what it signs, verifies, pulls and decides. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { readArchive } from '../../core/policies/bundle/archive.ts';
import { loadBundle } from '../../core/policies/bundle/load-bundle.ts';
import { readSource } from '../../core/policies/bundle/source.ts';
import type { Verdict } from '../../core/verdict.ts';
import { countersign, newRepository } from '../cli/harness.ts';
import { archiveOf } from '../support/bundles.ts';
import { archiveType, startRegistry } from '../support/registry.ts';
import { root, withPeers } from './peer-tools.ts';

describe('opa', () => {
  const peers = withPeers();
  const { scratch } = peers;

  let folders = 0;
  function folderOf(files: Record<string, string>): string {
    const folder = join(scratch, `f${++folders}`);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  }

  const rego = 'package main\n\ndeny contains data.a if input.phase == "change"\n';
  const secret = { key: 'secret', algorithm: 'HS256' };
  const sign = ['--signing-alg', 'HS256'];

  /** Whether both take a signed bundle, which must be the same. */
  async function taken(archive: string): Promise<boolean> {
    const args = [
      'build',
      '--bundle',
      archive,
      '--verification-key',
      'secret',
      ...sign,
      '--output',
      join(scratch, 'o.tar.gz'),
    ];
    const theirs = spawnSync(peers.opa, args, { encoding: 'utf8' });
    const ours = await loadBundle(peers.engine, { kind: 'path', path: archive }, { key: secret, environment: {} }).then(
      () => '',
      (error: Error) => error.message,
    );
    assert.equal(ours === '', theirs.status === 0, `ours: ${ours}\ntheirs: ${theirs.stderr}`);
    return ours === '';
  }

  test('documents of all kinds are verified as it signs them, in JSON and in YAML', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 8 });
    const tricky = fc.constantFrom(
      '\u2028',
      '<&>',
      '"',
      '\\',
      '\b\f\n\r\t',
      '\u0001',
      '\u007f',
      'yes',
      '1e3',
      '😀',
      '__proto__',
    );
    const key = fc.oneof(text, tricky, fc.constantFrom('1', '10', '2', 'é', 'z'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        ...[fc.constantFrom(null, true, false), fc.integer(), fc.double({ noDefaultInfinity: true, noNaN: true })],
        ...[text, tricky, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 4 })],
      ),
    }));
    const documents = fc.array(fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(documents, async (several) => {
        const files: Record<string, string> = { 'main.rego': rego };
        // Numbers as no JavaScript writes them.
        several.forEach((document, at) => {
          const json = JSON.stringify(document).replace(/\b(\d+)\b(?=[,}\]])/g, at % 2 ? '$1' : '$1.50e0');
          files[`d${at}/data.json`] = valid(json) ? json : JSON.stringify(document);
          files[`y${at}/data.yaml`] = JSON.stringify(document, null, 2);
        });
        files['z/data.yaml'] =
          'on: off\nn: 0x1F\nf: 1.0\ng: 1e3\nd: 2026-01-31\nt: |\n  two\n  lines\nl: [~, 010, "010"]\n';
        const folder = folderOf(files);
        execFileSync(peers.opa, ['sign', '--bundle', '.', '--signing-key', 'secret', ...sign], { cwd: folder });
        const archive = `${folder}.tar.gz`;
        const entries = listed(folder).map((path) => ({ path, content: readFileSync(join(folder, path)) }));
        writeFileSync(archive, archiveOf(entries));
        assert.ok(await taken(archive));
      }),
      { numRuns: 30 },
    );
  });

  test('what was tampered with is refused by both', async () => {
    const folder = folderOf({ 'main.rego': rego, 'data.json': '{"a": "x"}', 'b/data.json': '[1, 2]' });
    const archive = join(scratch, 'signed.tar.gz');
    execFileSync(peers.opa, ['build', '--bundle', '.', '--signing-key', 'secret', ...sign, '-o', archive, '-r', 'v1'], {
      cwd: folder,
    });
    assert.ok(await taken(archive));
    const files = (await readArchive(readFileSync(archive), 'b')).map(({ path, bytes }) => ({
      path,
      content: Buffer.from(bytes).toString(),
    }));
    const changed = join(scratch, 'changed.tar.gz');
    const attempt = async (entries: { path: string; content: string }[]): Promise<boolean> => {
      writeFileSync(changed, archiveOf(entries));
      return taken(changed);
    };
    assert.ok(await attempt(files.toReversed()));
    for (const file of files) {
      const others = files.filter((one) => one !== file);
      assert.equal(await attempt(others), false, `without ${file.path}`);
      const content = file.content.replace(/"x"|phase|v1|eyJ/, (found) => `${found.slice(0, -1)}q`);
      if (content !== file.content) assert.equal(await attempt([...others, { ...file, content }]), false, file.path);
    }
    assert.equal(await attempt([...files, { path: 'more.rego', content: 'package more\n' }]), false);
    assert.equal(await attempt([...files, { path: 'c/data.json', content: '{}' }]), false);
  });

  test('registries: it pulls what we pull, and conftest pushes what we pull', async (t) => {
    const registry = await startRegistry(t);
    const folder = folderOf({ 'main.rego': rego, 'data.json': '{"a": "from the registry"}' });
    const archive = join(scratch, 'pushed.tar.gz');
    execFileSync(peers.opa, ['build', '--bundle', '.', '-o', archive, '-r', 'v3'], { cwd: folder });
    registry.push('team/policies', 'v3', [{ mediaType: archiveType, bytes: readFileSync(archive) }]);
    const source = readSource(`oci://${registry.host}/team/policies:v3`);
    const { policies } = await loadBundle(peers.engine, source, { environment: {} });
    assert.match(policies.revision, /^v3@sha256:/);
    const config = folderOf({
      'config.json': JSON.stringify({
        services: { registry: { url: `http://${registry.host}`, type: 'oci' } },
        bundles: { team: { service: 'registry', resource: `${registry.host}/team/policies:v3` } },
      }),
    });
    const url = await serveOpa(t, ['--config-file', join(config, 'config.json')]);
    await until(async () => (await (await fetch(`${url}/v1/data/a`)).text()).includes('from the registry'));

    const pushed = spawn(peers.conftest, ['push', `${registry.host}/conftest:v1`, '--policy', '.'], { cwd: folder });
    const code = await new Promise((resolve) => pushed.on('close', resolve));
    assert.equal(code, 0);
    const loose = await loadBundle(peers.engine, readSource(`oci://${registry.host}/conftest:v1`), { environment: {} });
    assert.deepEqual(
      loose.policies.files.map(({ path, kind }) => [path, kind]),
      [
        ['bundle/main.rego', 'module'],
        ['bundle/data.json', 'data'],
      ],
    );
  });

  test('a server with the pack decides as the engine does, and says by what', async (t) => {
    const data = readdirSync(join(root, 'policies/data')).map((name) => name.replace('.yaml', ''));
    const roots = ['countersign', ...data.map((name) => name.replaceAll('-', '_'))];
    const pack = folderOf({ '.manifest': JSON.stringify({ revision: 'pack-7', roots }) });
    const modules = readdirSync(join(root, 'policies')).filter((name) => /(?<!_test)\.rego$/.test(name));
    for (const name of modules) cpSync(join(root, 'policies', name), join(pack, name));
    for (const name of data) {
      const below = join(pack, name.replaceAll('-', '_'));
      mkdirSync(below);
      const text = readFileSync(join(root, 'policies/data', `${name}.yaml`), 'utf8');
      writeFileSync(join(below, 'data.yaml'), unwrapped(text));
    }
    const bundle = join(scratch, 'pack.tar.gz');
    execFileSync(peers.opa, ['build', '--bundle', '.', '-o', bundle], { cwd: pack });
    const authz = folderOf({
      '.manifest': '{"revision": "a", "roots": ["system/authz"]}',
      'authz.rego':
        'package system.authz\n\ndefault allow := false\n\nallow if input.identity == "tok"\n\nallow if input.path == ["health"]\n',
    });
    const secured = ['--authentication=token', '--authorization=basic'];
    const url = await serveOpa(t, [...secured, '--bundle', bundle, authz]);

    const { folder, git, commit } = newRepository();
    git(['tag', 'base']);
    commit('Add a thing\n\nCo-authored-by: Claude <noreply@anthropic.com>\n');
    commit('Add it\n\nAI-Model: no-such-model\nAI-Timestamp: yesterday\n');
    commit('Add nothing\n');
    const gate = (args: string[], token = 'tok') =>
      countersign(['gate', '--base', 'base', '--no-deepen', '--format', 'json', ...args], {
        cwd: folder,
        env: { COUNTERSIGN_OPA_TOKEN: token },
      });
    const local = await gate(['--bundle', bundle]);
    const remote = await gate(['--opa-url', url]);
    assert.deepEqual([local.code, remote.code], [1, 1], local.stderr + remote.stderr);
    const [ours, theirs] = [local, remote].map(
      // A message shows the time of the decision.
      ({ stdout }) => JSON.parse(stdout.replace(/\b20\d\d-\d\d-\d\dT[\d:.]+Z/g, 'NOW')) as Verdict,
    ) as [Verdict, Verdict];
    assert.deepEqual(theirs.commits, ours.commits);
    assert.deepEqual(theirs.change, ours.change);
    assert.ok(ours.commits.flatMap(({ deny }) => deny).length > 3);
    assert.match(ours.revision, /^pack-7@sha256:/);
    assert.match(theirs.revision, /@pack-7 http:\/\/127\.0\.0\.1:\d+\/v1\/data\/countersign$/);
    const refused = await gate(['--opa-url', url], 'wrong');
    assert.equal(refused.code, 3, refused.stderr);
    const nothing = await gate(['--opa-url', `${url}/v1/data/none`]);
    assert.equal(nothing.code, 3, nothing.stderr);
    assert.match(nothing.stderr, /is undefined/);
  });

  test('a server that wants a certificate gets one, and must have its own', async (t) => {
    if (spawnSync('openssl', ['version']).status !== 0) return t.skip('there is no openssl');
    const pki = folderOf({
      'san.cnf': 'subjectAltName=IP:127.0.0.1\n',
      'main.rego': 'package countersign.main\n\ndeny contains "tls"\n',
    });
    const ssl = (...args: string[]) => execFileSync('openssl', args, { cwd: pki, stdio: 'ignore' });
    ssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '1',
      '-subj',
      '/CN=ca',
    );
    for (const name of ['server', 'client']) {
      ssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      );
      ssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '1',
        '-extfile',
        'san.cnf',
        '-out',
        `${name}.pem`,
      );
    }
    const at = (name: string): string => join(pki, name);
    const tls = ['--tls-cert-file', at('server.pem'), '--tls-private-key-file', at('server.key')];
    const port = await serveOpa(
      t,
      [...tls, '--tls-ca-cert-file', at('ca.pem'), '--authentication=tls', at('main.rego')],
      'https',
    );
    const { folder, git } = newRepository();
    git(['tag', 'base']);
    const gate = (args: string[]) =>
      countersign(['gate', '--base', 'base', '--no-deepen', '--timeout', '5', '--opa-url', port, ...args], {
        cwd: folder,
      });
    const shown = await gate(['--opa-ca', at('ca.pem'), '--opa-cert', at('client.pem'), '--opa-key', at('client.key')]);
    assert.equal(shown.code, 1, shown.stderr);
    assert.match(shown.stdout, /deny tls/);
    for (const args of [[], ['--opa-ca', at('ca.pem')]]) {
      const { code, stdout, stderr } = await gate(args);
      assert.deepEqual([code, stdout], [3, ''], stderr);
      assert.match(stderr, /cannot be reached/);
    }
  });

  async function serveOpa(t: { after(fn: () => void): void }, args: string[], scheme = 'http'): Promise<string> {
    const port = await freePort();
    const flags = ['run', '--server', '--skip-version-check', '--log-level', 'error', '--addr', `127.0.0.1:${port}`];
    const child: ChildProcess = spawn(peers.opa, [...flags, ...args], { stdio: 'ignore' });
    t.after(() => void child.kill());
    child.on('exit', (code) => code && console.error(`opa ${args.join(' ')} ended with ${code}`));
    if (scheme === 'http') await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok);
    else await wait(2000);
    return `${scheme}://127.0.0.1:${port}`;
  }
});

function valid(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function listed(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** A data file has one key at its top, which is its folder in a bundle. */
function unwrapped(yaml: string): string {
  const lines = yaml.split('\n');
  const top = lines.findIndex((line) => /^[a-z_]+:\s*$/.test(line));
  assert.ok(top >= 0, yaml.slice(0, 200));
  return lines.filter((_, at) => at !== top).join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (await holds().catch(() => false)) return;
    if (attempt > 300) throw new Error('it did not happen within 30 s');
    await wait(100);
  }
}
