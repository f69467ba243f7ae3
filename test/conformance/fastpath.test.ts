/** The fast path decides as the engine does, or hands the decision back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { evaluateFast, type Planned, planFastPath } from '../../engine/fastpath.ts';
import listed from '../../engine/fastpath-builtins.json' with { type: 'json' };
import { startEngine } from '../../engine/start.ts';
import { rego } from '../engine/builds.ts';
import { loadCases } from './cases.ts';
import type { Evidence } from './decide-fastpath.ts';
import { compare, subjectOf } from './differential.ts';
import { type Builtin, generatedSubjects } from './generated.ts';
import { packSubjects } from './pack.ts';

const evidence: Evidence = JSON.parse(readFileSync(join(import.meta.dirname, 'fastpath-evidence.json'), 'utf8'));
const loaded = loadCases();
const cases = 'cases' in loaded ? loaded.cases : [];

describe('fast path', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.dispose());

  async function planned(text: string, data: Record<string, unknown> = {}, allowed?: string[]): Promise<Planned> {
    await engine.call('workspace/open', { workspace: 'fast', files: [rego('p.rego', text)] });
    const plan = await engine.call('plan', { workspace: 'fast', entrypoints: ['p/deny'] });
    return planFastPath({ ...plan, data: JSON.stringify(data) }, allowed);
  }

  async function evaluator(text: string, data: Record<string, unknown> = {}, allowed?: string[]) {
    const plan = await planned(text, data, allowed);
    assert.ok(plan.applicable, JSON.stringify(plan));
    const { policy } = plan;
    return (entrypoint: string, input: unknown, options?: { timeoutMs?: number }) => {
      const result = evaluateFast(policy, [entrypoint], input, options);
      return result.decided ? { decided: true, value: result.values.get(entrypoint) } : result;
    };
  }

  async function refusal(text: string, data: Record<string, unknown> = {}): Promise<string> {
    const plan = await planned(text, data);
    assert.ok(!plan.applicable);
    return plan.why;
  }

  test('a policy of listed built-ins is decided', async () => {
    const evaluate = await evaluator(
      'package p\n\ndeny contains x.msg if {\n\tsome x in input.items\n\tstartswith(x.name, data.prefix)\n\tcount(x.name) > 3\n}\n',
      { prefix: 'bad' },
    );
    const input = {
      items: [
        { name: 'badly', msg: 'ü 😀' },
        { name: 'bad', msg: 'short' },
        { name: 'good', msg: 'fine' },
      ],
    };
    assert.deepEqual(evaluate('p/deny', input), { decided: true, value: ['ü 😀'] });
    assert.deepEqual(evaluate('p/deny', { items: [] }), { decided: true, value: [] });
    assert.deepEqual(evaluate('p/deny', undefined), { decided: true, value: [] });
  });

  test('undefined is undefined, and falsy inputs are inputs', async () => {
    const evaluate = await evaluator('package p\n\ndeny := [input]\n');
    for (const input of [false, 0, '', null, [], {}]) {
      assert.deepEqual(evaluate('p/deny', input), { decided: true, value: [input] });
    }
    assert.deepEqual(evaluate('p/deny', undefined), { decided: true, value: undefined });
  });

  test('an input of 2 MB is decided', async () => {
    const evaluate = await evaluator('package p\n\ndeny := count(input)\n');
    assert.deepEqual(evaluate('p/deny', 'x'.repeat(2_000_000)), { decided: true, value: 2_000_000 });
  });

  test('a built-in that is not listed is named', async () => {
    assert.equal(await refusal('package p\n\ndeny := json.marshal(1)\n'), 'not applicable: built-in json.marshal');
    assert.match(await refusal('package p\n\ndeny := time.now_ns()\n'), /^not applicable: built-in time\.now_ns$/);
  });

  test('arrays that are built from sets have OPA’s order', async () => {
    const evaluate = await evaluator(
      'package p\n\ndeny := [x | some x in {3, "é", 1, null, "😀", "\uffff", [2], 2}]\n',
    );
    assert.deepEqual(evaluate('p/deny', {}), { decided: true, value: [null, 1, 2, 3, 'é', '\uffff', '😀', [2]] });
  });

  test('what OPA finds otherwise, or could count otherwise, is refused', async () => {
    assert.match(await refusal('package p\n\ndeny := data.x[2]\n', { x: { '2': 'found' } }), /the key "2"/);
    assert.match(await refusal('package p\n\ndeny := data.x\n', { x: 2 ** 60 }), /a number in data/);
  });

  test('what is no safe integer, a built-in’s error and a text that is no Unicode are handed back', async () => {
    const evaluate = await evaluator('package p\n\ndeny := input.a + 1\n');
    assert.deepEqual(evaluate('p/deny', { a: 1 }), { decided: true, value: 2 });
    for (const a of [2 ** 53 - 1, 0.5, 1e300, '1', null, '\ud800']) {
      assert.equal(evaluate('p/deny', { a }).decided, false, JSON.stringify(a));
    }
    assert.deepEqual(evaluate('p/deny', {}), { decided: true, value: undefined });
  });

  test('a conflict is handed back', async () => {
    const evaluate = await evaluator('package p\n\ndeny := 1 if input.a\n\ndeny := 2 if input.b\n');
    assert.deepEqual(evaluate('p/deny', { a: true }), { decided: true, value: 1 });
    assert.deepEqual(evaluate('p/deny', { a: true, b: true }), { decided: false, why: 'a rule has two values' });
    assert.deepEqual(evaluate('p/deny', { b: true }), { decided: true, value: 2 });
  });

  test('an endless evaluation is stopped and handed back', async () => {
    const text =
      'package p\n\nn := numbers.range(1, 10000)\n\ndeny if {\n\tsome a in n\n\tsome b in n\n\tsome c in n\n\ta + b + c == 0\n}\n';
    const evaluate = await evaluator(text);
    const stopped = evaluate('p/deny', {}, { timeoutMs: 200 });
    assert.ok(!stopped.decided && 'why' in stopped);
    assert.match(stopped.why, /timed out/);
  });

  test('an endless regular expression is stopped and handed back', async () => {
    const evaluate = await evaluator('package p\n\ndeny := regex.match(`^(?:a|a?)*$`, input)\n');
    assert.deepEqual(evaluate('p/deny', 'aaa'), { decided: true, value: true });
    const stopped = evaluate('p/deny', `${'a'.repeat(100)}b`, { timeoutMs: 200 });
    assert.ok(!stopped.decided && 'why' in stopped);
    assert.match(stopped.why, /timed out/);
  });

  test('an entrypoint that is not there, and a plan that is none', async () => {
    const evaluate = await evaluator('package p\n\ndeny := 1\n');
    assert.deepEqual(evaluate('p/warn', {}), { decided: false, why: 'the policy has no entrypoint p/warn' });
    const statement = '{"type": "LeapStmt", "stmt": {}}';
    const plan = `{"static": {}, "plans": {"plans": [{"name": "p", "blocks": [{"stmts": [${statement}]}]}]}}`;
    assert.deepEqual(planFastPath({ plan, data: '{}' }), {
      applicable: false,
      why: 'not applicable: the plan has the statement LeapStmt',
    });
    assert.match(JSON.stringify(planFastPath({ plan: '{', data: '{}' })), /not applicable/);
  });

  test('the default pack agrees', async () => {
    const subjects = await packSubjects(engine);
    assert.ok(subjects.length > 5);
    for (const subject of subjects) {
      const { outcome, detail } = await compare(engine, subject, listed.builtins);
      assert.equal(outcome, 'agrees', `${subject.id}: ${detail}`);
    }
  });

  test('each listed built-in has cases that agree', async (t) => {
    assert.deepEqual(Object.keys(evidence.listed), listed.builtins);
    const ids = new Set(Object.values(evidence.listed).flatMap((item) => item.cases));
    const subjects = cases.filter(({ id }) => ids.has(id)).flatMap((entry) => subjectOf(entry) ?? []);
    if ('absent' in loaded) {
      t.diagnostic(`without OPA's cases: ${loaded.absent}`);
    } else {
      assert.equal(subjects.length, ids.size);
    }
    for (const subject of subjects) {
      const { outcome, detail } = await compare(engine, subject, 'all');
      assert.equal(outcome, 'agrees', `${subject.id}: ${detail}`);
    }
    t.diagnostic(`${subjects.length} of OPA's cases for ${listed.builtins.length} built-ins`);
  });

  test('generated calls of listed built-ins agree', async (t) => {
    const { capabilities } = await engine.call('capabilities', {});
    const builtins = (capabilities.builtins as Builtin[]).filter(({ name }) => listed.builtins.includes(name));
    const seed = Number(process.env.FAST_CHECK_SEED ?? 20_260);
    const subjects = builtins.flatMap((builtin) => generatedSubjects(builtin, 15, seed));
    for (const subject of subjects) {
      const { outcome, detail } = await compare(engine, subject, listed.builtins);
      assert.notEqual(outcome, 'disagrees', `${subject.id}, seed ${seed}: ${detail}`);
    }
    t.diagnostic(`${subjects.length} rules with 15 inputs each, seed ${seed}`);
  });
});
