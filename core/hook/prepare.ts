/** prepare-commit-msg: the disclosure comes into the message, by whatever way the commit is made. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Known } from '../disclosure/known.ts';
import { mergeDisclosures } from '../disclosure/merge.ts';
import { parseCommitObject } from '../git/commit-object.ts';
import { openObjectReader } from '../git/object-reader.ts';
import { type GitRepository, resolveRevision } from '../git/repository.ts';
import { asCommitted } from '../git/staged.ts';
import type { FieldValues } from '../prompt-link/messages.ts';
import { replaceFile } from '../replace-file.ts';
import { type CommitKind, commitKind, type HookFacts, type MessageSource, originalOf } from './commit-kind.ts';
import { foldedDisclosures, withoutFoldedTrailers } from './fold.ts';
import { askForNext, type GitAnswers } from './git-answers.ts';
import {
  askPerson,
  type Comments,
  type Declared,
  givenValues,
  type HookRun,
  readComments,
  readDeclared,
  shouldAsk,
  stampText,
  valueProblem,
} from './hook-run.ts';
import { commitMark, type HookState, saveState } from './hook-state.ts';
import { readUnderWay } from './under-way.ts';

/** The arguments that git gives beside the file. */
export interface PrepareArguments {
  source: MessageSource;
  revision?: string;
}

/**
 * Finds out what is known of the commit's AI use, asks for the rest where someone can be asked, and
 * stamps the message file. `cancelled`: the person wants no commit.
 */
export async function prepareMessage(run: HookRun, given: PrepareArguments): Promise<'go on' | 'cancelled'> {
  const { repository, home, file, environment } = run;
  const next = askForNext(repository);
  const [comments, message, underWay] = await Promise.all([
    readComments(run),
    asCommitted(repository, run.text),
    readUnderWay(repository),
  ]);
  const edited = environment.GIT_EDITOR !== ':';
  const facts: HookFacts = { ...given, underWay, file: path.basename(file), edited };
  const original = originalOf(facts);
  const kind = commitKind(facts, message, original && (await messagesOf(repository, [original]))[0]);

  const state: HookState = {
    version: 1,
    mark: commitMark(path.basename(file), environment),
    asked: false,
    noAi: false,
    amend: await takesHeadsPlace(run, given),
    again: kind.kind === 'again',
    evidence: [],
    lines: [],
    before: message,
    template: given.source === 'template',
  };
  let text = run.text;
  if (kind.kind === 'folded') {
    text = await foldedText(run, kind, comments);
    if (kind.intoHead) return finish(run, text, comments, { ...state, again: true }, next);
  }
  if (kind.kind === 'again') return finish(run, text, comments, state, next);

  const { gatherKnown } = await import('../prefill/gather.ts');
  const known = await gatherKnown(repository, home, {
    environment,
    message: text,
    now: run.now,
    replaces: state.amend ? [await resolveRevision(repository, 'HEAD')] : [],
  });
  state.evidence = known.evidence.filter(({ source }) => source !== 'message');
  const current = text === run.text ? message : await asCommitted(repository, text);
  const declared = readDeclared(run, current);
  if (shouldAsk(run, declared, known.evidence)) {
    const answer = await askPerson(run, declared, current, known);
    if (answer?.kind === 'cancel') {
      await finish(run, text, comments, state, next);
      return 'cancelled';
    }
    if (answer !== undefined) {
      state.asked = true;
      state.noAi = answer.kind === 'no-ai';
      const values = answer.kind === 'values' ? givenValues(answer.values) : undefined;
      if (values) text = stampText(run, text, values, comments);
      return finish(run, text, comments, state, next);
    }
  }
  const values = givenValues(await recordedValues(run, declared, known));
  if (values) text = stampText(run, text, values, comments);
  return finish(run, text, comments, state, next);
}

