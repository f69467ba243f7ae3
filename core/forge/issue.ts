/** One issue that tracks something: opened, changed in place, and closed when there is nothing to track. */
import { type Access, githubAccount, gitlabAccount, listOf } from './account.ts';
import { forgeErrorOf } from './client-options.ts';
import { ForgeError } from './forge-error.ts';
import type { ForgeChange, GithubChange, GitlabChange } from './source.ts';

export interface TrackedText {
  title: string;
  /** Begins with the marker. */
  body: string;
  /** Whether there is anything to track. */
  open: boolean;
}

export interface KeptIssue {
  /** `none`: nothing is owed, and there was no open issue. */
  what: 'opened' | 'reopened' | 'updated' | 'unchanged' | 'closed' | 'none';
  number?: number;
  url?: string;
}

interface OwnIssue extends TrackedText {
  number: number;
  url?: string;
}

/** The issues that this account wrote in a repository. */
interface OwnIssues {
  open(): Promise<OwnIssue[]>;
  /** The latest ones. */
  closed(): Promise<OwnIssue[]>;
  create(text: TrackedText): Promise<OwnIssue>;
  update(issue: OwnIssue, text: TrackedText): Promise<OwnIssue>;
}

/**
 * Keeps the issue whose text begins with `marker`. One that was closed is opened again rather than another
 * one made, so that its history stays together. Only issues of this account are touched: anybody may write
 * the marker. Rejects with a ForgeError.
 *
 * @param change its number, if any, plays no part
 */
export async function keepIssue(
  change: ForgeChange,
  marker: string,
  text: TrackedText,
  access: Access,
): Promise<KeptIssue> {
  const { apiUrl, forge } = change;
  const options = { ...access, apiUrl, token: access.token.token };
  if (access.token.kind === 'job') {
    throw new ForgeError(
      'refused',
      'CI_JOB_TOKEN cannot write issues: give a token with the scope api as GITLAB_TOKEN.',
    );
  }
  try {
    const issues = forge === 'github' ? await githubIssues(change, options) : await gitlabIssues(change, options);
    const ours = ({ body }: OwnIssue): boolean => body.startsWith(marker);
    const open = (await issues.open()).find(ours);
    if (open) {
      if (open.body === text.body && open.title === text.title && text.open) return said('unchanged', open);
      return said(text.open ? 'updated' : 'closed', await issues.update(open, text));
    }
    if (!text.open) return { what: 'none' };
    const closed = (await issues.closed()).find(ours);
    return closed ? said('reopened', await issues.update(closed, text)) : said('opened', await issues.create(text));
  } catch (error) {
    throw forgeErrorOf(error, 'leave to keep the issue', options);
  }
}

function said(what: KeptIssue['what'], { number, url }: OwnIssue): KeptIssue {
  return { what, number, ...(url !== undefined && { url }) };
}

type Options = Omit<Access, 'token'> & { apiUrl: string; token: string };

/** Of closed issues, as many pages of a hundred are looked through, the latest first. */
const closedPages = 5;

/** https://docs.github.com/en/rest/issues/issues */
async function githubIssues(change: GithubChange, options: Options): Promise<OwnIssues> {
  const { githubClient } = await import('./github-client.ts');
  const client = githubClient(options);
  const { host } = new URL(change.apiUrl);
  const me = await githubAccount(client, host);
  const repository = { owner: change.owner, repo: change.name };
  const own = (issue: { number: number; title: string; body?: string | null; html_url?: string; state: string }) => ({
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    open: issue.state === 'open',
    ...(issue.html_url !== undefined && { url: issue.html_url }),
  });
  const list = async (state: 'open' | 'closed', pages: number): Promise<OwnIssue[]> => {
    const asked = { ...repository, state, sort: 'updated' as const, per_page: 100 };
    let page = 0;
    const found = await client.paginate(client.rest.issues.listForRepo, asked, ({ data }, done) => {
      page += 1;
      if (page >= pages) done();
      return data;
    });
    // GitHub lists pull requests among the issues.
    const mine = listOf(found, host, 'the issues').filter((issue) => issue.user?.id === me && !issue.pull_request);
    return mine.map(own);
  };
  return {
    open: () => list('open', Number.POSITIVE_INFINITY),
    closed: () => list('closed', closedPages),
    create: async ({ title, body }) => own((await client.rest.issues.create({ ...repository, title, body })).data),
    update: async ({ number }, { title, body, open }) => {
      const state = open ? 'open' : 'closed';
      const asked = { ...repository, issue_number: number, title, body, state } as const;
      return own((await client.rest.issues.update(asked)).data);
    },
  };
}

/** https://docs.gitlab.com/api/issues */
async function gitlabIssues(change: GitlabChange, options: Options): Promise<OwnIssues> {
  const { gitlabClient } = await import('./gitlab-client.ts');
  const client = gitlabClient(options);
  const { host } = new URL(change.apiUrl);
  const authorId = await gitlabAccount(client, host);
  const { project: projectId } = change;
  const own = (issue: {
    iid: number;
    title: string;
    description?: string | null;
    web_url?: unknown;
    state: string;
  }) => ({
    number: issue.iid,
    title: issue.title,
    body: issue.description ?? '',
    open: issue.state === 'opened',
    ...(typeof issue.web_url === 'string' && { url: issue.web_url }),
  });
  const list = async (state: 'opened' | 'closed'): Promise<OwnIssue[]> => {
    const found = await client.Issues.all({
      projectId,
      state,
      authorId,
      scope: 'all',
      orderBy: 'updated_at',
      perPage: 100,
    });
    return listOf(found, host, 'the issues')
      .filter(({ author }) => author?.id === authorId)
      .map(own);
  };
  return {
    open: () => list('opened'),
    closed: () => list('closed'),
    create: async ({ title, body }) => own(await client.Issues.create(projectId, title, { description: body })),
    update: async ({ number, open: wasOpen }, { title, body, open }) => {
      const stateEvent = wasOpen === open ? undefined : open ? 'reopen' : 'close';
      const asked = { title, description: body, ...(stateEvent && ({ stateEvent } as const)) };
      return own(await client.Issues.edit(projectId, number, asked));
    },
  };
}
