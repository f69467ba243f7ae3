/** Our parser beside OPA's over Rego by chance; `FC_SEED=N` repeats a run. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { moduleFolder } from '../cases.ts';
import { compare } from './compare.ts';
import type { Module } from './corpus.ts';
import { heaps, modules } from './generated-rego.ts';
import { annotated } from './generated-yaml.ts';
import { isMisread } from './misread.ts';
import { type Answer, ask } from './oracle.ts';
import { parseOurs } from './ours.ts';
import { reduce } from './reduce.ts';

const opa = moduleFolder('github.com/open-policy-agent/opa');

describe('over Rego by chance', { skip: 'absent' in opa && opa.absent }, () => {
  const seed = fc.readConfigureGlobal()?.seed ?? Date.now();

  for (const [what, texts, count, accepts] of [
    ['modules', modules, 6000, 0.1],
    ['heaps of tokens', heaps, 6000, 0],
    ['annotated rules', annotated, 12_000, 0.1],
  ] as const) {
    test(`${what} are read as OPA reads them`, async (t) => {
      const asked: Module[] = fc
        .sample(texts, { numRuns: count, seed, unbiased: true })
        .map((text, index) => ({ name: `${what} ${index}`, text, version: index % 5 === 0 ? 'v0' : 'v1' }));
      const questions = asked.map(({ text, version }) => ({ text, version, tree: true }));
      const answers = (await ask(`fuzz-${what.split(' ')[0]}`, questions)) as Answer[];
      const accepted = answers.filter(({ errors }) => errors.length === 0).length;
      t.diagnostic(`seed ${seed}: OPA accepts ${accepted} of ${asked.length}`);
      assert.ok(accepted >= count * accepts, 'too few that OPA accepts say little');
      const failures: string[] = [];
      for (const [index, module] of asked.entries()) {
        const { text, version } = module;
        const found = compare(text, answers[index]!, parseOurs(text, version)).find(({ kind }) => kind !== 'row');
        if (found !== undefined && !isMisread(text)) {
          const small = failures.length < 3 ? await reduce(module, found.kind) : text;
          failures.push(`${version} ${found.kind}: ${found.detail}\n${small}`);
        }
      }
      assert.equal(
        failures.length,
        0,
        `seed ${seed}: ${failures.length} differ, such as\n${failures.slice(0, 10).join('\n\n')}`,
      );
    });
  }
});
