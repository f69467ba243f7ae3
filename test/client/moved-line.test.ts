import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { movedLine } from '../../client/evaluate/lines.ts';

test('a line that an edit leaves alone is found again', () => {
  // Lines have names, so that one that is found again can be told from the others.
  const offset = fc.nat(200);
  const edit = fc.record({ start: offset, length: fc.nat(40), text: fc.stringMatching(/^[xy\n]{0,6}$/) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), edit, (count, { start, length, text }) => {
      const names = Array.from({ length: count }, (_, at) => `<${at}>`);
      const before = TextDocument.create('', '', 0, names.join('\n'));
      const all = before.getText();
      const from = Math.min(start, all.length);
      const to = Math.min(from + length, all.length);
      const change = { range: { start: before.positionAt(from), end: before.positionAt(to) }, text };
      const after = (all.slice(0, from) + text + all.slice(to)).split('\n');
      for (const [line, name] of names.entries()) {
        const at = before.offsetAt({ line, character: 0 });
        const untouched = to < at || from > at + name.length;
        const moved = movedLine(line, change as never);
        if (untouched)
          assert.ok(moved !== undefined && after[moved]?.includes(name), `${name} is not in line ${moved}`);
        else if (moved !== undefined) assert.ok(moved < after.length);
      }
    }),
  );
});

test('a line that is removed is gone, and one that is written in stays', () => {
  const range = (startLine: number, start: number, endLine: number, end: number) =>
    ({ start: { line: startLine, character: start }, end: { line: endLine, character: end } }) as never;
  assert.equal(movedLine(2, { range: range(1, 0, 4, 0), text: '' }), undefined);
  assert.equal(movedLine(2, { range: range(2, 3, 2, 3), text: 'x' }), 2);
  assert.equal(movedLine(2, { range: range(2, 0, 2, 0), text: 'x\n' }), 3);
  assert.equal(movedLine(2, { range: range(2, 5, 2, 5), text: '\n' }), 2);
  assert.equal(movedLine(2, { range: range(0, 0, 2, 0), text: '' }), 0);
});
