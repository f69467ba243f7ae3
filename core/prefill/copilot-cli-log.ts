/**
 * Session logs of GitHub Copilot CLI: `session-state/SESSION/events.jsonl` in `~/.copilot` or `COPILOT_HOME`.
 *
 * Where they lie: https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-config-dir-reference;
 * the events: https://docs.rs/vct-core/latest/vct_core/models/copilot/, and samples in
 * https://github.com/git-ai-project/git-ai/tree/main/tests/fixtures
 */
import { basename, dirname, join } from 'node:path';
import { isRecord } from '../plain-data.ts';
import { firstText, jsonLines, readEnds } from './json-lines.ts';
import { namesIn, writtenSince } from './log-files.ts';
import { modelId } from './model-id.ts';
import { type LogFinder, type Session, textOf, timeOf } from './session.ts';

const maxLog = 1_000_000;
/** The first event tells where the session works, one of the next the model. */
const maxStart = 65_536;

const editors = new Set(['create', 'edit', 'str_replace', 'str_replace_editor', 'insert', 'write']);

export const copilotCliLogs: LogFinder = async ({ home, environment, since, log }) => {
  const state = join(environment.COPILOT_HOME || join(home, '.copilot'), 'session-state');
  const files = (await namesIn(state)).map((name) => join(state, name, 'events.jsonl'));
  return (await writtenSince(files, since)).map((found) => ({
    ...found,
    cwd: () => firstText(found.file, 'cwd', maxStart),
    read: async () => {
      const text = await readEnds(found, maxStart, maxLog);
      return text === undefined ? undefined : sessionOf(text, basename(dirname(found.file)), log);
    },
  }));
};

function sessionOf(text: string, name: string, log: (text: string) => void): Session | undefined {
  const session: Session = { agent: 'GitHub Copilot CLI', id: name, uses: [], edits: [] };
  let started = false;
  let model: string | undefined;
  for (const event of jsonLines(text, (why) =>
    log(`session-log: a line of Copilot CLI's ${name} is left out: ${why}`),
  )) {
    if (!isRecord(event) || !isRecord(event.data)) continue;
    const { type, data } = event;
    const time = timeOf(event.timestamp);
    if (time !== undefined) session.last = Math.max(time, session.last ?? 0);
    if (type === 'session.start' || type === 'session.resume') {
      started = true;
      const context = isRecord(data.context) ? data.context : {};
      session.cwd = textOf(context.cwd) ?? textOf(context.gitRoot) ?? session.cwd;
      model = modelId(data.selectedModel) ?? model;
    } else if (type === 'session.model_change') {
      model = modelId(data.newModel) ?? model;
    } else if (type === 'assistant.message') {
      model = modelId(data.model) ?? model;
      if (model !== undefined) session.uses.push({ model, time });
    } else if (type === 'tool.execution_start' && editors.has(String(data.toolName)) && isRecord(data.arguments)) {
      // The many-faced editor also views.
      if (data.arguments.command === 'view') continue;
      const path = textOf(data.arguments.path) ?? textOf(data.arguments.file_path);
      if (path !== undefined) session.edits.push({ path, model, time });
    }
  }
  return started ? session : undefined;
}
