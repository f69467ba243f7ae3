/**
 * Session logs of OpenAI Codex: `sessions/YYYY/MM/DD/rollout-TIME-ID.jsonl` in `~/.codex` or `CODEX_HOME`.
 *
 * https://github.com/openai/codex/blob/main/codex-rs/protocol/src/protocol.rs (RolloutItem);
 * https://github.com/skillsynchq/txcript/blob/main/docs/formats/codex.md; samples in
 * https://github.com/git-ai-project/git-ai/tree/main/tests/fixtures
 */
import { basename, join } from 'node:path';
import { isRecord } from '../plain-data.ts';
import { firstText, jsonLines, readEnds } from './json-lines.ts';
import { filesIn, namesIn, writtenSince } from './log-files.ts';
import { modelId } from './model-id.ts';
import { type LogFinder, type Session, textOf, timeOf } from './session.ts';

const maxLog = 1_000_000;
/** The first line tells where the session works. */
const maxStart = 65_536;

export const codexLogs: LogFinder = async ({ home, environment, since, log }) => {
  const sessions = join(environment.CODEX_HOME || join(home, '.codex'), 'sessions');
  // By the day on which the session began; it may have gone on for some days.
  const first = new Date(since.getTime() - 7 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/');
  const years = (await namesIn(sessions)).filter((year) => year >= first.slice(0, 4));
  const months = await below(sessions, years);
  const days = (
    await below(
      sessions,
      months.filter((month) => month >= first.slice(0, 7)),
    )
  ).filter((day) => day >= first);
  const files = await filesIn(
    days.map((day) => join(sessions, ...day.split('/'))),
    (name) => name.startsWith('rollout-') && name.endsWith('.jsonl'),
  );
  return (await writtenSince(files, since)).map((found) => ({
    ...found,
    cwd: () => firstText(found.file, 'cwd', maxStart),
    read: async () => {
      const text = await readEnds(found, maxStart, maxLog);
      return text === undefined ? undefined : sessionOf(text, basename(found.file, '.jsonl'), log);
    },
  }));
};

/** `2026`, `2026/11`, … of folders within folders. */
async function below(folder: string, names: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    names.map(async (name) => (await namesIn(join(folder, ...name.split('/')))).map((inner) => `${name}/${inner}`)),
  );
  return lists.flat();
}

function sessionOf(text: string, name: string, log: (text: string) => void): Session | undefined {
  const session: Session = { agent: 'OpenAI Codex', id: name.slice(-36), uses: [], edits: [] };
  let meta = false;
  let model: string | undefined;
  for (const line of jsonLines(text, (why) => log(`session-log: a line of Codex's ${name} is left out: ${why}`))) {
    if (!isRecord(line) || !isRecord(line.payload)) continue;
    const { type, payload } = line;
    const time = timeOf(line.timestamp);
    if (time !== undefined) session.last = Math.max(time, session.last ?? 0);
    if (type === 'session_meta' || type === 'turn_context') {
      meta ||= type === 'session_meta';
      session.id = (type === 'session_meta' && textOf(payload.id)) || session.id;
      session.cwd = textOf(payload.cwd) ?? session.cwd;
      model = modelId(payload.model) ?? model;
      if (type === 'turn_context' && model !== undefined) session.uses.push({ model, time });
    } else if (type === 'response_item') {
      for (const path of patched(payload)) session.edits.push({ path, model, time });
    }
  }
  return meta || session.cwd !== undefined ? session : undefined;
}

/** The files that a call of `apply_patch` changes: as a tool of its own, a function, or a command. */
function patched(item: Record<string, unknown>): string[] {
  const text =
    item.type === 'custom_tool_call' ? item.input : item.type === 'function_call' ? item.arguments : undefined;
  if (typeof text !== 'string' || !text.includes('*** Begin Patch')) return [];
  // In a function's arguments the patch is a JSON string within.
  const patch = item.type === 'function_call' ? text.replaceAll('\\n', '\n').replaceAll('\\"', '"') : text;
  const files = [...patch.matchAll(/^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm)];
  return files.map(([, file]) => (file ?? '').trim()).filter((file) => file !== '');
}
