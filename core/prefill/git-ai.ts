/**
 * What git-ai recorded: authorship logs in notes of commits, and its working log of what is not
 * committed yet.
 *
 * Notes: https://github.com/git-ai-project/git-ai/blob/main/specs/git_ai_standard_v3.0.0.md
 * (refs/notes/ai, `authorship/3.0.0`: lines of files and attestations, `---`, then JSON).
 * Working log: https://github.com/git-ai-project/git-ai/blob/main/src/git/repo_storage.rs and
 * https://github.com/git-ai-project/git-ai/blob/main/src/authorship/working_log.rs
 * (`ai/working_logs/BASE/checkpoints.jsonl` in the git folder, `checkpoint/1.0.0`; and `INITIAL`).
 */
import { join } from 'node:path';
import type { Known, KnownValue } from '../disclosure/known.ts';
import { readNotes } from '../git/notes.ts';
import type { Evidence } from '../input.ts';
import { isRecord, records } from '../plain-data.ts';
import { timestampOf } from '../timestamp.ts';
import { jsonLines, readTail } from './json-lines.ts';
import { namesIn } from './log-files.ts';
import { modelId } from './model-id.ts';
import type { Situation } from './situation.ts';

/** Where git-ai keeps its notes. */
export const gitAiNotes = 'refs/notes/ai';

/** An AI session that wrote lines of a commit. */
export interface GitAiSession {
  /** Such as `cursor`. */
  tool: string;
  /** As git-ai has it; absent where it knows none. */
  model?: string;
  /** The lines of the commit that it wrote. */
  lines: number;
  files: string[];
}

/**
 * The sessions that a note says have lines in the commit, those with most lines first. A session of
 * which no line is left counts for nothing; a note of another format has none.
 */
export function parseGitAiNote(note: string): GitAiSession[] {
  const lines = note.split(/\r?\n/);
  const divider = lines.indexOf('---');
  if (divider < 0) return [];
  const metadata = parsed(lines.slice(divider + 1).join('\n'));
  if (!isRecord(metadata) || !/^authorship\/3\./.test(String(metadata.schema_version))) return [];
  const sessions = new Map<string, GitAiSession>();
  let file = '';
  for (const line of lines.slice(0, divider)) {
    const entry = /^ {2}(\S+) ([\d,-]+)$/.exec(line);
    if (!entry) {
      file = line.replace(/^"(.*)"$/, '$1');
      continue;
    }
    const [, key = '', ranges = ''] = entry;
    // `s_…::t_…` is a session with its trace; anything else a prompt of old, or a person (`h_…`), who is neither.
    const id = key.split('::')[0] ?? '';
    const group = id.startsWith('s_') ? metadata.sessions : metadata.prompts;
    const agent = agentIdOf(entryOf(group, id));
    if (!agent) continue;
    const name = `${agent.tool}\0${agent.model ?? ''}`;
    const session = sessions.get(name) ?? { ...agent, lines: 0, files: [] };
    session.lines += lineCount(ranges);
    if (!session.files.includes(file)) session.files.push(file);
    sessions.set(name, session);
  }
  return [...sessions.values()].sort((one, other) => other.lines - one.lines);
}

/** What a note of git-ai on a commit shows, for `Commit.evidence`. */
export function gitAiEvidence(note: string): Evidence[] {
  return parseGitAiNote(note).map(({ tool, model, lines, files }) => ({
    source: 'git-ai',
    detail: `${tool} wrote ${lines} ${lines === 1 ? 'line' : 'lines'} in ${files.length === 1 ? files[0] : `${files.length} files`}`,
    ...(model !== undefined && { model }),
  }));
}

/** The models of what is not committed yet, and of the commits whose work the new one takes over. */
export async function readGitAi(situation: Situation): Promise<Known> {
  const [working, notes] = await Promise.all([readWorkingLog(situation), readReplaced(situation)]);
  return { values: [...working.values, ...notes.values], evidence: [...working.evidence, ...notes.evidence] };
}

