/**
 * Decision logs beside OPA's own: a real `opa run --server` evaluates the same input with the same mask policy, and
 * what it logs and uploads is compared with ours. Needs Go.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { appendRecord } from '../../core/decision/log/file.ts';
import { MaskError, masked, readMaskRules } from '../../core/decision/log/mask.ts';
import type { DecisionRecord } from '../../core/decision/log/record.ts';
import { uploadLogs } from '../../core/decision/log/upload.ts';
import { buildPeers } from '../bench/peers.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const options = { skip: hasGo ? false : 'Go is not installed', timeout: 600_000 };

interface Request {
  method?: string;
  url?: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const requests: Request[] = [];
const logs = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: Buffer.concat(chunks) });
    response.writeHead(204).end();
  });
});
let opa: ChildProcess | undefined;
let address = '';
let folder = '';

before(async () => {
  if (!hasGo) return;
  await new Promise<void>((resolve) => logs.listen(0, '127.0.0.1', resolve));
  const service = `http://127.0.0.1:${(logs.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'countersign-opa-'));
  await writeFile(
    join(folder, 'mask.rego'),
    'package system.log\n\nmask := input.input.rules if input.input.rules\n\nmask := input.input.body.rules if input.input.body.rules\n',
  );
  await writeFile(
    join(folder, 'app.rego'),
    'package app\n\nout := input.body\n\ndice := {"is": rand.intn("x", 1000), "at": time.now_ns(), "rules": input.rules}\n',
  );
  const config = {
    services: { logs: { url: service } },
    nd_builtin_cache: true,
    decision_logs: {
      service: 'logs',
      partition_name: 'part',
      console: true,
      reporting: { min_delay_seconds: 1, max_delay_seconds: 1 },
    },
  };
  await writeFile(join(folder, 'opa.json'), JSON.stringify(config));
  const { opa: program } = buildPeers(join(import.meta.dirname, '..', '..'), console.log);
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  const args = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--config-file', 'opa.json', '--log-level', 'info'];
  opa = spawn(program, [...args, 'mask.rego', 'app.rego'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  opa.stderr?.setEncoding('utf8').on('data', readConsole);
  for (let turn = 0; turn < 300; turn++) {
    if (
      await fetch(`${address}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('opa does not answer');
});

after(async () => {
  opa?.kill();
  logs.close();
  logs.closeAllConnections();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const events = new Map<string, DecisionRecord>();
let failures = '';
let rest = '';

function readConsole(text: string): void {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line);
    if (event.msg === 'Decision Log') events.set(event.decision_id, event);
    else if (event.level === 'error') failures += line;
  }
}

/** What OPA logs of a decision; undefined when its masking fails, and it logs nothing. */
async function decide(path: string, input: unknown): Promise<DecisionRecord | undefined> {
  failures = '';
  const answer = await fetch(`${address}/v1/data/${path}`, { method: 'POST', body: JSON.stringify({ input }) });
  const { decision_id: id } = (await answer.json()) as { decision_id: string };
  for (let turn = 0; turn < 400; turn++) {
    const event = events.get(id);
    if (event) return event;
    if (failures.includes('masking failed')) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`OPA logs nothing of ${id}: ${failures}`);
}

const key = fc.constantFrom('a', 'b', 'c d', 'é', '0', '1', '+1', '-0', '__proto__', '%20', 'x/y');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 1, 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const path = fc
  .tuple(fc.constantFrom('input', 'result', 'nd_builtin_cache'), fc.array(key, { maxLength: 4 }))
  .map(([part, keys]) => `/${[part, ...(part === 'input' && keys.length > 0 ? ['body', ...keys] : keys)].join('/')}`);
