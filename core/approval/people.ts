/** The people of a repository: who they are under all their names, and who may approve. */
import type { Home } from '../disclosure/home.ts';
import { canonicalContacts } from '../git/mailmap.ts';
import type { GitRepository } from '../git/repository.ts';
import { isRecord, records, texts } from '../plain-data.ts';
import { allOwners, type Codeowners, isTeam, ownersOfPath } from './codeowners.ts';
import { type Identity, identityText, keysOf, readIdentity } from './identity.ts';
import { codeownersOf, committer, pastContributions, stagedPaths } from './people-sources.ts';
import { admitsUnlisted, entriesOf, type ListedPeople, listedPeople } from './roles.ts';

export interface Person extends Identity {
  /** As a trailer names them. */
  text: string;
  /** All keys they are known by: `email:…`, `login:…`, `name:…`. */
  aliases: string[];
  /** approvers.yaml lists them. */
  listed: boolean;
  /** A team of a code host (`@org/team`): nobody here can tell who is in it. */
  team: boolean;
  /** How many of the commits looked at they made, and how many they approved or reviewed. */
  commits: number;
  reviews: number;
}

/** What is known of a repository's people. */
export interface Directory {
  people: Person[];
  codeowners: Codeowners;
  listed: ListedPeople;
  /** Whoever is not listed may approve, too. */
  admitsUnlisted: boolean;
  /** Who is no person: patterns of approvers.yaml. */
  bots: RegExp[];
}

export interface DirectoryOptions {
  /** Read `.mailmap` and CODEOWNERS from this commit (full id) in place of the work tree. */
  revision?: string;
  /** How many commits of HEAD's history are looked at; default 1000. */
  history?: number;
}

/** Reads who there is: approvers.yaml (of the policy data), CODEOWNERS, and the latest history. */
export async function readDirectory(
  repository: GitRepository,
  data: Record<string, unknown>,
  { revision, history = 1000 }: DirectoryOptions = {},
): Promise<Directory> {
  const [codeowners, past] = await Promise.all([
    codeownersOf(repository, revision),
    pastContributions(repository, revision ?? 'HEAD', history),
  ]);
  const found = new Map<string, Draft>();
  const approvers = isRecord(data.approvers) ? data.approvers : {};
  for (const person of records(approvers.people)) addListed(found, person);
  const identities = past.map(({ identity: { name = '', email = '' } }) => ({ name, email }));
  const canonical = await canonicalContacts(repository, identities, { revision });
  for (const [at, { identity, kind }] of past.entries()) {
    const known = identity.email === undefined ? identity : { ...identity, ...canonical[at] };
    const draft = add(found, known, keysOf(identity));
    draft[kind] += 1;
  }
  for (const owner of allOwners(codeowners)) add(found, readIdentity(owner));
  return {
    people: [...new Set(found.values())].map(finish),
    codeowners,
    listed: listedPeople(data),
    admitsUnlisted: admitsUnlisted(data),
    bots: texts(approvers.bots).flatMap(pattern),
  };
}

type Draft = Identity & { keys: Set<string>; listed: boolean; commits: number; reviews: number };

/** Finds the draft that has one of the accounts, or begins one; a name alone makes nobody the same. */
function add(found: Map<string, Draft>, identity: Identity, more: readonly string[] = []): Draft {
  const keys = [...new Set([...keysOf(identity), ...more])];
  const accounts = keys.filter((key) => !key.startsWith('name:'));
  const known = [...new Set(accounts.flatMap((key) => found.get(key) ?? []))];
  const named = keys.filter((key) => accounts.length === 0 && key.startsWith('name:'));
  const [first, ...others] = known.length > 0 ? known : named.flatMap((key) => found.get(key) ?? []);
  const draft = first ?? { keys: new Set(), listed: false, commits: 0, reviews: 0 };
  draft.name ??= identity.name;
  draft.email ??= identity.email;
  draft.login ??= identity.login;
  for (const key of keys) draft.keys.add(key);
  // Two who were two so far share an account after all.
  for (const other of others) {
    for (const key of other.keys) draft.keys.add(key);
    draft.commits += other.commits;
    draft.reviews += other.reviews;
    draft.listed ||= other.listed;
    draft.login ??= other.login;
  }
  for (const key of draft.keys) if (!key.startsWith('name:') || accounts.length === 0) found.set(key, draft);
  return draft;
}

