/** Packages that say in which phases they judge. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DecisionError, decide } from '../../../core/decision/decide.ts';
import type { Input } from '../../../core/input.ts';
import { folderPolicies } from '../../../core/policies/load.ts';
import { startEngine } from '../../../engine/start.ts';

const engine = await startEngine();
after(() => engine.dispose());

/** The rules that deny in a phase. */
async function denied(phase: Input['phase'], ...modules: string[]): Promise<string[]> {
  const files = modules.map((text, at) => ({ path: `m${at}.rego`, bytes: Buffer.from(text) }));
  const input: Input = {
    schema: 'countersign.input/v1',
    phase,
    now: '2026-03-01T10:00:00Z',
    repository: { name: 'app' },
    commits: [],
    exceptions: [],
  };
  const { verdict } = await decide(engine, folderPolicies({ files, skipped: [] }, { called: 'policy' }), input);
  return verdict.change.deny.map(({ rule }) => rule);
}

const rule = (name: string) => `deny contains {"rule": "${name}", "msg": "m"}\n`;
const limited = (phases: string, name = 'limited') =>
  `# METADATA\n# custom:\n#   phases: ${phases}\npackage a.limited\n\n${rule(name)}`;
const always = `package a\n\n${rule('always')}`;

test('a package is asked in the phases that it names, one that names none in all', async () => {
  assert.deepEqual(await denied('commit', limited('[change, push]'), always), ['always']);
  assert.deepEqual(await denied('change', limited('[change, push]'), always), ['always', 'limited']);
  assert.deepEqual(await denied('push', limited('[change]'), always), ['always']);
});

test('one module of a package says it for all, and for no package below or beside it', async () => {
  const other = `package a.limited\n\n${rule('other')}`;
  const below = `package a.limited.below\n\n${rule('below')}`;
  const beside = `package a.limited2\n\n${rule('beside')}`;
  assert.deepEqual(await denied('commit', limited('[change]'), other, below, beside), ['below', 'beside']);
  assert.deepEqual(await denied('change', limited('[change]'), other), ['limited', 'other']);
});

test('a phase that there is not is no decision, rather than a rule that is never asked', async () => {
  for (const phases of ['[chnage]', '[]', 'change']) {
    await assert.rejects(denied('change', limited(phases)), (error: unknown) => {
      assert.ok(error instanceof DecisionError);
      assert.match(error.problems[0]?.message ?? '', /must list some of commit, change, push/);
      return true;
    });
  }
});
