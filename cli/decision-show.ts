/** `countersign decision show`. */
import { linkOf } from '../core/decision/log/chain.ts';
import { type LogLine, readLogs } from '../core/decision/log/read.ts';
import { type DecisionRecord, revisionOf } from '../core/decision/log/record.ts';
import { hasRecord } from '../core/decision/log/verify.ts';
import { oneLine } from '../core/printable.ts';
import { jsonLine } from '../core/report/json.ts';
import type { Violation } from '../core/verdict.ts';
import { exitCodes } from './exit.ts';
import type { Format } from './options.ts';
import { block, count, printable, stderr, stdout } from './terminal.ts';

export interface ShowOptions {
  denied?: boolean;
  commit?: string;
  since?: number;
  last?: number;
  format: Format;
}

export async function showDecisions(files: string[], options: ShowOptions): Promise<void> {
  const kept: (LogLine & { record: DecisionRecord })[] = [];
  const print = ({ record }: { record: DecisionRecord }): void => {
    stdout.write(options.format === 'json' ? jsonLine(record) : entry(record));
  };
  for await (const one of readLogs(files)) {
    if (!hasRecord(one)) {
      stderr.write(`${printable(one.file)}:${one.line}: ${one.problem}\n`);
      process.exitCode = exitCodes.undecided;
    } else if (isAsked(one.record, options)) {
      if (options.last === undefined) print(one);
      else {
        kept.push(one);
        if (kept.length > options.last) kept.shift();
      }
    }
  }
  for (const one of kept) print(one);
}

function isAsked({ result, error, timestamp, input }: DecisionRecord, { denied, commit, since }: ShowOptions): boolean {
  if (denied && result?.result !== 'deny' && !error) return false;
  if (since !== undefined && !(Date.parse(timestamp) >= since)) return false;
  if (commit === undefined) return true;
  const judged = [...(input?.commits ?? []), ...(result?.commits ?? [])];
  return judged.some((one) => typeof one?.sha === 'string' && one.sha.startsWith(commit));
}

/** One decision in a few lines: when and what, of what, by what, why. */
function entry(record: DecisionRecord): string {
  const { timestamp, path, decision_id, batch_decision_id, result, error, input, requested_by, custom } = record;
  const { chain, batch, run } = { chain: linkOf(record), ...custom?.countersign };
  const said = error ? stdout.style('yellow', 'failed') : verdictOf(result?.result);
  const lines = [`${stdout.style('bold', printable(timestamp))} ${said} ${oneLine(path)}`];
  const add = (name: string, text: string | undefined) => {
    if (text !== undefined && text !== '') lines.push(`  ${name.padEnd(9)} ${block(text, ' '.repeat(12))}`);
  };
  const whole = batch ? ` (batch ${batch.part} of ${batch_decision_id}${batch.parts ? `, the last` : ''})` : '';
  add('decision', decision_id + whole);
  add('record', chain && `${chain.sequence} of chain ${chain.id}`);
  add('of', subjectOf(record));
  add('policies', revisionOf(record));
  add('run by', [requested_by, run].filter((one) => one !== undefined).join(', '));
  const commits = result?.commits;
  if (Array.isArray(commits)) {
    const ai = commits.filter((one) => one.ai).length;
    add('commits', `${count(commits.length, 'commit')}, ${ai} with AI use`);
    for (const { sha = '', subject = '', deny = [], warn = [] } of commits) {
      for (const one of deny) add('deny', `${sha.slice(0, 10)} ${oneLine(subject)}: ${violation(one)}`);
      for (const one of warn) add('warn', `${sha.slice(0, 10)} ${oneLine(subject)}: ${violation(one)}`);
    }
  }
  for (const one of result?.change?.deny ?? []) add('deny', violation(one));
  for (const one of result?.change?.warn ?? []) add('warn', violation(one));
  for (const { id, rules, expires } of result?.exceptions ?? []) {
    add('excused', `${rules.join(', ')} by ${id}, which ends ${expires}`);
  }
  for (const { login, state, submitted_at } of input?.change?.approvals ?? []) {
    add('review', `${state} by ${login}${submitted_at ? ` at ${submitted_at}` : ''}`);
  }
  add('error', error?.message);
  const hidden = [...(record.erased ?? []), ...(record.masked ?? [])];
  add('erased', hidden.slice(0, 5).join(', ') + (hidden.length > 5 ? ` and ${hidden.length - 5} more` : ''));
  return `${lines.join('\n')}\n`;
}

function verdictOf(result: string | undefined): string {
  if (result === 'allow') return stdout.style('green', 'allowed');
  return result === 'deny' ? stdout.style('red', 'denied') : 'result erased';
}

function subjectOf({ input }: DecisionRecord): string | undefined {
  if (!input) return undefined;
  const { repository, change, push } = input;
  const name = [repository?.host, repository?.owner, repository?.name].filter((one) => one !== undefined).join('/');
  const range = change && `${String(change.base).slice(0, 10)}..${String(change.head).slice(0, 10)}`;
  return [name, change?.url ?? (change?.id !== undefined ? `#${change.id}` : undefined), push?.ref, range]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

function violation({ rule, msg }: Violation): string {
  return `${oneLine(rule ?? '')}: ${oneLine(msg ?? '')}`;
}
