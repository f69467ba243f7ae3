/** What GitLab tells of a merge request. */
import type { Change, Check } from '../input.ts';
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
import { type Reader, readerOf } from './reading.ts';
import type { GitlabChange } from './source.ts';
import { gitlabSquashMessage, type SquashedCommit } from './squash.ts';

/** https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request */
export interface MergeRequest {
  iid: number;
  head: string;
  /** The commits that its merge made. */
  merged: string[];
  author?: { id: number; username: string };
  sourceProject?: number;
  targetProject: number;
  squash: boolean;
  reference: string;
  change: Pick<
    Change,
    | 'id'
    | 'url'
    | 'title'
    | 'body'
    | 'author'
    | 'base_branch'
    | 'head_branch'
    | 'draft'
    | 'state'
    | 'from_fork'
    | 'labels'
  >;
}

const where = 'the merge request';

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

function readMergeRequest(read: Reader, value: unknown): MergeRequest {
  const one = read.record(value, where);
  const iid = read.number(one, 'iid', where);
  const author =
    one.author === null || one.author === undefined ? undefined : read.record(one.author, `${where}.author`);
  const username = author && read.text(author, 'username', `${where}.author`);
  const state = read.text(one, 'state', where);
  const url = read.maybeText(one, 'web_url', where);
  const draft = read.maybeFlag(one, 'draft', where);
  const targetProject = read.number(one, 'target_project_id', where);
  // Null: the fork was deleted.
  const sourceProject = one.source_project_id === null ? undefined : read.number(one, 'source_project_id', where);
  const references = one.references === undefined ? {} : read.record(one.references, `${where}.references`);
  return {
    iid,
    head: read.commit(one, 'sha', where),
    merged:
      state === 'merged'
        ? ['merge_commit_sha', 'squash_commit_sha', 'sha'].flatMap((key) => read.maybeText(one, key, where) ?? [])
        : [],
    ...(author && username !== undefined && { author: { id: read.number(author, 'id', `${where}.author`), username } }),
    ...(sourceProject !== undefined && { sourceProject }),
    targetProject,
    squash: read.maybeFlag(one, 'squash_on_merge', where) ?? read.maybeFlag(one, 'squash', where) ?? false,
    reference: read.maybeText(references, 'full', `${where}.references`) ?? `!${iid}`,
    change: {
      id: String(iid),
      ...(url !== undefined && { url }),
      title: read.text(one, 'title', where),
      body: read.maybeText(one, 'description', where) ?? '',
      ...(username !== undefined && { author: username }),
      base_branch: read.text(one, 'target_branch', where),
      head_branch: read.text(one, 'source_branch', where),
      ...(draft !== undefined && { draft }),
      state: state === 'merged' ? 'merged' : state === 'closed' ? 'closed' : 'open',
      from_fork: sourceProject !== targetProject,
      labels: read.list(one.labels, `${where}.labels`).map((label) => {
        // With details, labels are objects.
        return typeof label === 'string' ? label : read.text(read.record(label, 'a label'), 'name', 'a label');
      }),
    },
  };
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

/** What a pipeline's own variables tell, for what a job's token may not ask. */
function shownByPipeline(gathered: Gathering, change: GitlabChange): ForgeFacts['change'] {
  const { environment } = gathered.options;
  const own = environment.GITLAB_CI === 'true' && Number(environment.CI_MERGE_REQUEST_IID) === change.number;
  if (!own) return {};
  const of = (name: string): string | undefined => environment[`CI_MERGE_REQUEST_${name}`] || undefined;
  const labels = environment.CI_MERGE_REQUEST_LABELS;
  const { CI_MERGE_REQUEST_PROJECT_URL: project } = environment;
  const whole = of('DESCRIPTION_IS_TRUNCATED') !== 'true';
  const told: ForgeFacts['change'] = {
    id: String(change.number),
    ...(project && { url: `${project}/-/merge_requests/${change.number}` }),
    ...(of('TITLE') && { title: of('TITLE') }),
    ...(of('DESCRIPTION') && whole && { body: of('DESCRIPTION') }),
    ...(of('TARGET_BRANCH_NAME') && { base_branch: of('TARGET_BRANCH_NAME') }),
    ...(of('SOURCE_BRANCH_NAME') && { head_branch: of('SOURCE_BRANCH_NAME') }),
    ...(of('DRAFT') && { draft: of('DRAFT') === 'true' }),
    ...(of('SOURCE_PROJECT_ID') && { from_fork: of('SOURCE_PROJECT_ID') !== of('PROJECT_ID') }),
    merge_queue: change.mergeQueue ?? false,
    ...(labels !== undefined && { labels: labels.split(',').filter((label) => label !== '') }),
  };
  for (const key of Object.keys(told)) known(gathered, `change.${key}`, 'environment gitlab');
  return told;
}
