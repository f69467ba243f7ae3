/** Regular expressions of plans: found where Go's are found, with the same matches, or handed back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Engine } from '../../engine/engine.ts';
import { regexFindAllSubmatch, regexIsValid, regexMatch } from '../../engine/plan/regex.ts';
import { Undecided } from '../../engine/plan/value.ts';
import { startEngine } from '../../engine/start.ts';
import { rego } from './builds.ts';

const seed = Number(process.env.FAST_CHECK_SEED ?? 20_261);

const atom = fc.constantFrom(
  ...['a', 'b', 'k', 'S', 'é', '😀', ' ', '-', '_', ':', '\\.', '\\[', '\\n', '\\t', '\\x41', '\\x{1F600}', '\\/'],
  ...['.', '^', '$', '\\b', '\\B', '\\A', '\\z', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S'],
  ...[
    '[a-c]',
    '[^a-c]',
    '[\\d_-]',
    '[^\\s]',
    '[]a]',
    '[^]]',
    '[a\\-z]',
    '[k-s]',
    '[é-ü]',
    '[a-]',
    '{',
    '}',
    ']',
    'a{,2}',
  ],
  ...['(?i)', '(?s)', '(?m)', '(?-i)', '(?', '(', ')', '[', '\\', '\\pL', '[[:alpha:]]', '\\Q', '(?P<n>a)', '(?i'],
);
const repetition = fc.constantFrom(
  '',
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '??',
  '{2}',
  '{1,2}',
  '{0}',
  '{2,}?',
  '{1001}',
  '**',
);
const pattern = fc.letrec<{ sequence: string; group: string }>((tie) => ({
  sequence: fc
    .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: atom }, { weight: 1, arbitrary: tie('group') }), repetition), {
      maxLength: 5,
    })
    .map((parts) => parts.map((part) => part.join('')).join('')),
  group: fc
    .tuple(
      fc.constantFrom('(', '(?:', '(?i:', '(?s-m:', '(?ms:'),
      fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }),
    )
    .map(([open, alternatives]) => `${open}${alternatives.join('|')})`),
})).sequence;
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'c',
      'A',
      'B',
      'k',
      'K',
      '\u212a',
      's',
      'S',
      'ſ',
      'é',
      '😀',
      ' ',
      '\n',
      '\t',
      '\r',
      '\v',
      '\u2028',
      '_',
      '-',
      '.',
      '1',
      '[',
      '\0',
      '',
    ),
    { maxLength: 8 },
  )
  .map((characters) => characters.join(''));

describe('regular expressions of plans', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    const rules = [
      'match[at] := regex.match(pair[0], pair[1]) if some at, pair in input',
      'valid[at] := regex.is_valid(pair[0]) if some at, pair in input',
      'found[at] := regex.find_all_string_submatch_n(pair[0], pair[1], pair[2]) if some at, pair in input',
    ];
    await engine.call('workspace/open', {
      workspace: 'regex',
      files: [rego('r.rego', `package r\n\n${rules.join('\n\n')}\n`)],
    });
  });
  after(() => engine.dispose());

  /** What OPA says to each, by index; what it calls an error is absent. */
  async function byOpa(rule: string, input: unknown[]): Promise<Record<string, unknown>> {
    const { evaluations } = await engine.call('eval', { workspace: 'regex', query: `data.r.${rule}`, input });
    return evaluations[0]?.result[0]?.expressions[0]?.value as Record<string, unknown>;
  }

  function orUndecided<T>(decide: () => T): { decided: T } | undefined {
    try {
      return { decided: decide() };
    } catch (error) {
      assert.ok(error instanceof Undecided, String(error));
      return undefined;
    }
  }

  test('generated patterns on generated texts', async (t) => {
    const pairs = fc.sample(fc.tuple(pattern, text, fc.constantFrom(-1, 1, 2)), { numRuns: 6000, seed });
    const [match, valid, found] = await Promise.all([
      byOpa('match', pairs),
      byOpa('valid', pairs),
      byOpa('found', pairs),
    ]);
    let [matches, finds] = [0, 0];
    for (const [at, [source, subject, limit]] of pairs.entries()) {
      const said = `${JSON.stringify(source)} on ${JSON.stringify(subject)}, seed ${seed}`;
      if (orUndecided(() => regexIsValid(source))) assert.equal(valid[at], true, said);
      const quick = orUndecided(() => regexMatch(source, subject));
      if (quick) {
        assert.equal(quick.decided, match[at], said);
        matches++;
      }
      const all = orUndecided(() => regexFindAllSubmatch(source, subject, limit));
      if (all) {
        assert.deepEqual(all.decided, found[at], said);
        finds++;
      }
    }
    t.diagnostic(`${matches} of ${pairs.length} decided, of ${finds} the matches`);
    assert.ok(matches > 1500 && finds > 1000, `only ${matches} and ${finds} decided`);
  });

  test('what is not known to be alike is handed back', () => {
    const differing = [
      '\\pL',
      '\\C',
      '[[:alpha:]]',
      '(?P<a>b)',
      '(?U)a',
      '\\Qa\\E',
      '\\1',
      '\\07',
      '(?i)é',
      '^*',
      'a**',
      '(',
      'a{1001}',
      '(a{500}){3}',
      'é\ud800',
    ];
    for (const source of differing) assert.throws(() => regexMatch(source, 'a'), Undecided, source);
    assert.throws(() => regexFindAllSubmatch('(?:(a)|b)*', 'ab', -1), Undecided);
    assert.throws(() => regexFindAllSubmatch('(a?)*', 'ab', -1), Undecided);
    assert.equal(regexMatch('(?:(a)|b)*', 'ab'), true);
  });
});
