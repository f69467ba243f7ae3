/**
 * Who is an agent, by the policy data's `evidence.agents`, for reading and stamping co-author lines:
 * as the default pack's policies/evidence.rego and people.rego judge it. A test holds this against the pack.
 */
import { isRecord, records, texts } from '../plain-data.ts';

/** A program that commits or is named as co-author; plain data. All but `name` in lower case. */
export interface Agent {
  /** As people call it. */
  name: string;
  emails: readonly string[];
  /** At the code host, without `[bot]`. */
  logins: readonly string[];
  names: readonly string[];
  /** Regular expressions that are found in the lower-cased name of one that carries its model or version. */
  patterns: readonly string[];
}

/** The agents that policy data names; none where it says nothing of them. The data may be of any shape. */
export function agentsOf(data: Record<string, unknown>): Agent[] {
  const { evidence } = data;
  if (!isRecord(evidence)) return [];
  return records(evidence.agents).flatMap((agent): Agent[] => {
    if (typeof agent.name !== 'string') return [];
    return [
      {
        name: agent.name,
        emails: texts(agent.emails).map(lower),
        logins: texts(agent.logins).map(lower),
        names: texts(agent.names).map(lower),
        patterns: texts(agent.name_patterns).filter((pattern) => expression(pattern) !== undefined),
      },
    ];
  });
}

/**
 * The agent that a text such as `Claude <noreply@anthropic.com>` names; undefined when it is none.
 * An address says more than a name.
 */
export function agentNamed(text: string, agents: readonly Agent[]): Agent | undefined {
  const { name, email } = partsOf(text.slice(0, maxLength));
  const login = loginOf(name, email);
  return (
    agents.find((agent) => agent.emails.includes(email) || (login !== undefined && agent.logins.includes(login))) ??
    agents.find(
      (agent) =>
        name !== '' && (agent.names.includes(name) || agent.patterns.some((one) => expression(one)?.test(name))),
    )
  );
}

/** Longer texts are looked at up to here; no name is as long. */
const maxLength = 300;

function partsOf(text: string): { name: string; email: string } {
  const named = /^\s*"?([^<"]*?)"?\s*<\s*([^<>\s]*)\s*>\s*$/.exec(text);
  const bare = /^\s*([^@\s]+@[^@\s]+)\s*$/.exec(text);
  const name = named ? (named[1] ?? '') : bare ? '' : text;
  return { name: lower(name).split(/\s+/).filter(Boolean).join(' '), email: lower(named?.[2] ?? bare?.[1] ?? '') };
}

/** `name[bot]`, `@name`, or the address that a code host gives out for a login. */
function loginOf(name: string, email: string): string | undefined {
  const hosted = /^(?:[0-9]+[+-])?([^@]+)@users\.noreply\.(?:github|gitlab)\.com$/.exec(email)?.[1];
  const login = hosted ?? (name.endsWith('[bot]') || /^@\S+$/.test(name) ? name.replace(/^@/, '') : undefined);
  return login?.replace(/\[bot\]$/, '');
}

/**
 * A pattern that JavaScript and RE2 read alike and that cannot take exponential time: no groups that
 * repeat, few repetitions. Others are left out: then the line is no disclosure, and the policy says so.
 */
function expression(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) expressions.set(pattern, compiled(pattern));
  return expressions.get(pattern);
}

const expressions = new Map<string, RegExp | undefined>();

function compiled(pattern: string): RegExp | undefined {
  const parts = pattern.match(token) ?? [];
  if (parts.join('') !== pattern) return undefined;
  const loops = parts.filter((part) => /^[*+{]/.test(part)).length;
  const groupLoops = parts.some((part, at) => /^[*+{]/.test(part) && parts[at - 1] === ')');
  if (loops > 4 || groupLoops) return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The parts of such a pattern: escapes, classes, groups, repetitions, plain characters. */
const token =
  /\\[bdws.$^|()[\]{}*+?/-]|\[\^?[^\\\][]+\]|\(\?:|[()|^$]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[^\\[\](){}*+?|^$]/gu;

function lower(text: string): string {
  return text.trim().toLowerCase();
}
