import assert from 'node:assert/strict';
import test from 'node:test';
import { openRepository } from '../../../core/git/repository.ts';
import { tryPolicies } from '../../../core/policies/impact.ts';
import { loadRevision } from '../../../core/policies/load.ts';
import { makeRepository } from '../../support/repository.ts';

test('tests for which no time is left are not run, and that is an error', async (t) => {
  const made = await makeRepository(t);
  await made.write('.countersign/policies/p.rego', 'package main\n\ndeny contains "x" if input.x\n');
  const head = await made.commit('Policy\n');
  const repository = await openRepository(made.root);
  const base = await loadRevision(repository, head);
  assert.ok(base);
  const engine = () => assert.fail('no engine is needed');
  const change = { head, files: ['.countersign/policies/p.rego'], base };
  const { impact, policies } = await tryPolicies(engine, repository, change, { testMs: 1000, allMs: 0 });
  assert.deepEqual(impact.tests, {
    passed: 0,
    failed: 0,
    errors: ['The tests were not run: the time for them is used up.'],
  });
  assert.equal(policies, undefined, 'nor do they say what they would say');
});
