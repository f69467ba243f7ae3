/** Our parser beside OPA's, over all Rego that OPA and Regal bring along, whole or broken. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { compare, type DifferenceKind } from './compare.ts';
import { askCorpus } from './corpus.ts';
import { parseOurs } from './ours.ts';

const corpus = await askCorpus();

describe('over the corpus', { skip: 'absent' in corpus && corpus.absent }, () => {
  /** What differs, as lines to read; `node test/conformance/rego-syntax/run.ts` tells more. */
  const differences = new Map<DifferenceKind, string[]>();
  let accepted = 0;
  let rejected = 0;

  before(() => {
    assert.ok('modules' in corpus);
    for (const [index, module] of corpus.modules.entries()) {
      const answer = corpus.answers[index]!;
      if (answer.errors.length === 0) {
        accepted++;
      } else {
        rejected++;
      }
      for (const { kind, detail } of compare(module.text, answer, parseOurs(module.text, module.version))) {
        const lines = differences.get(kind) ?? [];
        differences.set(kind, lines);
        lines.push(`${module.name} as ${module.version}: ${detail}`);
      }
    }
  });

  function none(kind: DifferenceKind): void {
    const lines = differences.get(kind) ?? [];
    assert.equal(lines.length, 0, `${lines.length} differ, such as\n${lines.slice(0, 10).join('\n')}`);
  }

  test('has enough of both kinds', (t) => {
    t.diagnostic(`OPA accepts ${accepted}, and rejects ${rejected}`);
    assert.ok(accepted > 15_000 && rejected > 30_000);
  });

  test('no text makes the parser throw', () => none('throws'));
  test('printing a tree gives back the text', () => none('bytes'));
  test('accepts what OPA accepts', () => none('rejects'));
  test('rejects what OPA rejects', () => none('accepts'));
  test('trees are OPA’s, with all locations', () => none('tree'));

  test('one error is in OPA’s line, but for a few', (t) => {
    const elsewhere = differences.get('row')?.length ?? 0;
    t.diagnostic(`${elsewhere} of ${rejected} have none there`);
    // Of braces that hold neither a value nor a body OPA says where they begin; we say where they go wrong.
    assert.ok(elsewhere < rejected * 0.008, `${elsewhere} of ${rejected}`);
  });
});
