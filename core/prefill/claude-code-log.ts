/**
 * Session logs of Claude Code: `projects/FOLDER/SESSION.jsonl` in `~/.claude` or `CLAUDE_CONFIG_DIR`,
 * and those of its subagents in `projects/FOLDER/SESSION/subagents/`; FOLDER is the working folder with
 * every character but letters and digits as a hyphen.
 *
 * Where they lie: https://code.claude.com/docs/en/hooks (transcript_path). The lines, as programs that read them
 * know them: https://github.com/git-ai-project/git-ai/blob/main/src/streams/agents/claude.rs with its
 * samples in tests/fixtures, https://github.com/skillsynchq/txcript/blob/main/docs/formats/claude-code.md
 */
import { basename, dirname, join } from 'node:path';
import { isRecord, records } from '../plain-data.ts';
import { jsonLines, readTail } from './json-lines.ts';
import { filesIn, namesIn, writtenSince } from './log-files.ts';
import { modelId } from './model-id.ts';
import { type LogFinder, type Session, textOf, timeOf } from './session.ts';

/** Bytes that are read, from a log's end. */
const maxLog = 1_000_000;

/** Longer folder names end in a hash. */
const maxFolderName = 200;

const editors = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);

export const claudeCodeLogs: LogFinder = async ({ home, environment, root, since, log }) => {
  const projects = join(environment.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'projects');
  const start = root
    .replace(/[^A-Za-z0-9]/g, '-')
    .slice(0, maxFolderName)
    .toLowerCase();
  const folders = (await namesIn(projects)).filter((name) => name.toLowerCase().startsWith(start));
  const isLog = (name: string) => name.endsWith('.jsonl');
  const paths = folders.map((name) => join(projects, name));
  const sessions = await filesIn(paths, isLog);
  const subagents = await filesIn(
    sessions.map((file) => join(dirname(file), basename(file, '.jsonl'), 'subagents')),
    isLog,
  );
  return (await writtenSince([...sessions, ...subagents], since)).map((found) => ({
    ...found,
    read: async () => {
      const text = await readTail(found.file, maxLog);
      return text === undefined ? undefined : sessionOf(text, basename(found.file, '.jsonl'), log);
    },
  }));
};

function sessionOf(text: string, name: string, log: (text: string) => void): Session | undefined {
  const session: Session = { agent: 'Claude Code', id: name, uses: [], edits: [] };
  let lines = 0;
  for (const line of jsonLines(text, (why) =>
    log(`session-log: a line of Claude Code's ${name} is left out: ${why}`),
  )) {
    if (!isRecord(line)) continue;
    lines++;
    session.id = textOf(line.sessionId) ?? session.id;
    session.cwd = textOf(line.cwd) ?? session.cwd;
    session.title =
      textOf(line.type === 'summary' ? line.summary : line.type === 'custom-title' ? line.customTitle : line.aiTitle) ??
      session.title;
    const time = timeOf(line.timestamp);
    if (time !== undefined) session.last = Math.max(time, session.last ?? 0);
    if (line.type !== 'assistant' || !isRecord(line.message)) continue;
    const model = modelId(line.message.model);
    if (model !== undefined) session.uses.push({ model, time });
    for (const { type, name: tool, input } of records(line.message.content)) {
      if (type !== 'tool_use' || typeof tool !== 'string' || !editors.has(tool) || !isRecord(input)) continue;
      const path = textOf(input.file_path) ?? textOf(input.notebook_path);
      if (path !== undefined) session.edits.push({ path, model, time });
    }
  }
  return lines === 0 ? undefined : session;
}
