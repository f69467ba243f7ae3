import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { defaultConfig } from '../../../core/config.ts';
import { declaredBy } from '../../../core/disclosure/profiles.ts';
import { withLinesMoved } from '../../../core/doctor/repair.ts';
import { parseTrailers } from '../../../core/trailers/parse.ts';
import { messages } from '../../support/messages.ts';

const cases: [before: string, after: string][] = [
  ['T\n\nAI-Model: m-1\n\nProse.\n', 'T\n\nProse.\n\nAI-Model: m-1\n'],
  ['T\n\nProse\nAI-Model: m-1\nmore.\n', 'T\n\nProse\nmore.\n\nAI-Model: m-1\n'],
  ['T\n\n> ai model = m-1\n\nSigned-off-by: A\n', 'T\n\nSigned-off-by: A\nAI-Model: m-1\n'],
  ['T\r\n\r\nAI-Model: m-1\r\n\r\nProse.\r\n', 'T\r\n\r\nProse.\r\n\r\nAI-Model: m-1\r\n'],
  ['T\nAI-Model: m-1\n', 'T\n\nAI-Model: m-1\n'],
  ['AI-Model: m-1\n', 'AI-Model: m-1\n\nAI-Model: m-1\n'],
  ['T\n\nAI-Model: m-1\nAI-Model: m-2\n\nEnd\n', 'T\n\nEnd\n\nAI-Model: m-1\nAI-Model: m-2\n'],
  ['T\n\nAI-Model: m-1\n', 'T\n\nAI-Model: m-1\n'],
  ['T\n', 'T\n'],
];

for (const [before, after] of cases) {
  test(`moves the lines of ${JSON.stringify(before)}`, () =>
    assert.equal(withLinesMoved(before, defaultConfig), after));
}

test('whatever the message, git then reads what was written, and no other line is lost', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const given = `${message}\n\nAI-Context: moved\n\nThe end.\n`;
      const moved = withLinesMoved(given, defaultConfig);
      const read = declaredBy(parseTrailers(moved).trailers, defaultConfig);
      assert.ok(read?.context?.includes('moved'), moved);
      const others = (text: string) =>
        text.split('\n').filter((line) => line.trim() !== '' && !/ai-|Context/i.test(line));
      assert.deepEqual(others(moved), others(given));
    }),
    { numRuns: 1000 },
  );
});
