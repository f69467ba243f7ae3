/**
 * GitLab's REST API on 127.0.0.1, as far as facts, notes and issues need it.
 *
 *     const gitlab = await startGitlab(world);
 *     // CI_API_V4_URL=`${gitlab.url}/api/v4` GITLAB_TOKEN=good
 *     gitlab.notes, gitlab.issues          // what was written
 *     await gitlab.close();
 */
import {
  type GitlabMergeRequest,
  type GitlabWorld,
  mergeRequestBasicShape,
  mergeRequestShape,
  projectShape,
  userShape,
} from './gitlab-shapes.ts';
import { type Answer, type Asked, type ForgeServer, pageOf, startForgeServer } from './server.ts';

export interface GitlabNote {
  id: number;
  mergeRequest: number;
  login: string;
  body: string;
}

export interface GitlabIssue {
  iid: number;
  title: string;
  description: string;
  login: string;
  state: 'opened' | 'closed';
  labels: string[];
}

export interface GitlabServer extends ForgeServer {
  notes: GitlabNote[];
  issues: GitlabIssue[];
  /** What was answered, in turn. */
  answers: { asked: Asked; answer: Answer }[];
}

export interface GitlabServerOptions {
  /** token → login; default `{ good: 'ada-example' }`, who has to be among the users. */
  tokens?: Record<string, string>;
  /** CI_JOB_TOKENs, which may see the project alone. */
  jobTokens?: string[];
  /** Of `METHOD /path`: 403 for every token. */
  forbidden?: RegExp[];
  pageSize?: number;
}

const time = '2026-01-31T10:00:00.000Z';

