/** Records and logs for tests. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linked } from '../../../../core/decision/log/chain.ts';
import type { DecisionRecord } from '../../../../core/decision/log/record.ts';
import type { Input } from '../../../../core/input.ts';

export function record(more: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    labels: { app: 'countersign', version: '0.0.0' },
    decision_id: randomUUID(),
    bundles: { countersign: { revision: 'a'.repeat(40) } },
    path: 'countersign/gate',
    timestamp: '2026-01-02T03:04:05.000Z',
    input: { schema: 'countersign.input/v1', phase: 'change', commits: [] } as unknown as Input,
    ...more,
  };
}

/** Records as a chain. */
export function chained(records: readonly DecisionRecord[]): DecisionRecord[] {
  const done: DecisionRecord[] = [];
  for (const one of records) done.push(linked(one, done.at(-1)?.custom?.countersign?.chain));
  return done;
}

export async function folderFor(t: { after: (fn: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign lóg '));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export async function writeLog(file: string, records: readonly unknown[]): Promise<void> {
  await writeFile(file, records.map((one) => `${JSON.stringify(one)}\n`).join(''));
}
