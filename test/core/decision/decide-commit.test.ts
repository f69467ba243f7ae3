/** What a commit to be is judged by: the engine once, then what was kept of it, and the engine again where that is no use. */
import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { type CommitDecision, decideCommit, keepWorkTreePolicies } from '../../../core/decision/decide-commit.ts';
import { openRepository } from '../../../core/git/repository.ts';
import type { Evidence } from '../../../core/input.ts';
import { toHome } from '../../../core/policies/initialize.ts';
import { packFiles } from '../../../core/policies/load.ts';
import { startEngine } from '../../../engine/start.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

const engine = await startEngine();
after(() => engine.dispose());
const now = new Date('2026-06-01T12:00:00Z');
const declared = (context: string) =>
  `Add a\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: 2026-06-01T11:00:00Z\nAI-Context: ${context}\nAI-Approver: Bo Example <bo@example.com>\n`;
const good = declared('Wrote the parser and its tests from the issue');

/** A repository with the default pack, or with these files below `.countersign`. */
async function repositoryWith(t: TestContext, files?: Record<string, string>): Promise<TestRepository> {
  const repository = await makeRepository(t);
  const all = files ? Object.entries(files).map(([path, bytes]) => ({ path, bytes })) : toHome(await packFiles());
  for (const { path, bytes } of all) await repository.write(`.countersign/${path}`, bytes);
  await repository.commit('Start');
  await repository.write('src/a.ts', 'one');
  await repository.git('add', '.');
  return repository;
}

async function decided(
  { root, environment }: TestRepository,
  message: string,
  { may = true, evidence }: { may?: boolean; evidence?: Evidence[] } = {},
): Promise<CommitDecision> {
  const repository = await openRepository(root, { inherit: false, environment });
  const use = () => (may ? Promise.resolve(engine) : Promise.reject(new Error('the engine was asked for')));
  return decideCommit(repository, { message }, { engine: use, now, ...(evidence && { evidence }) });
}

const rules = ({ verdict }: CommitDecision) =>
  verdict.commits.flatMap(({ deny }) => deny.map(({ rule }) => rule)).sort();
const shown = ({ verdict: { decision_id: _, ...verdict }, notes }: CommitDecision) => ({ verdict, notes });
const keptIn = ({ root }: TestRepository) => join(root, '.git', 'countersign', 'policies');

test('the engine decides once; from then on the fast path says the same', async (t) => {
  const repository = await repositoryWith(t);
  const first = await decided(repository, good);
  assert.deepEqual([first.by, first.verdict.result], ['engine', 'allow']);
  assert.equal(first.why, 'these policies were not judged by before');
  const second = await decided(repository, good, { may: false });
  assert.equal(second.by, 'fast path');
  assert.deepEqual(shown(second), shown(first));
  assert.equal(second.why, undefined);
  const undeclared = await decided(repository, 'Add a\n\nCo-authored-by: Claude <noreply@anthropic.com>\n', {
    may: false,
  });
  assert.deepEqual(rules(undeclared), ['undisclosed-ai']);
  const evidence = [{ source: 'environment', detail: 'CLAUDECODE' }] satisfies Evidence[];
  assert.deepEqual(rules(await decided(repository, 'Add a\n', { may: false, evidence })), ['undisclosed-ai']);
});

test('what a schema denies is said as the engine’s way says it', async (t) => {
  const repository = await repositoryWith(t);
  const message = declared(`${'long '.repeat(420)}\u0007`);
  const first = await decided(repository, message);
  assert.ok(rules(first).includes('disclosure-schema'));
  assert.deepEqual(shown(await decided(repository, message, { may: false })), shown(first));
});

test('another policy is judged by the engine, whatever was kept', async (t) => {
  const repository = await repositoryWith(t);
  await decided(repository, good);
  const file = '.countersign/data/approved-models.yaml';
  const text = await readFile(join(repository.root, file), 'utf8');
  await repository.write(file, text.replace('name: Claude Opus', 'name: Opus').replace('claude-opus-*', 'opus-*'));
  const changed = await decided(repository, good);
  assert.equal(changed.by, 'engine');
  assert.deepEqual(rules(changed), ['approved-model']);
  assert.deepEqual(rules(await decided(repository, good, { may: false })), ['approved-model']);
  await repository.write(file, text);
  assert.deepEqual(rules(await decided(repository, good, { may: false })), []);
  assert.equal((await readdir(keptIn(repository))).length, 2);
});

