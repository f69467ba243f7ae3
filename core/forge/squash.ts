/** The message that a squash merge would make, by what the code hosts document and their sources show. */

/** A commit that would be squashed. */
export interface SquashedCommit {
  message: string;
  name: string;
  email: string;
  /** It has several parents. */
  merge: boolean;
}

/** GitHub's settings of a repository; `COMMIT_OR_PR_TITLE` with `COMMIT_MESSAGES` is what it begins with. */
export interface GithubSquashSettings {
  title: 'PR_TITLE' | 'COMMIT_OR_PR_TITLE';
  message: 'PR_BODY' | 'COMMIT_MESSAGES' | 'BLANK';
}

/**
 * GitHub's proposal
 * (https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#merge-message-for-a-squash-merge):
 * a title with the number, then nothing, the description, or the commits as a list; authors who did not
 * open the pull request end it as co-authors. Whoever merges may still edit it: a push is judged again.
 *
 * @param isAuthor whether a commit is by whoever opened the pull request
 */
export function githubSquashMessage<C extends SquashedCommit>(
  { title, message }: GithubSquashSettings,
  pull: { number: number; title: string; body: string },
  commits: readonly C[],
  isAuthor: (commit: C) => boolean,
): string {
  const [only, ...others] = commits;
  const single = only !== undefined && others.length === 0 && title === 'COMMIT_OR_PR_TITLE';
  const subject = `${single ? subjectOf(only.message) : pull.title} (#${pull.number})`;
  const parts = {
    BLANK: () => '',
    PR_BODY: () => plain(pull.body),
    COMMIT_MESSAGES: () => {
      if (single) return bodyOf(only.message);
      return commits.map((commit) => `* ${plain(commit.message)}`).join('\n\n');
    },
  };
  const body = parts[message]();
  const coAuthors = new Map<string, string>();
  const add = (name: string, email: string) => {
    const key = email.toLowerCase();
    if (!coAuthors.has(key)) coAuthors.set(key, `Co-authored-by: ${name} <${email}>`);
  };
  for (const commit of commits) {
    if (!isAuthor(commit)) add(commit.name, commit.email);
    for (const [, name, email] of commit.message.matchAll(/^co-authored-by:[ \t]*(.*?)[ \t]*<([^<>\n]*)>[ \t]*$/gim)) {
      add(name!, email!);
    }
  }
  const lines = [...coAuthors.values()].filter((line) => !(single && body.includes(line)));
  const end = lines.length === 0 ? '' : `${body === '' ? '' : '---------\n\n'}${lines.join('\n')}`;
  return [subject, body, end].filter((part) => part !== '').join('\n\n');
}

/** What GitLab's template is filled with. */
export interface GitlabSquash {
  /** Null, or empty: the title. */
  template: string | null | undefined;
  title: string;
  description: string;
  sourceBranch: string;
  targetBranch: string;
  /** `!12` and `group/name!12` */
  localReference: string;
  reference: string;
  url: string;
  sourceProjectId: number;
  /** The addresses of whoever opened the merge request. */
  authorEmails: readonly string[];
  /** The latest first. */
  commits: readonly SquashedCommit[];
}

/** Variables that a reader of the API cannot fill: they depend on who merges, or on addresses it does not show. */
const unfillable = ['issues', 'reviewed_by', 'approved_by', 'merged_by'];

/**
 * GitLab's message, by its template
 * (https://docs.gitlab.com/user/project/merge_requests/commit_templates/, and lib/gitlab/merge_requests/message_generator.rb).
 * `missing` names the variables that stay empty as nobody here can fill them.
 */
export function gitlabSquashMessage(squash: GitlabSquash): { message: string; missing: string[] } {
  const template = squash.template?.trim() ? squash.template.replaceAll('\r', '') : '%{title}';
  const { commits } = squash;
  // GitLab takes no more than these.
  const recent = commits.slice(0, 100);
  const multiline = commits.findLast(({ message, merge }) => !merge && bodyOf(message) !== '');
  const values: Record<string, string> = {
    title: squash.title,
    description: squash.description,
    source_branch: squash.sourceBranch,
    target_branch: squash.targetBranch,
    reference: squash.reference,
    local_reference: squash.localReference,
    source_project_id: String(squash.sourceProjectId),
    url: squash.url,
    first_commit: commits.at(-1)?.message.trim() ?? '',
    first_multiline_commit: multiline?.message.trim() || squash.title,
    commits_count: String(commits.length),
    co_authored_by: coAuthorsOf(squash, recent),
    all_commits: recent
      .filter(({ merge }) => !merge)
      .map(({ message }) => (Buffer.byteLength(message) > 100 * 1024 ? tooLong(message) : `* ${message.trim()}`))
      .join('\n\n'),
    ...Object.fromEntries(unfillable.map((name) => [name, ''])),
  };
  const variable = new RegExp(`%\\{(${Object.keys(values).join('|')})\\}`, 'g');
  const used = new Set([...template.matchAll(variable)].map(([, name]) => name!));
  let message = template;
  // A line of nothing but an empty variable goes, and the blank line before it when one follows.
  const empty = [...used].filter((name) => values[name]!.trim() === '').map((name) => `%\\{${name}\\}`);
  if (empty.length > 0) {
    const names = empty.join('|');
    message = message.replace(new RegExp(`\\n\\n(?:${names})(\\n\\n|\\n?$(?![\\s\\S]))`, 'g'), '$1');
    message = message.replace(new RegExp(`^(?:${names})\\n`, 'gm'), '');
  }
  message = message.replace(variable, (_, name: string) => values[name]!);
  return { message, missing: unfillable.filter((name) => used.has(name)) };
}

function coAuthorsOf({ authorEmails }: GitlabSquash, commits: readonly SquashedCommit[]): string {
  const names = new Map(commits.map(({ name, email }) => [email, name]));
  const others = [...names].filter(([email]) => !authorEmails.includes(email));
  return others.map(([email, name]) => `Co-authored-by: ${name} <${email}>`).join('\n');
}

function tooLong(message: string): string {
  return `* ${subjectOf(message)}\n\n-- Skipped commit body exceeding 100KiB in size.`;
}

function subjectOf(message: string): string {
  return plain(message).split('\n', 1)[0]!;
}

function bodyOf(message: string): string {
  return plain(message).replace(/^[^\n]*\n*/, '');
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}
