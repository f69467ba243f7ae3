/** `countersign decision`, and what the gate records: masked, chained, batch by batch, and replayed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { DecisionRecord } from '../../core/decision/log/record.ts';
import { bodyOf, serve } from '../support/http-server.ts';
import { countersign, entry, newRepository, type TestRepository, temporaryFolder, writeFiles } from './harness.ts';

const policy = `package p

deny contains {"rule": "no-bad", "msg": sprintf("bad %d", [rand.intn("x", 1000000)]), "commit": commit.sha} if {
	some commit in input.commits
	contains(commit.subject, "bad")
	not excused
}

excused if {
	some exception in input.exceptions
	"no-bad" in exception.rules
	rand.intn("y", 1000000) >= 0
}

warn contains {"rule": "who", "msg": commit.author.email, "commit": commit.sha} if some commit in input.commits
`;

const maskPolicy = `package system.log

mask contains {"op": "upsert", "path": sprintf("/input/commits/%d/author/name", [i]), "value": "**"} if {
	some i, _ in input.input.commits
}

mask contains "/input/repository"
`;

function recordsOf(file: string): DecisionRecord[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DecisionRecord);
}

/** A repository whose base has policies, and then a good commit and a bad one. */
function judged(files: Record<string, string> = {}): TestRepository & { base: string; good: string; bad: string } {
  const repository = newRepository();
  const base = repository.commit('Base\n', {
    files: { '.countersign/config.yaml': 'version: 1\n', '.countersign/policies/p.rego': policy, ...files },
  });
  return { ...repository, base, good: repository.commit('Good\n'), bad: repository.commit('A bad one\n') };
}

test('a decision is recorded, verified, shown, and the same when it is made again', async () => {
  const { folder, base, good, bad } = judged();
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const gate = ['gate', '--base', base, '--format', 'json', '--decision-log', log];
  const ci = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.example.com',
    GITHUB_REPOSITORY: 'example/project',
    GITHUB_RUN_ID: '42',
    GITHUB_ACTOR: 'ann',
  };
  const denied = await countersign([...gate, '--no-deepen'], { cwd: folder, env: ci });
  assert.equal(denied.code, 1, denied.stderr);
  const allowed = await countersign([...gate, '--head', good], { cwd: folder });
  assert.equal(allowed.code, 0, allowed.stderr);
  const [one, two] = recordsOf(log);
  assert.ok(one && two);
  const verdict = JSON.parse(denied.stdout);
  assert.equal(one.result?.result, 'deny');
  assert.deepEqual(
    one.result?.commits.map(({ sha, deny }) => [sha, deny.length]),
    [
      [good, 0],
      [bad, 1],
    ],
  );
  assert.equal(one.decision_id, verdict.decision_id);
  assert.equal(one.bundles?.countersign?.revision, base);
  assert.equal(one.requested_by, 'ann');
  assert.equal(one.custom?.countersign?.run, 'https://github.example.com/example/project/actions/runs/42/attempts/1');
  assert.deepEqual(Object.keys(one.nd_builtin_cache ?? {}), ['rand.intn']);
  assert.equal(one.batch_decision_id, undefined);
  assert.equal(two.nd_builtin_cache, undefined);
  const { sequence, previous, digest } = two.custom?.countersign?.chain ?? {};
  assert.deepEqual([sequence, previous], [2, one.custom?.countersign?.chain?.digest]);
  assert.ok(allowed.stderr.includes(`record 2, ${digest}`), allowed.stderr);

  const verified = await countersign(['decision', 'verify', log, '--expect', digest ?? '']);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /up to record 2, sha256:.*\nWhole: 2 records read\./);

  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.code, 0, replayed.stdout + replayed.stderr);
  assert.equal(replayed.stdout, 'Replayed: 2 decisions the same.\n');

  const shown = await countersign(['decision', 'show', log, '--commit', bad.slice(0, 8)]);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /denied countersign\/gate\n/);
  assert.match(shown.stdout, /deny {6}[0-9a-f]{10} A bad one: no-bad: bad \d+\n/);
  assert.match(shown.stdout, /run by {4}ann, https:\/\/github\.example\.com/);
  assert.doesNotMatch(shown.stdout, /allowed countersign/);
  const last = await countersign(['decision', 'show', log, '--last', '1', '--format', 'json']);
  assert.deepEqual(JSON.parse(last.stdout), two);
  const none = await countersign(['decision', 'show', log, '--since', '2999-01-01']);
  assert.equal(none.stdout, '');
});

