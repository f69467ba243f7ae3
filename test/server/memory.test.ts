/** Memory that is no longer used goes back to the system. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { createTidy, sweep } from '../../server/memory.ts';

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

test('what was made of late and dropped is collected, where that is much', () => {
  const young = () => getHeapSpaceStatistics().find((one) => one.space_name === 'new_space')?.space_used_size ?? 0;
  sweep();
  const made: unknown[] = [];
  const before = young();
  for (let at = 0; young() < before + 5_000_000 && at < 1_000_000; at++) made[0] = { at, text: `n${at}` };
  const much = young();
  sweep();
  assert.ok(young() < much - 4_000_000, `${much} to ${young()}`);
});