const rule = fc.oneof(
  { weight: 3, arbitrary: path },
  {
    weight: 6,
    arbitrary: fc.record(
      { op: fc.constantFrom('remove', 'upsert'), path, value: json },
      { requiredKeys: ['op', 'path'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'input',
      '/labels/x',
      '/input/%zz',
      { op: 'other', path: '/input' },
      { path: '/input' },
      7,
    ),
  },
);

test('a mask policy does the same to our records as to those of OPA', options, async () => {
  await fc.assert(
    fc.asyncProperty(
      json,
      fc.array(rule, { maxLength: 5 }),
      fc.constantFrom('app/out', 'app/dice'),
      async (body, rules, asked) => {
        const plain = await decide(asked, { body, rules: [] });
        const event = await decide(asked, { body, rules });
        assert.ok(plain);
        let ours: DecisionRecord | undefined;
        // Random numbers and times differ from one decision to the next.
        const same = { ...plain, input: { body, rules } as never };
        try {
          ours = masked(same, readMaskRules(rules));
        } catch (error) {
          assert.ok(error instanceof MaskError);
        }
        if (event === undefined || ours === undefined) {
          assert.equal(event, ours);
          return;
        }
        const both = [event, ours].map(({ input, result, erased, masked: set, nd_builtin_cache: cache }) => {
          const values = asked === 'app/out' ? { result, cache } : {};
          return JSON.stringify(sorted({ input, erased, set, ...values }));
        });
        assert.equal(both[1], both[0]);
      },
    ),
    { numRuns: 400 },
  );
});

test('our records and requests have the form of those of OPA', options, async () => {
  const dice = await decide('app/dice', { body: 1, rules: [] });
  const uploaded = (): { request: Request; event: DecisionRecord }[] =>
    requests.flatMap((request) => {
      const sent = JSON.parse(gunzipSync(request.body).toString()) as DecisionRecord[];
      return sent.map((event) => ({ request, event }));
    });
  const mine = () => uploaded().find(({ event }) => event.decision_id === dice?.decision_id);
  for (let turn = 0; turn < 600 && !mine(); turn++) await new Promise((resolve) => setTimeout(resolve, 50));
  const found = mine();
  assert.ok(found, 'OPA uploads');
  const { request: theirs, event: example } = found;

  const file = join(folder, 'decisions.jsonl');
  const record: DecisionRecord = {
    labels: { app: 'countersign', version: '0.0.0' },
    decision_id: 'one',
    bundles: { countersign: { revision: 'x' } },
    path: 'countersign/gate',
    input: {} as never,
    result: {} as never,
    nd_builtin_cache: { 'rand.intn': { '["x",1000]': 1 } },
    erased: ['/input/a'],
    masked: ['/input/b'],
    requested_by: 'ann',
    timestamp: '2026-01-02T03:04:05.678Z',
    metrics: { timer_rego_query_eval_ns: 1 },
  };
  await appendRecord(file, record);
  const service = `http://127.0.0.1:${(logs.address() as AddressInfo).port}`;
  const seen = requests.length;
  await uploadLogs([file], { to: service, partition: 'part', limitBytes: 32768, timeoutMs: 10_000, giveUpMs: 10_000 });
  const ours = requests.slice(seen).find(({ headers }) => headers['user-agent'] === 'countersign');
  assert.ok(ours);
  assert.deepEqual([ours.method, ours.url], [theirs.method, theirs.url]);
  for (const name of ['content-type', 'content-encoding']) assert.equal(ours.headers[name], theirs.headers[name], name);
  const [sent] = JSON.parse(gunzipSync(ours.body).toString()) as [Record<string, unknown>];
  for (const [name, value] of Object.entries(example)) {
    // `req_id` counts requests to a server; `input` and `result` are whatever they are.
    if (['req_id', 'input', 'result', 'batch_decision_id', 'rule_labels'].includes(name)) continue;
    assert.equal(typeof sent[name], typeof value, name);
    if (name === 'timestamp') assert.ok(!Number.isNaN(Date.parse(String(sent[name]))));
  }
  assert.match(Object.keys(example.nd_builtin_cache?.['rand.intn'] ?? {})[0] ?? '', /^\["x",1000\]$/);
});

/** With the members of objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const copy = {};
  for (const [name, member] of entries) {
    Object.defineProperty(copy, name, { value: sorted(member), enumerable: true });
  }
  return copy;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
