/** Which change on which code host is meant, and with which token it is asked for. */
import { repositoryOfUrl } from '../decision/repository-facts.ts';
import type { Repository } from '../input.ts';

/** A change on GitHub: `number` is absent where only the commit is known. */
export interface GithubChange {
  forge: 'github';
  /** `https://api.github.com`, `https://github.example.com/api/v3`. */
  apiUrl: string;
  owner: string;
  name: string;
  number?: number;
  /** A merge queue is about to merge it. */
  mergeQueue?: boolean;
}

/** A change on GitLab. */
export interface GitlabChange {
  forge: 'gitlab';
  /** `https://gitlab.example.com/api/v4`. */
  apiUrl: string;
  /** Its number, or its full path: `group/subgroup/name`. */
  project: string;
  number?: number;
  /** The head of the source branch, where the pipeline runs on a merge of it. */
  head?: string;
  /** A merge train is about to merge it. */
  mergeQueue?: boolean;
}

export type ForgeChange = GithubChange | GitlabChange;

/**
 * The change that a CI run is for, as its environment tells: GitHub Actions, GitLab CI, Jenkins
 * (multibranch), Azure Pipelines with a repository on GitHub. Undefined where it tells of none.
 *
 * @param payload what the file at GITHUB_EVENT_PATH says, in GitHub Actions
 */
