/**
 * GitHub's REST API on 127.0.0.1, as far as facts, comments and issues need it.
 *
 *     const github = await startGithub(world);
 *     // GITHUB_API_URL=github.url GITHUB_TOKEN=good
 *     github.faults.push(faults.status(/reviews/, 500));
 *     github.comments, github.issues        // what was written
 *     await github.close();
 */
import {
  commitShape,
  type GithubPull,
  type GithubWorld,
  pullShape,
  repositoryShape,
  reviewShape,
  userShape,
} from './github-shapes.ts';
import { type Answer, type Asked, type ForgeServer, pageOf, startForgeServer } from './server.ts';

export interface GithubComment {
  id: number;
  issue: number;
  login: string;
  body: string;
}

export interface GithubIssue {
  number: number;
  title: string;
  body: string;
  login: string;
  state: 'open' | 'closed';
  labels: string[];
}

export interface GithubServer extends ForgeServer {
  comments: GithubComment[];
  issues: GithubIssue[];
}

export interface GithubServerOptions {
  /** token → login; default `{ good: 'countersign[bot]' }`. */
  tokens?: Record<string, string>;
  /** Of `METHOD /path`: 403 for every token. */
  forbidden?: RegExp[];
  /** The largest page; default 100. */
  pageSize?: number;
}

const time = '2026-01-31T10:00:00Z';

export async function startGithub(world: GithubWorld, options: GithubServerOptions = {}): Promise<GithubServer> {
  const { tokens = { good: 'countersign[bot]' }, forbidden = [], pageSize = 100 } = options;
  const comments: GithubComment[] = [];
  const issues: GithubIssue[] = [];
  const server = await startForgeServer((asked, url) => {
    const token = /^(?:token|bearer) (.+)$/i.exec(asked.headers.authorization ?? '')?.[1];
    const login = token === undefined ? undefined : tokens[token];
    if (token !== undefined && login === undefined) return { status: 401, body: { message: 'Bad credentials' } };
    if (login === undefined && world.private) return undefined;
    if (forbidden.some((one) => one.test(`${asked.method} ${asked.path}`))) {
      const message = login === undefined ? 'Requires authentication' : 'Resource not accessible by integration';
      return { status: login === undefined ? 401 : 403, body: { message } };
    }
    const context: Context = { asked, url, world, login, pageSize, comments, issues };
    return read(context) ?? write(context);
  });
  return Object.assign(server, { comments, issues });
}

interface Context {
  asked: Asked;
  url: string;
  world: GithubWorld;
  login: string | undefined;
  pageSize: number;
  comments: GithubComment[];
  issues: GithubIssue[];
}

