/** What a server's answers mean; the real OPA answers in test/conformance/interop.test.ts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DecisionError, inBatches, judge, type Prepared, prepare } from '../../../core/decision/decide.ts';
import { documentAddress, remotely } from '../../../core/decision/remote-opa.ts';
import type { Commit } from '../../../core/input.ts';
import { loadPack } from '../../../core/policies/load.ts';
import type { Engine } from '../../../engine/engine.ts';
import { startEngine } from '../../../engine/start.ts';
import { bodyOf, serve } from '../../support/http-server.ts';

let engine: Engine;
let local: Prepared;
before(async () => {
  engine = await startEngine();
  local = await prepare(engine, await loadPack());
});
after(() => engine.dispose());

const signature = { name: 'Ada Example', email: 'ada@example.com', time: '2026-01-31T12:00:00Z' };
const commit = (sha: string): Commit => ({
  ...{ sha, parents: [], parent_times: [], author: signature, committer: signature, subject: 's', body: '' },
  ...{ trailers: [], files: [], merge: false, revert: false, fixup: false },
});

function ask(url: string, commits: Commit[] = []) {
  const frame = { schema: 'countersign.input/v1', phase: 'change', now: signature.time } as const;
  const judges = remotely(local, { url: documentAddress(url) as string });
  return judge(judges, { ...frame, repository: { name: 'r' }, exceptions: [] }, inBatches(commits), {
    timeoutMs: 10_000,
  });
}

async function answering(t: Parameters<typeof serve>[0], answer: () => unknown): Promise<string> {
  return serve(t, async (request, response) => {
    await bodyOf(request);
    const said = answer();
    if (typeof said === 'number') response.writeHead(said).end('{"code": "internal_error", "message": "no luck"}');
    else response.end(typeof said === 'string' ? said : JSON.stringify(said));
  });
}

const undecided: [string, unknown, RegExp][] = [
  ['an undefined document', {}, /is undefined: OPA has no such document/],
  ['no rule that decides', { result: { lib: { x: 1 } } }, /no rule deny, violation or warn/],
  ['only who shows AI use', { result: { evidence: { ai: [] } } }, /no rule deny, violation or warn/],
  [
    'a rule that is no set',
    { result: { a: { deny: true } } },
    /data\.countersign\.a\.deny must be a set, but is the boolean true/,
  ],
  ['an object for a set', { result: { a: { deny: { x: 'y' } } } }, /must be a set, but is an object/],
  ['a violation without msg', { result: { a: { deny: [{ rule: 'x' }] } } }, /"msg" is no string/],
  ['a document that is a value', { result: [] }, /no rule deny/],
  ['garbage', '<html>', /does not answer as OPA does/],
  ['an error', 500, /could not decide \(500\): no luck/],
  ['a refusal', 401, /could not decide \(401\): COUNTERSIGN_OPA_TOKEN/],
  ['what is always busy', 503, /could not decide \(503\)/],
];

for (const [what, said, message] of undecided) {
  test(`no decision: ${what}`, async (t) => {
    const url = await answering(t, () => said);
    await assert.rejects(ask(url), (error) => {
      assert.ok(error instanceof DecisionError);
      assert.match(error.message, message);
      return true;
    });
  });
}

test('no decision: other policies for another batch', async (t) => {
  let times = 0;
  const url = await answering(t, () => ({
    result: { approver: { deny: [], warn: [] } },
    provenance: { bundles: { team: { revision: `v${++times}` } } },
  }));
  const commits = Array.from({ length: 1001 }, (_, at) => commit(String(at).padStart(40, '0')));
  await assert.rejects(ask(url, commits), /took other policies while it decided/);
});

test('packages of any name are found, at any depth, and rules are named by them', async (t) => {
  const deny = ['no'];
  const url = await answering(t, () => ({
    result: { 'b-c': { deny: [{ msg: 'm' }] }, a: { b: { deny_size: deny, warn: [{ msg: 'w' }] } }, deny },
  }));
  const { verdict, decider } = await ask(`${url}/v1/data/x%20y/z`);
  assert.deepEqual(
    [...verdict.change.deny, ...verdict.change.warn].map(({ rule, msg }) => `${rule} ${msg}`),
    ['b-c m', 'policy no', 'b w'],
  );
  assert.deepEqual(decider, { url: `${url}/v1/data/x%20y/z` });
  assert.equal(verdict.revision, `opa@unknown ${url}/v1/data/x%20y/z`);
});

test('rules that the policies here ask in some phases only are no others there', async (t) => {
  const url = await answering(t, () => ({ result: { review: { deny: ['r'] }, approver: { deny: ['a'] } } }));
  const frame = {
    schema: 'countersign.input/v1',
    now: signature.time,
    repository: { name: 'r' },
    exceptions: [],
  } as const;
  const judges = remotely(local, { url: documentAddress(url) as string });
  const said = async (phase: 'commit' | 'change') =>
    (await judge(judges, { ...frame, phase, exceptions: [] }, [])).verdict.change.deny.map(({ msg }) => msg);
  assert.deepEqual([await said('change'), await said('commit')], [['a', 'r'], ['a']]);
});

test('an address is that of a server or of a document, and nothing else', () => {
  for (const [text, address] of [
    ['https://opa.example.com', 'https://opa.example.com/v1/data/countersign'],
    ['http://127.0.0.1:8181/', 'http://127.0.0.1:8181/v1/data/countersign'],
    ['https://example.com/opa', 'https://example.com/opa/v1/data/countersign'],
    ['https://opa.example.com/v1/data', 'https://opa.example.com/v1/data'],
    ['https://opa.example.com/v1/data/team/x/', 'https://opa.example.com/v1/data/team/x'],
  ]) {
    assert.equal(documentAddress(text as string), address);
  }
  for (const bad of ['', 'opa', 'ftp://x/', 'https://a:b@x/', 'https://x/?q', 'https://x/#f', 'file:///etc']) {
    assert.equal(documentAddress(bad), undefined, bad);
  }
});
