/** What the base branch and the repository demand of a pull request: checks, approvals, ways to merge. */
import type { Octokit } from '@octokit/rest';
import type { Change, Check } from '../input.ts';
import { ask, type Gathering, known, notKnown } from './gathering.ts';
import type { Pull } from './github-pull.ts';
import type { Reader } from './reading.ts';
import type { GithubChange } from './source.ts';
import type { GithubSquashSettings } from './squash.ts';

/** What the base branch demands; a member is absent when it may not be seen. */
export interface BranchDemands {
  checks?: Set<string>;
  approvals?: number;
  /** Ways to merge that rulesets leave: all when absent. */
  methods?: NonNullable<Change['merge_methods']>;
}

/** Rulesets (anybody may read them) and branch protection (its checks with the branch, its reviews for admins). */
export async function branchDemands(
  gathered: Gathering,
  client: Octokit,
  read: Reader,
  { owner, name: repo }: GithubChange,
  branch: string,
): Promise<BranchDemands> {
  const [rules, shown] = await Promise.all([
    ask(gathered, 'change.required_approvals', `the rules of ${branch}`, () =>
      client.paginate(client.rest.repos.getBranchRules, { owner, repo, branch, per_page: 100 }),
    ),
    ask(gathered, 'change.checks.required', `the branch ${branch}`, () =>
      client.rest.repos.getBranch({ owner, repo, branch }),
    ),
  ]);
  const checks = new Set<string>();
  let approvals = 0;
  let methods: BranchDemands['methods'];
  for (const value of rules ?? []) {
    const rule = read.record(value, 'a rule');
    const parameters = read.record(rule.parameters ?? {}, 'a rule.parameters');
    if (rule.type === 'required_status_checks') {
      const listed = read.list(parameters.required_status_checks, 'a rule.required_status_checks');
      for (const one of listed)
        checks.add(read.text(read.record(one, 'a required check'), 'context', 'a required check'));
    } else if (rule.type === 'pull_request') {
      approvals = Math.max(approvals, read.number(parameters, 'required_approving_review_count', 'a rule.parameters'));
      const allowed = parameters.allowed_merge_methods;
      if (Array.isArray(allowed)) methods = methodsAmong(methods, allowed);
    } else if (rule.type === 'merge_queue') {
      methods = methodsAmong(methods, [read.text(parameters, 'merge_method', 'a rule.parameters').toLowerCase()]);
    }
  }
  const ruled = methods && { methods };
  if (shown === undefined) return { ...(rules && { approvals }), ...ruled };
  const protection = read.record(read.record(shown.data, 'the branch').protection ?? {}, 'the branch.protection');
  const required = read.record(protection.required_status_checks ?? {}, 'the required checks');
  if (required.enforcement_level !== 'off') {
    for (const name of read.list(required.contexts ?? [], 'the required checks')) checks.add(String(name));
  }
  const seen = rules === undefined ? {} : { checks };
  if (read.maybeFlag(protection, 'enabled', 'the branch.protection') !== true) {
    return { ...seen, ...(rules && { approvals }), ...ruled };
  }
  const reviews = await ask(gathered, 'change.required_approvals', `the protection of ${branch}`, () =>
    client.rest.repos.getPullRequestReviewProtection({ owner, repo, branch }),
  );
  if (reviews === undefined || rules === undefined) return { ...seen, ...ruled };
  const counted = read.record(reviews.data, 'the protection');
  const own = counted.required_approving_review_count ?? 0;
  return { ...seen, approvals: Math.max(approvals, typeof own === 'number' ? own : 0), ...ruled };
}

function methodsAmong(before: BranchDemands['methods'], allowed: readonly unknown[]): BranchDemands['methods'] {
  return (before ?? ['merge', 'squash', 'rebase']).filter((method) => allowed.includes(method));
}

