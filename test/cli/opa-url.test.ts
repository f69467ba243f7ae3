/** `gate --opa-url`: what a server's answers mean. The real OPA answers in test/conformance/interop.test.ts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Input } from '../../core/input.ts';
import type { Verdict } from '../../core/verdict.ts';
import { bodyOf, serve } from '../support/http-server.ts';
import { countersign, newRepository, temporaryFolder } from './harness.ts';

/** A server that answers with one thing, and what it was asked. */
async function answering(t: Parameters<typeof serve>[0], answer: (input: Input, request: IncomingMessage) => unknown) {
  const asked: { url: string; authorization?: string; input: Input }[] = [];
  const url = await serve(t, async (request, response) => {
    const { input } = JSON.parse((await bodyOf(request)).toString()) as { input: Input };
    const { authorization } = request.headers;
    asked.push({ url: request.url ?? '', input, ...(authorization && { authorization }) });
    const said = answer(input, request);
    if (typeof said === 'number') response.writeHead(said).end('{"code": "internal_error", "message": "no luck"}');
    else response.end(typeof said === 'string' ? said : JSON.stringify(said));
  });
  return { url, asked };
}

const { folder, commit, git } = newRepository();
const base = git(['rev-parse', 'HEAD']);
const sha = commit('Add a\n', { files: { a: '1' } });
const gate = (args: string[], env: Record<string, string> = {}) =>
  countersign(['gate', '--base', base, ...args], { cwd: folder, env });

const passing = { approver: { deny: [], warn: [], helper: { deny_nothing: [] } }, evidence: { ai: [] }, lib: { x: 1 } };

test('its sets are the verdict, and the record says who decided', async (t) => {
  const { url, asked } = await answering(t, (input) => ({
    decision_id: 'theirs',
    provenance: { version: '1.20.2', bundles: { team: { revision: 'v7' } } },
    metrics: { timer_rego_query_eval_ns: 7 },
    result: {
      approver: { deny: [{ msg: 'not approved', commit: input.commits[0]?.sha }], warn: ['hm'] },
      'b-c': { deny_size: [{ msg: 'too large' }] },
      evidence: { ai: [sha] },
    },
  }));
  const log = join(temporaryFolder(), 'log.jsonl');
  const { code, stdout, stderr } = await gate(['--opa-url', `${url}/`, '--format', 'json', '--decision-log', log], {
    COUNTERSIGN_OPA_TOKEN: 'tok',
  });
  assert.equal(code, 1, stderr);
  assert.doesNotMatch(stderr, /built-in policies/);
  const verdict = JSON.parse(stdout) as Verdict;
  assert.equal(verdict.revision, `team@v7 ${url}/v1/data/countersign`);
  assert.deepEqual(verdict.change, {
    deny: [{ rule: 'size', msg: 'too large' }],
    warn: [{ rule: 'policy', msg: 'hm' }],
  });
  assert.deepEqual(verdict.commits[0]?.deny, [{ rule: 'approver', msg: 'not approved' }]);
  assert.equal(verdict.commits[0]?.ai, true);
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.url, '/v1/data/countersign?provenance=true&metrics=true');
  assert.equal(asked[0]?.authorization, 'Bearer tok');
  assert.equal(asked[0]?.input.commits[0]?.sha, sha);
  assert.match(readFileSync(log, 'utf8'), /"theirs"/);
});

test('a server that leaves it open, is silent or gone has not decided', async (t) => {
  const { url } = await answering(t, () => ({}));
  const silent = await serve(t, () => undefined);
  for (const [args, says] of [
    [[url], /is undefined: OPA has no such document/],
    [[silent, '--timeout', '1'], /did not answer within 1 s/],
    [['http://127.0.0.1:9'], /cannot be reached/],
  ] as const) {
    const { code, stdout, stderr } = await gate(['--opa-url', ...args]);
    assert.deepEqual([code, stdout], [3, ''], stderr);
    assert.match(stderr, says);
  }
});

test("a repository's own rules must be the server's, too, and its JSON Schemas judge", async (t) => {
  const own = newRepository();
  own.commit('Put under Countersign\n', {
    files: {
      '.countersign/config.yaml': 'version: 1\n',
      '.countersign/policies/team.rego': 'package team\n\ndeny contains "x" if input.nothing\n',
      '.countersign/policies/s.schema.json': JSON.stringify({
        'x-countersign': { each: 'commits[]', rule: 'subjects' },
        properties: { subject: { maxLength: 5 } },
      }),
    },
  });
  own.git(['tag', 'base']);
  own.commit('Far too long\n');
  let result: unknown = { countersign: passing };
  const { url } = await answering(t, () => ({ result }));
  const judge = () => countersign(['gate', '--base', 'base', '--opa-url', `${url}/v1/data`], { cwd: own.folder });
  const without = await judge();
  assert.equal(without.code, 3, without.stderr);
  assert.match(without.stderr, /has no data\.team\.deny, by which \.countersign at .* judges/);
  result = { countersign: passing, team: { deny: [] } };
  const { code, stdout, stderr } = await judge();
  assert.equal(code, 1, stderr);
  assert.match(stdout, /judged by OPA at http.*, and the JSON Schemas of \.countersign/);
  assert.match(stdout, /subjects/);
});

test('what makes no sense is a mistake of the call', async () => {
  for (const args of [
    ['--opa-url', 'opa.example.com'],
    ['--opa-cert', 'x.pem'],
    ['--opa-url', 'https://opa.example.com', '--opa-cert', 'x.pem'],
    ['--opa-url', 'https://opa.example.com', '--opa-ca', 'no-such-file.pem'],
  ]) {
    const { code, stdout } = await gate(args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
  }
});
