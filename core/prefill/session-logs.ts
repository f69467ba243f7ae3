/**
 * What agents' session logs tell of the staged files. Read only when the user wants it, never written,
 * and only sessions that worked in this work tree; of what was said in them nothing is taken but a
 * title that the log itself gives the session.
 */
import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import type { Known, KnownValue } from '../disclosure/known.ts';
import { findSecrets } from '../disclosure/secrets.ts';
import { setting } from '../git/settings.ts';
import { timestampOf } from '../timestamp.ts';
import { claudeCodeLogs } from './claude-code-log.ts';
import { codexLogs } from './codex-log.ts';
import { copilotCliLogs } from './copilot-cli-log.ts';
import { cursorLogs } from './cursor-log.ts';
import { geminiLogs } from './gemini-log.ts';
import { pathInside } from './paths.ts';
import type { LogFinder, Session } from './session.ts';
import type { Situation } from './situation.ts';

const finders: readonly LogFinder[] = [claudeCodeLogs, codexLogs, geminiLogs, copilotCliLogs, cursorLogs];

/** The newest logs of an agent that are read, and that are asked where the session worked. */
const maxLogs = 12;
const maxProbed = 200;

/** Characters of a title that are offered as context. */
const maxTitle = 200;

/** Whether the user said that session logs may be read: to the caller, in the environment, or in git's configuration. */
export async function sessionLogsWanted({ repository, environment, sessionLogs }: Situation): Promise<boolean> {
  if (sessionLogs !== undefined) return sessionLogs;
  const said = environment.COUNTERSIGN_SESSION_LOGS ?? (await setting(repository, 'countersign.sessionLogs'));
  return /^(?:1|true|yes|on)$/i.test(said ?? '');
}

export async function readSessionLogs(situation: Situation): Promise<Known> {
  const { repository, environment, oldest, now, log, signal } = situation;
  const home = environment.HOME || environment.USERPROFILE || homedir();
  const place = { home, environment, root: repository.root, since: oldest, now, log };
  const known: Known = { values: [], evidence: [] };
  // One after the other, so that what is known when time is up can be told.
  for (const find of finders) {
    const found = await find(place).catch((error: NodeJS.ErrnoException) => {
      log(`session-log: ${error.message}`);
      return [];
    });
    let count = 0;
    for (const { file, cwd, read } of found.slice(0, maxProbed)) {
      if (signal?.aborted) {
        log('session-log: not all logs could be read in time');
        return known;
      }
      if (count >= maxLogs) break;
      const worked = await cwd?.();
      if (worked !== undefined && (await pathInside(repository.root, worked)) === undefined) continue;
      count++;
      const session = await read().catch((error: NodeJS.ErrnoException) => {
        log(`session-log: ${error.message}`);
        return undefined;
      });
      if (!session) continue;
      const { values, evidence } = await knownOf(session, `~/${relative(home, file).split('\\').join('/')}`, situation);
      known.values.push(...values);
      known.evidence.push(...evidence);
    }
  }
  return known;
}

async function knownOf(session: Session, file: string, situation: Situation): Promise<Known> {
  const { repository, before } = situation;
  const nothing: Known = { values: [], evidence: [] };
  if (session.cwd === undefined || (await pathInside(repository.root, session.cwd)) === undefined) return nothing;
  const latest = (await situation.until()).getTime();
  const detail = `a session of ${session.agent} (${file})`;
  const edits = (await editsOfStaged(session, situation)).filter(({ time }) => time <= latest);
  if (edits.length > 0) {
    const files = [...new Set(edits.map(({ path }) => path))];
    const models = [...new Set(edits.flatMap(({ model }) => model ?? []))];
    const what = files.length === 1 ? files[0] : `${files[0]} and ${files.length - 1} more`;
    const id = session.id.slice(0, 8);
    return {
      values: [
        ...models.map((model) => value('model', model, 'recorded', detail)),
        value('agent', session.agent, 'recorded', detail),
        value('timestamp', timestampOf(Math.max(...edits.map(({ time }) => time))), 'recorded', detail),
        ...(await titleOf(session, detail)),
      ],
      evidence: (models.length > 0 ? models : [undefined]).map((model) => ({
        source: 'session-log',
        detail: `${session.agent} changed ${what} (session ${id})`,
        ...(model !== undefined && { model }),
      })),
    };
  }
  // A session that changed other files is about other work; of one that changed none nothing can be told.
  if (session.edits.length > 0) return nothing;
  const [head] = await before();
  const since = (head?.time ?? situation.oldest).getTime();
  const uses = session.uses.filter(({ time }) => (time ?? 0) > since && (time ?? 0) <= latest);
  const models = new Set(uses.map(({ model }) => model));
  return { values: [...models].map((model) => value('model', model, 'inferred', detail)), evidence: [] };
}

/** The session's changes of staged files that are not in a commit yet. */
async function editsOfStaged(
  session: Session,
  { repository, openSince }: Situation,
): Promise<{ path: string; model?: string; time: number }[]> {
  const paths = new Map<string, string | undefined>();
  const found: { path: string; model?: string; time: number }[] = [];
  for (const { path: written, model, time = session.last } of session.edits) {
    if (!paths.has(written)) {
      const absolute = isAbsolute(written) ? written : join(session.cwd ?? repository.root, written);
      paths.set(written, await pathInside(repository.root, absolute));
    }
    const path = paths.get(written);
    const since = path === undefined ? undefined : await openSince(path);
    if (path === undefined || since === undefined || time === undefined || time < since.getTime()) continue;
    found.push({ path, time, ...(model !== undefined && { model }) });
  }
  return found;
}

/** The session's title, as a suggestion of what was done; a person sees it before it is stamped. */
async function titleOf({ title }: Session, detail: string): Promise<KnownValue[]> {
  const line = title
    ?.split(/[\r\n]/, 1)[0]
    ?.trim()
    .slice(0, maxTitle);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!line || /[\0-\x1f\x7f-\x9f]/.test(line) || (await findSecrets(line)).length > 0) return [];
  return [value('context', line, 'inferred', `the title of ${detail}`)];
}

function value(field: string, text: string, certainty: KnownValue['certainty'], detail: string): KnownValue {
  return { field, value: text, source: 'session-log', certainty, detail };
}