function read(context: Context): Answer | undefined {
  const { asked, url, world, pageSize } = context;
  if (asked.method !== 'GET') return undefined;
  const list = (items: readonly unknown[]): Answer => {
    const page = pageOf(items, asked, url, pageSize);
    return { body: page.items, headers: page.headers };
  };
  const team = /^\/orgs\/([^/]+)\/teams\/([^/]+)\/members$/.exec(asked.path);
  if (team) {
    const [, org, slug] = team.map(decodeURIComponent);
    const members = context.login === undefined ? undefined : world.teams?.[`${org}/${slug}`];
    return members && list(members.map((member) => userShape(url, world, member)));
  }
  const base = `/repos/${world.owner}/${world.name}`;
  if (asked.path === base) return { body: repositoryShape(url, world) };
  if (!asked.path.startsWith(`${base}/`)) return undefined;
  const parts = asked.path
    .slice(base.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const [kind, name = '', ...rest] = parts;
  const below = rest.join('/');
  const pull = kind === 'pulls' ? world.pulls[Number(name)] : undefined;
  if (pull) return pullAnswer(context, Number(name), pull, below, list);
  if (kind === 'collaborators' && below === 'permission') {
    const user = world.users[name];
    if (context.login === undefined || user === undefined) return undefined;
    const role = user.role ?? 'none';
    const legacy = { maintain: 'write', triage: 'read', admin: 'admin', write: 'write', none: 'none' }[role] ?? 'read';
    return { body: { permission: legacy, role_name: role, user: { ...userShape(url, world, name), role_name: role } } };
  }
  if (kind === 'commits' && below === 'pulls') {
    const of = Object.entries(world.pulls).filter(
      ([, { head, mergeCommit }]) => head.sha === name || mergeCommit === name,
    );
    return list(of.map(([number, one]) => pullShape(url, world, Number(number), one)));
  }
  if (kind === 'commits' && below === 'check-runs') return checkRuns(context, name);
  if (kind === 'commits' && below === 'statuses') {
    return list((world.statuses?.[name] ?? []).map((one) => statusShape(context, name, one)));
  }
  if (kind === 'rules' && name === 'branches') return list(world.branches?.[below]?.rules ?? []);
  if (kind === 'branches') return branchAnswer(context, [name, ...rest]);
  if (kind === 'issues' && below === 'comments') {
    return list(
      context.comments.filter(({ issue }) => issue === Number(name)).map((one) => commentShape(context, one)),
    );
  }
  if (kind === 'issues' && name === '') {
    const { query } = asked;
    const state = query.get('state') ?? 'open';
    const labels = (query.get('labels') ?? '').split(',').filter(Boolean);
    const found = context.issues.filter((issue) => state === 'all' || issue.state === state);
    const having = found.filter((issue) => labels.every((label) => issue.labels.includes(label)));
    return list(having.map((issue) => issueShape(context, issue)));
  }
  const issue = kind === 'issues' && context.issues.find(({ number }) => number === Number(name));
  return issue ? { body: issueShape(context, issue) } : undefined;
}

function pullAnswer(
  { url, world }: Context,
  number: number,
  pull: GithubPull,
  below: string,
  list: (items: readonly unknown[]) => Answer,
): Answer | undefined {
  if (below === '') return { body: pullShape(url, world, number, pull) };
  if (below === 'reviews') return list((pull.reviews ?? []).map((_, at) => reviewShape(url, world, number, at)));
  // GitHub gives at most 250.
  if (below === 'commits') return list((pull.commits ?? []).slice(0, 250).map((one) => commitShape(url, world, one)));
  return undefined;
}

function checkRuns({ asked, url, world, pageSize }: Context, sha: string): Answer {
  const runs = (world.checks?.[sha] ?? []).map(({ name, status, conclusion = null, id = 1 }) => ({
    id,
    node_id: `CR_${id}`,
    head_sha: sha,
    external_id: '',
    url: `${url}/repos/${world.owner}/${world.name}/check-runs/${id}`,
    html_url: null,
    details_url: null,
    status,
    conclusion,
    started_at: time,
    completed_at: status === 'completed' ? time : null,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    name,
    check_suite: { id: 5 },
    app: null,
    pull_requests: [],
  }));
  const page = pageOf(runs, asked, url, pageSize);
  return { body: { total_count: runs.length, check_runs: page.items }, headers: page.headers };
}

function statusShape({ url, world }: Context, sha: string, { context, state }: { context: string; state: string }) {
  return {
    id: 1,
    node_id: 'S_1',
    state,
    context,
    description: null,
    target_url: null,
    avatar_url: null,
    url: `${url}/repos/${world.owner}/${world.name}/statuses/${sha}`,
    created_at: time,
    updated_at: time,
    creator: null,
  };
}

function branchAnswer({ url, world }: Context, parts: string[]): Answer | undefined {
  const at = parts.indexOf('protection');
  const name = (at < 0 ? parts : parts.slice(0, at)).join('/');
  const branch = world.branches?.[name];
  if (!branch) return undefined;
  const own = `${url}/repos/${world.owner}/${world.name}/branches/${name}`;
  const { protection } = branch;
  if (at >= 0) {
    if (parts[at + 1] !== 'required_pull_request_reviews' || protection?.approvals === undefined) return undefined;
    const required = { dismiss_stale_reviews: true, require_code_owner_reviews: true };
    return { body: { url: own, ...required, required_approving_review_count: protection.approvals } };
  }
  const contexts = protection?.contexts ?? [];
  const checks = { contexts, checks: contexts.map((context) => ({ context, app_id: null })) };
  const commit = {
    sha: branch.sha ?? '0'.repeat(40),
    message: 'Start',
    author: { name: 'Ann', email: 'ann@example.com' },
  };
  return {
    body: {
      name,
      commit: commitShape(url, world, commit),
      _links: { html: `${url}/tree/${name}`, self: own },
      protected: protection !== undefined || (branch.rules?.length ?? 0) > 0,
      protection: {
        enabled: protection !== undefined,
        required_status_checks: { enforcement_level: contexts.length > 0 ? 'non_admins' : 'off', ...checks },
      },
      protection_url: `${own}/protection`,
    },
  };
}

/** Comments and issues, as GitHub makes and changes them. */
function write(context: Context): Answer | undefined {
  const { asked, url, world, login } = context;
  // All that is asked by GraphQL here is who the token is for.
  if (asked.path === '/graphql' && asked.method === 'POST') {
    if (login === undefined)
      return { status: 401, body: { message: 'This endpoint requires you to be authenticated.' } };
    return { body: { data: { viewer: { databaseId: userShape(url, world, login).id } } } };
  }
  const base = `/repos/${world.owner}/${world.name}/issues`;
  if (!asked.path.startsWith(base)) return undefined;
  if (login === undefined) return { status: 401, body: { message: 'Requires authentication' } };
  const [first = '', second = ''] = asked.path.slice(base.length + 1).split('/');
  const given = asked.body as { body?: string; title?: string; labels?: string[]; state?: 'open' | 'closed' };
  const { comments, issues } = context;
  if (asked.method === 'POST' && second === 'comments') {
    const comment = { id: comments.length + 1, issue: Number(first), login, body: given.body ?? '' };
    comments.push(comment);
    return { status: 201, body: commentShape(context, comment) };
  }
  if (first === 'comments') {
    const at = comments.findIndex(({ id }) => id === Number(second));
    const comment = comments[at];
    if (!comment) return undefined;
    if (asked.method === 'DELETE') {
      comments.splice(at, 1);
      return { status: 204 };
    }
    comment.body = given.body ?? comment.body;
    return { body: commentShape(context, comment) };
  }
  if (asked.method === 'POST' && first === '') {
    const number = 100 + issues.length;
    const { title = '', body = '', labels = [] } = given;
    const issue: GithubIssue = { number, title, body, login, state: 'open', labels };
    issues.push(issue);
    return { status: 201, body: issueShape(context, issue) };
  }
  const issue = issues.find(({ number }) => number === Number(first));
  if (!issue || asked.method !== 'PATCH') return undefined;
  Object.assign(issue, given);
  return { body: issueShape(context, issue) };
}

function commentShape({ url, world }: Context, { id, issue, login, body }: GithubComment) {
  const own = `${url}/repos/${world.owner}/${world.name}/issues`;
  return {
    id,
    node_id: `IC_${id}`,
    url: `${own}/comments/${id}`,
    html_url: `${url}/${world.owner}/${world.name}/pull/${issue}#issuecomment-${id}`,
    issue_url: `${own}/${issue}`,
    body,
    user: userShape(url, world, login),
    created_at: time,
    updated_at: time,
    author_association: 'NONE',
  };
}

function issueShape({ url, world }: Context, { number, title, body, login, state, labels }: GithubIssue) {
  const repository = `${url}/repos/${world.owner}/${world.name}`;
  const own = `${repository}/issues/${number}`;
  return {
    id: number,
    node_id: `I_${number}`,
    url: own,
    repository_url: repository,
    labels_url: `${own}/labels{/name}`,
    comments_url: `${own}/comments`,
    events_url: `${own}/events`,
    html_url: `${url}/${world.owner}/${world.name}/issues/${number}`,
    number,
    state,
    title,
    body,
    user: userShape(url, world, login),
    labels: labels.map((name) => ({ name, color: 'ededed', default: false, description: null })),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: 0,
    closed_at: state === 'closed' ? time : null,
    created_at: time,
    updated_at: time,
    author_association: 'NONE',
  };
}
