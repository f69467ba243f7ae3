/**
 * What GitLab's REST API answers with, from what a test tells of a project. The shapes follow
 * https://docs.gitlab.com/api/merge_requests/, …/merge_request_approvals/, …/members/, …/projects/, …/commits/, …/users/,
 * and GitLab's own description of them: test/conformance/gitlab.test.ts holds them against it.
 */

export interface GitlabUser {
  id: number;
  name: string;
  bot?: boolean;
  /** `public_email` of the account. */
  email?: string;
  /** https://docs.gitlab.com/api/members/#roles: 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner. */
  access?: number;
}

export interface GitlabMergeRequest {
  title: string;
  description?: string;
  author: string;
  draft?: boolean;
  state?: 'opened' | 'closed' | 'locked' | 'merged';
  labels?: string[];
  source: { branch: string; sha: string; project?: number };
  target: { branch: string; sha: string };
  squash?: boolean;
  /** What the merge made. */
  mergeCommit?: string;
  /** `at: null`: a GitLab that does not tell it. */
  approved?: { login: string; at: string | null }[];
  /** Absent: the free edition. */
  approvalsRequired?: number;
  reviewers?: { login: string; state: string }[];
  /** The pushes, the latest first; when absent, one of `source.sha`. */
  versions?: { sha: string; at: string }[];
  notes?: { login: string; body: string; system: boolean; at: string }[];
  commits?: { sha: string; message: string; name: string; email: string; parents?: string[] }[];
}

export interface GitlabWorld {
  id: number;
  /** `group/name` */
  path: string;
  private?: boolean;
  defaultBranch?: string;
  squashOption?: 'never' | 'always' | 'default_on' | 'default_off';
  squashTemplate?: string | null;
  users: Record<string, GitlabUser>;
  /** Full path → logins. */
  groups?: Record<string, string[]>;
  mergeRequests: Record<number, GitlabMergeRequest>;
  statuses?: Record<string, { name: string; status: string; allowFailure?: boolean; id?: number }[]>;
}

const time = '2026-01-31T10:00:00.000Z';

export function userShape(url: string, world: GitlabWorld, username: string) {
  const { id, name } = world.users[username]!;
  return { id, username, name, state: 'active', locked: false, avatar_url: null, web_url: `${url}/${username}` };
}

export function projectShape(url: string, world: GitlabWorld) {
  const [name, ...groups] = world.path.split('/').reverse();
  const group = groups.reverse().join('/');
  return {
    id: world.id,
    description: null,
    name,
    name_with_namespace: world.path.replaceAll('/', ' / '),
    path: name,
    path_with_namespace: world.path,
    created_at: time,
    default_branch: world.defaultBranch ?? 'main',
    web_url: `${url}/${world.path}`,
    http_url_to_repo: `${url}/${world.path}.git`,
    ssh_url_to_repo: `git@127.0.0.1:${world.path}.git`,
    namespace: { id: 1, name: group, path: group, kind: 'group', full_path: group, parent_id: null },
    visibility: world.private ? 'private' : 'public',
    merge_method: 'merge',
    squash_option: world.squashOption ?? 'default_off',
    squash_commit_template: world.squashTemplate ?? null,
  };
}

/** As lists have it. */
export function mergeRequestBasicShape(url: string, world: GitlabWorld, iid: number, request: GitlabMergeRequest) {
  const { title, description = '', draft = false, state = 'opened', source, target } = request;
  return {
    id: 5000 + iid,
    iid,
    project_id: world.id,
    title,
    description,
    state,
    created_at: time,
    updated_at: time,
    merged_at: state === 'merged' ? time : null,
    closed_at: state === 'closed' ? time : null,
    target_branch: target.branch,
    source_branch: source.branch,
    author: userShape(url, world, request.author),
    assignees: [],
    reviewers: (request.reviewers ?? []).map(({ login }) => userShape(url, world, login)),
    source_project_id: source.project ?? world.id,
    target_project_id: world.id,
    labels: request.labels ?? [],
    draft,
    work_in_progress: draft,
    merge_status: 'can_be_merged',
    detailed_merge_status: 'mergeable',
    sha: source.sha,
    merge_commit_sha: null,
    squash_commit_sha: request.mergeCommit ?? null,
    squash: request.squash ?? false,
    squash_on_merge: request.squash ?? false,
    references: { short: `!${iid}`, relative: `!${iid}`, full: `${world.path}!${iid}` },
    web_url: `${url}/${world.path}/-/merge_requests/${iid}`,
  };
}

export function mergeRequestShape(url: string, world: GitlabWorld, iid: number, request: GitlabMergeRequest) {
  const { source, target } = request;
  return {
    ...mergeRequestBasicShape(url, world, iid, request),
    diff_refs: { base_sha: target.sha, head_sha: source.sha, start_sha: target.sha },
    user: { can_merge: false },
  };
}
