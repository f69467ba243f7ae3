/** Where a known value is from, in words. */
import type { KnownSource, KnownValue } from '../../core/disclosure/known.ts';

export type { KnownValue };

const words: Record<KnownSource, string> = {
  declaration: "an agent's declaration",
  message: 'this message',
  'git-ai': 'a note of git-ai',
  'agent-trace': 'an Agent Trace file',
  'session-log': "an agent's session log",
  environment: 'the environment',
  previous: 'the last disclosure on this branch',
  git: 'git',
};

export function sourceWords(source: KnownSource, certainty: KnownValue['certainty']): string {
  if (source === 'previous') return words.previous;
  return certainty === 'recorded' ? `recorded by ${words[source]}` : `likely, from ${words[source]}`;
}
