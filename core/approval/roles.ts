/**
 * What an approver is to a commit: its author, committer or co-author, under whatever name. Names are
 * resolved through `.mailmap` and the aliases in approvers.yaml.
 */

import { canonicalContacts, type MailmapOptions } from '../git/mailmap.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Commit } from '../input.ts';
import { isRecord, records, texts } from '../plain-data.ts';
import { type Identity, keysOf, makersOf, type Role, readIdentity } from './identity.ts';

/** One question: what is this person, known by several names perhaps, to this commit? */
export interface RoleQuestion {
  /** All of these are the same person. */
  identities: Identity[];
  commit: Pick<Commit, 'author' | 'committer' | 'trailers' | 'body'>;
}

/** The entries of approvers.yaml, each with the keys it is known by. */
export type ListedPeople = Set<string>[];

/** The people whom the policy data lists. */
export function listedPeople(data: Record<string, unknown>): ListedPeople {
  const people = isRecord(data.approvers) ? records(data.approvers.people) : [];
  return people.map((person) => {
    const part = (key: string) => (typeof person[key] === 'string' ? { [key]: person[key] } : {});
    const own = keysOf({ ...part('name'), ...part('email'), ...part('login') });
    return new Set([...own, ...texts(person.aliases).flatMap((alias) => keysOf(readIdentity(alias)))]);
  });
}

/** Whether the policy data admits people whom it does not list; as policies/approver.rego has it. */
export function admitsUnlisted(data: Record<string, unknown>): boolean {
  const approvers = isRecord(data.approvers) ? data.approvers : {};
  return (approvers.unlisted ?? (records(approvers.people).length > 0 ? 'deny' : 'allow')) === 'allow';
}

/** The entries that an identity's keys mean; a name counts only where no address or login is known. */
export function entriesOf(listed: ListedPeople, keys: readonly string[]): Set<number> {
  const among = (some: readonly string[]) =>
    new Set(listed.flatMap((person, at) => (some.some((key) => person.has(key)) ? [at] : [])));
  const accounts = among(keys.filter((key) => !key.startsWith('name:')));
  return accounts.size > 0 ? accounts : among(keys);
}

/** Whether two sets of keys are one person's: a shared entry, or a shared key where not both are listed. */
function same(listed: ListedPeople, one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [entriesOf(listed, one), entriesOf(listed, other)];
  if ([...a].some((at) => b.has(at))) return true;
  return (a.size === 0 || b.size === 0) && one.some((key) => other.includes(key));
}

/** The roles of each question, in order; one git process for all of them. */
export async function rolesOf(
  repository: GitRepository,
  questions: readonly RoleQuestion[],
  data: Record<string, unknown>,
  options: MailmapOptions = {},
): Promise<Role[][]> {
  const listed = listedPeople(data);
  const makers = questions.map(({ commit }) => makersOf(commit));
  const everyone = [...questions.flatMap(({ identities }) => identities), ...makers.flat().map(([, maker]) => maker)];
  const keys = await resolvedKeys(repository, everyone, options);
  return questions.map(({ identities }, at) => {
    const own = identities.flatMap((identity) => keys.get(identity) ?? []);
    const roles = makers[at]!.filter(([, maker]) => same(listed, own, keys.get(maker) ?? []));
    return [...new Set(roles.map(([role]) => role))];
  });
}

/** The keys of each identity as it is written and as the mailmap has it. */
export async function resolvedKeys(
  repository: GitRepository,
  identities: readonly Identity[],
  options: MailmapOptions = {},
): Promise<Map<Identity, string[]>> {
  const contacts = identities.map(({ name = '', email = '' }) => ({ name, email }));
  const canonical = await canonicalContacts(repository, contacts, options);
  return new Map(
    identities.map((identity, at) => [identity, [...new Set([...keysOf(identity), ...keysOf(canonical[at]!)])]]),
  );
}
