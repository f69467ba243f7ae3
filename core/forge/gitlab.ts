/** What GitLab tells of a merge request. */
import type { Check } from '../input.ts';
import { forgeErrorOf } from './client-options.ts';
import {
  ask,
  type FactsOptions,
  type ForgeFacts,
  type Gathering,
  gathering,
  known,
  notKnown,
  sourcesOf,
} from './gathering.ts';
import { mergeRequestApprovals, userOf } from './gitlab-approvals.ts';
import { type GitlabClient, gitlabClient } from './gitlab-client.ts';
import { type MergeRequest, readMergeRequest } from './gitlab-merge-request.ts';
import { shownByPipeline } from './gitlab-pipeline.ts';
import { type Reader, readerOf } from './reading.ts';
import type { GitlabChange } from './source.ts';
import { gitlabSquashMessage, type SquashedCommit } from './squash.ts';

/** Reads the facts of a merge request. Rejects with a `ForgeError` when GitLab fails; what may not be seen is unknown. */
export async function readGitlabFacts(change: GitlabChange, options: FactsOptions): Promise<ForgeFacts> {
  const { host } = new URL(change.apiUrl);
  const gathered = gathering(`gitlab ${host}`, options);
  const { unknown } = gathered;
  const client = gitlabClient(options);
  const read = readerOf(host);
  const found = await findMergeRequest(gathered, client, read, change);
  if (found === undefined && options.tokenKind === 'job') {
    // Of a public project anybody may see more than a job.
    const { token: _, tokenKind: __, ...anybody } = options;
    const open = await readGitlabFacts(change, anybody);
    if (open.facts.some(({ source }) => source === gathered.source)) return open;
  }
  if (found === undefined) {
    const shown = shownByPipeline(gathered, change);
    return { change: shown, ...(change.head && { head: change.head }), facts: gathered.facts, unknown };
  }
  for (const key of Object.keys(found.change)) known(gathered, `change.${key}`);
  const { project } = change;
  const [author, reviewed, checks, settings, commits] = await Promise.all([
    found.author && userOf(gathered, client, read, found.author.id, 'change.author_kind'),
    mergeRequestApprovals(gathered, client, read, project, found),
    checksOf(gathered, client, read, project, found.head),
    ask(gathered, 'change.merge_methods', 'the project', () => client.Projects.show(project)),
    ask(gathered, 'change.squash_message', 'the commits of the merge request', () =>
      client.MergeRequests.allCommits(project, found.iid, { perPage: 100 }),
    ),
  ]);
  const shown = settings && read.record(settings, 'the project');
  const option = shown && read.maybeText(shown, 'squash_option', 'the project');
  const method = shown && read.maybeText(shown, 'merge_method', 'the project');
  const squash = squashOf(gathered, read, {
    found,
    option,
    shown,
    commits,
    emails: author?.email ? [author.email] : [],
  });
  const defaultBranch = shown && read.maybeText(shown, 'default_branch', 'the project');
  const told: ForgeFacts['change'] = {
    ...found.change,
    ...(author && { author_kind: author.bot ? ('bot' as const) : ('user' as const) }),
    merge_queue: change.mergeQueue ?? false,
    ...reviewed,
    ...(checks && { checks }),
    ...(option !== undefined && { merge_methods: methodsOf(option, method, found.squash) }),
    ...(squash !== undefined && { squash_message: squash }),
  };
  return {
    change: told,
    head: found.head,
    ...(options.head !== undefined && found.merged.includes(options.head) && { landed: true as const }),
    facts: sourcesOf(gathered, told),
    unknown,
    ...(defaultBranch !== undefined && { repository: { default_branch: defaultBranch } }),
  };
}

