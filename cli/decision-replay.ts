/** `countersign decision replay`. */
import { linkOf, recordDigest } from '../core/decision/log/chain.ts';
import { policyFinder } from '../core/decision/log/policies.ts';
import { readLogs } from '../core/decision/log/read.ts';
import type { DecisionRecord } from '../core/decision/log/record.ts';
import { type Replayed, startReplaying } from '../core/decision/log/replay.ts';
import { type GitRepository, openRepository } from '../core/git/repository.ts';
import { GitError } from '../core/git/run.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import { jsonLine } from '../core/report/json.ts';
import type { Engine } from '../engine/engine.ts';
import { startEngine } from '../engine/start.ts';
import { exitCodes } from './exit.ts';
import { choosePolicies, type PolicyOptions } from './gate-policies.ts';
import type { Format } from './options.ts';
import { block, count, printable, stdout } from './terminal.ts';

export interface ReplayOptions extends PolicyOptions {
  repo: string;
  timeout: number;
  verbose?: boolean;
  format: Format;
}

/** What became of one line of a log. */
type Line = { file: string; line: number; decision_id?: string; path?: string; timestamp?: string } & (
  | Replayed
  | { outcome: 'altered'; why: string }
  /** The run failed then: there was no decision. */
  | { outcome: 'none' }
);

export async function replayDecisions(files: string[], options: ReplayOptions): Promise<void> {
  const repository = await openRepository(options.repo).catch((error: unknown) => {
    if (error instanceof GitError && error.kind === 'not-a-repository') return undefined;
    throw error;
  });
  const engine = await startEngine();
  try {
    const given = (record: DecisionRecord, regoVersion = options.rego) =>
      givenPolicies(engine, repository, record, { ...options, ...(regoVersion && { rego: regoVersion }) });
    const find = policyFinder({ ...(repository && { repository }), given });
    const replayer = startReplaying(engine, find, { timeoutMs: options.timeout * 1000 });
    const counts: Record<Line['outcome'], number> = { same: 0, different: 0, impossible: 0, altered: 0, none: 0 };
    for await (const one of readLogs(files)) {
      const { file, line } = one;
      const place = { file, line };
      let result: Line;
      if ('problem' in one) result = { ...place, outcome: 'altered', why: one.problem };
      else {
        const { decision_id, path, timestamp, error } = one.record;
        const named = { ...place, decision_id, path, timestamp };
        const link = linkOf(one.record);
        if (link && recordDigest(one.record) !== link.digest) {
          result = { ...named, outcome: 'altered', why: 'the record is not as it was written' };
        } else if (error) result = { ...named, outcome: 'none' };
        else result = { ...named, ...(await replayer.replay(one.record)) };
      }
      counts[result.outcome]++;
      stdout.write(options.format === 'json' ? jsonLine(result) : describe(result, options.verbose ?? false));
    }
    await replayer.close();
    if (options.format === 'text') stdout.write(summary(counts));
    if (counts.different + counts.altered > 0) process.exitCode = exitCodes.denied;
    else if (counts.impossible > 0) process.exitCode = exitCodes.undecided;
  } finally {
    await engine.dispose();
  }
}

/** The policies of the command line, else those of a bundle that the record's base names. */
async function givenPolicies(
  engine: Engine,
  repository: GitRepository | undefined,
  { input }: DecisionRecord,
  options: ReplayOptions,
): Promise<PolicySet | undefined> {
  const { loadFolder, loadRevision } = await import('../core/policies/load.ts');
  if (options.policy !== undefined) return loadFolder(options.policy, { regoVersion: options.rego });
  if (!repository) return undefined;
  const base = input?.change?.base;
  const asked = options.bundle !== undefined;
  const own = asked || base === undefined ? undefined : await loadRevision(repository, base).catch(absent);
  if (!asked && !own?.config.bundle) return undefined;
  return choosePolicies(repository, base, options, async () => engine);
}

/** The base may be gone: the policies of a bundle need not be. */
function absent(error: unknown): undefined {
  if (!(error instanceof GitError)) throw error;
}

/** More differences of one record are counted; JSON has all. */
const shownDifferences = 10;

function describe(result: Line, verbose: boolean): string {
  const place = stdout.style('bold', `${printable(result.file)}:${result.line}`);
  const said = (mark: string, text: string) => `${mark} ${place} ${printable(result.decision_id ?? '')} ${text}\n`;
  switch (result.outcome) {
    case 'same':
      if (result.note) return said(stdout.style('green', '✓'), `the same, though ${block(result.note, '    ')}`);
      return verbose ? said(stdout.style('green', '✓'), 'the same') : '';
    case 'none':
      return verbose ? said('-', 'the run failed then') : '';
    case 'different': {
      const lines = result.differences
        .slice(0, shownDifferences)
        .map(
          ({ path, recorded, replayed }) => `    ${printable(path)}: ${short(recorded)} then, ${short(replayed)} now\n`,
        );
      const more = result.differences.length - lines.length;
      if (more > 0) lines.push(`    … and ${count(more, 'more difference')}\n`);
      return said(stdout.style('red', '✗'), 'another result') + lines.join('');
    }
    case 'altered':
      return said(stdout.style('red', '✗'), block(result.why, '    '));
    case 'impossible':
      return said(stdout.style('yellow', '?'), `cannot be replayed: ${block(result.why, '    ')}`);
  }
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return printable(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}

function summary(counts: Record<Line['outcome'], number>): string {
  const parts = [
    `${count(counts.same, 'decision')} the same`,
    ...(counts.different > 0 ? [`${counts.different} different`] : []),
    ...(counts.altered > 0 ? [`${counts.altered} altered`] : []),
    ...(counts.impossible > 0 ? [`${counts.impossible} not to be replayed`] : []),
    ...(counts.none > 0 ? [`${count(counts.none, 'failed run')}`] : []),
  ];
  return `Replayed: ${parts.join(', ')}.\n`;
}
