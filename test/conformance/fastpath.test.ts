/** The fast path decides as the engine does, or hands the decision back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { evaluateFast, type FastPolicy, makeFastPolicy } from '../../engine/fastpath.ts';
import listed from '../../engine/fastpath-builtins.json' with { type: 'json' };
import { evaluatePlan, type Planned, readPolicyPlan } from '../../engine/fastpath-plan.ts';
import { startEngine } from '../../engine/start.ts';
import { rego } from '../engine/builds.ts';
import { loadCases } from './cases.ts';
import type { Evidence } from './decide-fastpath.ts';
import { compare, subjectOf, type Way } from './differential.ts';
import { type Builtin, generatedSubjects } from './generated.ts';
import { packSubjects } from './pack.ts';

const evidence: Record<Way, Evidence> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fastpath-evidence.json'), 'utf8'),
);
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
    return readPolicyPlan({ ...plan, data: JSON.stringify(data) }, allowed);
  }

  async function evaluator(text: string, data: Record<string, unknown> = {}, allowed?: string[]) {
    const plan = await planned(text, data, allowed);
    assert.ok(plan.applicable, JSON.stringify(plan));
    const { policy } = plan;
    return (entrypoint: string, input: unknown, options?: { timeoutMs?: number }) => {
      const result = evaluatePlan(policy, [entrypoint], input, options);
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
      'package p\n\nn := numbers.range(1, 10000)\n\ndeny if {\n\tsome a in n\n\tsome b in n\n\tsome c in n\n\ta + b + c == INPUT\n}\n';
    const evaluate = await evaluator(text.replace('INPUT', 'input'));
    const stopped = evaluate('p/deny', 0, { timeoutMs: 200 });
    assert.ok(!stopped.decided && 'why' in stopped);
    assert.match(stopped.why, /timed out/);
    // It would be so at each commit.
    const never = await planned(text.replace('INPUT', '0'));
    assert.match(JSON.stringify(never), /"applicable":false.*timed out/);
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
    assert.deepEqual(readPolicyPlan({ plan, data: '{}' }), {
      applicable: false,
      why: 'not applicable: the plan has the statement LeapStmt',
    });
    assert.match(JSON.stringify(readPolicyPlan({ plan: '{', data: '{}' })), /not applicable/);
  });

  test('the default pack agrees', async () => {
    const subjects = await packSubjects(engine);
    assert.ok(subjects.length > 5);
    for (const subject of subjects) {
      const { outcome, detail } = await compare(engine, subject, listed.plan, 'plan');
      assert.equal(outcome, 'agrees', `${subject.id}: ${detail}`);
    }
  });

  for (const way of ['plan', 'wasm'] as const) {
    test(`each listed built-in has cases that agree, by ${way}`, async (t) => {
      const { listed: known } = evidence[way];
      assert.deepEqual(Object.keys(known), listed[way]);
      const ids = new Set(Object.values(known).flatMap((item) => item.cases));
      const subjects = cases.filter(({ id }) => ids.has(id)).flatMap((entry) => subjectOf(entry) ?? []);
      if ('absent' in loaded) {
        t.diagnostic(`without OPA's cases: ${loaded.absent}`);
      } else {
        assert.equal(subjects.length, ids.size);
      }
      for (const subject of subjects) {
        const { outcome, detail } = await compare(engine, subject, 'all', way);
        assert.equal(outcome, 'agrees', `${subject.id}: ${detail}`);
      }
      t.diagnostic(`${subjects.length} of OPA's cases for ${listed[way].length} built-ins`);
    });

    test(`generated calls of listed built-ins agree, by ${way}`, async (t) => {
      const { capabilities } = await engine.call('capabilities', {});
      const builtins = (capabilities.builtins as Builtin[]).filter(({ name }) => listed[way].includes(name));
      const seed = Number(process.env.FAST_CHECK_SEED ?? 20_260);
      const subjects = builtins.flatMap((builtin) => generatedSubjects(builtin, 15, seed));
      for (const subject of subjects) {
        const { outcome, detail } = await compare(engine, subject, listed[way], way);
        assert.notEqual(outcome, 'disagrees', `${subject.id}, seed ${seed}: ${detail}`);
      }
      t.diagnostic(`${subjects.length} rules with 15 inputs each, seed ${seed}`);
    });
  }
});

describe('fast path by wasm', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.dispose());

  async function policyOf(text: string, ...data: string[]): Promise<FastPolicy> {
    const files = data.map((json, at) => ({ path: `d${at}.json`, kind: 'data' as const, text: json }));
    await engine.call('workspace/open', { workspace: 'wasm', files: [rego('p.rego', text), ...files] });
    return makeFastPolicy(engine, 'wasm', ['p/deny']);
  }

  test('it takes policies with built-ins that plans do not have', async () => {
    const text = 'package p\n\ndeny contains x if {\n\tsome x in input.hosts\n\tnet.cidr_contains(data.net, x)\n}\n';
    const policy = await policyOf(text, '{"net": "10.0.0.0/8"}');
    assert.equal(policy.kind, 'wasm');
    const result = await evaluateFast(policy, ['p/deny'], { hosts: ['10.1.2.3', '192.168.0.1', '10.0.0.1'] });
    assert.ok(result.decided, JSON.stringify(result));
    assert.deepEqual((result.values.get('p/deny') as string[]).sort(), ['10.0.0.1', '10.1.2.3']);
    // A built-in's error, and numbers and texts that JavaScript would change.
    for (const input of [{ hosts: [2 ** 60] }, { hosts: ['\ud800'] }]) {
      assert.equal((await evaluateFast(policy, ['p/deny'], input)).decided, false);
    }
  });

  test('a plan goes before wasm', async () => {
    const policy = await policyOf('package p\n\ndeny contains "no" if input.bad\n');
    assert.equal(policy.kind, 'plan');
    const result = await evaluateFast(policy, ['p/deny'], { bad: true });
    assert.deepEqual(result, { decided: true, values: new Map([['p/deny', ['no']]]) });
  });

  test('what neither takes is left to the engine, with both reasons', async () => {
    const policy = await policyOf('package p\n\ndeny contains time.now_ns() if json.filter(input, ["a"])\n');
    assert.equal(policy.kind, 'none');
    const result = await evaluateFast(policy, ['p/deny'], {});
    assert.ok(!result.decided);
    assert.match(result.why, /^not applicable: built-in json\.filter, time\.now_ns; as wasm: built-in time\.now_ns$/);
    const ordered = await policyOf(
      'package p\n\ndeny := [net.cidr_contains("10.0.0.0/8", x) | some x in input.hosts]\n',
    );
    assert.match(JSON.stringify(ordered), /as wasm: an array comprehension/);
    const large = await policyOf('package p\n\ndeny contains data.n\n', '{"n": 12345678901234567890}');
    assert.match(JSON.stringify(large), /a number in data/);
  });

  test('a conflict and an endless evaluation are handed back, and a policy’s own word counts', async () => {
    const conflicting = await policyOf(
      'package p\n\ndeny := 1 if walk(input, [_, 1])\n\ndeny := 2 if walk(input, [_, 2])\n',
    );
    assert.equal(conflicting.kind, 'wasm');
    assert.deepEqual(await evaluateFast(conflicting, ['p/deny'], [1]), {
      decided: true,
      values: new Map([['p/deny', 1]]),
    });
    const conflict = await evaluateFast(conflicting, ['p/deny'], [1, 2]);
    assert.ok(!conflict.decided);
    assert.match(conflict.why, /conflict/);
    await engine.call('workspace/open', {
      workspace: 'host',
      files: [rego('p.rego', 'package p\n\ndeny := sprintf("%d", [input])\n')],
    });
    const compiled = await engine.call('compile', { workspace: 'host', target: 'wasm', entrypoints: ['p/deny'] });
    const lying: FastPolicy = { kind: 'wasm', wasm: compiled.bytes, builtins: [], data: {} };
    assert.deepEqual(await evaluateFast(lying, ['p/deny'], 1), {
      decided: false,
      why: 'not applicable: built-in sprintf',
    });
    const cut: FastPolicy = { kind: 'wasm', wasm: compiled.bytes.slice(0, 400), builtins: [], data: {} };
    assert.equal((await evaluateFast(cut, ['p/deny'], 1)).decided, false);
  });
});