async function readReplaced({ repository, replaces }: Situation): Promise<Known> {
  const commits = await replaces();
  const known: Known = { values: [], evidence: [] };
  if (commits.length === 0) return known;
  for (const [commit, note] of await readNotes(repository, gitAiNotes, commits)) {
    const at = `note of git-ai on ${commit.slice(0, 10)}`;
    for (const { source, detail, model } of gitAiEvidence(note)) {
      known.evidence.push({ source, detail: `${detail} (${at})`, ...(model !== undefined && { model }) });
      if (model !== undefined) known.values.push(value('model', model, at));
    }
  }
  return known;
}

/** Bytes of a working log that are read, from its end. */
const maxLog = 4_000_000;

/** What git-ai saw in the work tree since HEAD's commit, and what it kept of commits that were undone (INITIAL). */
async function readWorkingLog({ repository, before, staged, log }: Situation): Promise<Known> {
  const { gitDir, commonDir } = repository;
  const linked = /[\\/]worktrees[\\/]([^\\/]+)$/.exec(gitDir)?.[1];
  const ai = linked === undefined ? join(commonDir, 'ai') : join(commonDir, 'ai', 'worktrees', linked);
  if ((await namesIn(join(ai, 'working_logs'))).length === 0) return { values: [], evidence: [] };
  const [head] = await before();
  const folder = join(ai, 'working_logs', head?.id ?? 'initial');
  const [checkpoints, initial] = await Promise.all([
    readTail(join(folder, 'checkpoints.jsonl'), maxLog),
    readTail(join(folder, 'INITIAL'), maxLog),
  ]);
  const known: Known = { values: [], evidence: [] };
  if (checkpoints === undefined && initial === undefined) return known;
  const paths = await staged();
  const seen = (agent: AgentId | undefined, files: readonly string[], time?: number) => {
    const [file] = files.filter((path) => paths.has(path));
    if (!agent || file === undefined) return;
    const { tool, model } = agent;
    const at = `git-ai's working log of ${file}`;
    known.evidence.push({ source: 'git-ai', detail: `${tool} changed ${file}`, ...(model !== undefined && { model }) });
    if (model !== undefined) known.values.push(value('model', model, at));
    if (time) known.values.push(value('timestamp', timestampOf(time * 1000), at));
  };
  const skipped = (why: string) => log(`git-ai: a line of the working log is left out: ${why}`);
  for (const checkpoint of jsonLines(checkpoints ?? '', skipped)) {
    if (!isRecord(checkpoint) || checkpoint.api_version !== 'checkpoint/1.0.0') continue;
    if (checkpoint.kind !== 'AiAgent' && checkpoint.kind !== 'AiTab') continue;
    const files = records(checkpoint.entries).map(({ file }) => String(file));
    seen(agentIdOf(checkpoint), files, seconds(checkpoint.timestamp));
  }
  const undone = parsed(initial ?? '');
  if (isRecord(undone) && isRecord(undone.files)) {
    for (const [file, lines] of Object.entries(undone.files)) {
      const authors = new Set(records(lines).map(({ author_id }) => String(author_id).split('::')[0] ?? ''));
      for (const id of authors) seen(agentIdOf(entryOf(undone.sessions, id) ?? entryOf(undone.prompts, id)), [file]);
    }
  }
  const once = new Map(known.evidence.map((one) => [`${one.detail}\0${one.model}`, one]));
  return { values: known.values, evidence: [...once.values()] };
}

/** Seconds since the epoch, when it is a time that there can be. */
function seconds(given: unknown): number | undefined {
  return typeof given === 'number' && given > 0 && given < 1e11 ? given : undefined;
}

interface AgentId {
  tool: string;
  model?: string;
}

function entryOf(group: unknown, id: string): unknown {
  return isRecord(group) && Object.hasOwn(group, id) ? group[id] : undefined;
}

function agentIdOf(holder: unknown): AgentId | undefined {
  const id = isRecord(holder) && isRecord(holder.agent_id) ? holder.agent_id : undefined;
  if (!id || typeof id.tool !== 'string') return undefined;
  const model = modelId(id.model);
  return { tool: id.tool.slice(0, 64), ...(model !== undefined && { model }) };
}

function value(field: string, text: string, detail: string): KnownValue {
  return { field, value: text, source: 'git-ai', certainty: 'recorded', detail };
}

/** How many lines `1-4,9,12-14` are. */
function lineCount(ranges: string): number {
  return ranges.split(',').reduce((sum, range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return sum + Math.max(0, to - from + 1);
  }, 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