test('a damaged file never decides, and is made anew', async (t) => {
  const repository = await repositoryWith(t);
  await decided(repository, good);
  const [name] = await readdir(keptIn(repository));
  const file = join(keptIn(repository), name as string);
  const whole = await readFile(file, 'utf8');
  const damages = [
    '',
    'x',
    whole.slice(0, -10),
    whole.replace('claude-opus', 'claude-0pus'),
    `${'0'.repeat(64)}${whole.slice(64)}`,
  ];
  for (const damaged of damages) {
    await writeFile(file, damaged);
    assert.equal((await decided(repository, good)).by, 'engine');
    assert.equal((await decided(repository, good, { may: false })).by, 'fast path');
  }
  assert.equal(await readFile(file, 'utf8'), whole);
  // Another policy's under this one's name.
  await repository.write('.countersign/data/placeholders.yaml', 'placeholders: {words: [], patterns: []}\n');
  await decided(repository, good);
  const other = (await readdir(keptIn(repository))).find((one) => one !== name) as string;
  await writeFile(join(keptIn(repository), other), whole);
  assert.equal((await decided(repository, good)).by, 'engine');
});

test('what neither plan nor wasm takes is judged by the engine each time, with the reason', async (t) => {
  const policy =
    'package own\n\ndeny contains "late" if time.now_ns() < 0\n\ndeny contains "bad" if contains(input.commits[_].subject, "bad")\n';
  const repository = await repositoryWith(t, { 'config.yaml': 'version: 1\n', 'policies/own.rego': policy });
  await decided(repository, 'bad\n');
  const again = await decided(repository, 'bad\n');
  assert.deepEqual([again.by, again.verdict.result], ['engine', 'deny']);
  assert.match(again.why ?? '', /not applicable: built-in time\.now_ns/);
});

test('own policies: a plan, wasm, and a rule that is undefined, which is never a pass', async (t) => {
  const own = (text: string) =>
    repositoryWith(t, { 'config.yaml': 'version: 1\n', 'policies/own.rego': `package own\n\n${text}\n` });
  const plain = await own('deny contains sprintf("no %s", [c.subject]) if some c in input.commits');
  await decided(plain, 'x\n');
  const { verdict } = await decided(plain, 'x\n', { may: false });
  assert.deepEqual(verdict.change.deny, [{ rule: 'policy', msg: 'no x' }]);
  const wasm = await own('deny contains "walked" if walk(input, [_, "needle"])');
  await decided(wasm, 'needle\n');
  assert.equal((await decided(wasm, 'needle\n', { may: false })).verdict.result, 'deny');
  assert.equal((await decided(wasm, 'hay\n', { may: false })).verdict.result, 'allow');
  const undefinedRule = await own('deny := {"no"} if input.commits[0].subject == "x"');
  await decided(undefinedRule, 'x\n');
  await assert.rejects(decided(undefinedRule, 'y\n'), /is undefined/);
});

test('a policy that cannot be used is kept by nobody', async (t) => {
  const repository = await repositoryWith(t, {
    'config.yaml': 'version: 1\n',
    'policies/own.rego': 'package own\n\ndeny contains x\n',
  });
  for (const _ of [1, 2]) await assert.rejects(decided(repository, 'x\n'), { name: 'DecisionError' });
  await assert.rejects(readdir(keptIn(repository)));
});

test('where the git folder cannot be written, the decision stands', { skip: process.getuid?.() === 0 }, async (t) => {
  const repository = await repositoryWith(t);
  await chmod(join(repository.root, '.git'), 0o500);
  t.after(() => chmod(join(repository.root, '.git'), 0o700));
  assert.equal((await decided(repository, good)).verdict.result, 'allow');
});

test('policies are made ready ahead, once', async (t) => {
  const own = await repositoryWith(t);
  const repository = await openRepository(own.root, { inherit: false, environment: own.environment });
  assert.equal(await keepWorkTreePolicies(repository, () => Promise.resolve(engine)), undefined);
  assert.equal(await keepWorkTreePolicies(repository, () => Promise.reject(new Error('asked again'))), undefined);
  assert.equal((await decided(own, good, { may: false })).by, 'fast path');
  await rm(keptIn(own), { recursive: true });
  await assert.rejects(
    keepWorkTreePolicies(repository, () => Promise.reject(new Error('no engine'))),
    /no engine/,
  );
});

test('old ones are forgotten', async (t) => {
  const repository = await repositoryWith(t, {
    'config.yaml': 'version: 1\n',
    'policies/own.rego': 'package own\n\ndeny := set()\n',
  });
  for (let at = 0; at < 10; at++) {
    await repository.write('.countersign/policies/own.rego', `package own\n\n# ${at}\ndeny := set()\n`);
    await decided(repository, 'x\n');
  }
  assert.equal((await readdir(keptIn(repository))).length, 8);
  assert.equal((await decided(repository, 'x\n', { may: false })).by, 'fast path');
});