/** Writes what changed, and what commit-msg is to know. */
async function finish(
  run: HookRun,
  text: string,
  { prefix }: Comments,
  state: HookState,
  next: Promise<GitAnswers | undefined>,
): Promise<'go on'> {
  const lines = (all: string) => all.split('\n').filter((line) => line !== '' && !line.startsWith(prefix));
  if (text !== run.text) {
    const present = new Set(lines(run.text));
    state.lines = lines(text).filter((line) => !present.has(line));
    await replaceFile(path.resolve(run.file), text);
  }
  const git = await next;
  // What is amended has other parents than what follows HEAD.
  if (git && state.amend) delete git.ahead;
  await saveState(run.repository, { ...state, ...(git && { git }) });
  return 'go on';
}

/** The text with what all the folded commits disclose. */
async function foldedText(run: HookRun, kind: CommitKind & { kind: 'folded' }, comments: Comments): Promise<string> {
  const { repository, home, text } = run;
  const messages = await messagesOf(repository, [...(kind.intoHead ? ['HEAD'] : []), ...kind.of]);
  const merged = mergeDisclosures(foldedDisclosures(messages, text, home.config, comments.prefix));
  const bare = withoutFoldedTrailers(text, home.config, comments.prefix);
  const values = givenValues(merged);
  return values ? stampText(run, bare, values, comments) : text;
}

/** The messages of the commits that are there, in order. */
async function messagesOf(repository: GitRepository, commits: readonly string[]): Promise<string[]> {
  const reader = openObjectReader(repository);
  const messages: string[] = [];
  try {
    reader.ask([...commits]);
    for (const _ of commits) {
      const object = await reader.next();
      if (object?.type === 'commit') messages.push(parseCommitObject(object.bytes).message);
    }
  } finally {
    await reader.close();
  }
  return messages;
}

/**
 * What is written without asking: what took part recorded it for this commit, and it is not said
 * yet; and the time, once anything is disclosed. Guesses are for people to confirm.
 */
async function recordedValues(run: HookRun, declared: Declared, known: Known): Promise<FieldValues> {
  const values: Record<string, string[]> = {};
  for (const { field, value, source, certainty } of known.values) {
    if (certainty !== 'recorded' || source === 'previous' || source === 'git' || declared.disclosure?.[field]) continue;
    const problem = await valueProblem(run, field, value);
    if (problem === undefined || field === 'model') values[field] = [...(values[field] ?? []), value];
    else run.say(`What ${source} says of the ${field} is left out. ${problem}`);
  }
  if (Object.keys(values).length === 0 && declared.disclosure === undefined) return {};
  for (const { name, prefill } of declared.fields) {
    if (prefill === undefined || declared.disclosure?.[name] || values[name]) continue;
    values[name] = [known.values.find(({ field }) => field === name)?.value ?? prefill];
  }
  return values;
}

/**
 * `git commit --amend -m` looks like any other commit to the hook, but for the author: git takes over
 * HEAD's, with its time. A time of just now says nothing, for HEAD may be as new.
 */
async function takesHeadsPlace({ repository, environment, now }: HookRun, given: PrepareArguments): Promise<boolean> {
  if (given.source === 'commit') return given.revision === 'HEAD';
  const time = /^@?(\d+) /.exec(environment.GIT_AUTHOR_DATE ?? '')?.[1];
  if (given.source === 'merge' || time === undefined || now.getTime() / 1000 - Number(time) < 5) return false;
  const reader = openObjectReader(repository);
  try {
    reader.ask(['HEAD']);
    const object = await reader.next();
    if (object?.type !== 'commit') return false;
    const { author } = parseCommitObject(object.bytes);
    return author.email === environment.GIT_AUTHOR_EMAIL && Date.parse(author.time) / 1000 === Number(time);
  } finally {
    await reader.close();
  }
}

/** The message file's text; it is written back as it was read. Undefined when it is not UTF-8. */
export async function readMessageFile(file: string): Promise<string | undefined> {
  const bytes = await readFile(file);
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}
