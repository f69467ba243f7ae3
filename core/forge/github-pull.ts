/** A pull request as GitHub's API and the payloads of its events show it. */
import type { ToldChange } from './gathering.ts';
import type { Reader } from './reading.ts';

/** https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request */
export interface Pull {
  number: number;
  title: string;
  head: string;
  /** The commit that its merge made: with a rebase, the last one. */
  merged?: string;
  baseBranch: string;
  author?: string;
  /** How many commits it has; GitHub lists the first 250. */
  commits?: number;
  defaultBranch?: string;
  /** The parts of the input's change that it tells. */
  change: ToldChange;
  /** The message that somebody chose for an automatic squash merge. */
  chosenSquash?: string;
  /** The repository that it goes to, as far as the pull request shows it. */
  repository: Record<string, unknown>;
}

export function readPull(read: Reader, value: unknown): Pull {
  const where = 'the pull request';
  const pull = read.record(value, where);
  const head = read.record(pull.head, `${where}.head`);
  const base = read.record(pull.base, `${where}.base`);
  const repository = read.record(base.repo, `${where}.base.repo`);
  // Deleted accounts are null.
  const user = pull.user === null || pull.user === undefined ? undefined : accountOf(read, pull.user, `${where}.user`);
  const number = read.number(pull, 'number', where);
  const title = read.text(pull, 'title', where);
  const baseBranch = read.text(base, 'ref', `${where}.base`);
  const draft = read.maybeFlag(pull, 'draft', where);
  const labels = read.list(pull.labels, `${where}.labels`).map((label) => {
    const one = read.record(label, `${where}.labels`);
    return read.text(one, 'name', `${where}.labels`);
  });
  const shut = read.text(pull, 'state', where) === 'closed';
  const merged = read.maybeFlag(pull, 'merged', where) ?? typeof pull.merged_at === 'string';
  const chosenSquash = squashOf(read, pull.auto_merge, `${where}.auto_merge`);
  const made = merged ? read.maybeText(pull, 'merge_commit_sha', where) : undefined;
  const url = read.maybeText(pull, 'html_url', where);
  const body = read.maybeText(pull, 'body', where);
  return {
    number,
    title,
    head: read.commit(head, 'sha', `${where}.head`),
    ...(made !== undefined && { merged: made }),
    baseBranch,
    ...(user && { author: user.login }),
    ...(typeof pull.commits === 'number' && { commits: pull.commits }),
    ...(typeof repository.default_branch === 'string' && { defaultBranch: repository.default_branch }),
    ...(chosenSquash !== undefined && { chosenSquash }),
    repository,
    change: {
      id: String(number),
      ...(url !== undefined && { url }),
      title,
      body: body ?? '',
      ...(user && { author: user.login, author_kind: user.kind }),
      base_branch: baseBranch,
      head_branch: read.text(head, 'ref', `${where}.head`),
      ...(draft !== undefined && { draft }),
      state: merged ? 'merged' : shut ? 'closed' : 'open',
      from_fork: !sameRepository(head.repo, repository),
      labels,
    },
  };
}

/** A fork that was deleted is null. */
function sameRepository(head: unknown, base: Record<string, unknown>): boolean {
  if (typeof head !== 'object' || head === null) return false;
  return (head as Record<string, unknown>).id === base.id;
}

export interface Account {
  login: string;
  kind: 'user' | 'bot';
}

/** An account; only those of the type `User` are people. */
export function accountOf(read: Reader, value: unknown, where: string): Account {
  const user = read.record(value, where);
  const login = read.text(user, 'login', where);
  const kind = read.text(user, 'type', where) === 'User' && !login.endsWith('[bot]') ? 'user' : 'bot';
  return { login, kind };
}

function squashOf(read: Reader, value: unknown, where: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  const merge = read.record(value, where);
  if (merge.merge_method !== 'squash') return undefined;
  const title = read.maybeText(merge, 'commit_title', where);
  const message = read.maybeText(merge, 'commit_message', where);
  // Null: the repository's default will be taken.
  return title ? `${title}\n\n${message ?? ''}`.trimEnd() : undefined;
}