/** Checks that ran, or wait, on the head commit; those that are demanded and did not report are queued. */
export async function headChecks(
  gathered: Gathering,
  client: Octokit,
  read: Reader,
  { owner, name: repo }: GithubChange,
  head: string,
  demands: Promise<BranchDemands>,
): Promise<Check[] | undefined> {
  const [runs, statuses, { checks: required }] = await Promise.all([
    ask(gathered, 'change.checks', 'the checks', () =>
      client.paginate(client.rest.checks.listForRef, { owner, repo, ref: head, per_page: 100 }),
    ),
    ask(gathered, 'change.checks.statuses', 'the statuses', () =>
      client.paginate(client.rest.repos.listCommitStatusesForRef, { owner, repo, ref: head, per_page: 100 }),
    ),
    demands,
  ]);
  if (runs === undefined) return undefined;
  const found = new Map<string, Check>();
  for (const value of runs) {
    const run = read.record(value, 'a check');
    const name = read.text(run, 'name', 'a check');
    const status = read.text(run, 'status', 'a check');
    const conclusion = read.maybeText(run, 'conclusion', 'a check');
    const at = status === 'completed' || status === 'in_progress' ? status : 'queued';
    // The same name may be used twice: the one that keeps the change from being merged counts.
    if (isGood(found.get(name))) found.set(name, { name, status: at, ...(conclusion !== undefined && { conclusion }) });
  }
  // The latest status of a name comes first.
  const seen = new Set<string>();
  for (const value of statuses ?? []) {
    const status = read.record(value, 'a status');
    const name = read.text(status, 'context', 'a status');
    if (seen.has(name)) continue;
    seen.add(name);
    const state = read.text(status, 'state', 'a status');
    const check: Check =
      state === 'pending'
        ? { name, status: 'in_progress' }
        : { name, status: 'completed', conclusion: state === 'success' ? 'success' : 'failure' };
    if (isGood(found.get(name))) found.set(name, check);
  }
  for (const name of required ?? []) if (!found.has(name)) found.set(name, { name, status: 'queued' });
  const all = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return all.map((check) => (required ? { ...check, required: required.has(check.name) } : check));
}

function isGood(check: Check | undefined): boolean {
  return check === undefined || ['success', 'neutral', 'skipped'].includes(check.conclusion ?? '');
}

/** How the repository lets changes be merged; a member is absent when it may not be seen. */
export interface MergeSettings {
  methods?: NonNullable<Change['merge_methods']>;
  squash?: GithubSquashSettings;
}

/** The settings come with the pull request, or with the repository, for those who may push. */
export async function mergeSettings(
  gathered: Gathering,
  client: Octokit,
  read: Reader,
  { owner, name: repo }: GithubChange,
  pull: Pull,
): Promise<MergeSettings> {
  const answer = await ask(gathered, 'change.merge_methods', 'the repository', () =>
    client.rest.repos.get({ owner, repo }),
  );
  const where = 'the repository';
  const settings = { ...pull.repository, ...(answer && read.record(answer.data, where)) };
  const flag = (name: string) => read.maybeFlag(settings, name, where);
  const [merge, squash, rebase] = [flag('allow_merge_commit'), flag('allow_squash_merge'), flag('allow_rebase_merge')];
  if (merge === undefined || squash === undefined || rebase === undefined) {
    const why = 'the token may not see how the repository merges: GitHub shows it to those who may push';
    notKnown(gathered, 'change.merge_methods', why);
    notKnown(gathered, 'change.squash_message', why);
    return {};
  }
  known(gathered, 'change.merge_methods');
  const methods = [...(merge ? ['merge' as const] : []), ...(squash ? ['squash' as const] : [])];
  const title = read.maybeText(settings, 'squash_merge_commit_title', where) ?? 'COMMIT_OR_PR_TITLE';
  const message = read.maybeText(settings, 'squash_merge_commit_message', where) ?? 'COMMIT_MESSAGES';
  const all = [...methods, ...(rebase ? ['rebase' as const] : [])];
  if (!isTitle(title) || !isMessage(message)) {
    notKnown(gathered, 'change.squash_message', `it is made in a way that is not known here: ${title}, ${message}`);
    return { methods: all };
  }
  return { methods: all, ...(squash && { squash: { title, message } }) };
}

function isTitle(text: string): text is GithubSquashSettings['title'] {
  return text === 'PR_TITLE' || text === 'COMMIT_OR_PR_TITLE';
}

function isMessage(text: string): text is GithubSquashSettings['message'] {
  return text === 'PR_BODY' || text === 'COMMIT_MESSAGES' || text === 'BLANK';
}
