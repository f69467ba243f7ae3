/** The agent that runs the committing process, by the variables it sets for what it starts. */
import { agentNamed } from '../disclosure/agents.ts';
import type { Known, KnownValue } from '../disclosure/known.ts';
import type { Evidence } from '../input.ts';
import { agentVariables, namingVariables } from './agent-variables.ts';
import type { Situation } from './situation.ts';
import { knownTraces } from './traces.ts';

export interface RunningAgent {
  agent: string;
  /** Undefined for an agent that the table does not know and that names itself otherwise. */
  tool: string;
  /** The variable that says so. */
  variable: string;
  session?: string;
}

/** The agents whose variables are set, each once; a name is shortened and plain. */
export function runningAgents(environment: NodeJS.ProcessEnv): RunningAgent[] {
  const found = new Map<string, RunningAgent>();
  for (const { agent, tool, variable, value, session } of agentVariables) {
    const set = environment[variable];
    if (!set || (value !== undefined && set !== value) || found.has(tool)) continue;
    const id = session === undefined ? undefined : environment[session];
    found.set(tool, { agent, tool, variable, ...(id && { session: plain(id) }) });
  }
  for (const variable of namingVariables) {
    const name = plain(environment[variable] ?? '').replace(/@.*$/, '');
    if (!/^[A-Za-z][\w .-]*$/.test(name)) continue;
    const known = agentVariables.find(({ tool, agent }) => tool === name.toLowerCase() || agent === name);
    if (!known && (variable === 'AGENT' || found.size > 0)) continue;
    const tool = known?.tool ?? name.toLowerCase();
    if (!found.has(tool)) found.set(tool, { agent: known?.agent ?? name, tool, variable });
  }
  return [...found.values()];
}

/** What the environment shows: that an agent runs the commit; hardly ever with which model. */
export async function readEnvironment({ environment, home }: Situation): Promise<Known> {
  const evidence: Evidence[] = [];
  const values: KnownValue[] = [];
  for (const { agent, variable, session } of runningAgents(environment)) {
    const detail = `${agent} runs the commit (${variable} is set${session ? `, session ${session}` : ''})`;
    evidence.push({ source: 'environment', detail });
    values.push({ field: 'agent', value: agent, source: 'environment', certainty: 'inferred', detail });
  }
  // Aider names itself as author or committer of what it commits: https://aider.chat/docs/git.html
  const { agents } = await knownTraces(home);
  for (const role of ['AUTHOR', 'COMMITTER']) {
    const name = environment[`GIT_${role}_NAME`] ?? '';
    const person = `${name} <${environment[`GIT_${role}_EMAIL`] ?? ''}>`;
    const agent = name === '' && person === ' <>' ? undefined : agentNamed(person, agents);
    if (agent !== undefined) {
      evidence.push({ source: 'environment', detail: `the ${role.toLowerCase()} is ${agent.name} (GIT_${role}_NAME)` });
    }
  }
  return { values, evidence };
}

/** Shown to people and kept in files: no control characters, not long. */
function plain(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 64);
}
