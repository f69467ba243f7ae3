/** Decides again what a record tells of, with the policies that decided then: the result must be the same. */
import type { Engine } from '../../../engine/engine.ts';
import type { PolicySet } from '../../policies/policy-set.ts';
import type { Verdict } from '../../verdict.ts';
import { judge, type Prepared, prepare, release } from '../decide.ts';
import { canonicalJson } from './canonical.ts';
import { type MaskRule, masked } from './mask.ts';
import { type DecisionRecord, revisionOf } from './record.ts';

export type Replayed =
  | { outcome: 'same'; note?: string }
  | { outcome: 'different'; differences: Difference[] }
  /** It cannot be decided again, or not from what is left. */
  | { outcome: 'impossible'; why: string };

/** `path` is a JSON pointer into the result. */
export interface Difference {
  path: string;
  recorded: unknown;
  replayed: unknown;
}

/** Finds the policies of a revision; resolves to why they are not to be had, when they are not. */
export type PolicyFinder = (revision: string, record: DecisionRecord) => Promise<PolicySet | string>;

export interface Replayer {
  /** Of a record with a decision. Rejects only when nothing can be decided at all, such as when the engine is gone. */
  replay: (record: DecisionRecord) => Promise<Replayed>;
  close: () => Promise<void>;
}

/** Policies that are kept open at a time. */
const openAtOnce = 8;

export interface ReplayOptions {
  /** For each batch, in milliseconds. */
  timeoutMs?: number;
}

/** Replays records one after the other, opening each revision of the policies once. */
export function startReplaying(engine: Engine, find: PolicyFinder, options: ReplayOptions = {}): Replayer {
  const open = new Map<string, Promise<Prepared | string>>();
  const policiesOf = async (record: DecisionRecord): Promise<Prepared | string> => {
    const revision = revisionOf(record);
    if (revision === undefined) return 'the record does not say which policies decided';
    const key = JSON.stringify([revision, record.custom?.countersign?.rego]);
    const known = open.get(key);
    if (known) return known;
    const opening = find(revision, record).then(async (found) =>
      typeof found === 'string' ? found : prepare(engine, found).catch(whyNot),
    );
    open.set(key, opening);
    for (const [oldest, prepared] of open) {
      if (open.size <= openAtOnce) break;
      open.delete(oldest);
      const old = await prepared;
      if (typeof old !== 'string') await release(old);
    }
    return opening;
  };
  return {
    replay: async (record) => {
      const why = unfit(record);
      if (why !== undefined) return { outcome: 'impossible', why };
      const prepared = await policiesOf(record);
      if (typeof prepared === 'string') return { outcome: 'impossible', why: prepared };
      return replayWith(prepared, record, options);
    },
    close: async () => {
      for (const prepared of open.values()) {
        const one = await prepared;
        if (typeof one !== 'string') await release(one);
      }
      open.clear();
    },
  };
}

function unfit({ input, result, error, custom }: DecisionRecord): string | undefined {
  if (error) return 'the run failed: there is no decision to make again';
  if (input === undefined) return 'its input was erased';
  if (result === undefined) return 'its result was erased';
  const { decider } = custom?.countersign ?? {};
  return decider && `${decider.url} decided, which has its own policies`;
}

async function replayWith(prepared: Prepared, record: DecisionRecord, { timeoutMs }: ReplayOptions): Promise<Replayed> {
  const { input, nd_builtin_cache: ndBuiltinCache } = record;
  const lost = [...(record.erased ?? []), ...(record.masked ?? [])].filter((path) => !path.startsWith('/result'));
  const without = `without ${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ` and ${lost.length - 3} more` : ''}`;
  let differences: Difference[];
  try {
    const { commits = [], ...frame } = input ?? ({} as never);
    const { verdict } = await judge(prepared, frame, [commits], { timeoutMs, ndBuiltinCache });
    differences = differencesOf(record, verdict);
  } catch (error) {
    if (lost.length > 0) return { outcome: 'impossible', why: `${without}, which was erased: ${whyNot(error)}` };
    return { outcome: 'impossible', why: whyNot(error) };
  }
  if (lost.length === 0) return differences.length === 0 ? { outcome: 'same' } : { outcome: 'different', differences };
  return differences.length === 0
    ? { outcome: 'same', note: without }
    : { outcome: 'impossible', why: `${without}, which was erased, the result is another one` };
}

/** What a decision says; its id is another one each time. */
const compared = ['result', 'revision', 'change', 'commits', 'exceptions'] as const;

function differencesOf(record: DecisionRecord, verdict: Verdict): Difference[] {
  const rules = [...(record.erased ?? []), ...(record.masked ?? [])]
    .filter((path) => path.startsWith('/result/'))
    .map((path): MaskRule => ({ op: 'remove', parts: path.slice(1).split('/') }));
  const strip = (result: unknown, which: readonly MaskRule[]): Partial<Verdict> =>
    masked({ ...record, result: result as Verdict }, which).result ?? {};
  // What was erased is gone from the record already; what was set is taken out of both.
  const set = new Set(record.masked);
  const recorded = strip(
    record.result,
    rules.filter(({ parts }) => set.has(`/${parts.join('/')}`)),
  );
  const replayed = strip(verdict, rules);
  const differences: Difference[] = [];
  for (const name of compared) compare(recorded[name], replayed[name], `/${name}`, differences);
  return differences;
}

function compare(recorded: unknown, replayed: unknown, path: string, found: Difference[]): void {
  if (canonicalJson(recorded ?? null) === canonicalJson(replayed ?? null)) return;
  const both = [recorded, replayed];
  const objects = both.every((one) => typeof one === 'object' && one !== null);
  const alike = objects && Array.isArray(recorded) === Array.isArray(replayed);
  const sameLength = !Array.isArray(recorded) || recorded.length === (replayed as unknown[]).length;
  if (!alike || !sameLength) {
    found.push({ path, recorded, replayed });
    return;
  }
  const [was, is] = both as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])) {
    compare(was?.[key], is?.[key], `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
  }
}

function whyNot(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