test('what an exception excused is decided again alike, also by rules that draw random numbers', async () => {
  const hour = 3_600_000;
  const time = (ms: number) => new Date(Date.now() + ms).toISOString();
  const { folder, base } = judged({
    '.countersign/exceptions/once.yaml': `rules: [no-bad]
reason: Agreed
approved_by: Bo Example <bo@example.com>
opened: ${time(-hour)}
expires: ${time(hour)}
`,
  });
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const ran = await countersign(['gate', '--base', base, '--decision-log', log], { cwd: folder });
  assert.equal(ran.code, 0, ran.stdout);
  const [record] = recordsOf(log);
  assert.match(record?.result?.exceptions?.[0]?.excused[0]?.msg ?? '', /^bad \d+$/);
  assert.deepEqual(Object.keys(record?.nd_builtin_cache?.['rand.intn'] ?? {}).sort(), [
    '["x",1000000]',
    '["y",1000000]',
  ]);
  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.stdout, 'Replayed: 1 decision the same.\n', replayed.stderr);
  assert.match((await countersign(['decision', 'show', log])).stdout, /excused {3}no-bad by once, which ends/);

  // A remote OPA has policies of its own.
  const decider = { url: 'https://opa.example.com' };
  writeFileSync(log, `${JSON.stringify({ ...record, custom: { countersign: { decider } } })}\n`);
  const remote = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(remote.code, 3);
  assert.match(remote.stdout, /https:\/\/opa\.example\.com decided, which has its own policies/);
});

test('a log that is a pipe gets whole records', { skip: process.platform === 'win32' }, async () => {
  const { folder, base } = judged();
  // Through a shell: what Node gives its children are sockets, which nobody can open again.
  const line = `"$0" "$1" gate --base ${base} --format json=/dev/null --decision-log /dev/stdout | cat`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line, process.execPath, entry], {
    cwd: folder,
    encoding: 'utf8',
  });
  const text = stdout.split('\n').find((one) => one.startsWith('{'));
  assert.ok(text, stderr);
  assert.equal((JSON.parse(text) as DecisionRecord).custom?.countersign?.chain?.sequence, 1);
});

test('a record that was altered is found, and so is one that says something else than the policies do', async () => {
  const { folder, base } = judged();
  const log = join(temporaryFolder(), 'decisions.jsonl');
  await countersign(['gate', '--base', base, '--decision-log', log], { cwd: folder });
  const [record] = recordsOf(log);
  assert.ok(record?.result);
  const altered = { ...record, result: { ...record.result, result: 'allow' } };
  writeFileSync(log, `${JSON.stringify(altered)}\n`);
  const verified = await countersign(['decision', 'verify', log]);
  assert.equal(verified.code, 1);
  assert.ok(verified.stdout.includes(`${log}:1: error: record 1 is not as it was written`), verified.stdout);
  const json = await countersign(['decision', 'verify', log, '--format', 'json']);
  assert.equal(JSON.parse(json.stdout).findings[0].line, 1);
  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.code, 1);
  assert.match(replayed.stdout, /is not as it was written/);

  // Without a chain nothing shows but the decision itself.
  const { custom: _, ...unchained } = altered;
  writeFileSync(log, `${JSON.stringify(unchained)}\n`);
  const other = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(other.code, 1);
  assert.match(other.stdout, /another result\n {4}\/result: "allow" then, "deny" now\n/);
  const told = await countersign(['decision', 'replay', log, '--format', 'json'], { cwd: folder });
  assert.deepEqual(JSON.parse(told.stdout).differences, [{ path: '/result', recorded: 'allow', replayed: 'deny' }]);
});

