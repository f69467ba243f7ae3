/** What the hooks say of a commit that they refuse or warn of, and how to go on. */
import path from 'node:path';
import type { CommitDecision } from '../../core/decision/decide-commit.ts';
import type { HookRun } from '../../core/hook/hook-run.ts';
import { deniedOf, type Judgement } from '../../core/hook/judge.ts';
import type { Violation } from '../../core/verdict.ts';
import { entries } from '../gate-report.ts';
import { block, count, type Output, printable } from '../terminal.ts';

type Style = Output['style'];
type Denied = Extract<Judgement, { result: 'denied' }>;

/** The refusal: what is wrong, where the rule stands, what mends it, and where the message is. */
export async function denied(run: HookRun, judgement: Denied, style: Style): Promise<string> {
  const { decision } = judgement;
  const found = deniedOf(decision);
  return [
    `${style(['red', 'bold'], 'countersign: commit refused')}, ${count(found.length, 'violation')}\n`,
    entries(found, warnedOf(decision), { places: await places(run, decision) }, style),
    noteLines(decision, style),
    wayOn(run, judgement),
  ].join('');
}

/** Warnings and notes of a commit that is let through; empty when there are none. */
export async function warnings(run: HookRun, decision: CommitDecision, style: Style): Promise<string> {
  const found = warnedOf(decision);
  const notes = noteLines(decision, style);
  if (found.length === 0) return notes;
  const list = entries([], found, { places: await places(run, decision) }, style);
  return `${style('yellow', 'countersign')}: ${count(found.length, 'warning')}\n${list}${notes}`;
}

/** Someone said that there shall be no commit. */
export function cancelled(run: HookRun): string {
  return `countersign: cancelled, nothing was committed. ${kept(run)}\n`;
}

/** What a disclosure must not carry. */
export function secrets(run: HookRun, problems: readonly { field: string; problem: string }[], style: Style): string {
  const list = problems.map(({ field, problem }) => {
    const key = run.home.config.trailers[field] ?? field;
    return `    ${style('red', 'deny')} ${style('bold', printable(key))}: ${block(problem, '         ')}\n`;
  });
  return `${style(['red', 'bold'], 'countersign: commit refused')}\n${list.join('')}${kept(run)}\n  ${again(run, false)}\n`;
}

function warnedOf({ verdict }: CommitDecision): Violation[] {
  return [...verdict.change.warn, ...verdict.commits.flatMap(({ warn }) => warn)];
}

function noteLines({ notes }: CommitDecision, style: Style): string {
  return notes.map((note) => `    ${style('yellow', 'note')} ${block(note, '         ')}\n`).join('');
}

async function places({ repository }: HookRun, { verdict }: CommitDecision): Promise<ReadonlyMap<string, string>> {
  const [{ rulePlaces }, { workTreePolicies }, { compileSchemas }] = await Promise.all([
    import('../../core/decision/places.ts'),
    import('../../core/decision/decide-commit.ts'),
    import('../../core/policies/schema-policy.ts'),
  ]);
  const policies = await workTreePolicies(repository.root);
  const parts = [verdict.change, ...verdict.commits];
  const rules = parts.flatMap(({ deny, warn }) => [...deny, ...warn].map(({ rule }) => rule));
  return rulePlaces({ policies, schemas: compileSchemas(policies.schemas).policies, entrypoints: [] }, rules);
}

/** How to go on: for a person in an editor, for a program by complete commands. */
function wayOn(run: HookRun, judgement: Denied): string {
  const lines = [kept(run)];
  const fields = judgement.known ? addableFields(run, judgement) : [];
  if (fields.length > 0) {
    lines.push('To disclose AI use, fill in what is true and run:', `  ${withTrailers(run, judgement, fields)}`);
    // Whoever answers for the work says so in the commit; the rest can be declared by what did it.
    const declared = fields.filter((name) => name !== 'approver');
    const said = fields.filter((name) => name === 'approver');
    if (declared.length > 0) {
      const commit = said.length > 0 ? withTrailers(run, judgement, said) : again(run, judgement.amend);
      lines.push('or declare it first:', `  ${declaration(judgement, declared)}`, `  ${commit}`);
    }
  } else {
    lines.push('To mend the message in the editor and commit:', `  ${again(run, judgement.amend)}`);
  }
  // Programs take the shortest way that they are shown; a person may know better.
  if (process.stderr.isTTY && !judgement.byAgent) {
    lines.push('To commit without the hook (the gate judges all the same): git commit --no-verify');
  }
  return `${lines.join('\n')}\n`;
}

/** Git keeps a merge's message for the commit that concludes it. */
function isMerge({ file }: HookRun): boolean {
  return path.basename(file) === 'MERGE_MSG';
}

function kept(run: HookRun): string {
  return `The message is kept in ${printable(run.file)}.`;
}

function again(run: HookRun, amend: boolean): string {
  const commit = amend ? 'git commit --amend' : 'git commit';
  return isMerge(run) ? 'git commit' : `${commit} -eF ${quoted(run.file)}`;
}

/**
 * The missing fields, where trailers for them would do; none in another profile's form, or when
 * values are there but not accepted, beside which git would put others.
 */
function addableFields(run: HookRun, judgement: Denied): string[] {
  if (run.home.config.disclosure.profile !== 'countersign') return [];
  const fields = missingFields(judgement);
  const others = deniedOf(judgement.decision).some(({ field }) => field && !fields.includes(field));
  return others ? [] : fields;
}

/** `git commit` of the kept message with a trailer for each field. */
function withTrailers(run: HookRun, judgement: Denied, fields: readonly string[]): string {
  const { trailers } = run.home.config;
  const options = fields.map((name) => `--trailer ${quoted(`${trailers[name]}: ${suggested(judgement, name)}`)}`);
  const commit = judgement.amend ? 'git commit --amend' : 'git commit';
  // After an editor, git's comments are still in the file, and go only when there is one again.
  const from = run.environment.GIT_EDITOR === ':' ? '-F' : '-eF';
  return [commit, ...(isMerge(run) ? ['--no-edit'] : [from, quoted(run.file)]), ...options].join(' ');
}

function declaration(judgement: Denied, fields: readonly string[]): string {
  const options = fields.map((name) => {
    const value = suggested(judgement, name);
    return ['model', 'context'].includes(name) ? `--${name} ${quoted(value)}` : `--field ${quoted(`${name}=${value}`)}`;
  });
  return ['countersign declare', ...options].join(' ');
}

/** The required fields without a value that the hook would not fill in itself. */
function missingFields({ declared, decision }: Denied): string[] {
  const { disclosure, fields, missing } = declared;
  const named = new Set([...missing, ...deniedOf(decision).flatMap(({ field }) => field ?? [])]);
  return fields.map(({ name }) => name).filter((name) => named.has(name) && disclosure?.[name] === undefined);
}

/** What is known, else words that nobody takes for a value. */
function suggested({ known }: Denied, field: string): string {
  const placeholders: Record<string, string> = {
    context: 'WHAT THE MODEL WAS ASKED AND DID',
    approver: 'NAME <EMAIL>',
  };
  const value = known?.values.find((one) => one.field === field && one.source !== 'previous')?.value;
  return value ?? placeholders[field] ?? field.toUpperCase();
}

/** As one word for a shell. */
function quoted(text: string): string {
  const safe = printable(text);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `"${safe.replace(/[\\"$`]/g, '\\$&')}"`;
}