async function findMergeRequest(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  change: GitlabChange,
): Promise<MergeRequest | undefined> {
  const { project } = change;
  const { head } = gathered.options;
  if (change.number !== undefined) {
    const iid = change.number;
    const value = await ask(gathered, 'change', `merge request ${iid}`, () => client.MergeRequests.show(project, iid));
    return value === undefined ? undefined : readMergeRequest(read, value);
  }
  if (head === undefined) return undefined;
  try {
    const list = read.list(await client.Commits.allMergeRequests(project, head), 'the merge requests of the commit');
    const all = list.map((value) => readMergeRequest(read, value));
    const landed = all.find((one) => one.merged.includes(head));
    if (landed !== undefined) return landed;
    const own = all.filter((one) => one.head === head);
    const open = own.filter((one) => one.change.state === 'open');
    if (open.length === 1) return open[0];
    const numbers = open.map(({ iid }) => iid).join(', ');
    const short = head.slice(0, 10);
    const why =
      open.length === 0 ? `no open merge request has the head ${short}` : `${short} is the head of ${numbers}`;
    notKnown(gathered, 'change', `${why}: say which one with --change NUMBER`);
  } catch (error) {
    const failure = forgeErrorOf(error, 'the merge requests of the commit', gathered.options);
    if (failure.kind !== 'refused') throw failure;
    notKnown(gathered, 'change', failure.message);
  }
  return undefined;
}

const statuses: Record<string, Pick<Check, 'status' | 'conclusion'>> = {
  success: { status: 'completed', conclusion: 'success' },
  failed: { status: 'completed', conclusion: 'failure' },
  canceled: { status: 'completed', conclusion: 'cancelled' },
  skipped: { status: 'completed', conclusion: 'skipped' },
  running: { status: 'in_progress' },
  canceling: { status: 'in_progress' },
};

/** Jobs and outside statuses of the commit; those that may fail are not required. */
async function checksOf(
  gathered: Gathering,
  client: GitlabClient,
  read: Reader,
  project: string,
  head: string,
): Promise<Check[] | undefined> {
  const list = await ask(gathered, 'change.checks', 'the statuses of the commit', () =>
    client.Commits.allStatuses(project, head),
  );
  return (list === undefined ? undefined : read.list(list, 'the statuses'))?.map((value) => {
    const one = read.record(value, 'a status');
    const state = statuses[read.text(one, 'status', 'a status')] ?? { status: 'queued' };
    return { name: read.text(one, 'name', 'a status'), required: one.allow_failure !== true, ...state };
  });
}

function methodsOf(option: string, method: string | undefined, chosen: boolean): ('merge' | 'squash' | 'rebase')[] {
  const plain = method === 'ff' || method === 'rebase_merge' ? ('rebase' as const) : ('merge' as const);
  if (option === 'always') return ['squash'];
  if (option === 'never') return [plain];
  return chosen ? ['squash'] : [plain, 'squash'];
}

function squashOf(
  gathered: Gathering,
  read: Reader,
  told: {
    found: MergeRequest;
    option: string | undefined;
    shown: Record<string, unknown> | undefined;
    commits: unknown;
    emails: string[];
  },
): string | undefined {
  const { found, option, shown, emails } = told;
  if (option === 'never' || told.commits === undefined) return undefined;
  if (shown === undefined || option === undefined || !('squash_commit_template' in shown)) {
    notKnown(gathered, 'change.squash_message', 'the token may not see how the project squashes');
    return undefined;
  }
  const commits: SquashedCommit[] = read.list(told.commits, 'the commits').map((value) => {
    const one = read.record(value, 'a commit');
    const text = (key: string) => read.text(one, key, 'a commit');
    const merge = read.list(one.parent_ids ?? [], 'a commit.parent_ids').length > 1;
    return { message: text('message'), name: text('author_name'), email: text('author_email'), merge };
  });
  const { change } = found;
  const { message, missing } = gitlabSquashMessage({
    template: read.maybeText(shown, 'squash_commit_template', 'the project'),
    title: change.title!,
    description: change.body!,
    sourceBranch: change.head_branch!,
    targetBranch: change.base_branch!,
    localReference: `!${found.iid}`,
    reference: found.reference,
    url: change.url ?? '',
    sourceProjectId: found.sourceProject ?? found.targetProject,
    authorEmails: emails,
    commits,
  });
  known(gathered, 'change.squash_message');
  if (missing.length > 0) {
    const why = `its variables ${missing.join(', ')} are filled when it is merged`;
    notKnown(gathered, 'change.squash_message.variables', why);
  }
  return message;
}