test('the mask policy says what is not kept, the chain holds, and replay says what it could not know', async () => {
  const { folder, base } = judged({ '.countersign/policies/mask.rego': maskPolicy });
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const ran = await countersign(['gate', '--base', base, '--decision-log', log], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  const [record] = recordsOf(log);
  assert.equal(record?.input?.commits[0]?.author.name, '**');
  assert.deepEqual(record?.erased, ['/input/repository']);
  assert.deepEqual(record?.masked, ['/input/commits/0/author/name', '/input/commits/1/author/name']);
  assert.equal((await countersign(['decision', 'verify', log])).code, 0);
  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.code, 0, replayed.stdout);
  assert.match(replayed.stdout, /the same, though without \/input\/repository, /);

  // What the decision depends on is gone.
  const deciding = judged({
    '.countersign/policies/mask.rego':
      'package system.log\n\nmask contains {"op": "upsert", "path": "/input/commits/1/subject", "value": "x"}\n\nmask contains "/result/commits/1/subject"\n',
  });
  await countersign(['gate', '--base', deciding.base, '--decision-log', `${log}2`], { cwd: deciding.folder });
  const impossible = await countersign(['decision', 'replay', `${log}2`], { cwd: deciding.folder });
  assert.equal(impossible.code, 3, impossible.stdout);
  assert.match(impossible.stdout, /without \/input\/commits\/1\/subject, which was erased, the result is another one/);

  const whole = judged({ '.countersign/policies/mask.rego': 'package system.log\n\nmask := ["/input"]\n' });
  await countersign(['gate', '--base', whole.base, '--decision-log', `${log}3`], { cwd: whole.folder });
  const nothing = await countersign(['decision', 'replay', `${log}3`], { cwd: whole.folder });
  assert.equal(nothing.code, 3);
  assert.match(nothing.stdout, /its input was erased/);
  const shown = await countersign(['decision', 'show', `${log}3`]);
  assert.match(shown.stdout, /erased {4}\/input/);
});

test('a mask policy that fails leaves no record, and no decision', async () => {
  for (const [body, said] of [
    ['mask contains "/labels"', /only \/input, \/result, \/nd_builtin_cache can be masked/],
    ['mask := 1 if true\nmask := 2 if true', /conflict/],
  ] as const) {
    const { folder, base } = judged({ '.countersign/policies/mask.rego': `package system.log\n\n${body}\n` });
    const log = join(temporaryFolder(), 'decisions.jsonl');
    const ran = await countersign(['gate', '--base', base, '--decision-log', log], { cwd: folder });
    assert.equal(ran.code, 3, ran.stderr);
    assert.match(ran.stderr, said);
    assert.doesNotMatch(existsSync(log) ? readFileSync(log, 'utf8') : '', /"commits"/);
  }
});

test('a run that cannot decide is recorded, too', async () => {
  const { folder, base, commit } = judged();
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const broken = commit('Broken\n', {
    files: { '.countersign/policies/p.rego': 'package p\n\ndeny := 7 if input.commits\n' },
  });
  commit('More\n');
  const ran = await countersign(['gate', '--base', broken, '--decision-log', log], { cwd: folder });
  assert.equal(ran.code, 3, ran.stderr);
  const [record] = recordsOf(log);
  assert.equal(record?.error?.code, 'could_not_decide');
  assert.equal(record?.result, undefined);
  assert.equal(record?.bundles?.countersign?.revision, broken);
  await countersign(['gate', '--base', base, '--head', `${base}~1`, '--decision-log', log], { cwd: folder });
  assert.equal((await countersign(['decision', 'verify', log])).code, 0);
  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.code, 0, replayed.stdout);
  assert.match(replayed.stdout, /1 failed run/);
  const shown = await countersign(['decision', 'show', log, '--denied']);
  assert.match(shown.stdout, /failed countersign\/gate/);
});

