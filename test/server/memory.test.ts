/** Memory that is no longer used goes back to the system. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTidy } from '../../server/memory.ts';

test('what was used once is given back, and what is little is left alone', () => {
  const tidy = createTidy();
  assert.equal(tidy(), false, 'there is little');
  assert.equal('gc' in globalThis, false, 'nobody else gets a hold of the collector');
  let much: unknown[] | undefined = Array.from({ length: 3_000_000 }, (_, at) => ({ at, text: `n${at}` }));
  assert.equal(much.length, 3_000_000);
  much = undefined;
  const before = process.memoryUsage().heapTotal;
  assert.equal(tidy(), true);
  assert.ok(process.memoryUsage().heapTotal < before - 50 * 1024 * 1024, `${before}`);
});
