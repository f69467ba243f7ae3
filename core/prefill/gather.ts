/**
 * Everything that can be known of a commit's AI use before anyone is asked, each value with where it
 * is from and how sure that is. Nothing is claimed that no source says.
 */
import type { FormHome } from '../disclosure/home.ts';
import type { Known, KnownSource, KnownValue } from '../disclosure/known.ts';
import type { GitRepository } from '../git/repository.ts';
import { timestampOf } from '../timestamp.ts';
import { readAgentTrace } from './agent-trace.ts';
import { readDeclared } from './declared.ts';
import { readEnvironment } from './environment.ts';
import { readGitAi } from './git-ai.ts';
import { readMessage } from './message.ts';
import { readPrevious } from './previous.ts';
import { readSessionLogs, sessionLogsWanted } from './session-logs.ts';
import { type Reader, type Situation, type SituationOptions, situationOf } from './situation.ts';

export interface GatherOptions extends SituationOptions {
  /** How long the slower sources may take, in milliseconds; what is not known by then is left out. */
  budgetMs?: number;
}

/** Answered at once, from memory or a few small files: never cut short. */
const prompt: [KnownSource, Reader][] = [
  ['declaration', readDeclared],
  ['message', readMessage],
  ['environment', readEnvironment],
];

/** These ask git for history, or read what other programs wrote. */
const patient: [KnownSource, Reader][] = [
  ['git-ai', readGitAi],
  ['agent-trace', readAgentTrace],
  ['session-log', readLogsIfWanted],
  ['previous', readPrevious],
];

/**
 * Asks all sources at once. A source that fails or takes too long is left out, which `options.log` is
 * told; the others are not harmed. Best first within a field.
 */
export async function gatherKnown(repository: GitRepository, home: FormHome, options: GatherOptions): Promise<Known> {
  const { budgetMs = 400, signal: outer } = options;
  outer?.throwIfAborted();
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(), budgetMs);
  const signal = outer ? AbortSignal.any([outer, budget.signal]) : budget.signal;
  const situation = situationOf(repository, home, { ...options, signal });
  const end = ended(signal);
  try {
    const found = await Promise.all([
      ...prompt.map(([source, read]) => asked(source, read, situation)),
      ...patient.map(async ([source, read]) => {
        const answer = await Promise.race([asked(source, read, situation), end]);
        if (!answer) situation.log(`${source}: took too long and is left out`);
        return answer ?? nothing;
      }),
    ]);
    outer?.throwIfAborted();
    return {
      values: best(
        found.flatMap(({ values }) => values),
        home,
        options.now,
      ),
      evidence: found.flatMap(({ evidence }) => evidence),
    };
  } finally {
    clearTimeout(timer);
    budget.abort();
  }
}

/** Time for a source to tell what it has found when its time is up, in milliseconds. */
const lastWord = 50;

/** Resolves a little after the signal. */
function ended(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => setTimeout(() => resolve(undefined), lastWord).unref(), { once: true });
  });
}

const nothing: Known = { values: [], evidence: [] };

async function readLogsIfWanted(situation: Situation): Promise<Known> {
  return (await sessionLogsWanted(situation)) ? readSessionLogs(situation) : nothing;
}

async function asked(source: KnownSource, read: Reader, situation: Situation): Promise<Known> {
  try {
    return await read(situation);
  } catch (error) {
    situation.log(`${source}: ${error instanceof Error ? error.message : String(error)}`);
    return nothing;
  }
}

const sources: KnownSource[] = [
  'declaration',
  'message',
  'git-ai',
  'agent-trace',
  'session-log',
  'environment',
  'previous',
  'git',
];

/** Best first, each value once, only of fields that the configuration has (such as `agent`), and one time. */
function best(values: readonly KnownValue[], { config }: FormHome, now: Date): KnownValue[] {
  const rank = ({ source, certainty }: KnownValue): number => {
    // What is only offered comes after all that is about this commit.
    const offered = source === 'previous' || source === 'git';
    return sources.indexOf(source) + (certainty === 'inferred' && !offered ? sources.length : 0) + (offered ? 100 : 0);
  };
  const ordered = values
    .map((value, at) => ({ value, at }))
    .sort((one, other) => rank(one.value) - rank(other.value) || one.at - other.at)
    .map(({ value }) => value);
  const once = new Map<string, KnownValue>();
  for (const value of ordered) {
    const key = `${value.field}\0${value.field === 'model' ? modelKey(value.value) : value.value}`;
    if (!once.has(key)) once.set(key, value);
  }
  const found = [...once.values()];
  const fields = Object.keys(config.trailers);
  return fields.flatMap((field) => {
    const all = found.filter((value) => value.field === field);
    return field === 'timestamp' ? [latest(all, now)] : all;
  });
}

/** Spellings of the same model: `anthropic/claude-opus-4-6`, `Claude Opus 4.6`, `claude-opus-4.6`, `claude-opus-4-6-20260201`. */
function modelKey(value: string): string {
  const id = value
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_.]/g, '-');
  return id.slice(id.lastIndexOf('/') + 1).replace(/-20\d{6}$/, '');
}

/** When the model was last used, as far as a source tells; else now. The message's own time stands. */
function latest(times: readonly KnownValue[], now: Date): KnownValue {
  const written = times.find(({ source }) => source === 'message');
  if (written) return written;
  const known = times
    .filter(({ source, value }) => source !== 'previous' && !Number.isNaN(Date.parse(value)))
    .sort((one, other) => Date.parse(other.value) - Date.parse(one.value));
  return (
    known[0] ?? {
      field: 'timestamp',
      value: timestampOf(now),
      source: 'git',
      certainty: 'inferred',
      detail: 'the present time',
    }
  );
}
