/** Whose turn it is with the engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from '../../server/turns.ts';

function pending() {
  let resolve: () => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<void>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve, reject };
}

test('who is not waited for goes when nobody is', async () => {
  const turns = createTurns();
  await turns.quiet();
  const order: string[] = [];
  const first = pending();
  const second = pending();
  const one = turns.taken(first.promise).then(() => order.push('first'));
  const other = turns.taken(second.promise).catch(() => order.push('second, failed'));
  assert.ok(turns.isTaken());
  const later = turns.quiet().then(() => order.push('later'));
  first.resolve();
  await one;
  assert.deepEqual(order, ['first']);
  second.reject(new Error('it failed'));
  await Promise.all([other, later]);
  assert.deepEqual(order.sort(), ['first', 'later', 'second, failed']);
  assert.ok(!turns.isTaken());
});

test('a turn that is taken again meanwhile is waited for, too', async () => {
  const turns = createTurns();
  const first = pending();
  const second = pending();
  const one = turns.taken(first.promise);
  let gone = false;
  const later = turns.quiet().then(() => {
    gone = true;
  });
  first.resolve();
  await one;
  const other = turns.taken(second.promise);
  await new Promise((resolve) => setImmediate(resolve));
  // Let go between the two, it has gone or waits for the second: never for ever.
  second.resolve();
  await Promise.all([other, later]);
  assert.ok(gone);
});

test('waiting ends with the signal', async () => {
  const turns = createTurns();
  const never = pending();
  void turns.taken(never.promise);
  const stop = new AbortController();
  const waiting = turns.quiet(stop.signal);
  stop.abort(new Error('overtaken'));
  await assert.rejects(waiting, /overtaken/);
  await assert.rejects(turns.quiet(stop.signal), /overtaken/);
});
