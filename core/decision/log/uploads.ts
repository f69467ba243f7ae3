/** Which records a service has taken, kept in the logs' folder: numbers of each chain, as ranges. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Pairs of a first and a last number, by chain, by service. */
type State = Record<string, Record<string, [number, number][]>>;

export const uploadsName = '.countersign-uploads.json';

/** What one service has taken of the logs in one folder. */
export interface Uploads {
  has: (chain: string, sequence: number) => boolean;
  /** Notes it for good. */
  add: (records: readonly { chain: string; sequence: number }[]) => Promise<void>;
}

/** The file in which the uploads of a log are kept. */
export function uploadsFile(log: string): string {
  return join(dirname(log), uploadsName);
}

/** Rejects when the file is there and cannot be read: to send all again would be to send it twice. */
export async function readUploads(file: string, service: string): Promise<Uploads> {
  const state = await readState(file);
  const own = Object.hasOwn(state, service) ? (state[service] ?? {}) : {};
  const rangesOf = (chain: string) => (Object.hasOwn(own, chain) ? (own[chain] ?? []) : []);
  return {
    has: (chain, sequence) => rangesOf(chain).some(([first, last]) => first <= sequence && sequence <= last),
    add: async (records) => {
      for (const { chain, sequence } of records) own[chain] = withOne(rangesOf(chain), sequence);
      const draft = `${file}.tmp`;
      await writeFile(draft, `${JSON.stringify({ ...state, [service]: own }, null, 2)}\n`, { mode: 0o600 });
      await rename(draft, file);
    },
  };
}

async function readState(file: string): Promise<State> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  try {
    const state: unknown = JSON.parse(text);
    if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state as State;
  } catch {
    // Said below.
  }
  throw new Error(`${file}, which says what was uploaded, cannot be read. Delete it to upload all again.`);
}

function withOne(ranges: readonly [number, number][], sequence: number): [number, number][] {
  const all = [...ranges, [sequence, sequence] as [number, number]].sort(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [first, last] of all) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
