/**
 * What GitHub's REST API answers with, from what a test tells of a repository. The shapes are those of
 * GitHub's own description (https://github.com/github/rest-api-description, npm: @octokit/openapi), which
 * the conformance test holds them against.
 */

export interface GithubUser {
  /** The account's number; made of the login when absent. */
  id?: number;
  type?: 'User' | 'Bot';
  /** The role in the repository: `admin`, `maintain`, `write`, `triage`, `read`, or one of its own; `none` when absent. */
  role?: string;
  name?: string;
}

export interface GithubCommit {
  sha: string;
  message: string;
  author: { name: string; email: string };
  /** The account that GitHub knows by the address. */
  login?: string;
  parents?: string[];
}

export interface GithubPull {
  title: string;
  body?: string | null;
  author: string;
  draft?: boolean;
  state?: 'open' | 'closed';
  merged?: boolean;
  /** What the merge made. */
  mergeCommit?: string;
  labels?: string[];
  base: { ref: string; sha: string };
  /** `fork`: the owner of the other repository; null: it was deleted. */
  head: { ref: string; sha: string; fork?: string | null };
  /** `login: null`: the account was deleted. */
  reviews?: { login: string | null; state: string; commit: string | null; at?: string }[];
  commits?: GithubCommit[];
  /** The number of commits, when it is not that of `commits`. */
  commitCount?: number;
  autoMerge?: { method: 'merge' | 'squash' | 'rebase'; title: string; message: string };
}

export interface GithubBranch {
  sha?: string;
  /** What branch protection (the older kind) demands. */
  protection?: { contexts?: string[]; approvals?: number };
  /** What rulesets demand. */
  rules?: object[];
}

export interface GithubWorld {
  owner: string;
  name: string;
  private?: boolean;
  defaultBranch?: string;
  /** Absent: the token may not see them. */
  settings?: Partial<{
    allow_squash_merge: boolean;
    allow_merge_commit: boolean;
    allow_rebase_merge: boolean;
    squash_merge_commit_title: 'PR_TITLE' | 'COMMIT_OR_PR_TITLE';
    squash_merge_commit_message: 'PR_BODY' | 'COMMIT_MESSAGES' | 'BLANK';
  }>;
  users: Record<string, GithubUser>;
  /** `org/team` → logins. */
  teams?: Record<string, string[]>;
  pulls: Record<number, GithubPull>;
  branches?: Record<string, GithubBranch>;
  checks?: Record<string, { name: string; status: string; conclusion?: string | null; id?: number }[]>;
  /** The latest first. */
  statuses?: Record<string, { context: string; state: string }[]>;
}

const time = '2026-01-31T10:00:00Z';

/** Ids are made of names, so that they are the same each time. */
function idOf(text: string): number {
  let id = 7;
  for (const letter of text) id = (id * 31 + letter.charCodeAt(0)) % 1_000_000_007;
  return id;
}

export function userShape(url: string, world: GithubWorld, login: string) {
  const { type = 'User', id = idOf(login) } = world.users[login] ?? {};
  const name = encodeURIComponent(login);
  const own = `${url}/users/${name}`;
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${url}/avatars/${name}`,
    gravatar_id: '',
    url: own,
    html_url: `${url}/${name}`,
    followers_url: `${own}/followers`,
    following_url: `${own}/following{/other_user}`,
    gists_url: `${own}/gists{/gist_id}`,
    starred_url: `${own}/starred{/owner}{/repo}`,
    subscriptions_url: `${own}/subscriptions`,
    organizations_url: `${own}/orgs`,
    repos_url: `${own}/repos`,
    events_url: `${own}/events{/privacy}`,
    received_events_url: `${own}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
}

const linked = [
  'archive assignees blobs branches collaborators comments commits compare contents contributors deployments',
  'downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages',
  'merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees',
]
  .join(' ')
  .split(' ');

export function repositoryShape(url: string, world: GithubWorld, owner = world.owner) {
  const own = `${url}/repos/${owner}/${world.name}`;
  const links = Object.fromEntries(linked.map((name) => [`${name}_url`, `${own}/${name}`]));
  return {
    ...links,
    id: idOf(`${owner}/${world.name}`),
    node_id: `R_${idOf(own)}`,
    name: world.name,
    full_name: `${owner}/${world.name}`,
    owner: userShape(url, world, owner),
    private: world.private ?? false,
    html_url: `${url}/${owner}/${world.name}`,
    description: null,
    fork: owner !== world.owner,
    url: own,
    clone_url: `${url}/${owner}/${world.name}.git`,
    git_url: `git://127.0.0.1/${owner}/${world.name}.git`,
    ssh_url: `git@127.0.0.1:${owner}/${world.name}.git`,
    svn_url: `${url}/${owner}/${world.name}`,
    mirror_url: null,
    homepage: null,
    language: null,
    default_branch: world.defaultBranch ?? 'main',
    visibility: world.private ? 'private' : 'public',
    archived: false,
    disabled: false,
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    has_downloads: true,
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    network_count: 0,
    subscribers_count: 0,
    size: 1,
    license: null,
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: time,
    created_at: time,
    updated_at: time,
    ...world.settings,
  };
}

