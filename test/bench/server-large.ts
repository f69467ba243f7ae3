/**
 * The language server in a generated workspace of 5,000 modules and 100,000 rules, as server.ts does it on Regal's
 * bundle. Typing begins 30 seconds after the start, while the whole is still linted.
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
import { generatedWorkspace } from './language-server/workspaces.ts';

const modules = 5000;

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const { native, regal, regalCommand } = contendersOf(root, log);
  const workspace = generatedWorkspace(modules);
  const limits = { open: 120_000, ready: { ours: 600_000, peer: 120_000 }, answer: 60_000 };
  const typing = { ...limits, settle: 30_000 };
  const course: Course = { workspace, contenders: [native, regal], limits: typing, runs: runsOf(workspace, typing) };
  const whole: Course = { ...course, limits, runs: runsOf(workspace, limits) };
  return [
    ...openWorks(course, 1),
    lintWork(whole, regalCommand, true),
    ...keystrokeWorks(course),
    ...requestWorks(course),
    ...memoryWorks(course),
    reopenWork({ ...whole, contenders: [native] }, true),
  ];
}