test('a large range has a record for each batch, which are one decision', async () => {
  const { folder, base, git } = judged();
  let stream = '';
  for (let at = 0; at < 2100; at++) {
    const message = `Change ${at}${at === 1500 ? ', a bad one' : ''}\n`;
    const person = `Ada Author <ada@example.com> ${1_700_000_000 + at} +0000`;
    const from = at === 0 ? `from ${base}\n` : '';
    stream += `commit refs/heads/many\nauthor ${person}\ncommitter ${person}\ndata ${message.length}\n${message}${from}\n`;
  }
  git(['fast-import', '--quiet'], stream);
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const args = ['gate', '--base', base, '--head', 'many', '--format', 'json', '--decision-log', log];
  const ran = await countersign(args, { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  const verdict = JSON.parse(ran.stdout);
  const records = recordsOf(log);
  assert.deepEqual(
    records.map(({ input, result, batch_decision_id, custom }) => [
      input?.commits.length,
      result?.result,
      batch_decision_id === verdict.decision_id,
      custom?.countersign?.batch,
    ]),
    [
      [1000, 'allow', true, { part: 1 }],
      [1000, 'deny', true, { part: 2 }],
      [100, 'allow', true, { part: 3, parts: 3, result: 'deny' }],
    ],
  );
  assert.equal(new Set(records.map(({ decision_id }) => decision_id)).size, 3);
  const shas = (commits: { sha: string }[] = []) => commits.map(({ sha }) => sha).join();
  assert.equal(shas(records.flatMap(({ result }) => result?.commits ?? [])), shas(verdict.commits));
  assert.equal((await countersign(['decision', 'verify', log])).code, 0);
  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.stdout, 'Replayed: 3 decisions the same.\n', replayed.stderr);
});

test('replay finds the policies of folders and commits, and says which it has not', async () => {
  const { folder, base, git } = judged();
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const own = temporaryFolder();
  writeFiles(own, { 'p.rego': policy });
  await countersign(['gate', '--base', base, '--policy', own, '--decision-log', log], { cwd: folder });
  const missing = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(missing.code, 3, missing.stdout);
  assert.match(missing.stdout, /the policies of revision sha256:[0-9a-f]{64} are not here; give them with --policy/);
  assert.equal((await countersign(['decision', 'replay', log, '--policy', own], { cwd: folder })).code, 0);
  writeFiles(own, { 'p.rego': `${policy}\n# another\n` });
  const changed = await countersign(['decision', 'replay', log, '--policy', own], { cwd: folder });
  assert.equal(changed.code, 3);
  assert.match(changed.stdout, /those given have the revision sha256:/);

  // As the hook judges, by the files of the work tree: they are in the history by now.
  const byFiles = `${log}2`;
  await countersign(['gate', '--base', base, '--policy', join(folder, '.countersign'), '--decision-log', byFiles], {
    cwd: folder,
  });
  writeFiles(folder, { '.countersign/policies/p.rego': 'package p\n\nimport rego.v1\n\ndeny contains "all"\n' });
  git(['commit', '--quiet', '--all', '-m', 'Other policies']);
  const found = await countersign(['decision', 'replay', byFiles], { cwd: folder });
  assert.equal(found.code, 0, found.stdout + found.stderr);

  const bundle = temporaryFolder();
  writeFiles(bundle, { 'p.rego': policy, '.manifest': '{"revision": "seven"}' });
  const byBundle = `${log}4`;
  const bundled = await countersign(['gate', '--base', base, '--bundle', bundle, '--decision-log', byBundle], {
    cwd: folder,
  });
  assert.equal(bundled.code, 1, bundled.stderr);
  assert.match(recordsOf(byBundle)[0]?.bundles?.countersign?.revision ?? '', /^seven@sha256:/);
  assert.equal((await countersign(['decision', 'replay', byBundle], { cwd: folder })).code, 3);
  const withBundle = await countersign(['decision', 'replay', byBundle, '--bundle', bundle], { cwd: folder });
  assert.equal(withBundle.code, 0, withBundle.stdout + withBundle.stderr);

  const elsewhere = newRepository();
  const byCommit = `${log}3`;
  await countersign(['gate', '--base', base, '--decision-log', byCommit], { cwd: folder });
  const away = await countersign(['decision', 'replay', byCommit], { cwd: elsewhere.folder });
  assert.equal(away.code, 3);
  assert.match(away.stdout, new RegExp(`the commit ${base}, whose policies decided, is not in this repository`));
  const [record] = recordsOf(byCommit);
  writeFileSync(
    byCommit,
    `${JSON.stringify({ ...record, custom: {}, bundles: { countersign: { revision: 'pack@0.0.0' } } })}\n`,
  );
  assert.match(
    (await countersign(['decision', 'replay', byCommit])).stdout,
    /the built-in pack 0\.0\.0 decided, and this is \d[^ ]*\+sha256:[0-9a-f]{64}: replay/,
  );
});

test('the configuration may say where to record, within the repository', async () => {
  const config = (log: string) => ({
    '.countersign/config.yaml': `version: 1\ndecisions: {log: ${log}, maxBytes: 10}\n`,
  });
  const { folder, base } = judged(config('logs/decisions.jsonl'));
  const failed = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(failed.code, 3, 'its folder is missing');
  assert.match(failed.stderr, /decisions\.log names logs\/decisions\.jsonl, whose folder is missing/);
  mkdirSync(join(folder, 'logs'));
  for (let at = 0; at < 2; at++) assert.equal((await countersign(['gate', '--base', base], { cwd: folder })).code, 1);
  const rotated = join(folder, 'logs', 'decisions.000000001.jsonl');
  const files = [rotated, join(folder, 'logs', 'decisions.jsonl')];
  assert.equal((await countersign(['decision', 'verify', ...files])).code, 0);
  assert.equal((await countersign(['decision', 'verify', files[1] ?? ''])).code, 1);

  for (const place of ['../x.jsonl', '/tmp/x.jsonl', '.git/x']) {
    const bad = judged(config(place));
    const ran = await countersign(['gate', '--base', bad.base], { cwd: bad.folder });
    assert.equal(ran.code, 2, place);
    assert.match(ran.stderr, /must be a file in the repository/);
  }
  if (process.platform === 'win32') return;
  const linked = judged(config('out/decisions.jsonl'));
  symlinkSync(temporaryFolder(), join(linked.folder, 'out'));
  const out = await countersign(['gate', '--base', linked.base], { cwd: linked.folder });
  assert.equal(out.code, 3);
  assert.match(out.stderr, /leads out of the repository/);
});

test('a log is uploaded once, with a token that nobody sees', async (t) => {
  const { folder, base } = judged();
  const log = join(temporaryFolder(), 'decisions.jsonl');
  await countersign(['gate', '--base', base, '--decision-log', log], { cwd: folder });
  const taken: DecisionRecord[] = [];
  let status = 401;
  const url = await serve(t, async (request, response) => {
    const body = await bodyOf(request);
    const ok = status === 200 && request.headers.authorization === 'Bearer s3cret' && request.url === '/logs/part';
    if (ok) taken.push(...(JSON.parse(gunzipSync(body).toString()) as DecisionRecord[]));
    response.writeHead(ok ? 200 : status).end();
  });
  const args = ['decision', 'upload', log, '--to', url, '--partition', 'part', '--give-up-after', '0.3'];
  const env = { COUNTERSIGN_DECISION_LOG_TOKEN: 's3cret' };
  const refused = await countersign(args, { env });
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /wants another token: it answered 401/);
  status = 503;
  const failed = await countersign(args, { env });
  assert.equal(failed.code, 3);
  assert.match(failed.stderr, /Nothing is lost: call it again/);
  status = 200;
  const done = await countersign(args, { env });
  assert.equal(done.code, 0, done.stderr);
  assert.equal(done.stdout, 'Sent 1 record in 1 request.\n');
  const again = await countersign(args, { env });
  assert.equal(again.stdout, 'Sent 0 records in 0 requests, 1 record sent before.\n');
  assert.deepEqual(taken, recordsOf(log));
  for (const ran of [refused, failed, done, again]) assert.doesNotMatch(ran.stdout + ran.stderr, /s3cret/);
});

