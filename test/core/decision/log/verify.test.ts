/** Whatever is done to a chain of records is found, at its line. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../../../core/decision/log/canonical.ts';
import type { DecisionRecord } from '../../../../core/decision/log/record.ts';
import { verifyLogs } from '../../../../core/decision/log/verify.ts';
import { chained, folderFor, record, writeLog } from './support.ts';

test('each kind of tampering is found where it was done', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const whole = chained(Array.from({ length: 6 }, () => record()));
  const findings = async (records: readonly unknown[], expect?: string[]) => {
    await writeLog(file, records);
    return (await verifyLogs([file], { expect })).findings.map(({ line, message }) => `${line}: ${message}`);
  };
  assert.deepEqual(await findings(whole), []);
  assert.deepEqual(await findings(whole.map((one, at) => (at === 2 ? { ...one, path: 'countersign/commit' } : one))), [
    '3: record 3 is not as it was written',
  ]);
  assert.deepEqual(await findings(whole.filter((_, at) => at !== 3)), ['4: record 4 is missing before this one']);
  assert.deepEqual(await findings(whole.slice(2)), [
    `1: records 1 to 2 are missing before this one; if they are kept elsewhere: --from ${link(whole[1]).digest}`,
  ]);
  assert.deepEqual(await findings([whole[0], whole[2], whole[1], whole[3]]), [
    '2: record 2 is missing before this one',
    '3: record 2 follows record 3: it is twice or in a wrong place',
  ]);
  assert.deepEqual(await findings([whole[0], whole[1], whole[1], whole[2]]), [
    '3: record 2 follows record 2: it is twice or in a wrong place',
  ]);
  assert.deepEqual(
    await findings(whole.map((one, at) => (at === 2 ? forged(one) : one))),
    ['4: record 3 before it is not the one it was written after'],
    'a record with a digest that fits it does not fit the next one',
  );
  // What the chain cannot show, a digest that was kept does.
  assert.deepEqual(await findings(whole.slice(0, 4)), []);
  const last = link(whole[5]).digest;
  assert.deepEqual(await findings(whole.slice(0, 4), [last]), [
    `4: no record has the digest ${last}: the log was cut short, or written anew`,
  ]);
  assert.deepEqual(await findings(whole, [last]), []);
  assert.deepEqual(await findings([record()]), [
    '1: the record is in no chain: an older version wrote it, or somebody else',
  ]);
  await writeFile(file, `${JSON.stringify(whole[0])}\n\n[]\n{"a":\n`);
  const { findings: broken } = await verifyLogs([file]);
  assert.deepEqual(
    broken.map(({ line, message }) => `${line}: ${message}`),
    ['2: this is no JSON', '3: this is no decision record', '4: this is no JSON'],
  );
});

test('no line can be changed, taken out, doubled or moved unseen, but for the last ones', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const whole = chained(Array.from({ length: 5 }, () => record()));
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
      fc.option(fc.nat(4)),
      fc.string(),
      async (order, changed, text) => {
        const records = order.map((at) => {
          const one = whole[at] as DecisionRecord;
          return at === changed ? { ...one, labels: { app: text } } : one;
        });
        const untouched = changed === null || !order.includes(changed) || text === 'countersign';
        await writeLog(file, records);
        const { findings } = await verifyLogs([file]);
        const prefix = order.every((at, index) => at === index);
        assert.equal(findings.length === 0, prefix && untouched, JSON.stringify([order, changed]));
      },
    ),
    { numRuns: 60 },
  );
});

test('logs of several machines may be put into one file', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const [one, two] = [chained([record(), record()]), chained([record(), record(), record()])];
  await writeLog(file, [...one, ...two]);
  const verified = await verifyLogs([file]);
  assert.deepEqual(verified.findings, []);
  assert.deepEqual(
    verified.heads.map(({ sequence }) => sequence),
    [2, 3],
  );
});

test('a run of several batches has each once, and one that has no end is told of', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const batch = (part: number, parts?: number) =>
    record({
      batch_decision_id: 'run',
      custom: { countersign: { batch: { part, ...(parts !== undefined && { parts, result: 'allow' as const }) } } },
    });
  const verify = async (records: DecisionRecord[]) => {
    await writeLog(file, chained(records));
    return verifyLogs([file]);
  };
  const good = await verify([batch(1), record(), batch(2, 2)]);
  assert.deepEqual([good.findings, good.notes], [[], []]);
  const open = await verify([batch(1), batch(2)]);
  assert.deepEqual(open.findings, []);
  assert.match(open.notes[0]?.message ?? '', /was interrupted/);
  for (const bad of [[batch(2, 2)], [batch(1), batch(3, 3)], [batch(1, 1), batch(2)], [batch(1), batch(2, 3)]]) {
    assert.match((await verify(bad)).findings[0]?.message ?? '', /does not follow the one before/);
  }
});

function link(one: DecisionRecord | undefined) {
  const chain = one?.custom?.countersign?.chain;
  assert.ok(chain);
  return chain;
}

/** Another record with a digest of its own, as somebody would write it who knows how. */
function forged(one: DecisionRecord): DecisionRecord {
  const { digest: _, ...chain } = link(one);
  const other = { ...one, path: 'countersign/commit', custom: { countersign: { chain } } };
  return { ...other, custom: { countersign: { chain: { ...chain, digest: digestOf(other) } } } };
}