export function pullShape(url: string, world: GithubWorld, number: number, pull: GithubPull) {
  const own = `${url}/repos/${world.owner}/${world.name}/pulls/${number}`;
  const issue = `${url}/repos/${world.owner}/${world.name}/issues/${number}`;
  const statuses = `${url}/repos/${world.owner}/${world.name}/statuses/${pull.head.sha}`;
  const html = `${url}/${world.owner}/${world.name}/pull/${number}`;
  const { fork = world.owner } = pull.head;
  const author = userShape(url, world, pull.author);
  const { title, merged = false, state = 'open' } = pull;
  const links = { self: own, html, issue, comments: `${issue}/comments`, review_comments: `${own}/comments` };
  const more = { review_comment: `${own}/comments{/number}`, commits: `${own}/commits`, statuses };
  return {
    url: own,
    id: 1000 + number,
    node_id: `PR_${number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${own}/commits`,
    review_comments_url: `${own}/comments`,
    review_comment_url: `${own}/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number,
    state,
    locked: false,
    title,
    user: author,
    body: pull.body ?? null,
    labels: (pull.labels ?? []).map((name) => ({
      id: idOf(name),
      node_id: `L_${idOf(name)}`,
      url: `${url}/repos/${world.owner}/${world.name}/labels/${encodeURIComponent(name)}`,
      name,
      description: '',
      color: 'ededed',
      default: false,
    })),
    milestone: null,
    created_at: time,
    updated_at: time,
    closed_at: state === 'closed' ? time : null,
    merged_at: merged ? time : null,
    merge_commit_sha: pull.mergeCommit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    draft: pull.draft ?? false,
    head: {
      label: `${fork}:${pull.head.ref}`,
      ref: pull.head.ref,
      sha: pull.head.sha,
      user: fork === null ? null : userShape(url, world, fork),
      repo: fork === null ? null : repositoryShape(url, world, fork),
    },
    base: {
      label: `${world.owner}:${pull.base.ref}`,
      ref: pull.base.ref,
      sha: pull.base.sha,
      user: userShape(url, world, world.owner),
      repo: repositoryShape(url, world),
    },
    _links: Object.fromEntries(Object.entries({ ...links, ...more }).map(([name, href]) => [name, { href }])),
    author_association: 'CONTRIBUTOR',
    auto_merge: pull.autoMerge
      ? {
          enabled_by: author,
          merge_method: pull.autoMerge.method,
          commit_title: pull.autoMerge.title,
          commit_message: pull.autoMerge.message,
        }
      : null,
    merged,
    mergeable: true,
    rebaseable: true,
    mergeable_state: 'clean',
    merged_by: merged ? author : null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: pull.commitCount ?? pull.commits?.length ?? 1,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };
}

export function reviewShape(url: string, world: GithubWorld, number: number, at: number) {
  const review = world.pulls[number]!.reviews![at]!;
  const own = `${url}/repos/${world.owner}/${world.name}/pulls/${number}`;
  const html = `${url}/${world.owner}/${world.name}/pull/${number}#pullrequestreview-${at + 1}`;
  return {
    id: at + 1,
    node_id: `PRR_${at + 1}`,
    user: review.login === null ? null : userShape(url, world, review.login),
    body: '',
    state: review.state,
    html_url: html,
    pull_request_url: own,
    author_association: 'MEMBER',
    _links: { html: { href: html }, pull_request: { href: own } },
    ...(review.state !== 'PENDING' && { submitted_at: review.at ?? time }),
    commit_id: review.commit,
  };
}

export function commitShape(url: string, world: GithubWorld, commit: GithubCommit) {
  const own = `${url}/repos/${world.owner}/${world.name}/commits/${commit.sha}`;
  const html = `${url}/${world.owner}/${world.name}/commit/${commit.sha}`;
  const person = { ...commit.author, date: time };
  const account = commit.login === undefined ? null : userShape(url, world, commit.login);
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: own,
    html_url: html,
    comments_url: `${own}/comments`,
    commit: {
      url: `${url}/repos/${world.owner}/${world.name}/git/commits/${commit.sha}`,
      author: person,
      committer: person,
      message: commit.message,
      tree: { sha: commit.sha, url: `${url}/repos/${world.owner}/${world.name}/git/trees/${commit.sha}` },
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: account,
    committer: account,
    parents: (commit.parents ?? []).map((sha) => ({ sha, url: `${own}/${sha}`, html_url: `${html}/${sha}` })),
  };
}
