/** What mends a commit that is denied for its disclosure. */

import type { Config } from '../config.ts';
import { defaultTier } from '../disclosure/tier.ts';
import type { Diagnosis } from './examine.ts';

export interface Remedy {
  /** `amend`: HEAD gets another message; `rewrite`: older commits do; `note`: a note beside a pushed one; `drop`: no disclosure helps. */
  how: 'amend' | 'rewrite' | 'note' | 'drop';
  /** To run, with words in capitals where only people know the value; absent for `drop`. */
  command?: string;
  /** What to know before. */
  caution?: string;
}

const placeholders: Record<string, string> = {
  model: 'MODEL',
  timestamp: 'TIME',
  context: 'WHAT THE MODEL DID',
  approver: 'NAME <EMAIL>',
};

/** Undefined when nothing is denied that a disclosure could mend. */
export function remedyFor(
  diagnosis: Omit<Diagnosis, 'remedy'>,
  config: Config,
  data: Record<string, unknown>,
  parents: readonly string[],
): Remedy | undefined {
  const { deny, disclosure, ai } = diagnosis;
  if (deny.length === 0 || !ai) return undefined;
  if (config.disclosure.profile === 'forbid') {
    return { how: 'drop', caution: 'The project takes no contributions made with AI: take the commit out.' };
  }
  const faulty = deny.flatMap(({ field }) => field ?? []);
  const wanted = disclosure ? faulty : [...defaultTier(data).required, ...faulty];
  const fields = [...new Set(wanted)].filter((field) => Object.hasOwn(config.trailers, field));
  if (fields.length === 0) return disclosure ? undefined : withCommand(diagnosis, config, ['model'], parents);
  // The time of the commit is taken by itself where it is missing.
  const timed = fields.filter((field) => field !== 'timestamp' || disclosure?.timestamp || fields.length === 1);
  return withCommand(diagnosis, config, timed, parents);
}

function withCommand(
  diagnosis: Omit<Diagnosis, 'remedy'>,
  config: Config,
  fields: readonly string[],
  parents: readonly string[],
): Remedy {
  const { sha, place } = diagnosis;
  const values = fields.map((field) => option(field, knownValue(diagnosis, field))).join(' ');
  const short = sha.slice(0, 12);
  if (place === 'head') return { how: 'amend', command: `countersign stamp ${values}` };
  if (place === 'unpushed') {
    // A caret would have to be quoted in some shells; a root has nothing before it.
    const range = parents.length > 0 ? `${short}~..${short}` : `${short}^!`;
    return { how: 'rewrite', command: `countersign stamp ${values} ${range}` };
  }
  const command = `countersign stamp --note ${values} ${short}`;
  if (config.notes.accept) return { how: 'note', command };
  return {
    how: 'note',
    command,
    caution:
      'The policy takes no disclosure from notes (notes.accept in config.yaml): it stays denied until that is allowed, an exception excuses it, or the branch is rewritten with --force-pushed.',
  };
}

/** What is known of a field: where one model shows, it; what stands in the message where git does not read it. */
function knownValue({ shows, misplaced }: Omit<Diagnosis, 'remedy'>, field: string): string | undefined {
  const [written] = misplaced[field] ?? [];
  if (written !== undefined || field !== 'model') return written;
  const models = new Set(shows.flatMap(({ model }) => model ?? []));
  return models.size === 1 ? [...models][0] : undefined;
}

function option(field: string, known: string | undefined): string {
  const value = known ?? placeholders[field] ?? 'VALUE';
  const quoted = /^[A-Za-z0-9_.:/@+-]+$/.test(value) ? value : `"${value.replaceAll(/["$`\\!]/g, '')}"`;
  return ['model', 'timestamp', 'context', 'approver'].includes(field)
    ? `--${field} ${quoted}`
    : `--field ${field}=${quoted}`;
}
