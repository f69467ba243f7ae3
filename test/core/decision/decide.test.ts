import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DecisionError, decide, judge, prepare, release } from '../../../core/decision/decide.ts';
import { rulePlaces } from '../../../core/decision/places.ts';
import type { Commit, Input } from '../../../core/input.ts';
import { loadPack } from '../../../core/policies/load.ts';
import { assemblePolicySet, type PolicySet } from '../../../core/policies/policy-set.ts';
import { startEngine } from '../../../engine/start.ts';

const engine = await startEngine();
after(() => engine.dispose());

function policies(files: Record<string, string>): PolicySet {
  const content = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  return assemblePolicySet({ files: content, skipped: [] }, { origin: 'folder', label: 'a test', prefix: '' });
}

const now = '2026-06-01T12:00:00Z';

function commit(sha: string, given: Partial<Commit> = {}): Commit {
  const person = { name: 'Ada Author', email: 'ada@example.com', time: '2026-06-01T11:00:00Z' };
  return {
    sha,
    parents: [],
    parent_times: ['2026-06-01T10:00:00Z'],
    author: person,
    committer: person,
    subject: `Commit ${sha || 'to be'}`,
    body: '',
    trailers: [],
    files: [{ path: 'src/a.ts', status: 'M' }],
    merge: false,
    revert: false,
    fixup: false,
    ...given,
  };
}

function input(...commits: Commit[]): Input {
  return { schema: 'countersign.input/v1', phase: 'change', now, repository: { name: 'app' }, commits, exceptions: [] };
}

test('findings go to their commits, each once, in a stable order; the rest goes to the change', async () => {
  const set = policies({
    'a.rego': `package a

deny contains {"msg": m, "commit": "one"} if some m in ["z", "y"]

violation contains {"msg": "y", "commit": "one"} if true

deny contains "whole" if true

warn contains {"msg": "lost", "commit": "none"} if true

ai contains "two" if true
`,
    'b.rego': 'package b\n\nai contains "one" if input.never\n',
  });
  const { verdict, notes } = await decide(engine, set, input(commit('one'), commit('two')));
  assert.equal(verdict.result, 'deny');
  assert.equal(verdict.revision, set.revision);
  assert.deepEqual(
    verdict.commits.map(({ sha, ai, deny }) => [sha, ai, deny.map(({ msg }) => msg)]),
    [
      ['one', false, ['y', 'z']],
      ['two', true, []],
    ],
  );
  assert.deepEqual(verdict.change, {
    deny: [{ rule: 'policy', msg: 'whole' }],
    warn: [{ rule: 'a', msg: 'lost', commit: 'none' }],
  });
  assert.deepEqual(notes, ['a names the commit none, which is none of those judged.']);
});

test('warnings alone allow; so does a change without commits, which is judged all the same', async () => {
  const set = policies({
    'a.rego': 'package a\n\nwarn contains "w" if true\n\ndeny contains "empty" if count(input.commits) == 0\n',
  });
  assert.equal((await decide(engine, set, input(commit('one')))).verdict.result, 'allow');
  assert.equal((await decide(engine, set, input())).verdict.result, 'deny');
});

test('without a rule ai, a disclosure is what counts', async () => {
  const set = policies({ 'a.rego': 'package a\n\ndeny contains "x" if input.never\n' });
  const { verdict } = await decide(engine, set, input(commit('one', { disclosure: { model: ['m'] } }), commit('two')));
  assert.deepEqual(
    verdict.commits.map(({ ai }) => ai),
    [true, false],
  );
});

test('a commit that is still being made has git’s null id, and its findings', async () => {
  const set = policies({
    'a.rego': 'package a\n\nid := input.commits[0].sha\n\ndeny contains {"msg": "x", "commit": id}\n\nai contains id\n',
    's.schema.json': JSON.stringify({
      'x-countersign': { each: 'commits[].disclosure', rule: 'shape' },
      required: ['model'],
    }),
  });
  const { verdict } = await decide(engine, set, input(commit('', { disclosure: {} })));
  assert.deepEqual(
    verdict.commits.map(({ sha, ai, deny }) => [sha, ai, deny.map(({ rule }) => rule)]),
    [['0'.repeat(40), true, ['a', 'shape']]],
  );
});

