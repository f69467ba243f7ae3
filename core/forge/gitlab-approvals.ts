/**
 * Who approved a merge request, when, and of which commit. GitLab keeps the time of an approval and the
 * time of each push: an approval is of the commit that was the head at its time. (It may keep approvals
 * when commits are pushed: https://docs.gitlab.com/user/project/merge_requests/approvals/settings/.)
 */
import type { Approval, Change } from '../input.ts';
import { ask, type Gathering, notKnown } from './gathering.ts';
import type { GitlabClient } from './gitlab-client.ts';
import type { MergeRequest } from './gitlab-merge-request.ts';
import type { Reader } from './reading.ts';

interface Reviewer {
  id: number;
  username: string;
  state: Approval['state'];
  at?: string;
}

/** The reviews, and how many approvals are demanded; a member is absent when it may not be seen. */
export async function mergeRequestApprovals(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  project: string,
  request: MergeRequest,
): Promise<Pick<Change, 'approvals' | 'required_approvals'>> {
  const { iid } = request;
  const [approvals, reviewers] = await Promise.all([
    ask(gathered, 'change.approvals', 'the approvals', () =>
      client.MergeRequestApprovals.showConfiguration(project, { mergerequestIId: iid }),
    ),
    ask(gathered, 'change.approvals.reviewers', 'the reviewers', () =>
      client.MergeRequests.showReviewers(project, iid),
    ),
  ]);
  if (approvals === undefined) return {};
  const told = read.record(approvals, 'the approvals');
  const people = reviewersOf(read, told, reviewers);
  const approved = people.filter(({ state }) => state === 'approved');
  const [bind, teams, users] = await Promise.all([
    approved.length === 0 ? undefined : headsByTime(gathered, client, read, project, request),
    approved.length === 0 ? new Map<string, Set<number>>() : groupMembers(gathered, client, read, approved),
    Promise.all(
      people.map(async (one) => ({
        user: await userOf(gathered, client, read, one.id, 'change.approvals.kind'),
        permission: one.state === 'commented' ? undefined : await permissionOf(gathered, client, read, project, one),
      })),
    ),
  ]);
  const noted = approved.some(({ at }) => at === undefined)
    ? await approvalNotes(gathered, client, read, project, iid)
    : new Map<number, string>();
  // Newer ones say `approvals_required`; the free edition has no such thing.
  const required = typeof told.approvals_required === 'number' ? told.approvals_required : undefined;
  const list = people.map((one, at): Approval => {
    const { user, permission } = users[at]!;
    const time = one.at ?? (one.state === 'approved' ? noted.get(one.id) : undefined);
    const commit = one.state === 'approved' && time !== undefined ? bind?.(time) : undefined;
    if (one.state === 'approved' && commit === undefined) {
      notKnown(gathered, 'change.approvals.commit', `GitLab does not tell when ${one.username} approved, or what`);
    }
    return {
      login: one.username,
      kind: user?.bot ? 'bot' : 'user',
      state: one.state,
      ...(commit !== undefined && { commit, stale: commit !== request.head }),
      ...(time !== undefined && { submitted_at: time }),
      ...(permission !== undefined && { permission }),
      ...(one.state === 'approved' &&
        teams.size > 0 && { teams: [...teams].filter(([, members]) => members.has(one.id)).map(([team]) => team) }),
      ...(user?.name && { name: user.name }),
      ...(user?.email && { email: user.email }),
      author: one.username === request.author?.username,
    };
  });
  return { approvals: list, ...(required !== undefined && { required_approvals: required }) };
}

/** An account's kind and public address. */
export async function userOf(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  id: number,
  fact: string,
): Promise<{ bot: boolean; name?: string; email?: string } | undefined> {
  const value = await ask(gathered, fact, `the user ${id}`, () => client.Users.show(id));
  if (value === undefined) return undefined;
  const user = read.record(value, 'a user');
  const email = read.maybeText(user, 'public_email', 'a user');
  const name = read.maybeText(user, 'name', 'a user');
  return { bot: read.maybeFlag(user, 'bot', 'a user') ?? false, ...(name && { name }), ...(email && { email }) };
}

