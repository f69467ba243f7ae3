/** What is wrong with an exception's file beyond its schema: what it names, what it owes, what it gives away. */

import type { RegisteredException } from '../../core/exceptions/register.ts';
import { readException } from '../../core/exceptions.ts';
import { globExpression } from '../../core/globs.ts';
import { readDocument } from '../../core/yaml-document.ts';
import type { Problem } from '../../engine/protocol.ts';
import type { Document, Root } from '../snapshot.ts';
import type { Knowledge } from './knowledge.ts';
import { nextMoment, pathInHome, registerOfRoot } from './standing.ts';
import { fromNow } from './words.ts';

export interface Judging {
  now: Date;
  knowledge: Knowledge;
  secretProblem(text: string): Promise<string | undefined>;
}

/** The codes of findings that quick fixes mend. */
export const followUpCodes: ReadonlySet<unknown> = new Set(['follow-up-due', 'follow-up-overdue']);
export const closeCodes: ReadonlySet<unknown> = new Set([
  ...followUpCodes,
  'exception-expired',
  'unknown-rule',
  'unmatched-path',
]);

/** All that is wrong with the file, in its order. */
export async function exceptionProblems(
  root: Root,
  path: string,
  document: Document,
  { now, knowledge, secretProblem }: Judging,
): Promise<Problem[]> {
  const { problems } = readException(path, document.text);
  if (problems.length > 0) return problems;
  const register = registerOfRoot(root, knowledge.repository, now);
  const inHome = pathInHome(path);
  // A document by itself, without the folder that it is from, is judged by its form alone.
  if (register === undefined || inHome === undefined) return [];
  const located = readDocument(path, document.text);
  const say =
    (severity: Problem['severity']) =>
    (code: string, keys: readonly (string | number)[], message: string, key = false): Problem => {
      const range = key ? located.keyRangeOf(keys) : located.rangeOf(keys);
      return { path, range, severity, code, message, source: 'countersign' };
    };
  const found = register.exceptions.find((one) => one.path.endsWith(`/${inHome}`));
  if (!found) {
    // It reads well by itself, so another file has taken its name.
    const taken = register.problems.find((one) => one.path.endsWith(`/${inHome}`));
    return taken ? [{ ...taken, path }] : [];
  }
  const secrets = await secretsIn(found, secretProblem, say('error'));
  if (found.state === 'closed') return secrets;
  return [
    ...secrets,
    ...unknownRules(found, register.rules, say('warning')),
    ...unmatchedPaths(found, knowledge.files, say('warning')),
    ...overdue(found, now, say),
  ].sort((one, other) => one.range.start.line - other.range.start.line);
}

/** When the same texts will be judged otherwise, in milliseconds since the epoch; undefined: never. */
export function nextChange(root: Root, { now, knowledge }: Pick<Judging, 'now' | 'knowledge'>): number | undefined {
  return nextMoment(registerOfRoot(root, knowledge.repository, now)?.exceptions ?? [], now);
}

type Say = (code: string, keys: readonly (string | number)[], message: string, key?: boolean) => Problem;

async function secretsIn(
  { exception }: RegisteredException,
  secretProblem: Judging['secretProblem'],
  say: Say,
): Promise<Problem[]> {
  const { reason, approved_by, ticket, follow_ups = [], closed } = exception;
  const texts: [keys: (string | number)[], text: string][] = [
    [['reason'], reason],
    [['approved_by'], approved_by],
    [['ticket'], ticket ?? ''],
    ...follow_ups.map(({ note }, at): [(string | number)[], string] => [['follow_ups', at, 'note'], note]),
    [['closed', 'note'], closed?.note ?? ''],
  ];
  const problems: Problem[] = [];
  for (const [keys, text] of texts) {
    const message = text === '' ? undefined : await secretProblem(text);
    if (message !== undefined) problems.push(say('secret', keys, message));
  }
  return problems;
}

function unknownRules({ exception }: RegisteredException, known: ReadonlySet<string>, say: Say): Problem[] {
  return exception.rules.flatMap((rule, at) =>
    known.has(rule)
      ? []
      : [
          say(
            'unknown-rule',
            ['rules', at],
            `No policy here names the rule ${rule}: an exception to it excuses nothing.`,
          ),
        ],
  );
}

function unmatchedPaths({ exception }: RegisteredException, files: readonly string[] | undefined, say: Say): Problem[] {
  if (files === undefined) return [];
  return (exception.paths ?? []).flatMap((path, at) => {
    const expression = globExpression([path]);
    if (files.some((file) => expression.test(file))) return [];
    const message = `No file of this repository matches ${path}. Globs are written from the top; a folder is dir/**.`;
    return [say('unmatched-path', ['paths', at], message)];
  });
}

function overdue(
  { exception, state, followUp, due, denied }: RegisteredException,
  now: Date,
  say: (severity: Problem['severity']) => Say,
): Problem[] {
  const problems: Problem[] = [];
  if (followUp === 'overdue') {
    const message = `The follow-up was due ${due} (${fromNow(due, now)}); changes are denied from ${denied} (${fromNow(denied, now)}).`;
    problems.push(say('warning')('follow-up-overdue', ['opened'], message));
  }
  if (followUp === 'denied') {
    const message = `The follow-up was due ${due} (${fromNow(due, now)}); the gate denies every change since ${denied} that does not touch this file.`;
    problems.push(say('error')('follow-up-overdue', ['opened'], message));
  }
  if (followUp === 'due') {
    const message = `A follow-up is due by ${due} (${fromNow(due, now)}): what was found, or done about it.`;
    problems.push(say('information')('follow-up-due', ['opened'], message));
  }
  if (state === 'expired') {
    const message = `Expired ${fromNow(exception.expires, now)}: it excuses nothing. Close it, delete it, or have it approved anew with a later expiry.`;
    problems.push(say('warning')('exception-expired', ['expires'], message));
  }
  return problems;
}