export function changeOfEnvironment(environment: NodeJS.ProcessEnv, payload: unknown): ForgeChange | undefined {
  if (environment.GITHUB_ACTIONS === 'true') return ofActions(environment, payload);
  if (environment.GITLAB_CI === 'true') return ofGitlabCi(environment);
  const {
    CHANGE_URL,
    CHANGE_ID,
    BUILD_REPOSITORY_PROVIDER,
    BUILD_REPOSITORY_NAME,
    SYSTEM_PULLREQUEST_PULLREQUESTNUMBER,
  } = environment;
  if (CHANGE_URL && CHANGE_ID) return ofChangeUrl(CHANGE_URL, environment);
  const [owner, name] = BUILD_REPOSITORY_NAME?.split('/') ?? [];
  if (/^GitHub(Enterprise)?$/.test(BUILD_REPOSITORY_PROVIDER ?? '') && owner && name) {
    const number = positive(SYSTEM_PULLREQUEST_PULLREQUESTNUMBER);
    const host = repositoryOfUrl(environment.BUILD_REPOSITORY_URI ?? '')?.host ?? 'github.com';
    if (number) return { forge: 'github', apiUrl: githubApi(host, environment), owner, name, number };
  }
  return undefined;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function ofActions(environment: NodeJS.ProcessEnv, payload: unknown): GithubChange | undefined {
  const [owner, name] = environment.GITHUB_REPOSITORY?.split('/') ?? [];
  if (!owner || !name) return undefined;
  const apiUrl = environment.GITHUB_API_URL || 'https://api.github.com';
  const event = payload as {
    pull_request?: { number?: unknown };
    issue?: { number?: unknown; pull_request?: unknown };
    merge_group?: { head_ref?: unknown };
  } | null;
  const base = { forge: 'github' as const, apiUrl, owner, name };
  if (event?.merge_group) {
    const number = queuedNumber(String(event.merge_group.head_ref ?? ''));
    return { ...base, ...(number && { number }), mergeQueue: true };
  }
  const number = positive(event?.pull_request?.number ?? (event?.issue?.pull_request ? event.issue.number : undefined));
  return number ? { ...base, number } : undefined;
}

/** The pull request of a merge queue's branch: `refs/heads/gh-readonly-queue/main/pr-12-0123abcd…`. */
export function queuedNumber(ref: string): number | undefined {
  return positive(/\/gh-readonly-queue\/.+\/pr-(\d+)-[0-9a-f]{7,64}$/.exec(`/${ref}`)?.[1]);
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
function ofGitlabCi(environment: NodeJS.ProcessEnv): GitlabChange | undefined {
  const number = positive(environment.CI_MERGE_REQUEST_IID);
  const project = environment.CI_MERGE_REQUEST_PROJECT_ID || environment.CI_PROJECT_ID;
  if (!number || !project) return undefined;
  const apiUrl = environment.CI_API_V4_URL || 'https://gitlab.com/api/v4';
  // Absent in pipelines of the source branch itself, where it is the commit that the pipeline runs on.
  const head = environment.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || environment.CI_COMMIT_SHA;
  const mergeQueue = environment.CI_MERGE_REQUEST_EVENT_TYPE === 'merge_train';
  return { forge: 'gitlab', apiUrl, project, number, ...(head && { head }), ...(mergeQueue && { mergeQueue }) };
}

/** Jenkins tells where the change is shown: https://plugins.jenkins.io/github-branch-source/ and gitlab-branch-source. */
function ofChangeUrl(text: string, environment: NodeJS.ProcessEnv): ForgeChange | undefined {
  if (!URL.canParse(text)) return undefined;
  const { host, pathname, protocol } = new URL(text);
  const pull = /^\/([^/]+)\/([^/]+)\/pull\/(\d+)\/?$/.exec(pathname);
  if (pull) {
    const [, owner, name, number] = pull as unknown as [string, string, string, string];
    return { forge: 'github', apiUrl: githubApi(host, environment), owner, name, number: Number(number) };
  }
  const merge = /^\/(.+)\/-\/merge_requests\/(\d+)\/?$/.exec(pathname);
  if (!merge) return undefined;
  const apiUrl = gitlabApi(`${protocol}//${host}`, environment);
  return { forge: 'gitlab', apiUrl, project: decodeURIComponent(merge[1]!), number: Number(merge[2]) };
}

/**
 * The change on a named kind of code host: where the environment does not say, the remote's URL tells the
 * repository. Undefined when neither does.
 *
 * @param number `--change`
 */
export function changeOnForge(
  forge: 'github' | 'gitlab',
  {
    environment,
    payload,
    repository,
    number,
  }: {
    environment: NodeJS.ProcessEnv;
    payload?: unknown;
    repository: Repository;
    number?: number;
  },
): ForgeChange | undefined {
  const said = changeOfEnvironment(environment, payload);
  // Its facts about a head or a queue are of its own change.
  if (said?.forge === forge && (number === undefined || number === said.number)) return said;
  const given = number === undefined ? {} : { number };
  if (forge === 'github') {
    const [owner, name] = environment.GITHUB_REPOSITORY?.split('/') ?? [];
    if (environment.GITHUB_ACTIONS === 'true' && owner && name) {
      return { forge, apiUrl: environment.GITHUB_API_URL || 'https://api.github.com', owner, name, ...given };
    }
    const { host, owner: ownerOfRemote, name: nameOfRemote } = repository;
    if (!host || !ownerOfRemote) return undefined;
    return { forge, apiUrl: githubApi(host, environment), owner: ownerOfRemote, name: nameOfRemote, ...given };
  }
  if (environment.GITLAB_CI === 'true' && environment.CI_PROJECT_ID) {
    const apiUrl = environment.CI_API_V4_URL || 'https://gitlab.com/api/v4';
    return { forge, apiUrl, project: environment.CI_PROJECT_ID, ...given };
  }
  if (!repository.host || !repository.owner) return undefined;
  const apiUrl = gitlabApi(`https://${repository.host}`, environment);
  return { forge, apiUrl, project: `${repository.owner}/${repository.name}`, ...given };
}

/** GitHub's API for a host; GITHUB_API_URL goes before. */
function githubApi(host: string, { GITHUB_API_URL }: NodeJS.ProcessEnv): string {
  if (GITHUB_API_URL) return GITHUB_API_URL;
  if (host === 'github.com' || host === 'ssh.github.com') return 'https://api.github.com';
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`;
}

/** GitLab's API; CI_API_V4_URL and GITLAB_URL go before. */
function gitlabApi(base: string, { CI_API_V4_URL, GITLAB_URL }: NodeJS.ProcessEnv): string {
  return CI_API_V4_URL || `${(GITLAB_URL || base).replace(/\/+$/, '')}/api/v4`;
}

export interface Token {
  token: string;
  /** The variable it is from. */
  variable: string;
  kind: 'access' | 'job';
}

/**
 * The token for a host. One that was made for the public host, or for the one that the environment names,
 * is sent there alone, whatever a remote's URL says: so a clone of some other host's does not get it.
 */
export function tokenFor({ forge, apiUrl }: ForgeChange, environment: NodeJS.ProcessEnv): Token | undefined {
  const host = new URL(apiUrl).host;
  const named = (...urls: (string | undefined)[]) =>
    urls.some((url) => url !== undefined && URL.canParse(url) && new URL(url).host === host);
  const { GITHUB_API_URL, CI_API_V4_URL, CI_SERVER_URL, GITLAB_URL } = environment;
  const pick = (...variables: string[]): Token | undefined => {
    const variable = variables.find((one) => environment[one]?.trim());
    if (variable === undefined) return undefined;
    const kind = variable === 'CI_JOB_TOKEN' ? 'job' : 'access';
    return { token: environment[variable]!.trim(), variable, kind };
  };
  if (forge === 'github') {
    const own = named(GITHUB_API_URL) || host === 'api.github.com' || host.endsWith('.ghe.com');
    return own ? pick('GITHUB_TOKEN', 'GH_TOKEN') : pick('GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN');
  }
  const own = named(CI_API_V4_URL, CI_SERVER_URL, GITLAB_URL) || host === 'gitlab.com';
  return own ? pick('GITLAB_TOKEN', 'CI_JOB_TOKEN') : undefined;
}

/** A number of a change. */
function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
