/**
 * What agents leave in a message, by the identities and marks that the policy data (`evidence`) lists,
 * as the default pack's policies/evidence.rego finds it, for prefill. Policies decide; a test holds
 * this against the pack.
 */
import { type Agent, agentNamed, agentsOf } from '../disclosure/agents.ts';
import type { Home } from '../disclosure/home.ts';
import { readLine } from '../disclosure/tool-lines.ts';
import { isRecord, records, texts } from '../plain-data.ts';

export interface KnownTraces {
  agents: readonly Agent[];
  /** Keys of trailers that name a person, in lower case. */
  personTrailers: ReadonlySet<string>;
  /** Trailers that alone show AI use. */
  trailers: { key: string; name: string; pattern?: RegExp }[];
  /** Texts that agents leave; lower case. */
  marks: { name: string; text: string; pattern?: RegExp }[];
}

/** The traces that the repository's data lists, or the built-in pack's where it lists none. */
export async function knownTraces({ data }: Pick<Home, 'data'>): Promise<KnownTraces> {
  const evidence = isRecord(data.evidence) ? data.evidence : await packEvidence();
  return {
    agents: agentsOf({ evidence }),
    personTrailers: new Set(texts(evidence.person_trailers).map((key) => key.toLowerCase())),
    trailers: records(evidence.trailers).flatMap(({ key, name, pattern }) =>
      typeof key === 'string' ? withPattern({ key: key.toLowerCase(), name: String(name ?? key) }, pattern) : [],
    ),
    marks: records(evidence.marks).flatMap(({ name, text, pattern }) =>
      typeof text === 'string' ? withPattern({ name: String(name ?? text), text: text.toLowerCase() }, pattern) : [],
    ),
  };
}

async function packEvidence(): Promise<Record<string, unknown>> {
  // Loaded only where it must be: most repositories have a list of their own.
  const [{ packFiles }, { readDocument }] = await Promise.all([
    import('../policies/load.ts'),
    import('../yaml-document.ts'),
  ]);
  const file = (await packFiles()).find(({ path }) => path === 'data/evidence.yaml');
  const { value } = readDocument('evidence.yaml', Buffer.from(file?.bytes ?? []).toString('utf8'));
  return isRecord(value) && isRecord(value.evidence) ? value.evidence : {};
}

/** Nothing when there is a pattern that cannot be used: the entry would be found too often without it. */
function withPattern<T extends object>(entry: T, pattern: unknown): (T & { pattern?: RegExp })[] {
  if (typeof pattern !== 'string') return [entry];
  const usable = expression(pattern);
  return usable ? [{ ...entry, pattern: usable }] : [];
}

/**
 * The data's patterns are RE2's, which take linear time; here they would not, and the data is anyone's.
 * So those that could take long (a repeated group, repetitions without end) are left to the policy.
 */
function expression(source: string): RegExp | undefined {
  if (source.length > 500 || /\)[*+{]|[^\\][*+]|\{|\\[1-9]/.test(source)) return undefined;
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export interface Trace {
  /** The line, or what the mark is. */
  detail: string;
  model?: string;
  /** The line is made to name the model; else the model follows from an agent's name. */
  recorded?: boolean;
}

/** Longer lines are looked at up to here. */
const maxLine = 500;

/**
 * The traces in a message, each once, wherever they stand: squash merges put such lines above the last
 * block.
 *
 * @param prefix what starts a comment
 */
export function tracesIn(message: string, prefix: string, known: KnownTraces): Trace[] {
  const lines = message.split(/\r?\n/).filter((line) => !line.startsWith(prefix));
  const traces = lines.flatMap((line) => traceIn(line.slice(0, maxLine), known) ?? []);
  const whole = lines.join('\n').toLowerCase();
  for (const { name, text, pattern } of known.marks) {
    if (whole.includes(text) && (pattern?.test(whole) ?? true)) traces.push({ detail: name });
  }
  return [...new Map(traces.map((trace) => [trace.detail, trace])).values()];
}

function traceIn(line: string, known: KnownTraces): Trace | undefined {
  const [, key = '', value = ''] = /^[\s>*•+-]*([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)$/.exec(line.trimEnd()) ?? [];
  if (value === '') return undefined;
  const name = key.toLowerCase();
  const detail = `${key}: ${value}`;
  const model = modelOfName(value.replace(/<[^<>]*>$/, ''));
  if (known.personTrailers.has(name)) {
    if (!agentNamed(value, known.agents)) return undefined;
    return model === undefined ? { detail } : { detail, model };
  }
  const trailer = known.trailers.find((one) => one.key === name);
  // A disclosure's own trailer above the last block is `core/disclosure/ignored.ts`'s to tell of.
  if (!trailer || name === 'ai-model' || !(trailer.pattern?.test(value.toLowerCase()) ?? true)) return undefined;
  const use = readLine('kernel', { key, value }, known.agents);
  if (use?.agent && use.model) return { detail, model: use.model, recorded: true };
  return model === undefined ? { detail } : { detail, model };
}

/** Families whose models are called by the family's name and a version. */
const families = /^(?:claude|gpt|o[1-9]|gemini|grok|qwen|deepseek|llama|mistral|devstral|codestral|kimi|glm)(?![a-z])/;

/**
 * The model that an agent's name tells, as model names are commonly written: `Claude Opus 4.6 (1M context)`
 * is `claude-opus-4.6`, `aider (openai/gpt-5)` is `openai/gpt-5`. Undefined when the name tells an agent
 * (`Claude`, `Claude Code 2.1`, `Codex`): nothing is made up.
 */
export function modelOfName(name: string): string | undefined {
  const text = name.slice(0, maxLine).trim().toLowerCase();
  const aider = /^aider \(([^()]+)\)$/.exec(text)?.[1];
  const id = (aider ?? text.replace(/ ?\([^()]*\)$/, '')).trim().replace(/\s+/g, '-');
  const model = id.slice(id.lastIndexOf('/') + 1);
  if (!/^[a-z0-9][a-z0-9._:/-]*$/.test(id) || /(?:^|-)(?:code|cli|agent|assist|action|bot)(?:-|$)/.test(model)) {
    return undefined;
  }
  return families.test(model) && /\d/.test(model) ? id : undefined;
}