function addListed(found: Map<string, Draft>, person: Record<string, unknown>): void {
  const part = (key: 'name' | 'email' | 'login') => (typeof person[key] === 'string' ? { [key]: person[key] } : {});
  const identity: Identity = { ...part('name'), ...part('email'), ...part('login') };
  if (identity.login !== undefined) identity.login = identity.login.replace(/^@/, '');
  if (Object.keys(identity).length === 0) return;
  const aliases = texts(person.aliases).flatMap((alias) => keysOf(readIdentity(alias)));
  add(found, identity, aliases).listed = true;
}

function finish({ keys, ...draft }: Draft): Person {
  const identity = { name: draft.name, email: draft.email, login: draft.login };
  return { ...draft, text: identityText(identity), aliases: [...keys].sort(), team: isTeam(identityText(identity)) };
}

/** What a text means among the people of a directory. */
export interface Resolved {
  /** The one it means; someone unknown when nobody of the directory is meant. */
  person?: Person;
  /** Those it may mean, when a name is several people's. */
  candidates: Person[];
}

/** Finds whom a text names: `Name <address>`, an address, `@login`, or a name. */
export function resolvePerson({ people, listed }: Directory, text: string): Resolved {
  const identity = readIdentity(text);
  const keys = keysOf(identity);
  const having = (some: readonly string[]) => people.filter(({ aliases }) => some.some((key) => aliases.includes(key)));
  const accounts = having(keys.filter((key) => !key.startsWith('name:')));
  if (accounts.length === 1) return { person: accounts[0]!, candidates: accounts };
  const onlyName = identity.email === undefined && identity.login === undefined;
  const candidates = accounts.length > 1 ? accounts : onlyName ? having(keys) : [];
  if (candidates.length === 1) return { person: candidates[0]!, candidates };
  if (candidates.length > 1) return { candidates };
  const unknown = {
    ...identity,
    text: identityText(identity),
    aliases: keys,
    listed: entriesOf(listed, keys).size > 0,
    team: isTeam(text.trim()),
    commits: 0,
    reviews: 0,
  };
  return { person: unknown, candidates: [] };
}

/** Whether a person may approve, commits and paths aside. */
export function mayApprove(directory: Directory, person: Person): boolean {
  if (person.team || directory.bots.some((bot) => bot.test(person.text.toLowerCase()))) return false;
  return person.listed || directory.admitsUnlisted;
}

export interface SuggestionOptions extends DirectoryOptions {
  /** The paths to find owners of; those that are staged when absent. */
  files?: string[];
  /** Default 50. */
  limit?: number;
}

/**
 * Whom to offer as approvers, best first: owners of the files, those whom approvers.yaml lists, those
 * who review often. Nobody who may not approve, and not the committer.
 */
export async function approverSuggestions(
  repository: GitRepository,
  home: Pick<Home, 'data'>,
  { files, limit = 50, ...options }: SuggestionOptions = {},
): Promise<{ value: string; detail?: string }[]> {
  const [directory, paths, self] = await Promise.all([
    readDirectory(repository, home.data, options),
    files ?? stagedPaths(repository),
    committer(repository),
  ]);
  const owners = new Set(paths.flatMap((path) => ownersOfPath(directory.codeowners, path)));
  const owning = new Set([...owners].flatMap((owner) => resolvePerson(directory, owner).person ?? []));
  const own = self && resolvePerson(directory, self).person;
  const rank = (person: Person) =>
    (owning.has(person) ? 1_000_000 : 0) + (person.listed ? 100_000 : 0) + Math.min(person.reviews, 9_999) * 10;
  return directory.people
    .filter((person) => mayApprove(directory, person) && person !== own && person.text !== '')
    .filter((person) => rank(person) > 0 || person.commits > 0)
    .sort((a, b) => rank(b) - rank(a) || b.commits - a.commits || (a.text < b.text ? -1 : 1))
    .slice(0, limit)
    .map((person) => ({ value: person.text, detail: why(person, owning.has(person)) }));
}

function why({ listed, reviews, name, email }: Person, owns: boolean): string {
  const reasons = [
    owns ? 'owns these files' : '',
    listed ? 'listed approver' : '',
    reviews > 0 ? 'reviewed before' : '',
  ];
  const known = reasons.filter((reason) => reason !== '');
  if (email === undefined && name !== undefined) known.unshift(name);
  return known.length > 0 ? known.join(', ') : 'from the history';
}

/** A pattern that does not compile is for the diagnostics to tell; here it matches nobody. */
function pattern(text: string): RegExp[] {
  try {
    return [new RegExp(text, 'u')];
  } catch {
    return [];
  }
}
