/** What both hooks work with: one call by git, and the way to a person. */

import type { WorkTreePolicies } from '../decision/decide-commit.ts';
import { type DisclosureField, disclosureFields } from '../disclosure/form.ts';
import type { FormHome, Home } from '../disclosure/home.ts';
import type { Known } from '../disclosure/known.ts';
import { declaredBy } from '../disclosure/profiles.ts';
import { stamp } from '../disclosure/stamp.ts';
import { fieldProblem } from '../disclosure/validate-field.ts';
import { readMessage } from '../git/message.ts';
import { cutAtScissors } from '../git/message-file.ts';
import type { GitRepository } from '../git/repository.ts';
import { setting } from '../git/settings.ts';
import { commentPrefix } from '../git/staged.ts';
import type { Disclosure, Evidence } from '../input.ts';
import type { FieldValues, PromptAnswer } from '../prompt-link/messages.ts';
import type { Violation } from '../verdict.ts';
import type { HookState } from './hook-state.ts';
import { signOffsLast } from './sign-offs.ts';

export interface HookRun {
  repository: GitRepository;
  /** What the hook judges by. */
  policies: WorkTreePolicies;
  home: FormHome;
  /** With the schemas that judge single values, which take a while to be made. */
  wholeHome: () => Promise<Home>;
  /** The message file as git names it: relative to the work tree, or absolute. */
  file: string;
  /** Its text. */
  text: string;
  /** What prepare-commit-msg left of this very commit; commit-msg has it. */
  state?: HookState;
  /** Git's, with what it tells hooks. */
  environment: NodeJS.ProcessEnv;
  now: Date;
  /** Asks a person; undefined when nobody can be asked. */
  ask: (question: Question) => Promise<PromptAnswer | undefined>;
  /** Says something to whoever commits, in a sentence. */
  say: (text: string) => void;
}

export interface Question {
  fields: DisclosureField[];
  /** The message as it would be committed now. */
  message: string;
  /** What it declares. */
  values: FieldValues;
  known: Known;
  /** What the policy denied already; none before it was asked. */
  violations: Violation[];
  /** What is wrong with a value of a field; undefined when nothing is. */
  check: (field: string, value: string) => Promise<string | undefined>;
}

/** What a message declares, and which required fields it leaves out that do not fill themselves. */
export interface Declared {
  disclosure: Disclosure | undefined;
  fields: DisclosureField[];
  missing: string[];
}

export function readDeclared({ home, now }: Pick<HookRun, 'home' | 'now'>, message: string): Declared {
  const disclosure = declaredBy(readMessage(message).trailers, home.config);
  const fields = disclosureFields(home, now);
  const missing = fields.filter(
    ({ name, required, prefill }) => required && prefill === undefined && disclosure?.[name] === undefined,
  );
  return { disclosure, fields, missing: missing.map(({ name }) => name) };
}

/** Whether a person is to be asked of this commit, as `hook.ask` wants it. */
export function shouldAsk({ home }: Pick<HookRun, 'home'>, declared: Declared, evidence: readonly Evidence[]): boolean {
  const { ask } = home.config.hook;
  // Who refuses contributions made with AI asks for no disclosure of it.
  if (ask === 'never' || home.config.disclosure.profile === 'forbid') return false;
  if (declared.disclosure !== undefined && declared.missing.length === 0) return false;
  return ask === 'always' || evidence.length > 0 || declared.disclosure !== undefined;
}

/** Puts the question: each hook of a commit does so at most once. */
export function askPerson(
  run: HookRun,
  declared: Declared,
  message: string,
  known: Known,
  violations: Violation[] = [],
): Promise<PromptAnswer | undefined> {
  return run.ask({
    fields: declared.fields,
    message,
    values: declared.disclosure ?? {},
    known,
    violations,
    check: (field, value) => valueProblem(run, field, value),
  });
}

/** Fields whose values follow a form, in which no secret could stand. */
const formal: ReadonlySet<string> = new Set(['model', 'timestamp']);

/** By schema and policy data, and, in free text, by what looks like a secret. */
export async function valueProblem(
  { wholeHome, now }: Pick<HookRun, 'wholeHome' | 'now'>,
  field: string,
  value: string,
): Promise<string | undefined> {
  const problem = fieldProblem(await wholeHome(), field, value, now);
  if (problem !== undefined || formal.has(field)) return problem;
  const { secretProblem } = await import('../disclosure/secrets.ts');
  return secretProblem(value);
}

/** The values without those that say nothing; undefined when none is left. */
export function givenValues(values: FieldValues): FieldValues | undefined {
  const given = Object.entries(values).flatMap(([field, value]): [string, string[]][] => {
    const said = [value].flat().filter((text) => text.trim() !== '');
    return said.length > 0 ? [[field, said]] : [];
  });
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** What the comments of the message file are. */
export interface Comments {
  prefix: string;
  /** Git takes lines that start so into the commit: no editor opened, or `commit.cleanup` says so. */
  kept: boolean;
}

export async function readComments({ repository, environment, text }: HookRun): Promise<Comments> {
  const [prefix, cleanup] = await Promise.all([commentPrefix(repository, text), setting(repository, 'commit.cleanup')]);
  const stripped = cleanup === 'strip' || ((cleanup ?? 'default') === 'default' && environment.GIT_EDITOR !== ':');
  return { prefix, kept: !stripped };
}

/**
 * The message file's text with these values in it, in the configured form. They are put above the
 * comments that git will strip. Comments that stay are text to whoever reads the commit with another
 * `core.commentChar`, so then they are put below them, above the scissors.
 */
export function stampText(
  { home }: Pick<HookRun, 'home'>,
  text: string,
  values: FieldValues,
  { prefix, kept }: Comments,
): string {
  const head = kept ? cutAtScissors(text, prefix) : text;
  const commentPrefix = kept ? '#' : prefix;
  const stamped = signOffsLast(stamp(head, values, home.config, { commentPrefix }), home.config, commentPrefix);
  return stamped + text.slice(head.length);
}
