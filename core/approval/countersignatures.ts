/**
 * What the countersignatures of commits are worth. Offline: notes, the policy's allowed signers and the
 * machine's gpg keyring decide; a note's author and place say nothing.
 */
import { canonicalContacts } from '../git/mailmap.ts';
import { openObjectReader } from '../git/object-reader.ts';
import { type Patch, patches } from '../git/patch-id.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Commit, Countersignature } from '../input.ts';
import type { Entry } from './entries.ts';
import { type Identity, readIdentity } from './identity.ts';
import { type Checked, checkSignature, judge, type Pair, policyOf } from './judge.ts';
import { rolesOf } from './roles.ts';
import { disclosureDigest } from './statement.ts';
import type { Trust } from './trust.ts';

export interface CheckOptions {
  now: Date;
  signal?: AbortSignal;
}

/**
 * Checks all countersignatures that may be about these commits (with their disclosures); commits
 * without any have an empty list. Processes: two for each signature at most, and five for all.
 */
export async function checkCountersignatures(
  repository: GitRepository,
  commits: readonly Commit[],
  entries: readonly Entry[],
  trust: Trust,
  options: CheckOptions,
): Promise<Map<string, Countersignature[]>> {
  const found = new Map<string, Countersignature[]>(commits.map(({ sha }) => [sha, []]));
  const { pairs, patches: changed } = await pairUp(repository, commits, entries, options.signal);
  if (pairs.length === 0) return found;
  const objects = await readObjects(repository, pairs);
  const signed = [...new Set(pairs.map(({ entry }) => entry))].filter(({ statement }) => statement !== undefined);
  const signatures = new Map<Entry, Checked>();
  await atOnce(4, signed, async (entry) => {
    signatures.set(entry, await checkSignature(repository, entry, trust, options.signal));
  });
  const judged = await Promise.all(
    pairs.map(async ({ commit, entry }) => {
      const facts = { trust, now: options.now, tree: objects.trees.get(commit.sha), patch: changed.get(commit.sha) };
      const result = await judge(repository, { commit, entry }, signatures.get(entry), facts);
      return { commit, entry, result };
    }),
  );
  const people = judged.filter(({ result }) => result.approver !== undefined);
  const questions = people.map(({ commit, result }) => ({ commit, identities: identitiesOf(result) }));
  const principals = people.map(({ result }) => ({ name: '', email: result.approver?.principal ?? '' }));
  const [roles, canonical] = await Promise.all([
    rolesOf(repository, questions, trust.data, { revision: trust.revision }),
    canonicalContacts(repository, principals, { revision: trust.revision }),
  ]);
  for (const [at, { result, entry }] of people.entries()) {
    result.roles = roles[at]!;
    const { email } = canonical[at]!;
    if (email !== principals[at]!.email) result.approver!.canonical = email;
    result.policy = policyOf(entry.statement!, trust, objects.known);
  }
  for (const { commit, result } of judged) found.get(commit.sha)!.push(result);
  return found;
}

/**
 * Of one commit no more are looked at: each costs processes, and anyone who may push notes can add some.
 * What is left out cannot count, so that too many deny and never allow.
 */
const maxEach = 50;

/**
 * Which countersignatures may be about which commits: those noted on them or naming them, and those of
 * other commits with the same patch and the same disclosure, as a rebase leaves them.
 */
async function pairUp(
  repository: GitRepository,
  commits: readonly Commit[],
  entries: readonly Entry[],
  signal?: AbortSignal,
): Promise<{ pairs: Pair[]; patches: Map<string, Patch> }> {
  if (entries.length === 0) return { pairs: [], patches: new Map() };
  const near = new Map<string, Entry[]>();
  const byDisclosure = new Map<string, Entry[]>();
  const push = (map: Map<string, Entry[]>, key: string, entry: Entry) => map.set(key, [...(map.get(key) ?? []), entry]);
  for (const entry of entries) {
    const { statement, notedOn } = entry;
    for (const id of new Set([notedOn, statement?.commit ?? notedOn])) push(near, id, entry);
    if (statement?.patch) push(byDisclosure, statement.disclosure, entry);
  }
  const wanted = commits.map((commit) => {
    const own = near.get(commit.sha) ?? [];
    const named = own.some(({ statement }) => statement?.commit === commit.sha);
    const far = named ? [] : (byDisclosure.get(disclosureDigest(commit.disclosure)) ?? []);
    return { commit, own, far: far.filter((entry) => !own.includes(entry)) };
  });
  const unsure = wanted.filter(
    ({ commit, own, far }) =>
      far.length > 0 || own.some(({ statement }) => statement && statement.commit !== commit.sha),
  );
  const found = await patches(
    repository,
    unsure.map(({ commit }) => commit.sha),
    signal,
  );
  const pairs = wanted.flatMap(({ commit, own, far }) => {
    const patch = found.get(commit.sha);
    const moved = far.filter(({ statement }) => patch && statement?.patch?.id === patch.id);
    const once = new Map([...own, ...moved].map((entry) => [entry.text, entry]));
    return [...once.values()].slice(0, maxEach).map((entry) => ({ commit, entry }));
  });
  return { pairs, patches: found };
}

/** The trees of the commits, and which of the policy revisions that are named are in this repository. */
async function readObjects(repository: GitRepository, pairs: readonly Pair[]) {
  const commits = [...new Set(pairs.map(({ commit }) => commit.sha))];
  const revisions = [...new Set(pairs.flatMap(({ entry }) => entry.statement?.policy.revision ?? []))].filter((id) =>
    /^[0-9a-f]{40,64}$/.test(id),
  );
  const trees = new Map<string, string>();
  const known = new Set<string>();
  const reader = openObjectReader(repository);
  try {
    reader.ask([...commits, ...revisions]);
    for (const id of commits) {
      const object = await reader.next();
      const tree = object?.type === 'commit' ? treeOf(object.bytes) : undefined;
      if (tree !== undefined) trees.set(id, tree);
    }
    for (const id of revisions) if ((await reader.next())?.type === 'commit') known.add(id);
  } finally {
    await reader.close();
  }
  return { trees, known };
}

/** A commit object's first line is its tree. */
export function treeOf(bytes: Buffer): string | undefined {
  return /^tree ([0-9a-f]+)\n/.exec(bytes.toString('latin1', 0, 80))?.[1];
}

function identitiesOf({ approver }: Countersignature): Identity[] {
  const { name, email, principal } = approver!;
  const named = principal === undefined || principal === email ? [] : [readIdentity(principal)];
  return [{ name, email }, ...named];
}

/** Does some work for each value, so many at a time. */
async function atOnce<T>(count: number, values: readonly T[], work: (value: T) => Promise<void>): Promise<void> {
  const waiting = values.values();
  const worker = async () => {
    for (const value of waiting) await work(value);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
