/** What the message itself says: a disclosure that is already in it, and agents' co-author lines and marks. */
import type { Known, KnownValue } from '../disclosure/known.ts';
import { readDisclosure } from '../disclosure/read.ts';
import { cutAtScissors } from '../git/message-file.ts';
import { commentPrefix } from '../git/staged.ts';
import type { Evidence } from '../input.ts';
import { parseTrailers } from '../trailers/parse.ts';
import { type AgentIdentities, agentOf, agentsOf, modelOfName } from './agents.ts';
import type { Situation } from './situation.ts';

export async function readFromMessage({ repository, home, message }: Situation): Promise<Known> {
  if (message.trim() === '') return { values: [], evidence: [] };
  const prefix = await commentPrefix(repository, message);
  return knownOfMessage(message, prefix, home.config, await agentsOf(home));
}

/** The same of any message, such as another commit's. */
export function knownOfMessage(
  message: string,
  prefix: string,
  config: Parameters<typeof readDisclosure>[1],
  identities: AgentIdentities,
): Known {
  const text = cutAtScissors(message, prefix);
  const { trailers } = parseTrailers(text, { commentPrefix: prefix });
  const values: KnownValue[] = Object.entries(readDisclosure(trailers, config) ?? {}).flatMap(([field, all]) =>
    all
      .filter((value) => value !== '')
      .map((value) => ({
        field,
        value,
        source: 'message' as const,
        certainty: 'recorded' as const,
        detail: `${config.trailers[field]} in the message`,
      })),
  );
  const traces = tracesOf(text, prefix, identities);
  for (const { model, detail, recorded } of traces) {
    if (model === undefined) continue;
    values.push({
      field: 'model',
      value: model,
      source: 'message',
      certainty: recorded ? 'recorded' : 'inferred',
      detail: `${detail} in the message`,
    });
  }
  const evidence: Evidence[] = traces.map(({ model, detail }) => ({
    source: 'message',
    detail,
    ...(model !== undefined && { model }),
  }));
  return { values, evidence };
}

interface Trace {
  detail: string;
  model?: string;
  /** The line is made to name the model; else the model follows from an agent's name. */
  recorded?: boolean;
}

/** Longer lines are looked at up to here. */
const maxLine = 500;

/** What agents left in a message, wherever it stands: squash merges put such lines above the last block. */
function tracesOf(text: string, prefix: string, identities: AgentIdentities): Trace[] {
  const lines = text.split('\n').filter((line) => !line.startsWith(prefix));
  const traces = lines.flatMap((line) => traceOfLine(line.slice(0, maxLine), identities) ?? []);
  const whole = lines.join('\n').toLowerCase();
  for (const { name, text: mark, pattern } of identities.marks) {
    if (whole.includes(mark) && (pattern?.test(whole) ?? true)) traces.push({ detail: name });
  }
  const once = new Map(traces.map((trace) => [trace.detail, trace]));
  return [...once.values()];
}

function traceOfLine(line: string, identities: AgentIdentities): Trace | undefined {
  const [, key = '', value = ''] = /^[\s>*•+-]*([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*?)\s*$/.exec(line) ?? [];
  const lower = key.toLowerCase();
  if (value === '') return undefined;
  if (identities.personTrailers.has(lower)) {
    if (agentOf(identities, value) === undefined) return undefined;
    const model = modelOfName(value.replace(/<[^<>]*>\s*$/, ''));
    return { detail: `${key}: ${value}`, ...(model !== undefined && { model }) };
  }
  const known = identities.trailers.find((trailer) => trailer.key === lower);
  // A disclosure's own trailer above the last block is `core/disclosure/ignored.ts`'s to tell of.
  if (!known || lower === 'ai-model' || !(known.pattern?.test(value.toLowerCase()) ?? true)) return undefined;
  // The kernel's: `Assisted-by: AGENT_NAME:MODEL_VERSION [TOOL…]`, https://docs.kernel.org/process/coding-assistants.html
  const assisted = lower === 'assisted-by' ? /^[^\s:]+:([^\s[\]]+)(?:\s|$)/.exec(value)?.[1] : undefined;
  const model = assisted ?? modelOfName(value.replace(/<[^<>]*>\s*$/, ''));
  const detail = `${key}: ${value}`;
  return model === undefined ? { detail } : { detail, model, recorded: assisted !== undefined };
}
