/** Commit messages of the nastier kind, for property tests. */

import fc from 'fast-check';

const lines = [
  'AI-Model: example-1',
  'ai-model: EXAMPLE-2',
  'AI-Context:  spaced  value ',
  'Signed-off-by: Ada Example <ada@example.com>',
  'Signed-off-by:no space',
  '(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)',
  'Some prose that explains.',
  'fix: a conventional subject',
  'Reviewed-by : spaced separator',
  'Key\t:\ttabs',
  'two words: no trailer',
  ': no key',
  '-: only a hyphen',
  'under_score: no',
  'Ümlaut: no',
  'Unicode: ünïcödé 🚀',
  'Empty:',
  'Blank:   ',
  'https://example.com/path',
  'a:b:c',
  ' a folded line',
  '\tanother, with a tab',
  '  Folded-Key: value',
  '\rReturn: first',
  'Feed: a\fb\vc',
  'Nbsp: \u00a0x\u00a0',
  'Line-Sep: a\u2028b',
  '# a comment',
  '#',
  '#Key: value',
  '---',
  '--- a/file',
  '----',
  '# ------------------------ >8 ------------------------',
  '# ------------------------ >8 ------------------------ more',
  'Conflicts:',
  '\tconflicted/path',
  '<!-- mark -->',
  '',
];

const nasty = fc.string({
  unit: fc.constantFrom('a', 'B', '-', ':', ' ', '\t', '\r', '#', '1', 'é', '=', '\f'),
  maxLength: 12,
});

const line = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...lines) },
  { weight: 3, arbitrary: fc.constantFrom('', '', '', '   ', '\t', '\r') },
  { weight: 2, arbitrary: fc.constantFrom('AI-Model: m', 'AI-Context: c', 'Signed-off-by: S <s@example.com>') },
  { weight: 1, arbitrary: nasty },
);

/** Whole messages: a few lines of all kinds, LF or CRLF or a mixture, with or without a last line break. */
export const messages: fc.Arbitrary<string> = fc
  .record({
    lines: fc.array(line, { maxLength: 14 }),
    ends: fc.constantFrom('lf', 'lf', 'crlf', 'mixed'),
    closed: fc.boolean(),
    titled: fc.boolean(),
  })
  .map(({ lines, ends, closed, titled }) => {
    const all = titled ? ['Title', '', ...lines] : lines;
    const end = (at: number) => (ends === 'crlf' || (ends === 'mixed' && at % 3 === 1) ? '\r\n' : '\n');
    return all.map((text, at) => text + (at < all.length - 1 || closed ? end(at) : '')).join('');
  });

/** A sample that is another each time; the seed to repeat it goes into the assertion's message. */
export function sampleMessages(count: number): { seed: number; messages: string[] } {
  const seed = Number(process.env.FC_SEED ?? Math.trunc(Math.random() * 2 ** 31));
  return { seed, messages: fc.sample(messages, { numRuns: count, seed }) };
}
