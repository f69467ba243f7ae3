/**
 * An OPA server that decides in the engine's place: it gets the same input, in the same batches, through its
 * data API (https://www.openpolicyagent.org/docs/rest-api#get-a-document-with-input), and must answer with
 * the same packages and sets. Fail closed: whatever it leaves open is no decision.
 */
import { askHttp, type HttpAnswer, HttpError, placeOf, type TlsFiles } from '../http-client.ts';
import type { Input } from '../input.ts';
import { isRecord } from '../plain-data.ts';
import { printable } from '../printable.ts';
import type { Answer, DecideOptions, Decider, Judges, Prepared } from './decide.ts';
import { DecisionError } from './decide.ts';
import { canFind, decidingRule, type Entrypoint, entrypointsIn, withoutIdle } from './entrypoints.ts';

export interface RemoteOptions {
  /** The server's address, or that of a document in it: `https://opa.example.com/v1/data/team`. */
  url: string;
  /** Sent as bearer token. */
  token?: string;
  tls?: TlsFiles;
}

/** What is asked for when the address names no document: where the pack is. */
const usualDocument = '/v1/data/countersign';
const maxAnswer = 64 * 1024 * 1024;

/**
 * The address of the document that is asked for; undefined when `text` is none.
 * No credentials, query or fragment may be in it.
 */
export function documentAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, username, password, search, hash } = url;
  if (!/^https?:$/.test(protocol) || [username, password, search, hash].some((part) => part !== '')) return undefined;
  const path = url.pathname.replace(/\/+$/, '');
  if (!/(^|\/)v1\/data(\/|$)/.test(path)) url.pathname = path + usualDocument;
  else url.pathname = path;
  return url.href;
}

/**
 * Judges by a server in place of the engine. JSON Schemas go on judging here, for OPA knows none; and of a
 * repository's own policies every rule must be among the server's.
 *
 * @param local the policies that would judge; of the built-in pack nothing is asked for
 */
export function remotely(local: Prepared, { url, token, tls }: RemoteOptions): Prepared {
  const place = placeOf(url);
  const isOwn = local.policies.origin !== 'pack';
  const schemas = isOwn ? local.schemas : [];
  const expected = isOwn ? local.entrypoints : [];
  const ids: string[] = [];
  let first: Omit<Decider, 'url' | 'decision_ids'> | undefined;

  const evaluate: Judges['evaluate'] = async (input, options) => {
    const answer = await ask(url, input, { token, tls, options });
    const { version, bundles } = provenanceOf(answer.provenance);
    first ??= { ...(version !== undefined && { version }), ...(bundles && { bundles }) };
    if (JSON.stringify(bundles) !== JSON.stringify(first.bundles)) {
      throw new DecisionError(`${place} took other policies while it decided: ask again.`);
    }
    if (typeof answer.decision_id === 'string') ids.push(answer.decision_id);
    return readAnswer(answer, {
      place,
      url,
      known: local.entrypoints,
      expected,
      label: local.policies.label,
      phase: input.phase,
    });
  };
  const decider = (): Decider => ({ url: place, ...first, ...(ids.length > 0 && { decision_ids: [...ids] }) });
  const label =
    schemas.length > 0 ? `OPA at ${place}, and the JSON Schemas of ${local.policies.label}` : `OPA at ${place}`;
  return {
    ...local,
    policies: { ...local.policies, label },
    schemas,
    evaluate,
    decider,
    get revision() {
      const { bundles = {}, version } = first ?? {};
      const named = Object.entries(bundles).map(([name, revision]) => `${name}@${revision}`);
      return [...(named.length > 0 ? named : [`opa@${version ?? 'unknown'}`]), place].join(' ');
    },
  };
}

interface Asked {
  token?: string;
  tls?: TlsFiles;
  options: DecideOptions;
}

