/** Strings in plans, character by character as OPA has them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { lower, trimSpace, upper } from '../../engine/plan/strings.ts';
import { Undecided } from '../../engine/plan/value.ts';
import { startEngine } from '../../engine/start.ts';
import { rego } from './builds.ts';

describe('strings in plans', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    const rules = ['lower', 'upper', 'trim_space'].map((name) => `r_${name} := [${name}(x) | some x in input]`);
    await engine.call('workspace/open', {
      workspace: 's',
      files: [rego('s.rego', `package s\n\n${rules.join('\n\n')}\n`)],
    });
  });
  after(() => engine.dispose());

  test('every character has the case, and the blankness, that it has in OPA, or none is told', async (t) => {
    const characters: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code < 0xd800 || code > 0xdfff) characters.push(String.fromCodePoint(code));
    }
    for (const [name, ours] of Object.entries({ lower, upper, trim_space: trimSpace })) {
      let undecided = 0;
      for (let from = 0; from < characters.length; from += 200_000) {
        const input = characters.slice(from, from + 200_000);
        const params = { workspace: 's', query: `data.s.r_${name}`, input, timeoutMs: 60_000 };
        const { evaluations } = await engine.call('eval', params);
        const theirs = evaluations[0]?.result[0]?.expressions[0]?.value as string[];
        for (const [at, character] of input.entries()) {
          try {
            if (ours(character) !== theirs[at])
              assert.equal(ours(character), theirs[at], `${name} of ${character.codePointAt(0)?.toString(16)}`);
          } catch (error) {
            if (!(error instanceof Undecided)) throw error;
            undecided++;
          }
        }
      }
      t.diagnostic(`${name}: ${undecided} characters handed back`);
      assert.ok(undecided < 400);
    }
  });

  test('the neighbours of a letter do not count', () => {
    assert.equal(lower('ΑΣ İI'), '\u03b1\u03c3 ii');
    assert.throws(() => upper('straße'), Undecided);
  });
});
