/**
 * Agents by the identities and marks that the policy data (`evidence`) lists, as the default pack's
 * policies/evidence.rego and people.rego find them, for prefill. Policies decide; a test holds this
 * against the pack.
 */
import { type Home, isRecord, records, texts } from '../disclosure/home.ts';
import { readDocument } from '../yaml-document.ts';

export interface AgentIdentities {
  agents: { name: string; keys: ReadonlySet<string>; patterns: RegExp[] }[];
  /** Keys of trailers that name a person, in lower case. */
  personTrailers: ReadonlySet<string>;
  /** Trailers that alone show AI use. */
  trailers: { key: string; name: string; pattern?: RegExp }[];
  /** Texts that agents leave; lower case. */
  marks: { name: string; text: string; pattern?: RegExp }[];
}

/** The identities that the repository's data lists, or the built-in pack's where it lists none. */
export async function agentsOf({ data }: Pick<Home, 'data'>): Promise<AgentIdentities> {
  return identities(isRecord(data.evidence) ? data.evidence : await packEvidence());
}

async function packEvidence(): Promise<Record<string, unknown>> {
  const { packFiles } = await import('../policies/load.ts');
  const file = (await packFiles()).find(({ path }) => path === 'data/evidence.yaml');
  const { value } = readDocument('evidence.yaml', Buffer.from(file?.bytes ?? []).toString('utf8'));
  return isRecord(value) && isRecord(value.evidence) ? value.evidence : {};
}

function identities(evidence: Record<string, unknown>): AgentIdentities {
  return {
    agents: records(evidence.agents).map((agent) => ({
      name: String(agent.name ?? ''),
      keys: new Set([
        ...texts(agent.emails).map((text) => `email:${text.toLowerCase()}`),
        ...texts(agent.logins).map((text) => `login:${text.toLowerCase()}`),
        ...texts(agent.names).map((text) => `name:${text.toLowerCase()}`),
      ]),
      patterns: texts(agent.name_patterns).flatMap((source) => expression(source) ?? []),
    })),
    personTrailers: new Set(texts(evidence.person_trailers).map((key) => key.toLowerCase())),
    trailers: records(evidence.trailers).flatMap(({ key, name, pattern }) =>
      typeof key === 'string' ? withPattern({ key: key.toLowerCase(), name: String(name ?? key) }, pattern) : [],
    ),
    marks: records(evidence.marks).flatMap(({ name, text, pattern }) =>
      typeof text === 'string' ? withPattern({ name: String(name ?? text), text: text.toLowerCase() }, pattern) : [],
    ),
  };
}

/** Nothing when there is a pattern that cannot be used: the entry would be found too often without it. */
function withPattern<T extends object>(entry: T, pattern: unknown): (T & { pattern?: RegExp })[] {
  if (typeof pattern !== 'string') return [entry];
  const usable = expression(pattern);
  return usable ? [{ ...entry, pattern: usable }] : [];
}

/**
 * The data's patterns are RE2's, which take linear time; here they would not, and the data is anyone's.
 * So those that could take long (a repeated group, many repetitions) are left to the policy.
 */
function expression(source: string): RegExp | undefined {
  const open = source.match(/[*+]|\{\d*,\d*\}/g)?.length ?? 0;
  if (source.length > 500 || open > 3 || /\)[*+{]|\\[1-9]/.test(source)) return undefined;
  try {
    return new RegExp(source);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Names longer than this are no agent's. */
const maxName = 200;

/** The agent that a person's text (`Name <address>`, an address, `@login`, a name) means; undefined for people. */
export function agentOf({ agents }: AgentIdentities, person: string): string | undefined {
  if (person.length > maxName) return undefined;
  const keys = keysOf(person);
  const found = agents.filter((agent) => keys.some((key) => agent.keys.has(key))).map(({ name }) => name) ?? [];
  if (found.length > 0) return found.sort()[0];
  return keys
    .filter((key) => key.startsWith('name:'))
    .flatMap((key) => agents.filter(({ patterns }) => patterns.some((one) => one.test(key.slice('name:'.length)))))
    .map(({ name }) => name)
    .sort()[0];
}

function keysOf(text: string): string[] {
  const named = /^\s*"?([^<"]*?)"?\s*<\s*([^<>\s]*)\s*>\s*$/.exec(text);
  if (named) return [...nameKeys(named[1] ?? ''), ...emailKeys(named[2] ?? '')];
  if (/^\s*[^@\s]+@[^@\s]+\s*$/.test(text)) return emailKeys(text);
  if (/^\s*@\S+\s*$/.test(text))
    return [
      `login:${text
        .trim()
        .toLowerCase()
        .replace(/^@/, '')
        .replace(/\[bot\]$/, '')}`,
    ];
  return nameKeys(text);
}

function nameKeys(text: string): string[] {
  const name = text.trim().toLowerCase();
  if (name === '') return [];
  if (name.endsWith('[bot]')) return [`name:${name}`, `login:${name.slice(0, -'[bot]'.length)}`];
  return [`name:${name.split(/ +/).join(' ')}`];
}

function emailKeys(text: string): string[] {
  const email = text.trim().toLowerCase();
  if (email === '') return [];
  const hosted = /^(?:[0-9]+[+-])?([^@]+)@users\.noreply\.(?:github|gitlab)\.com$/.exec(email);
  return [`email:${email}`, ...(hosted ? [`login:${(hosted[1] ?? '').replace(/\[bot\]$/, '')}`] : [])];
}

/** Families whose models are called by the family's name and a version. */
const families = /^(?:claude|gpt|o[1-9]|gemini|grok|qwen|deepseek|llama|mistral|devstral|codestral|kimi|glm)(?![a-z])/;

/**
 * The model that an agent's name tells, as model names are commonly written: `Claude Opus 4.6 (1M context)` is
 * `claude-opus-4.6`, `aider (openai/gpt-5)` is `openai/gpt-5`. Undefined when the name tells an agent
 * (`Claude`, `Claude Code 2.1`, `Codex`): nothing is made up.
 */
export function modelOfName(name: string): string | undefined {
  const text = name.slice(0, maxName).trim().toLowerCase();
  const aider = /^aider \(([^()]+)\)$/.exec(text)?.[1];
  const bare = (aider ?? text.replace(/\s*\([^()]*\)\s*$/, '')).trim();
  const id = bare.replace(/\s+/g, '-');
  const model = id.slice(id.lastIndexOf('/') + 1);
  if (!/^[a-z0-9][a-z0-9._:/-]*$/.test(id) || /(?:^|-)(?:code|cli|agent|assist|action|bot)(?:-|$)/.test(model)) {
    return undefined;
  }
  return families.test(model) && /\d/.test(model) ? id : undefined;
}