async function ask(url: string, input: Input, { token, tls, options }: Asked): Promise<Record<string, unknown>> {
  const place = placeOf(url);
  const answer = await askHttp(`${url}?provenance=true&metrics=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ input }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(tls && { tls }),
    maxBytes: maxAnswer,
    timeoutMs: options.timeoutMs ?? 60_000,
    ...(options.signal && { signal: options.signal }),
  }).catch((error: unknown) => {
    if (error instanceof HttpError) throw new DecisionError(error.message, [], error);
    throw error;
  });
  if (answer.status !== 200) throw new DecisionError(`${place} could not decide (${answer.status})${saidBy(answer)}`);
  const value = parsed(answer);
  if (!isRecord(value)) throw new DecisionError(`${place} does not answer as OPA does.`);
  return value;
}

/** The server's own words, which are anybody's. */
function saidBy(answer: HttpAnswer): string {
  const value = parsed(answer);
  if (answer.status === 401 || answer.status === 403) return ': COUNTERSIGN_OPA_TOKEN is what it is shown.';
  if (!isRecord(value) || typeof value.message !== 'string') return '.';
  const errors = Array.isArray(value.errors) ? value.errors : [];
  const details = errors.flatMap((error) =>
    isRecord(error) && typeof error.message === 'string' ? [error.message] : [],
  );
  return `: ${printable([value.message, ...details].join('; ')).slice(0, 2000)}`;
}

function parsed({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

interface Reading {
  place: string;
  url: string;
  /** Rules whose place is known here. */
  known: Entrypoint[];
  /** Rules that must be there. */
  expected: Entrypoint[];
  label: string;
  phase: Input['phase'];
}

function readAnswer(answer: Record<string, unknown>, { place, url, known, expected, label, phase }: Reading): Answer {
  if (answer.result === undefined) {
    throw new DecisionError(`${place} is undefined: OPA has no such document, so that nothing is decided.`);
  }
  const path = decodeURIComponent(new URL(url).pathname.replace(/^.*?\/v1\/data\/?/, '')).split('/');
  const found = new Map<string, { entrypoint: Entrypoint; value: unknown }>();
  const here = new Map(known.map((entrypoint) => [entrypoint.ref, entrypoint]));
  for (const { ref, name, packagePath, value } of rulesIn(
    answer.result,
    path.filter((part) => part !== ''),
  )) {
    const rule = decidingRule(name, packagePath);
    if (!rule) continue;
    // Where a rule stands, and when it is asked, its text says, which only those who have it know.
    const { location = unknownPlace(place), phases } = here.get(ref) ?? {};
    found.set(ref, { entrypoint: { ref, ...rule, location, ...(phases && { phases }) }, value });
  }
  const missing = expected.find(({ ref }) => !found.has(ref));
  if (missing) {
    throw new DecisionError(
      `${place} has no ${missing.ref}, by which ${label} judges: load these policies there, or ask for a document that holds them all, such as …/v1/data.`,
    );
  }
  const rules = [...found.values()];
  if (!rules.some(({ entrypoint }) => canFind(entrypoint))) {
    throw new DecisionError(`${place} has no rule deny, violation or warn, so that nothing is decided.`);
  }
  const value = Object.fromEntries(rules.map((rule) => [rule.entrypoint.ref, [rule.value]]));
  return {
    result: [{ expressions: [{ value, text: '' }] }],
    entrypoints: entrypointsIn(withoutIdle(rules.map(({ entrypoint }) => entrypoint)), phase),
    metrics: numbersOf(answer.metrics),
  };
}

/** All members of a document whose names could be those of rules that decide; packages are objects in it. */
function* rulesIn(
  value: unknown,
  path: readonly string[],
): Generator<{ ref: string; name: string; packagePath: string; value: unknown }> {
  if (!isRecord(value)) return;
  for (const [name, below] of Object.entries(value)) {
    const packageRef = `data${path.map(segment).join('')}`;
    const packagePath = packageRef.replace(/^data\.?/, '');
    if (decidingRule(name, '')) yield { ref: packageRef + segment(name), name, packagePath, value: below };
    else yield* rulesIn(below, [...path, name]);
  }
}

function segment(part: string): string {
  return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
}

function unknownPlace(path: string): Entrypoint['location'] {
  const start = { line: 0, character: 0 };
  return { path, range: { start, end: start } };
}

function provenanceOf(value: unknown): { version?: string; bundles?: Record<string, string> } {
  if (!isRecord(value)) return {};
  const { version, bundles, revision } = value;
  const named = Object.entries(isRecord(bundles) ? bundles : {}).flatMap(([name, bundle]) =>
    isRecord(bundle) && typeof bundle.revision === 'string' ? [[name, bundle.revision] as const] : [],
  );
  if (named.length === 0 && typeof revision === 'string' && revision !== '') named.push(['bundle', revision]);
  return {
    ...(typeof version === 'string' && { version }),
    ...(named.length > 0 && { bundles: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))) }),
  };
}

function numbersOf(value: unknown): Record<string, number> {
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
