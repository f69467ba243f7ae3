/**
 * The language server on Regal's own bundle, with both builds of the engine, beside `regal language-server` of the same
 * version: the same files, the same client, in the same session.
 */
import type { BenchContext, Work } from './bench.ts';
import { contendersOf } from './language-server/contenders.ts';
import { runsOf } from './language-server/runs.ts';
import {
  type Course,
  keystrokeWorks,
  lintWork,
  memoryWorks,
  openWorks,
  reopenWork,
  requestWorks,
} from './language-server/works.ts';
import { bundleWorkspace } from './language-server/workspaces.ts';

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const { native, wasm, regal, regalCommand } = contendersOf(root, log);
  const workspace = bundleWorkspace();
  const limits = { open: 30_000, ready: { ours: 180_000, peer: 120_000 }, answer: 60_000 };
  const course: Course = { workspace, contenders: [native, wasm, regal], limits, runs: runsOf(workspace, limits) };
  return [
    ...openWorks(course, 3),
    lintWork(course, regalCommand, false),
    ...keystrokeWorks(course),
    ...requestWorks(course),
    ...memoryWorks(course),
    reopenWork({ ...course, contenders: [native, regal] }),
  ];
}
