/** Ranges are counted in UTF-16 code units, whatever the bytes are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeBuilds, rego } from './builds.ts';

/** Letters of one to four bytes, one or two code units. */
const letters = ['a', 'é', '“', '中', '😀', '𐍈', '\u{10FFFF}', 'e\u0301'];

describeBuilds('positions', (use) => {
  test('of an error behind letters beyond ASCII', async () => {
    const workspace = 'utf-16';
    const line = 'p if { x := "😀é中"; nothing(x) }';
    await use().call('workspace/open', { workspace, files: [rego('u.rego', `package u\r\n\r\n${line}\r\n`)] });
    const { problems } = await use().call('check', { workspace });
    const start = { line: 2, character: line.indexOf('nothing') };
    assert.deepEqual(problems[0]?.range.start, start);
  });

  test('of a rule and a lint finding', async () => {
    const workspace = 'utf-16 lint';
    const text = 'package u\n\n# 😀 comment\np := {"😀😀": 1}\n';
    await use().call('workspace/open', { workspace, files: [rego('u.rego', text)] });
    const { modules } = await use().call('outline', { workspace });
    assert.deepEqual(modules[0]?.rules[0]?.nameRange, {
      start: { line: 3, character: 0 },
      end: { line: 3, character: 1 },
    });
  });

  test('of an error anywhere, property', async () => {
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((parts) => parts.join(''));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        const line = `p if { _ := ["${before}", nothing(1), "${after}"] }`;
        const workspace = `property ${count++}`;
        await use().call('workspace/open', { workspace, files: [rego('p.rego', `package p\n\n${line}\n`)] });
        const { problems } = await use().call('check', { workspace });
        await use().call('workspace/close', { workspace });
        assert.deepEqual(problems[0]?.range.start, { line: 2, character: line.indexOf('nothing') });
      }),
      { numRuns: 30 },
    );
  });
});
