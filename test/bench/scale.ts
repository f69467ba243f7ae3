/** The gate over 100,000 commits, as a whole process: how long it takes, and how much memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext, Work } from './bench.ts';
import { makeRepository } from './gate.ts';
import { timeTree } from './measure.ts';

const commits = 100_000;

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const repository = join(folder, 'repository');
  log(`making ${commits} commits`);
  makeRepository(repository, { commits, files: 500, filesEach: 1 });
  const range = ['--base', 'base', '--head', 'main', '--policy', join(root, 'policies'), '--format', 'json'];
  const args = [join(root, 'dist', 'cli.js'), 'gate', ...range];
  return [
    {
      name: 'gate, 100,000 commits',
      note: 'the default pack from a folder, start to exit; memory is that of the command, the engine and git together',
      runs: 1,
      subjects: [{ name: 'native', measure: () => timeTree(process.execPath, args, repository, log) }],
    },
  ];
}
