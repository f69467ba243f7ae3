/**
 * Lines of commit messages by which other projects disclose AI use: what they say, and how they are written.
 *
 * - `Assisted-by: AGENT_NAME:MODEL_VERSION [TOOL1] [TOOL2]`:
 *   https://docs.kernel.org/process/coding-assistants.html
 * - `Generated-by: …`: https://www.apache.org/legal/generative-tooling.html; with `Assisted-By: …` beside it, and a
 *   tool's name with its model's: https://openinfra.dev/legal/ai-policy,
 *   https://docs.openstack.org/nova/latest/contributor/commit-messages.html
 * - `Co-authored-by: NAME <ADDRESS>` with an agent's identity: as agents and VS Code (`git.addAICoAuthor`) write it.
 */
import type { Profile } from '../config.ts';
import type { Trailer } from '../input.ts';
import { type Agent, agentNamed } from './agents.ts';

/** The profiles that disclose in one line for each model. */
export type LineProfile = Exclude<Profile, 'countersign' | 'forbid'>;

/** What a line says of AI use; a line may name an agent and no model. */
export interface ToolUse {
  agent?: string;
  model?: string;
  /** Analysis tools beside it (the kernel's). */
  tools: string[];
}

export function isLineProfile(profile: Profile): profile is LineProfile {
  return profile !== 'countersign' && profile !== 'forbid';
}

/** What a trailer declares in a profile's form; undefined when it declares nothing: another key, or a person. */
export function readLine(
  profile: LineProfile,
  { key, value: written }: Trailer,
  agents: readonly Agent[],
): ToolUse | undefined {
  const name = key.toLowerCase();
  const value = written.replace(/\s+/g, ' ').trim();
  if (value === '') return undefined;
  if (profile === 'co-authored-by') {
    const agent = name === 'co-authored-by' ? agentNamed(value, agents) : undefined;
    return agent && toolOf(value, agents, agent);
  }
  if (name !== 'assisted-by' && !(profile === 'generated-by' && name === 'generated-by')) return undefined;
  const agent = agentNamed(value, agents);
  // People are thanked by such lines, too.
  if (/<[^<>\s]+@[^<>\s]+>$/.test(value) && !agent) return undefined;
  return (name === 'assisted-by' ? agentAndModel(value) : undefined) ?? toolOf(value, agents, agent);
}

/** The line that discloses a use; undefined when the form needs what is not known, see {@link lineNeeds}. */
export function writeLine(
  profile: LineProfile,
  { agent, model, tools }: ToolUse,
  agents: readonly Agent[],
): Trailer | undefined {
  switch (profile) {
    case 'kernel': {
      const name = (agent ?? (model && familyOf(model)))?.replaceAll(':', ' ').trim();
      if (!name || !model) return undefined;
      return { key: 'Assisted-by', value: [`${name}:${hyphened(model)}`, ...tools.map(hyphened)].join(' ') };
    }
    case 'generated-by': {
      const text = agent && model ? `${agent} (${model})` : (model ?? agent);
      return text === undefined ? undefined : { key: 'Generated-by', value: text };
    }
    case 'co-authored-by': {
      const email = addressOf(agent, model, agents);
      const text = (model ?? agent)?.replace(/[<>"]/g, '');
      return email && text ? { key: 'Co-authored-by', value: `${text} <${email}>` } : undefined;
    }
  }
}

/** What a profile's line cannot be written without, in words. */
export const lineNeeds: Readonly<Record<LineProfile, string>> = {
  kernel: 'the agent and the model (Assisted-by: AGENT:MODEL)',
  'generated-by': 'the model or the agent',
  'co-authored-by': 'an agent with an address in the policy data evidence.yaml',
};

/** The name that goes before the hyphen or digit of a model's: `claude-opus-4-6` is of the family Claude. */
export function familyOf(model: string): string | undefined {
  const word = /^[A-Za-z]{2,}/.exec(model.slice(model.lastIndexOf('/') + 1))?.[0];
  if (word === undefined) return undefined;
  return word.length <= 3 ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1);
}

/** The kernel's `AGENT:MODEL TOOL…`. The agent's name may have blanks, the model's none. */
function agentAndModel(value: string): ToolUse | undefined {
  const [, agent, model, rest] = /^([^:<>]+):(?!\/\/)(\S+)((?: \S+)*)$/.exec(value) ?? [];
  if (agent === undefined || model === undefined) return undefined;
  return { agent: agent.trim(), model, tools: (rest ?? '').split(' ').filter((tool) => tool !== '') };
}

/**
 * What free text such as `Claude Opus 4.6 <…>`, `Aider (gpt-5.2)` or `GitHub Copilot gpt-5.2` names. A known
 * agent's name alone is no model.
 */
function toolOf(value: string, agents: readonly Agent[], known: Agent | undefined): ToolUse {
  const text = value.replace(/\s*<[^<>]*>$/, '').trim() || (known?.name ?? value);
  const [, before, inner] = /^([^()\d]+?) ?\(([^()]*[a-z][^()]*)\)$/i.exec(text) ?? [];
  if (before !== undefined && inner !== undefined) return { agent: before, model: inner.trim(), tools: [] };
  const lowered = text.toLowerCase();
  for (const { name, names } of agents) {
    for (const prefix of [name.toLowerCase(), ...names]) {
      const rest = lowered.startsWith(`${prefix} `) ? text.slice(prefix.length + 1).trim() : '';
      if (/\d/.test(rest) && /[a-z]{2}/i.test(rest))
        return { agent: text.slice(0, prefix.length), model: rest, tools: [] };
    }
  }
  const agent = known ?? agentNamed(text, agents);
  return agent && !/\d/.test(text) ? { agent: text, tools: [] } : { model: text, tools: [] };
}

/** The address of the agent that is named, or that the model's name is one of. */
function addressOf(agent: string | undefined, model: string | undefined, agents: readonly Agent[]): string | undefined {
  const wanted = agent?.toLowerCase();
  const named =
    wanted === undefined
      ? undefined
      : (agents.find(({ name, logins }) => name.toLowerCase() === wanted || logins.includes(wanted)) ??
        agentNamed(wanted, agents));
  const id = model?.slice(model.lastIndexOf('/') + 1) ?? '';
  const meant = named ?? agentNamed(id, agents) ?? agentNamed(id.replaceAll('-', ' '), agents);
  return meant?.emails[0];
}

function hyphened(text: string): string {
  return text.trim().replace(/\s+/g, '-');
}
