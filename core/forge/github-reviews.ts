/** Who reviewed a pull request, which commit, and what they may do. */
import type { Octokit } from '@octokit/rest';
import type { Approval } from '../input.ts';
import { ask, type Gathering, notKnown } from './gathering.ts';
import { accountOf, type Pull } from './github-pull.ts';
import type { Reader } from './reading.ts';
import type { GithubChange } from './source.ts';
import type { SquashedCommit } from './squash.ts';

const states: Record<string, Approval['state']> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes_requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
};

/** A commit of the pull request, and whose account GitHub takes its author for. */
export interface AttributedCommit extends SquashedCommit {
  sha: string;
  login?: string;
}

/**
 * The commits of a pull request, parents first; undefined when they may not be seen, or are more than
 * the 250 that GitHub lists (https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request).
 */
export async function pullCommits(
  gathered: Gathering,
  client: Octokit,
  read: Reader,
  { owner, name: repo }: GithubChange,
  pull: Pull,
): Promise<AttributedCommit[] | undefined> {
  const fact = 'change.approvals.commits';
  if ((pull.commits ?? 0) > 250) {
    notKnown(gathered, fact, `GitHub lists 250 commits of a pull request, and this one has ${pull.commits}`);
    return undefined;
  }
  const list = await ask(gathered, fact, 'the commits of the pull request', () =>
    client.paginate(client.rest.pulls.listCommits, { owner, repo, pull_number: pull.number, per_page: 100 }),
  );
  return list?.map((value) => {
    const where = 'a commit of the pull request';
    const one = read.record(value, where);
    const commit = read.record(one.commit, `${where}.commit`);
    const author = read.record(commit.author ?? {}, `${where}.commit.author`);
    const account = read.record(one.author ?? {}, `${where}.author`);
    const login = read.maybeText(account, 'login', `${where}.author`);
    return {
      sha: read.commit(one, 'sha', where),
      message: read.text(commit, 'message', `${where}.commit`),
      name: read.maybeText(author, 'name', where) ?? '',
      email: read.maybeText(author, 'email', where) ?? '',
      merge: read.list(one.parents, `${where}.parents`).length > 1,
      ...(login !== undefined && { login }),
    };
  });
}

/** The latest review of each person, with what they may do; undefined when the reviews may not be seen. */
export async function pullApprovals(
  gathered: Gathering,
  client: Octokit,
  read: Reader,
  change: GithubChange,
  pull: Pull,
  commits: Promise<AttributedCommit[] | undefined>,
): Promise<Approval[] | undefined> {
  const { owner, name: repo } = change;
  const reviews = await ask(gathered, 'change.approvals', 'the reviews', () =>
    client.paginate(client.rest.pulls.listReviews, { owner, repo, pull_number: pull.number, per_page: 100 }),
  );
  if (reviews === undefined) return undefined;
  const latest = latestReviews(read, reviews, pull);
  const deciding = latest.filter(
    ({ kind, state }) => kind === 'user' && state !== 'commented' && state !== 'dismissed',
  );
  const [permissions, teams, made] = await Promise.all([
    Promise.all(deciding.map(({ login }) => permissionOf(gathered, client, read, change, login))),
    deciding.length === 0 ? new Map<string, Set<string>>() : teamMembers(gathered, client, read),
    commits,
  ]);
  const permissionOfLogin = new Map(deciding.map(({ login }, at) => [login, permissions[at]]));
  return latest.map((approval) => {
    const { login } = approval;
    const own = made?.filter((commit) => commit.login?.toLowerCase() === login.toLowerCase());
    const { permission, name = own?.[0]?.name, email = own?.[0]?.email } = permissionOfLogin.get(login) ?? {};
    const memberships = [...teams].filter(([, members]) => members.has(login.toLowerCase())).map(([team]) => team);
    const asked = permissionOfLogin.has(login) && teams.size > 0;
    return {
      ...approval,
      ...(permission !== undefined && { permission }),
      ...(asked && { teams: memberships }),
      ...(name && { name }),
      ...(email && { email }),
      ...(own && { commits: own.map(({ sha }) => sha) }),
    };
  });
}

/** A comment does not take back an approval, nor a request; as GitHub itself counts. */
function latestReviews(read: Reader, reviews: readonly unknown[], pull: Pull): Approval[] {
  const byPerson = new Map<string, Approval>();
  for (const value of reviews) {
    const where = 'a review';
    const review = read.record(value, where);
    const state = states[read.text(review, 'state', where)];
    // Pending reviews are still being written; a deleted account can no longer be asked who it was.
    if (state === undefined || review.user === null) continue;
    const account = accountOf(read, review.user, `${where}.user`);
    const commit = review.commit_id === null ? undefined : read.commit(review, 'commit_id', where);
    const approval: Approval = {
      ...account,
      state,
      ...(commit !== undefined && { commit }),
      submitted_at: read.time(review, 'submitted_at', where),
      stale: commit !== pull.head,
      author: account.login === pull.author,
    };
    const before = byPerson.get(account.login);
    if (state === 'commented' && before && before.state !== 'commented') continue;
    byPerson.set(account.login, approval);
  }
  return [...byPerson.values()];
}

const roles = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];

/** A role of an organization's own counts as what it is built on, which the older member says. */
async function permissionOf(
  gathered: Gathering,
  client: Octokit,
  read: Reader,
  { owner, name: repo }: GithubChange,
  username: string,
): Promise<{ permission?: string; name?: string; email?: string }> {
  const answer = await ask(gathered, 'change.approvals.permission', `what ${username} may do`, () =>
    client.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username }),
  );
  if (answer === undefined) return {};
  const where = 'the permission';
  const data = read.record(answer.data, where);
  const role = read.maybeText(data, 'role_name', where) ?? '';
  const permission = roles.includes(role) ? role : read.text(data, 'permission', where);
  const user = read.record(data.user ?? {}, `${where}.user`);
  const name = read.maybeText(user, 'name', where);
  const email = read.maybeText(user, 'email', where);
  return { permission, ...(name && { name }), ...(email && { email }) };
}

/** The members of each team that is asked about, in lower case; teams that may not be seen are left out. */
async function teamMembers(gathered: Gathering, client: Octokit, read: Reader): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const teams = gathered.options.teams.filter((team) => team.split('/').length === 2);
  await Promise.all(
    teams.map(async (team) => {
      const [org, team_slug] = team.split('/') as [string, string];
      const members = await ask(gathered, 'change.approvals.teams', `the members of ${team}`, () =>
        client.paginate(client.rest.teams.listMembersInOrg, { org, team_slug, per_page: 100 }),
      );
      if (!members) return;
      const logins = members.map((value) => read.text(read.record(value, 'a member'), 'login', 'a member'));
      found.set(team, new Set(logins.map((login) => login.toLowerCase())));
    }),
  );
  return new Map(teams.flatMap((team) => (found.has(team) ? [[team, found.get(team)!] as const] : [])));
}