/** Those who approved, and reviewers who asked for changes or commented. */
function reviewersOf(read: Reader, told: Record<string, unknown>, reviewers: unknown): Reviewer[] {
  const people = new Map<number, Reviewer>();
  const person = (value: unknown, where: string) => {
    const user = read.record(read.record(value, where).user, `${where}.user`);
    return { id: read.number(user, 'id', `${where}.user`), username: read.text(user, 'username', `${where}.user`) };
  };
  for (const value of read.list(told.approved_by, 'the approvals.approved_by')) {
    const one = person(value, 'an approval');
    const at = read.maybeText(read.record(value, 'an approval'), 'approved_at', 'an approval');
    people.set(one.id, { ...one, state: 'approved', ...(at !== undefined && { at }) });
  }
  for (const value of reviewers === undefined ? [] : read.list(reviewers, 'the reviewers')) {
    const one = person(value, 'a reviewer');
    const state = read.text(read.record(value, 'a reviewer'), 'state', 'a reviewer');
    if (state === 'requested_changes') people.set(one.id, { ...one, state: 'changes_requested' });
    else if (state === 'reviewed' && !people.has(one.id)) people.set(one.id, { ...one, state: 'commented' });
  }
  return [...people.values()];
}

/** Says which commit was the head at a time; undefined before the first push that is known. */
async function headsByTime(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  project: string,
  { iid, head }: MergeRequest,
): Promise<((time: string) => string | undefined) | undefined> {
  const list = await ask(gathered, 'change.approvals.commit', 'the versions of the merge request', () =>
    client.MergeRequests.allDiffVersions(project, iid),
  );
  if (list === undefined) return undefined;
  const versions = read.list(list, 'the versions').map((value) => {
    const one = read.record(value, 'a version');
    const pushed = Date.parse(read.time(one, 'created_at', 'a version'));
    return { head: read.commit(one, 'head_commit_sha', 'a version'), pushed };
  });
  versions.sort((a, b) => b.pushed - a.pushed);
  // A push that has no version yet: nothing can be said of approvals.
  if (versions[0]?.head !== head) {
    notKnown(gathered, 'change.approvals.commit', 'GitLab has not taken in the latest push yet');
    return undefined;
  }
  return (time) => versions.find(({ pushed }) => pushed < Date.parse(time))?.head;
}

/** When people approved, by the notes that GitLab itself writes: for those of its versions that do not tell otherwise. */
async function approvalNotes(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  project: string,
  iid: number,
): Promise<Map<number, string>> {
  const list = await ask(gathered, 'change.approvals.commit', 'the notes of the merge request', () =>
    client.MergeRequestNotes.all(project, iid, { perPage: 100 }),
  );
  const times = new Map<number, string>();
  for (const value of list === undefined ? [] : read.list(list, 'the notes')) {
    const note = read.record(value, 'a note');
    if (note.system !== true || note.body !== 'approved this merge request') continue;
    const author = read.number(read.record(note.author, 'a note.author'), 'id', 'a note.author');
    const at = read.time(note, 'created_at', 'a note');
    const before = times.get(author);
    if (before === undefined || Date.parse(before) < Date.parse(at)) times.set(author, at);
  }
  return times;
}

/** https://docs.gitlab.com/api/members/#roles, in the words that GitHub has for them. */
const roles: [number, string][] = [
  [50, 'admin'],
  [40, 'maintain'],
  [30, 'write'],
  [20, 'triage'],
  [5, 'read'],
];

async function permissionOf(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  project: string,
  { id, username }: Reviewer,
): Promise<string | undefined> {
  const fact = 'change.approvals.permission';
  const value = await ask(gathered, fact, `what ${username} may do`, () =>
    client.ProjectMembers.show(project, id, { includeInherited: true }).catch((error: unknown) => {
      // The project can be seen, and so can its members: this one is none.
      if (gathered.options.token !== undefined && (error as { status?: unknown }).status === 404) return null;
      throw error;
    }),
  );
  if (value === undefined) return undefined;
  if (value === null) return 'none';
  const level = read.number(read.record(value, 'a member'), 'access_level', 'a member');
  return roles.find(([least]) => level >= least)?.[1] ?? 'none';
}

/** Which of the people are in each group that is asked about; groups that may not be seen are left out. */
async function groupMembers(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  people: readonly Reviewer[],
): Promise<Map<string, Set<number>>> {
  const ids = new Set(people.map(({ id }) => id));
  const groups = await Promise.all(
    gathered.options.teams.map(async (group) => {
      const list = await ask(gathered, 'change.approvals.teams', `the members of ${group}`, () =>
        client.GroupMembers.all(group, { includeInherited: true, perPage: 100 }),
      );
      if (list === undefined) return [];
      const members = read
        .list(list, 'the members')
        .map((one) => read.number(read.record(one, 'a member'), 'id', 'a member'));
      return [[group, new Set(members.filter((id) => ids.has(id)))] as const];
    }),
  );
  return new Map(groups.flat());
}
