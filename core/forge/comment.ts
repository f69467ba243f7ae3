/** One comment on a change, which each run changes in place. */
import { type Access, githubAccount, gitlabAccount, listOf } from './account.ts';
import { forgeErrorOf } from './client-options.ts';
import { ForgeError } from './forge-error.ts';
import type { ForgeChange, GithubChange, GitlabChange } from './source.ts';

export type ChangeWithNumber<T extends ForgeChange = ForgeChange> = T & { number: number };

export interface KeptText {
  what: 'created' | 'updated' | 'unchanged';
  /** Where people read it; absent when the host did not say. */
  url?: string;
}

interface OwnComment {
  id: number;
  body: string;
  url?: string;
}

/** The comments that this account wrote on a change. */
interface OwnComments {
  /** Oldest first. */
  all(): Promise<OwnComment[]>;
  create(body: string): Promise<OwnComment>;
  update(id: number, body: string): Promise<OwnComment>;
  remove(id: number): Promise<unknown>;
}

/**
 * Writes the comment that begins with `marker`: over the one that this account wrote before, or a new one.
 * What somebody else wrote is never taken for ours, whatever it begins with: its author could change it
 * afterwards. Should two runs have made one each, the later ones go. Rejects with a ForgeError.
 *
 * @param body begins with the marker
 */
export async function keepComment(
  change: ChangeWithNumber,
  marker: string,
  body: string,
  access: Access,
): Promise<KeptText> {
  const { apiUrl, forge } = change;
  const options = { ...access, apiUrl, token: access.token.token };
  if (access.token.kind === 'job') {
    throw new ForgeError(
      'refused',
      'CI_JOB_TOKEN cannot write notes: give a token with the scope api as GITLAB_TOKEN.',
    );
  }
  try {
    const comments = forge === 'github' ? await githubComments(change, options) : await gitlabNotes(change, options);
    const [ours, ...more] = (await comments.all()).filter((comment) => comment.body.startsWith(marker));
    for (const { id } of more) await comments.remove(id);
    if (ours === undefined) return { what: 'created', ...place(await comments.create(body)) };
    if (ours.body === body) return { what: 'unchanged', ...place(ours) };
    return { what: 'updated', ...place(await comments.update(ours.id, body)) };
  } catch (error) {
    throw forgeErrorOf(error, `leave to write a comment on ${change.number}`, options);
  }
}

function place({ url }: OwnComment): { url?: string } {
  return url === undefined ? {} : { url };
}

type Options = Omit<Access, 'token'> & { apiUrl: string; token: string };

/** https://docs.github.com/en/rest/issues/comments: a pull request's comments are an issue's. */
async function githubComments(change: ChangeWithNumber<GithubChange>, options: Options): Promise<OwnComments> {
  const { githubClient } = await import('./github-client.ts');
  const client = githubClient(options);
  const { host } = new URL(change.apiUrl);
  const me = await githubAccount(client, host);
  const repository = { owner: change.owner, repo: change.name };
  const issue = { ...repository, issue_number: change.number };
  const own = (comment: { id: number; body?: string | null; html_url?: string }): OwnComment => ({
    id: comment.id,
    body: comment.body ?? '',
    ...(comment.html_url !== undefined && { url: comment.html_url }),
  });
  return {
    async all() {
      const found = await client.paginate(client.rest.issues.listComments, { ...issue, per_page: 100 });
      return listOf(found, host, 'the comments')
        .filter(({ user }) => user?.id === me)
        .map(own);
    },
    create: async (body) => own((await client.rest.issues.createComment({ ...issue, body })).data),
    update: async (id, body) =>
      own((await client.rest.issues.updateComment({ ...repository, comment_id: id, body })).data),
    remove: (id) => client.rest.issues.deleteComment({ ...repository, comment_id: id }),
  };
}

/** https://docs.gitlab.com/api/notes/#merge-requests */
async function gitlabNotes(change: ChangeWithNumber<GitlabChange>, options: Options): Promise<OwnComments> {
  const { gitlabClient } = await import('./gitlab-client.ts');
  const client = gitlabClient(options);
  const { host } = new URL(change.apiUrl);
  const me = await gitlabAccount(client, host);
  const { MergeRequestNotes: notes } = client;
  const { project, number } = change;
  const own = ({ id, body }: { id: number; body: string }): OwnComment => ({ id, body });
  return {
    async all() {
      const found = await notes.all(project, number, { sort: 'asc', orderBy: 'created_at', perPage: 100 });
      return listOf(found, host, 'the notes')
        .filter(({ author, system }) => author?.id === me && !system)
        .map(own);
    },
    create: async (body) => own(await notes.create(project, number, body)),
    update: async (id, body) => own(await notes.edit(project, number, id, { body })),
    remove: (id) => notes.remove(project, number, id),
  };
}