test('built-in errors and prints are told, and time stands where the input says', async () => {
  const set = policies({
    'a.rego': `package a

deny contains "late" if time.now_ns() != time.parse_rfc3339_ns(input.now)

deny contains "x" if {
	print("looking")
	time.parse_rfc3339_ns("soon") > 0
}
`,
  });
  const { verdict, notes, output } = await decide(engine, set, input(commit('one'), commit('two')));
  assert.equal(verdict.result, 'allow');
  assert.equal(output.trim(), 'looking');
  assert.match(notes[0] ?? '', /^a\.rego:7: a built-in function failed.*parse_rfc3339_ns/);
});

test('a policy set with any error decides nothing', async () => {
  for (const files of [
    { 'a.rego': 'package a\n\ndeny contains' },
    { 'a.rego': 'package a\n\ndeny contains "x" if true', 'b.yaml': '- 1' },
    { 'a.rego': 'package a\n\nai contains "x" if true' },
    {},
  ]) {
    await assert.rejects(decide(engine, policies(files as Record<string, string>), input()), DecisionError);
  }
});

test('a prepared set judges again and again, batches come together, and an endless one is stopped', async () => {
  const set = policies({
    'a.rego':
      'package a\n\ndeny contains {"msg": "even", "commit": c.sha} if {\n\tsome c in input.commits\n\tto_number(c.sha) % 2 == 0\n}\n\nwarn contains "change" if true\n',
  });
  const prepared = await prepare(engine, set);
  const { commits: _, ...frame } = input();
  async function* batches() {
    yield [commit('1'), commit('2')];
    yield [commit('3')];
    yield [commit('4')];
  }
  for (let round = 0; round < 2; round++) {
    const { verdict } = await judge(prepared, frame, batches());
    assert.deepEqual(
      verdict.commits.map(({ sha, deny }) => [sha, deny.length]),
      [
        ['1', 0],
        ['2', 1],
        ['3', 0],
        ['4', 1],
      ],
    );
    assert.equal(verdict.change.warn.length, 1);
  }
  async function* failing() {
    yield [commit('1')];
    throw new Error('git is gone');
  }
  await assert.rejects(judge(prepared, frame, failing()), /git is gone/);
  await release(prepared);
  await assert.rejects(judge(prepared, frame, batches()), DecisionError);

  const endless = policies({
    'a.rego':
      'package a\n\ndeny contains "x" if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == -1\n}\n',
  });
  await assert.rejects(decide(engine, endless, input(), { timeoutMs: 200 }), /took too long/);
});

const declared = {
  model: ['claude-opus-4-6'],
  timestamp: ['2026-06-01T10:30:00Z'],
  context: ['Wrote the parser and its tests from the grammar'],
  approver: ['Dee Reviewer <dee@example.com>'],
};
const cases: [name: string, given: Partial<Commit>, rules: string[]][] = [
  ['by hand', {}, []],
  ['whole', { disclosure: declared }, []],
  ['no approver', { disclosure: { ...declared, approver: [] } }, ['required-field']],
  ['unknown model', { disclosure: { ...declared, model: ['garage-llm'] } }, ['approved-model']],
  ['own approver', { disclosure: { ...declared, approver: ['ada@example.com'] } }, ['approver-independent']],
  ['undisclosed', { body: 'x\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\ny' }, ['undisclosed-ai']],
  ['wrong form', { disclosure: { ...declared, approver: ['Dee'] } }, ['disclosure-schema']],
  ['no time', { disclosure: { ...declared, timestamp: ['yesterday'] } }, ['timestamp-format']],
];

test('the built-in pack judges as its rules say, alike in both builds of the engine', async () => {
  const pack = await loadPack();
  const commits = cases.map(([, given], at) => commit(String(at).padStart(40, 'a'), given));
  const wasm = await startEngine({ build: 'wasm' });
  try {
    const [native, other] = await Promise.all([
      decide(engine, pack, input(...commits)),
      decide(wasm, pack, input(...commits)),
    ]);
    assert.deepEqual(
      native.verdict.commits.map(({ deny }, at) => [cases[at]?.[0], [...new Set(deny.map(({ rule }) => rule))]]),
      cases.map(([name, , rules]) => [name, rules]),
    );
    assert.deepEqual(native.verdict.change, { deny: [], warn: [] });
    assert.deepEqual(other.verdict.commits, native.verdict.commits);
    const prepared = await prepare(engine, pack);
    const places = rulePlaces(prepared, ['approved-model', 'disclosure-schema', 'nothing']);
    assert.match(places.get('approved-model') ?? '', /^pack\/model\.rego:\d+$/);
    assert.equal(places.get('disclosure-schema'), 'pack/schema/disclosure.schema.json');
    assert.equal(places.get('nothing'), undefined);
  } finally {
    await wasm.dispose();
  }
});