export async function startGitlab(world: GitlabWorld, options: GitlabServerOptions = {}): Promise<GitlabServer> {
  const { tokens = { good: 'ada-example' }, jobTokens = [], forbidden = [], pageSize = 100 } = options;
  const notes: GitlabNote[] = [];
  const issues: GitlabIssue[] = [];
  const answers: GitlabServer['answers'] = [];
  const answerTo = (asked: Asked, url: string): Answer => {
    const token = asked.headers['private-token'];
    const job = asked.headers['job-token'];
    const login = typeof token === 'string' ? tokens[token] : undefined;
    const isJob = typeof job === 'string' && jobTokens.includes(job);
    if ((token !== undefined && login === undefined) || (job !== undefined && !isJob)) {
      return { status: 401, body: { message: '401 Unauthorized' } };
    }
    if (login === undefined && !isJob && world.private)
      return { status: 404, body: { message: '404 Project Not Found' } };
    // https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access lists the few that a job may use.
    if (isJob && /merge_requests|members|\/users\//.test(asked.path)) return { status: 401, body: unauthorized.body };
    if (forbidden.some((one) => one.test(`${asked.method} ${asked.path}`))) {
      return { status: 403, body: { message: '403 Forbidden' } };
    }
    const answer = route({ asked, url, world, login, pageSize, notes, issues });
    return answer ?? { status: 404, body: { message: '404 Not Found' } };
  };
  const server = await startForgeServer((asked, url) => {
    const answer = answerTo(asked, url);
    answers.push({ asked, answer });
    return answer;
  }, '/api/v4');
  return Object.assign(server, { notes, issues, answers });
}

interface Context {
  asked: Asked;
  url: string;
  world: GitlabWorld;
  login: string | undefined;
  pageSize: number;
  notes: GitlabNote[];
  issues: GitlabIssue[];
}

const unauthorized: Answer = { status: 401, body: { message: '401 Unauthorized' } };

function route(context: Context): Answer | undefined {
  const { asked, url, world } = context;
  const [kind, id, ...rest] = asked.path.slice(1).split('/').map(decodeURIComponent);
  if (kind === 'user' && id === undefined) {
    return context.login === undefined ? unauthorized : { body: userShape(url, world, context.login) };
  }
  if (kind === 'users') {
    const found = Object.entries(world.users).find(([, user]) => user.id === Number(id));
    if (!found) return undefined;
    const [username, { bot = false, email = '' }] = found;
    return { body: { ...userShape(url, world, username), bot, public_email: email } };
  }
  if (kind === 'groups' && rest[0] === 'members' && rest[1] === 'all') {
    if (context.login === undefined) return unauthorized;
    const members = world.groups?.[id ?? ''];
    return (
      members &&
      listed(
        context,
        members.map((login) => memberShape(context, login, 30)),
      )
    );
  }
  if (kind !== 'projects' || (id !== String(world.id) && id !== world.path)) return undefined;
  const [what, name, ...more] = rest;
  if (what === undefined) return { body: projectShape(url, world) };
  if (what === 'merge_requests') return ofMergeRequest(context, Number(name), more);
  if (what === 'members' && name === 'all') {
    const found = Object.entries(world.users).find(([, user]) => user.id === Number(more[0]));
    if (context.login === undefined) return unauthorized;
    return found?.[1].access === undefined ? undefined : { body: memberShape(context, found[0], found[1].access) };
  }
  if (what === 'repository' && name === 'commits') return ofCommit(context, more);
  return what === 'issues' ? ofIssues(context, name) : undefined;
}

function memberShape({ url, world }: Context, login: string, access_level: number) {
  return { ...userShape(url, world, login), access_level, expires_at: null, created_at: time };
}

function listed({ asked, url, pageSize }: Context, items: readonly unknown[]): Answer {
  const page = pageOf(items, { ...asked, path: `/api/v4${asked.path}` }, url, pageSize);
  return { body: page.items, headers: page.headers };
}

function ofCommit(context: Context, [sha = '', what]: string[]): Answer | undefined {
  const { url, world } = context;
  if (what === 'merge_requests') {
    const of = Object.entries(world.mergeRequests).filter(
      ([, { source, mergeCommit }]) => source.sha === sha || mergeCommit === sha,
    );
    return listed(
      context,
      of.map(([iid, one]) => mergeRequestBasicShape(url, world, Number(iid), one)),
    );
  }
  if (what !== 'statuses') return undefined;
  const statuses = (world.statuses?.[sha] ?? []).map(({ name, status, allowFailure = false, id = 1 }) => ({
    id,
    sha,
    ref: 'topic',
    status,
    name,
    target_url: `${url}/jobs/${id}`,
    description: null,
    created_at: time,
    started_at: null,
    finished_at: null,
    allow_failure: allowFailure,
    coverage: null,
    pipeline_id: 1,
    author: userShape(url, world, Object.keys(world.users)[0]!),
  }));
  return listed(context, statuses);
}

function ofMergeRequest(context: Context, iid: number, [what, id]: string[]): Answer | undefined {
  const { url, world, login } = context;
  const request = world.mergeRequests[iid];
  if (!request) return undefined;
  const shape = mergeRequestShape(url, world, iid, request);
  if (what === undefined) return { body: shape };
  // Of public projects, too, GitLab tells these to those alone who are signed in.
  if (login === undefined && what !== 'commits') return unauthorized;
  switch (what) {
    case 'approvals': {
      const { title, description, state, created_at, updated_at, merge_status, project_id } = shape;
      const approved = (request.approved ?? []).map((one) => ({
        user: userShape(url, world, one.login),
        ...(one.at !== null && { approved_at: one.at }),
      }));
      const may = { user_has_approved: false, user_can_approve: true, approved: approved.length > 0 };
      const required = request.approvalsRequired;
      // The free edition has no more.
      if (required === undefined) return { body: { ...may, approved_by: approved } };
      const left = Math.max(0, required - approved.length);
      const head = { id: shape.id, iid, project_id, title, description, state, created_at, updated_at, merge_status };
      const counts = { approved: left === 0, approvals_required: required, approvals_left: left };
      return { body: { ...head, ...may, ...counts, approved_by: approved } };
    }
    case 'reviewers':
      return listed(
        context,
        (request.reviewers ?? []).map((one) => reviewerShape(context, one)),
      );
    case 'versions': {
      const versions = request.versions ?? [{ sha: request.source.sha, at: '2026-01-30T10:00:00.000Z' }];
      return listed(
        context,
        versions.map((one, at) => versionShape(request, one, versions.length - at)),
      );
    }
    case 'commits': {
      const commits = (request.commits ?? []).map(({ sha, message, name, email, parents = [] }) => ({
        id: sha,
        short_id: sha.slice(0, 8),
        parent_ids: parents,
        title: message.split('\n')[0],
        message,
        author_name: name,
        author_email: email,
        authored_date: time,
        committer_name: name,
        committer_email: email,
        committed_date: time,
        created_at: time,
        web_url: `${url}/${world.path}/-/commit/${sha}`,
      }));
      return listed(context, commits);
    }
    case 'notes':
      return ofNotes(context, iid, request, id);
  }
  return undefined;
}

function reviewerShape({ url, world }: Context, { login, state }: { login: string; state: string }) {
  return { user: userShape(url, world, login), state, created_at: time };
}

function versionShape({ target }: GitlabMergeRequest, { sha, at }: { sha: string; at: string }, id: number) {
  const base = { base_commit_sha: target.sha, start_commit_sha: target.sha };
  return { id, head_commit_sha: sha, ...base, created_at: at, merge_request_id: 1, state: 'collected', real_size: '1' };
}

function ofNotes(context: Context, iid: number, request: GitlabMergeRequest, id?: string): Answer | undefined {
  const { asked, url, world, login, notes } = context;
  const given = (asked.body ?? {}) as { body?: string };
  const shape = (one: { id: number; login: string; body: string; system?: boolean; at?: string }) => ({
    id: one.id,
    type: null,
    body: one.body,
    author: userShape(url, world, one.login),
    created_at: one.at ?? time,
    updated_at: one.at ?? time,
    system: one.system ?? false,
    noteable_id: 5000 + iid,
    noteable_type: 'MergeRequest',
    noteable_iid: iid,
    resolvable: false,
    internal: false,
  });
  if (asked.method === 'GET' && id === undefined) {
    const system = (request.notes ?? []).map((one, at) => shape({ id: 9000 + at, ...one }));
    return listed(context, [...system, ...notes.filter(({ mergeRequest }) => mergeRequest === iid).map(shape)]);
  }
  if (asked.method === 'POST') {
    const note = { id: notes.length + 1, mergeRequest: iid, login: login!, body: given.body ?? '' };
    notes.push(note);
    return { status: 201, body: shape(note) };
  }
  const note = notes.find((one) => one.id === Number(id));
  if (!note) return undefined;
  if (asked.method === 'DELETE') {
    notes.splice(notes.indexOf(note), 1);
    return { status: 204 };
  }
  if (asked.method === 'PUT') note.body = given.body ?? asked.query.get('body') ?? note.body;
  return { body: shape(note) };
}

function ofIssues(context: Context, name: string | undefined): Answer | undefined {
  const { asked, url, world, login, issues } = context;
  if (login === undefined) return unauthorized;
  const shape = (issue: GitlabIssue) => ({
    id: 7000 + issue.iid,
    iid: issue.iid,
    project_id: world.id,
    title: issue.title,
    description: issue.description,
    state: issue.state,
    created_at: time,
    updated_at: time,
    closed_at: null,
    labels: issue.labels,
    milestone: null,
    assignees: [],
    author: userShape(url, world, issue.login),
    confidential: false,
    web_url: `${url}/${world.path}/-/issues/${issue.iid}`,
  });
  const given = (asked.body ?? {}) as Record<string, string | string[] | undefined>;
  const labelsOf = (value: string | string[] | undefined) =>
    value === undefined ? undefined : [value].flat().flatMap((text) => text.split(',').filter(Boolean));
  if (name === undefined && asked.method === 'GET') {
    const state = asked.query.get('state');
    const labels = labelsOf(asked.query.get('labels') ?? undefined) ?? [];
    const found = issues.filter((one) => (state === null || state === 'all' ? true : one.state === state));
    return listed(context, found.filter((one) => labels.every((label) => one.labels.includes(label))).map(shape));
  }
  if (name === undefined && asked.method === 'POST') {
    const text = (key: string) => String(given[key] ?? '');
    const issue: GitlabIssue = {
      iid: issues.length + 1,
      title: text('title'),
      description: text('description'),
      login,
      state: 'opened',
      labels: labelsOf(given.labels) ?? [],
    };
    issues.push(issue);
    return { status: 201, body: shape(issue) };
  }
  const issue = issues.find(({ iid }) => iid === Number(name));
  if (!issue) return undefined;
  if (asked.method === 'PUT') {
    if (given.title !== undefined) issue.title = String(given.title);
    if (given.description !== undefined) issue.description = String(given.description);
    issue.labels = labelsOf(given.labels) ?? issue.labels;
    const event = given.state_event;
    if (event !== undefined) issue.state = event === 'close' ? 'closed' : 'opened';
  }
  return { body: shape(issue) };
}
