/** OPA's own conformance cases through both builds of the engine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { startEngine } from '../../engine/start.ts';
import { builds } from '../engine/builds.ts';
import { type Case, loadCases } from './cases.ts';
import { runCase } from './run-case.ts';

/** A case that cannot apply, in one build or in both. One that passes all the same is a mistake in the list. */
interface Exclusion {
  reason: string;
  build?: 'native' | 'wasm';
}

const exclusions: Record<string, Exclusion> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'exclusions.json'), 'utf8'),
);

const loaded = loadCases();
const absent = 'absent' in loaded && loaded.absent;
const cases = 'cases' in loaded ? loaded.cases : [];

describe('the list of exclusions', { skip: absent }, () => {
  test('names cases that there are, each with a reason', () => {
    const ids = new Set(cases.map(({ id }) => id));
    assert.deepEqual(
      Object.keys(exclusions).filter((id) => !ids.has(id)),
      [],
    );
    assert.ok(Object.values(exclusions).every(({ reason }) => reason.length > 10));
  });

  test('and the cases are all of OPA’s', () => {
    // OPA 1.20.2 has 4,250; fewer would mean that we no longer find them.
    assert.ok(cases.length >= 4_250, `${cases.length} cases`);
  });
});

for (const { build, skip } of builds) {
  describe(`conformance (${build})`, { skip: skip || absent }, () => {
    const count = { passed: 0, excluded: 0 };
    let engine: Promise<Engine> | undefined;
    after(async () => (await engine)?.dispose());

    for (const [group, members] of byGroup(cases)) {
      test(`${group}: ${members.length} cases`, async () => {
        engine ??= startEngine({ build });
        assert.deepEqual(await failuresOf(await engine, members, count), []);
      });
    }

    test('a case that wants something else fails', async () => {
      engine ??= startEngine({ build });
      const wrong = { ...cases.find(({ want_result }) => want_result?.length === 1)!, want_result: [{ x: 'else' }] };
      assert.match((await runCase(await engine, wrong)) ?? '', /^wants .*"else".*, got /);
      const error = { ...cases.find(({ want_error_code }) => want_error_code)!, want_error_code: 'else' };
      assert.match((await runCase(await engine, error)) ?? '', /^wants the error code else, got /);
    });

    test('counted', (t) => {
      t.diagnostic(`${build}: ${count.passed} of ${cases.length} cases passed, ${count.excluded} excluded by name`);
      assert.equal(count.passed + count.excluded, cases.length);
    });
  });
}

async function failuresOf(
  engine: Engine,
  members: Case[],
  count: { passed: number; excluded: number },
): Promise<string[]> {
  const outcomes = await Promise.all(
    members.map(async (entry) => {
      const failure = await runCase(engine, entry);
      const exclusion = exclusions[entry.id];
      if (exclusion !== undefined && (exclusion.build ?? engine.build) === engine.build) {
        count.excluded++;
        return failure === undefined ? `${entry.id} passes, though it is excluded: ${exclusion.reason}` : [];
      }
      if (failure === undefined) {
        count.passed++;
        return [];
      }
      return `${entry.id} (${entry.note}): ${failure}`;
    }),
  );
  return outcomes.flat();
}

function byGroup(all: Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>();
  for (const entry of all) {
    groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  }
  return groups;
}
