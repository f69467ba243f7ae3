/** What is evaluated once says what it would say each time. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { evaluatePlan, type PlannedPolicy, readPolicyPlan } from '../../engine/fastpath-plan.ts';
import { startEngine } from '../../engine/start.ts';
import { rego } from './builds.ts';

const policy = `package p

members := {1, "two", [3], {"four": {5}}, null}

keyed := {1: {"a"}, [2]: "b", {"c"}: {true: false}}

nothing if data.absent

asked := input.x

handed(x) := x + count(members)

of_both contains handed(input.x)

of_both contains member if some member in members

replaced := n if n := inner with data.n as 7

inner := data.n

of_input := n if n := asked with input.x as 8

answers := {"members": members, "keys": {k | some k, _ in keyed}, "both": of_both, "replaced": replaced, "of_input": of_input}

missing := nothing
`;

describe('the rules that no input changes', () => {
  let engine: Engine;
  let planned: PlannedPolicy;
  before(async () => {
    engine = await startEngine();
    await engine.call('workspace/open', {
      workspace: 'c',
      files: [rego('p.rego', policy), { path: 'data.json', kind: 'data', text: '{"n": 1}' }],
    });
    const plan = await engine.call('plan', { workspace: 'c', entrypoints: ['p/answers', 'p/missing'] });
    const read = readPolicyPlan(plan);
    assert.ok(read.applicable, JSON.stringify(read));
    // As it is read back when it was kept.
    planned = JSON.parse(JSON.stringify(read.policy)) as PlannedPolicy;
  });
  after(() => engine.dispose());

  test('are known before, and no others', () => {
    const known = planned.constants.map(([index]) => planned.program.funcs[index]?.name.replace('g0.data.p.', ''));
    assert.deepEqual(known.toSorted(), ['inner', 'keyed', 'members', 'missing', 'nothing', 'replaced']);
    const undefinedOnes = planned.constants.filter((constant) => constant.length === 1);
    assert.equal(undefinedOnes.length, 2);
  });

  test('say what OPA says, with and without having been evaluated before', async () => {
    for (const x of [0, 3]) {
      const input = { x };
      const { evaluations } = await engine.call('eval', { workspace: 'c', query: 'data.p.answers', input });
      const theirs = evaluations[0]?.result[0]?.expressions[0]?.value;
      for (const constants of [planned.constants, []]) {
        const ours = evaluatePlan({ ...planned, constants }, ['p/answers', 'p/missing'], input);
        assert.ok(ours.decided);
        assert.deepEqual(ours.values.get('p/answers'), theirs);
        assert.equal(ours.values.get('p/missing'), undefined);
      }
    }
  });
});
