/** What GitHub tells of a pull request. */
import type { Octokit } from '@octokit/rest';
import { forgeErrorOf } from './client-options.ts';
import { type FactsOptions, type ForgeFacts, gathering, known, notKnown, sourcesOf } from './gathering.ts';
import { branchDemands, headChecks, mergeSettings } from './github-branch.ts';
import { githubClient } from './github-client.ts';
import { type Pull, readPull } from './github-pull.ts';
import { pullApprovals, pullCommits } from './github-reviews.ts';
import { type Reader, readerOf } from './reading.ts';
import type { GithubChange } from './source.ts';
import { githubSquashMessage } from './squash.ts';

/** Reads the facts of a pull request. Rejects with a `ForgeError` when GitHub fails; what may not be seen is unknown. */
export async function readGithubFacts(change: GithubChange, options: FactsOptions): Promise<ForgeFacts> {
  const { host } = new URL(change.apiUrl);
  const gathered = gathering(`github ${host}`, options);
  const { facts, unknown } = gathered;
  const client = githubClient(options);
  const read = readerOf(host);
  const found = await findPull(gathered, client, read, change);
  if (found === undefined) return { change: {}, facts, unknown };
  const { pull, from } = found;
  for (const key of Object.keys(pull.change)) known(gathered, `change.${key}`, from);
  const commits = pullCommits(gathered, client, read, change, pull);
  const demands = branchDemands(gathered, client, read, change, pull.baseBranch);
  const [approvals, checks, settings, { approvals: required, methods }, listed] = await Promise.all([
    pullApprovals(gathered, client, read, change, pull, commits),
    headChecks(gathered, client, read, change, pull.head, demands),
    mergeSettings(gathered, client, read, change, pull),
    demands,
    commits,
  ]);
  const ways = settings.methods?.filter((method) => methods?.includes(method) ?? true);
  let squash = pull.chosenSquash;
  if (squash === undefined && settings.squash && ways?.includes('squash')) {
    const { title, number, author, change: told } = pull;
    if (listed) {
      const isAuthor = ({ login }: { login?: string }) => login !== undefined && login === author;
      squash = githubSquashMessage(settings.squash, { title, number, body: told.body ?? '' }, listed, isAuthor);
    } else notKnown(gathered, 'change.squash_message', 'the commits of the pull request are not known');
  }
  if (squash !== undefined) known(gathered, 'change.squash_message');
  const { defaultBranch } = pull;
  const told: ForgeFacts['change'] = {
    ...pull.change,
    merge_queue: change.mergeQueue ?? false,
    ...(approvals && { approvals }),
    ...(required !== undefined && { required_approvals: required }),
    ...(checks && { checks }),
    ...(ways && { merge_methods: ways }),
    ...(squash !== undefined && { squash_message: squash }),
  };
  return {
    change: told,
    head: pull.head,
    ...(pull.merged !== undefined && pull.merged === options.head && { landed: true as const }),
    facts: sourcesOf(gathered, told),
    unknown,
    ...(defaultBranch !== undefined && { repository: { default_branch: defaultBranch } }),
  };
}

/** The pull request by its number, by the commit that is judged, or as the event shows it. */
async function findPull(
  gathered: ReturnType<typeof gathering>,
  client: Octokit,
  read: Reader,
  change: GithubChange,
): Promise<{ pull: Pull; from: string } | undefined> {
  const { options, source } = gathered;
  const number = change.number ?? (await numberOfHead(gathered, client, read, change));
  if (number === undefined) return undefined;
  try {
    const { owner, name: repo } = change;
    const { data } = await client.rest.pulls.get({ owner, repo, pull_number: number });
    return { pull: readPull(read, data), from: source };
  } catch (error) {
    const failure = forgeErrorOf(error, `pull request ${number}`, options);
    if (failure.kind !== 'refused') throw failure;
    const shown = (options.payload as { pull_request?: { number?: unknown } } | undefined)?.pull_request;
    if (shown?.number !== number) {
      notKnown(gathered, 'change', failure.message);
      return undefined;
    }
    const { host } = new URL(change.apiUrl);
    return { pull: readPull(readerOf(`the event of ${host}`), shown), from: 'event pull_request' };
  }
}

/** The one open pull request whose head the judged commit is, or the one whose merge made it. */
async function numberOfHead(
  gathered: ReturnType<typeof gathering>,
  client: Octokit,
  read: Reader,
  { owner, name: repo }: GithubChange,
): Promise<number | undefined> {
  const { head } = gathered.options;
  if (head === undefined) return undefined;
  try {
    const asked = { owner, repo, commit_sha: head, per_page: 100 };
    const list = await client.paginate(client.rest.repos.listPullRequestsAssociatedWithCommit, asked);
    const pulls = list.map((value) => readPull(read, value));
    const own = pulls.filter((pull) => pull.head === head && pull.change.state === 'open');
    const landed = pulls.find((pull) => pull.merged === head);
    if (landed !== undefined) return landed.number;
    if (own.length === 1) return own[0]!.number;
    const numbers = own.map(({ number }) => number).join(', ');
    const short = head.slice(0, 10);
    const why = own.length === 0 ? `no open pull request has the head ${short}` : `${short} is the head of ${numbers}`;
    notKnown(gathered, 'change', `${why}: say which one with --change NUMBER`);
  } catch (error) {
    const failure = forgeErrorOf(error, 'the pull requests of the commit', gathered.options);
    // A commit that was never pushed is 422.
    if (failure.kind !== 'refused' && failure.status !== 422) throw failure;
    notKnown(gathered, 'change', failure.message);
  }
  return undefined;
}
