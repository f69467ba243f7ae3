/**
 * Transcripts of Cursor's agent: `projects/FOLDER/agent-transcripts/…/SESSION.jsonl` in `~/.cursor` or
 * `CURSOR_CONFIG_DIR`; FOLDER is the working folder with hyphens for all but letters and digits, without
 * one at its start. They have no times and no models; the file's own time stands in. Cursor's other
 * stores are SQLite databases of undocumented form, and are left alone.
 *
 * https://github.com/git-ai-project/git-ai/blob/main/src/streams/agents/cursor.rs and its samples;
 * https://github.com/getagentseal/codeburn/blob/master/docs/providers/cursor-agent.md
 */
import { basename, join } from 'node:path';
import { isRecord, records } from '../plain-data.ts';
import { jsonLines, readTail } from './json-lines.ts';
import { filesIn, namesIn, writtenSince } from './log-files.ts';
import { type LogFinder, type Session, textOf } from './session.ts';

const maxLog = 1_000_000;

const editors = new Set(['Write', 'Edit', 'StrReplace', 'MultiEdit', 'Delete', 'EditNotebook']);

export const cursorLogs: LogFinder = async ({ home, environment, root, since, log }) => {
  const projects = join(environment.CURSOR_CONFIG_DIR || join(home, '.cursor'), 'projects');
  const transcripts = (await namesIn(projects))
    .filter((name) => plain(name) === plain(root))
    .map((name) => join(projects, name, 'agent-transcripts'));
  const folders = await filesIn(transcripts, (name) => !name.includes('.'));
  const files = await filesIn([...transcripts, ...folders], (name) => name.endsWith('.jsonl'));
  return (await writtenSince(files, since)).map((found) => ({
    ...found,
    read: async () => {
      const text = await readTail(found.file, maxLog);
      return text === undefined ? undefined : sessionOf(text, found.file, found.modified, root, log);
    },
  }));
};

/** How a folder is called there, but for the number of hyphens. */
function plain(path: string): string {
  return path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function sessionOf(
  text: string,
  file: string,
  modified: number,
  cwd: string,
  log: (text: string) => void,
): Session | undefined {
  const name = basename(file, '.jsonl');
  const session: Session = { agent: 'Cursor', id: name, cwd, uses: [], edits: [], last: modified };
  let lines = 0;
  for (const line of jsonLines(text, (why) => log(`session-log: a line of Cursor's ${name} is left out: ${why}`))) {
    if (!isRecord(line) || !isRecord(line.message)) continue;
    lines++;
    if (line.role !== 'assistant') continue;
    for (const { type, name: tool, input } of records(line.message.content)) {
      const edits = type === 'tool_use' && editors.has(String(tool)) && isRecord(input);
      const path = edits ? (textOf(input.path) ?? textOf(input.file_path)) : undefined;
      if (path !== undefined) session.edits.push({ path, time: modified });
    }
  }
  return lines === 0 ? undefined : session;
}
