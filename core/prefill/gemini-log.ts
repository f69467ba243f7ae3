/**
 * Session logs of Gemini CLI: `tmp/PROJECT/chats/session-*.json` (one document) or `.jsonl` (a header, a
 * message a line, `$set` patches) in `~/.gemini`. PROJECT is a name whose folder has the project's path
 * in `.project_root`, or, of old, the SHA-256 of that path.
 *
 * https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/session-management.md,
 * packages/core/src/services/chatRecordingTypes.ts and packages/core/src/config/projectRegistry.ts there
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { isRecord, records } from '../plain-data.ts';
import { jsonLines, readTail } from './json-lines.ts';
import { filesIn, namesIn, writtenSince } from './log-files.ts';
import { modelId } from './model-id.ts';
import { type LogFinder, type Session, textOf, timeOf } from './session.ts';

const maxLog = 4_000_000;

const editors = new Set(['replace', 'write_file', 'edit']);

export const geminiLogs: LogFinder = async ({ home, environment, root, since, log }) => {
  const folder = join(environment.GEMINI_CLI_HOME || home, '.gemini', 'tmp');
  const hash = createHash('sha256').update(root).digest('hex');
  const projects = await Promise.all(
    (await namesIn(folder)).map(async (name) => {
      const marked = (await readTail(join(folder, name, '.project_root'), 4096))?.trim();
      return { name, cwd: marked ?? (name === hash ? root : undefined) };
    }),
  );
  const logs = await Promise.all(
    projects.map(async ({ name, cwd }) => {
      if (cwd === undefined) return [];
      const isLog = (file: string) => /^session-.*\.jsonl?$/.test(file);
      const files = await filesIn([join(folder, name, 'chats')], isLog);
      return (await writtenSince(files, since)).map((found) => ({
        ...found,
        read: async () => {
          const text = await readTail(found.file, maxLog);
          return text === undefined ? undefined : sessionOf(text, found.file, cwd, log);
        },
      }));
    }),
  );
  return logs.flat();
};

function sessionOf(text: string, file: string, cwd: string, log: (text: string) => void): Session | undefined {
  const name = basename(file);
  const session: Session = { agent: 'Gemini CLI', id: name.replace(/\.jsonl?$/, ''), cwd, uses: [], edits: [] };
  const skipped = (why: string) => log(`session-log: a part of Gemini CLI's ${name} is left out: ${why}`);
  const lines = file.endsWith('.jsonl') ? [...jsonLines(text, skipped)] : whole(text, skipped);
  let known = 0;
  for (const line of lines.filter(isRecord)) {
    const record = isRecord(line.$set) ? line.$set : line;
    session.id = textOf(record.sessionId) ?? session.id;
    session.title = textOf(record.summary) ?? session.title;
    if (record.sessionId !== undefined || record.type !== undefined || record !== line) known++;
    for (const message of [record, ...records(record.messages)]) addMessage(session, message);
  }
  return known === 0 ? undefined : session;
}

/** A document that was cut off, or is being written, cannot be read. */
function whole(text: string, skipped: (why: string) => void): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    skipped('no JSON, or too large');
    return [];
  }
}

function addMessage(session: Session, message: Record<string, unknown>): void {
  const time = timeOf(message.timestamp) ?? timeOf(message.lastUpdated);
  if (time !== undefined) session.last = Math.max(time, session.last ?? 0);
  if (message.type !== 'gemini') return;
  const model = modelId(message.model);
  if (model !== undefined) session.uses.push({ model, time });
  for (const { name, args } of records(message.toolCalls)) {
    const path = typeof name === 'string' && editors.has(name) && isRecord(args) ? textOf(args.file_path) : undefined;
    if (path !== undefined) session.edits.push({ path, model, time });
  }
}
