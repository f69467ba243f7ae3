/** The fast path decides as the engine does, or hands the decision back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { type CompiledPolicy, loadFastPath } from '../../engine/fastpath.ts';
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

  async function compiled(text: string, entrypoint: string): Promise<CompiledPolicy> {
    await engine.call('workspace/open', { workspace: 'fast', files: [rego('p.rego', text)] });
    const policy = await engine.call('compile', { workspace: 'fast', target: 'wasm', entrypoints: [entrypoint] });
    return { ...policy, wasm: new Uint8Array(Buffer.from(policy.bytes, 'base64')) };
  }

  async function evaluator(text: string, data: Record<string, unknown> = {}, allowed?: string[]) {
    const fast = await loadFastPath(await compiled(text, 'p/deny'), data, allowed);
    assert.ok(fast.applicable, JSON.stringify(fast));
    return fast.evaluate;
  }

  async function refusal(text: string, data: Record<string, unknown> = {}): Promise<string> {
    const fast = await loadFastPath(await compiled(text, 'p/deny'), data);
    assert.ok(!fast.applicable);
    return fast.why;
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
    assert.equal(await refusal('package p\n\ndeny := sprintf("%d", [1])\n'), 'not applicable: built-in sprintf');
    assert.match(await refusal('package p\n\ndeny := time.now_ns()\n'), /^not applicable: built-in time\.now_ns$/);
  });

  test('the policy’s own word on host built-ins counts, not the caller’s', async () => {
    const policy = await compiled('package p\n\ndeny := sprintf("%d", [input])\n', 'p/deny');
    const fast = await loadFastPath({ ...policy, builtins: [] }, {});
    assert.deepEqual(fast, { applicable: false, why: 'not applicable: built-in sprintf' });
  });

  test('what OPA orders otherwise, or finds otherwise, is refused', async () => {
    assert.match(await refusal('package p\n\ndeny := [x | some x in {3, 1, 2}]\n'), /array comprehension/);
    assert.match(await refusal('package p\n\ndeny := data.x[2]\n', { x: { '2': 'found' } }), /the key "2"/);
  });

  test('a conflict is handed back, and so is all that follows', async () => {
    const evaluate = await evaluator('package p\n\ndeny := 1 if input.a\n\ndeny := 2 if input.b\n');
    assert.deepEqual(evaluate('p/deny', { a: true }), { decided: true, value: 1 });
    const conflict = evaluate('p/deny', { a: true, b: true });
    assert.ok(!conflict.decided);
    assert.match(conflict.why, /conflict/);
    assert.equal(evaluate('p/deny', { a: true }).decided, false);
  });

  test('an endless evaluation is stopped and handed back', async () => {
    const text =
      'package p\n\nn := numbers.range(1, 10000)\n\ndeny if {\n\tsome a in n\n\tsome b in n\n\tsome c in n\n\ta + b + c == 0\n}\n';
    const evaluate = await evaluator(text, {}, ['numbers.range', 'plus', 'internal.member_2', 'eq']);
    const stopped = evaluate('p/deny', {}, { timeoutMs: 200 });
    assert.ok(!stopped.decided);
    assert.match(stopped.why, /timed out/);
  });

  test('an entrypoint that is not there, and a policy that is no wasm', async () => {
    const policy = await compiled('package p\n\ndeny := 1\n', 'p/deny');
    const fast = await loadFastPath(policy, {});
    assert.ok(fast.applicable);
    assert.deepEqual(fast.evaluate('p/warn', {}), { decided: false, why: 'the policy has no entrypoint p/warn' });
    const cut = await loadFastPath({ ...policy, wasm: policy.wasm.slice(0, 1000) }, {});
    assert.match(cut.applicable ? '' : cut.why, /^not applicable/);
  });

  test('the default pack agrees, or is handed back with the reason', async () => {
    const subjects = await packSubjects(engine);
    assert.ok(subjects.length > 5);
    for (const subject of subjects) {
      const { outcome, detail } = await compare(engine, subject, listed.builtins);
      assert.ok(
        outcome === 'agrees' || (outcome === 'refused' && /^not applicable/.test(detail ?? '')),
        `${subject.id}: ${outcome} ${detail}`,
      );
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