test('wrong calls and files are said', async () => {
  const log = join(temporaryFolder(), 'decisions.jsonl');
  assert.equal((await countersign(['decision', 'verify', log])).code, 3, 'no such file');
  writeFileSync(log, '');
  assert.equal((await countersign(['decision', 'verify', log])).code, 0);
  assert.equal((await countersign(['decision', 'verify', log, '--expect', 'x'])).code, 2);
  assert.equal((await countersign(['decision', 'verify'])).code, 2);
  assert.equal((await countersign(['decision', 'show', log, '--commit', 'x'])).code, 2);
  assert.equal((await countersign(['decision', 'upload', log])).code, 2);
  appendFileSync(log, '{"a":1}\n');
  const shown = await countersign(['decision', 'show', log]);
  assert.equal(shown.code, 3);
  assert.match(shown.stderr, /:1: this is no decision record/);
});

test('what a commit says is no command and no mark, in the log and out of it', async () => {
  const { folder, base, commit } = judged();
  const evil = '##[error]bad ##vso[task.complete] \u202e\u001b[2J';
  commit(`${evil}\n\n::error::bad\n`);
  const log = join(temporaryFolder(), 'decisions.jsonl');
  await countersign(['gate', '--base', base, '--decision-log', log], { cwd: folder });
  const outputs = [readFileSync(log, 'utf8')];
  for (const args of [
    ['show', log],
    ['show', log, '--format', 'json'],
    ['replay', log, '-v'],
    ['verify', log],
  ]) {
    const ran = await countersign(['decision', ...args], { cwd: folder });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    outputs.push(ran.stdout + ran.stderr);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not appear
  for (const output of outputs) assert.doesNotMatch(output, /##|[\u001b\u202e]|^\s*::/m);
  assert.equal(recordsOf(log)[0]?.input?.commits.at(-1)?.subject.startsWith('##[error]bad ##vso'), true);
});
