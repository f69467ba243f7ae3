/** commit-msg: the policy decides on the commit, after a person was asked what it lacks. */
import path from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import type { CommitDecision } from '../decision/decide-commit.ts';
import type { Known } from '../disclosure/known.ts';
import { asCommitted } from '../git/staged.ts';
import { replaceFile } from '../replace-file.ts';
import type { Violation } from '../verdict.ts';
import {
  askPerson,
  type Declared,
  givenValues,
  type HookRun,
  readComments,
  readDeclared,
  stampText,
} from './hook-run.ts';
import { commitMark, dropState, type HookState, readState } from './hook-state.ts';

export type Judgement =
  | { result: 'allowed'; decision?: CommitDecision }
  /** `known` where someone should have been asked: what there is to fill in. `byAgent`: the process's environment says so. */
  | { result: 'denied'; decision: CommitDecision; declared: Declared; amend: boolean; byAgent: boolean; known?: Known }
  | { result: 'secret'; problems: { field: string; problem: string }[] }
  | { result: 'cancelled' };

/** Rejects when no decision can be made. */
export async function judgeMessage(run: HookRun, engine: () => Promise<Engine>): Promise<Judgement> {
  const { repository, environment, file } = run;
  const comments = await readComments(run);
  const state = run.state ?? (await readState(repository, commitMark(path.basename(file), environment)));
  await dropState(repository);
  let text = run.text;
  if (state && (await nobodyWrote(run, state, text))) {
    // Git itself refuses a message that nobody wrote, once there is nothing of ours in it.
    await replaceFile(path.resolve(file), withoutLines(text, state.lines));
    return { result: 'allowed' };
  }
  let message = await asCommitted(repository, text);
  if (message.trim() === '') return { result: 'allowed' };

  let declared = readDeclared(run, message);
  const time = declared.fields.find(({ name }) => name === 'timestamp');
  if (time?.prefill !== undefined && declared.disclosure && !declared.disclosure.timestamp) {
    text = stampText(run, text, { timestamp: time.prefill }, comments);
    message = await asCommitted(repository, text);
    declared = readDeclared(run, message);
  }
  const decide = async (evidence: HookState['evidence']) => {
    const { decideCommit } = await import('../decision/decide-commit.ts');
    const staged = { message, amend: state?.amend ?? false };
    return decideCommit(repository, staged, { engine, now: run.now, evidence }, run.policies);
  };
  const evidence = state?.noAi ? [] : (state?.evidence ?? []);
  const [secrets, first] = await Promise.all([secretProblems(declared), decide(evidence)]);
  let decision = first;
  let asked = state?.asked ?? false;
  let known: Known | undefined;
  // An answer that the policy denies can be mended, unless it was taken back in the editor.
  const mayAsk = !asked || (!state?.noAi && standsIn(text, state?.lines ?? []));
  for (let round = 0; mayAsk && round < mostRounds && secrets.length === 0; round++) {
    if (decision.verdict.result !== 'deny' || !isMendable(run, decision, declared)) break;
    const { gatherKnown } = await import('../prefill/gather.ts');
    known ??= await gatherKnown(repository, run.home, { environment, message, now: run.now });
    if (state?.again) known.evidence = known.evidence.filter(({ source }) => source === 'message');
    const answer = await askPerson(run, declared, message, known, deniedOf(decision));
    if (answer === undefined) break;
    if (answer.kind === 'cancel') {
      await save(run, text);
      return { result: 'cancelled' };
    }
    asked = true;
    if (answer.kind === 'no-ai') {
      if (evidence.length > 0) decision = await decide([]);
      break;
    }
    const values = givenValues(answer.values);
    const stamped = values ? stampText(run, text, values, comments) : text;
    // The same answer again leads nowhere.
    if (stamped === text) break;
    text = stamped;
    message = await asCommitted(repository, text);
    declared = readDeclared(run, message);
    decision = await decide(evidence);
  }
  await save(run, text);
  const found = secrets.length > 0 ? secrets : await secretProblems(declared);
  if (found.length > 0) return { result: 'secret', problems: found };
  if (run.home.config.decisions.hook) {
    const { recordCommit } = await import('../decision/log/commit.ts');
    await recordCommit(repository, decision, run.policies, engine);
  }
  if (decision.verdict.result === 'deny') {
    const byAgent = state?.evidence.some(({ source }) => source === 'environment') ?? false;
    return {
      result: 'denied',
      decision,
      declared,
      amend: state?.amend ?? false,
      byAgent,
      known: asked ? undefined : known,
    };
  }
  if (state?.evidence.some(({ source }) => source === 'declaration')) {
    const [{ takeDeclarations }, { stagedPaths }, { markHead }] = await Promise.all([
      import('../prefill/declarations.ts'),
      import('../git/pending.ts'),
      import('../prefill/commit-made.ts'),
    ]);
    const [files, making] = await Promise.all([stagedPaths(repository), markHead(repository)]);
    await takeDeclarations(repository, { files, now: run.now, making });
  }
  return { result: 'allowed', decision };
}

/** How often the policy's refusal is put to a person, with what it refused. */
const mostRounds = 3;

/** All of what was stamped is still there. */
function standsIn(text: string, lines: readonly string[]): boolean {
  const present = new Set(text.split('\n'));
  return lines.length > 0 && lines.every((line) => present.has(line));
}

/** Violations that a disclosure could mend, or that its absence makes. */
function isMendable({ home }: HookRun, decision: CommitDecision, { disclosure }: Declared): boolean {
  const { config } = home;
  if (config.hook.ask === 'never' || config.disclosure.profile === 'forbid') return false;
  const named = deniedOf(decision).some(({ field }) => field !== undefined && Object.hasOwn(config.trailers, field));
  return named || (disclosure === undefined && decision.verdict.commits.some(({ ai }) => ai));
}

/** All that was denied. */
export function deniedOf({ verdict }: CommitDecision): Violation[] {
  return [...verdict.change.deny, ...verdict.commits.flatMap(({ deny }) => deny)];
}

async function save(run: HookRun, text: string): Promise<void> {
  if (text !== run.text) await replaceFile(path.resolve(run.file), text);
}

/** The editor was closed without a word: all that is there is the template, or nothing, and what was stamped. */
async function nobodyWrote({ repository }: HookRun, state: HookState, text: string): Promise<boolean> {
  if (state.lines.length === 0) return false;
  const own = await asCommitted(repository, withoutLines(text, state.lines));
  return own.trim() === '' || (state.template && own === state.before);
}

function withoutLines(text: string, lines: readonly string[]): string {
  const stamped = new Set(lines);
  return text
    .split('\n')
    .filter((line) => !stamped.has(line))
    .join('\n');
}

/** What looks like a secret in what the message declares. */
async function secretProblems({ disclosure = {} }: Declared): Promise<{ field: string; problem: string }[]> {
  const free = Object.entries(disclosure).filter(([field]) => field !== 'model' && field !== 'timestamp');
  if (free.length === 0) return [];
  const { secretProblem } = await import('../disclosure/secrets.ts');
  const found: { field: string; problem: string }[] = [];
  for (const [field, values] of free) {
    const problem = await secretProblem(values.join('\n'));
    if (problem !== undefined) found.push({ field, problem });
  }
  return found;
}
