/** Our parser over long texts: what eight times the text costs, and that every text has an end. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Cost } from './sizes.ts';

describe('over texts of 1 MiB', () => {
  let costs: Cost[] = [];
  let failure: string | undefined;

  before(async () => {
    ({ costs, failure } = await measure(120_000));
  });

  test('every text is parsed to its end', () => {
    assert.equal(failure, undefined, `${failure}, in the text that comes after “${costs.at(-1)?.name}”`);
    assert.ok(costs.length > 60);
  });

  test('eight times the text costs no more than a linear parser may take for it', (t) => {
    const dearest = costs.toSorted((a, b) => b.large - a.large).slice(0, 5);
    t.diagnostic(
      dearest.map(({ name, small, large }) => `${name}: ${small.toFixed(0)} → ${large.toFixed(0)} ms`).join('; '),
    );
    // CPU time, which other work on the machine hardly changes. A quadratic part makes 64 of 8; what is over in no time
    // says nothing.
    const dear = costs.filter(({ small, large }) => large > 40 * small && large > 500);
    assert.deepEqual(dear, []);
  });

  test('printing the trees gives back the texts', () => {
    assert.deepEqual(
      costs.filter(({ printed }) => !printed).map(({ name }) => name),
      [],
    );
  });
});

/** What the worker reports until it ends, and why it did not end by itself. */
function measure(most: number): Promise<{ costs: Cost[]; failure: string | undefined }> {
  return new Promise((resolve) => {
    const costs: Cost[] = [];
    const worker = new Worker(new URL('./sizes.ts', import.meta.url));
    const end = (failure: string | undefined) => {
      clearTimeout(timer);
      resolve({ costs, failure });
    };
    const timer = setTimeout(() => {
      void worker.terminate();
      end('it does not end');
    }, most);
    worker.on('message', (cost: Cost) => costs.push(cost));
    worker.on('error', (error) => end(String(error)));
    worker.on('exit', () => end(undefined));
  });
}
