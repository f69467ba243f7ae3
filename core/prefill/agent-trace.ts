/**
 * What Agent Trace files record of the staged files: https://agent-trace.dev (0.1.0; the record's
 * schema is in https://github.com/cursor/agent-trace/blob/main/schemas.ts). The specification leaves
 * open where records are kept; its reference implementation keeps them, one a line, in
 * `.agent-trace/traces.jsonl`: https://github.com/cursor/agent-trace/blob/main/reference/trace-store.ts
 */
import { isAbsolute, join } from 'node:path';
import type { Known, KnownValue } from '../disclosure/known.ts';
import { isRecord, records } from '../plain-data.ts';
import { timestampOf } from '../timestamp.ts';
import { jsonLines, readTail } from './json-lines.ts';
import { modelId } from './model-id.ts';
import { pathInside } from './paths.ts';
import type { Situation } from './situation.ts';

const tracesFile = '.agent-trace/traces.jsonl';

/** Bytes that are read, from the file's end: the newest records. */
const maxTraces = 4_000_000;

export async function readAgentTrace({ repository, openSince, log, ...situation }: Situation): Promise<Known> {
  const known: Known = { values: [], evidence: [] };
  const text = await readTail(join(repository.root, tracesFile), maxTraces);
  if (text === undefined) return known;
  const until = (await situation.until()).getTime();
  const seen = new Set<string>();
  for (const record of jsonLines(text, (why) => log(`agent-trace: a line of ${tracesFile} is left out: ${why}`))) {
    if (!isRecord(record)) continue;
    const time = typeof record.timestamp === 'string' ? Date.parse(record.timestamp) : Number.NaN;
    if (Number.isNaN(time) || time > until) continue;
    const tool = isRecord(record.tool) && typeof record.tool.name === 'string' ? record.tool.name : 'an agent';
    for (const file of records(record.files)) {
      const path = await pathOf(repository.root, file.path);
      const since = path === undefined ? undefined : await openSince(path);
      if (path === undefined || since === undefined || time < since.getTime()) continue;
      const models = modelsOf(file);
      if (!models) continue;
      const detail = `${named(tool)} changed ${path}`;
      for (const model of models.size > 0 ? models : [undefined]) {
        const key = `${detail}\0${model}`;
        if (seen.has(key)) continue;
        seen.add(key);
        known.evidence.push({ source: 'agent-trace', detail, ...(model !== undefined && { model }) });
        if (model !== undefined) known.values.push(value('model', model, `${tracesFile}, for ${path}`));
      }
      const when = timestampOf(time);
      known.values.push(value('timestamp', when, `${tracesFile}, for ${path}`));
    }
  }
  return known;
}

async function pathOf(root: string, path: unknown): Promise<string | undefined> {
  if (typeof path !== 'string' || path === '') return undefined;
  return isAbsolute(path) ? pathInside(root, path) : path.replaceAll('\\', '/').replace(/^\.\//, '');
}

/** The models that contributed to a file; undefined when no AI did. */
function modelsOf(file: Record<string, unknown>): Set<string> | undefined {
  const contributors = records(file.conversations).flatMap((conversation) => {
    const ranges = records(conversation.ranges);
    // A range's own contributor stands in for the conversation's.
    return ranges.length === 0
      ? [conversation.contributor]
      : ranges.map((range) => range.contributor ?? conversation.contributor);
  });
  const artificial = contributors.filter(isRecord).filter(({ type }) => type === 'ai' || type === 'mixed');
  if (artificial.length === 0) return undefined;
  return new Set(artificial.flatMap(({ model_id }) => modelId(model_id) ?? []));
}

function named(tool: string): string {
  return tool === 'unknown' ? 'an agent' : tool.slice(0, 64);
}

function value(field: string, text: string, detail: string): KnownValue {
  return { field, value: text, source: 'agent-trace', certainty: 'recorded', detail };
}
