/**
 * What the last batch of a long change is told of those before it, so that rules about the change as a whole go by all
 * of its commits: who made them, and of what kind they are. It does not grow with the commits, but with the people who
 * made them and the paths that they touch.
 */
import type { Change, ChangedFile, Commit, DeclaredApprover, Earlier, EarlierMakers } from '../input.ts';

/** Of more paths than this, all makers together, it is not kept who touched which. */
const mostPaths = 100_000;

/** The lines that name those who made a commit with its author, wherever in the message they stand. */
const coAuthorLine = /^[ \t>*•+-]*(?:co-authored-by|co-developed-by)[ \t]*:[ \t]*(\S.*?)[ \t]*$/gim;

/** What was judged so far, added up. */
export interface EarlierSum {
  commits: number;
  makers: Map<string, EarlierMakers & { touched: Set<string> }>;
  approvers: Map<string, DeclaredApprover>;
  /** The paths of the change as a whole. */
  changed: ReadonlySet<string>;
  /** Those of commits that the change as a whole does not touch: what they did was undone. */
  undone: Set<string>;
  /** Commits that the code host takes for a reviewer's own. */
  reviewers: ReadonlySet<string>;
  pairs: number;
}

export function newEarlier(change: Change | undefined): EarlierSum {
  return {
    commits: 0,
    makers: new Map(),
    approvers: new Map(),
    changed: new Set(change?.files.flatMap(touchedBy)),
    undone: new Set(),
    reviewers: new Set(change?.approvals?.flatMap(({ commits = [] }) => commits)),
    pairs: 0,
  };
}

/** Adds a batch that was judged; `ai` has those of its commits that show AI use. */
export function addEarlier(sum: EarlierSum, batch: readonly Commit[], ai: (commit: Commit) => boolean): void {
  for (const commit of batch) {
    sum.commits++;
    const makers = makersOf(sum, commit, ai(commit));
    makers.commits++;
    if (sum.reviewers.has(commit.sha)) makers.reviewers_own.push(commit.sha);
    for (const path of commit.files.flatMap(touchedBy)) {
      if (!sum.changed.has(path)) sum.undone.add(path);
      else if (sum.pairs <= mostPaths && !makers.touched.has(path)) {
        makers.touched.add(path);
        sum.pairs++;
      }
    }
    for (const approver of commit.approvers ?? []) sum.approvers.set(JSON.stringify(approver), approver);
  }
}

function makersOf(
  sum: EarlierSum,
  { author, committer, body, trailers, disclosure, revert }: Commit,
  ai: boolean,
): EarlierMakers & { touched: Set<string> } {
  const named = [
    ...[...body.matchAll(coAuthorLine)].map(([, value = '']) => value),
    ...trailers.filter(({ key }) => /^co-(?:authored|developed)-by$/i.test(key)).map(({ value }) => value.trim()),
  ];
  const kind = {
    author: { name: author.name, email: author.email },
    committer: { name: committer.name, email: committer.email },
    co_authors: [...new Set(named)].sort(),
    ai,
    disclosed: Object.keys(disclosure ?? {}).length > 0,
    revert,
  };
  const key = JSON.stringify(kind);
  const known = sum.makers.get(key);
  if (known) return known;
  const made = { ...kind, commits: 0, reviewers_own: [], touched: new Set<string>() };
  sum.makers.set(key, made);
  return made;
}

/** Undefined where there was nothing before. */
export function earlierOf({ commits, makers, approvers, undone, pairs }: EarlierSum): Earlier | undefined {
  if (commits === 0) return undefined;
  return {
    commits,
    makers: [...makers.values()].map(({ touched, ...rest }) => ({
      ...rest,
      ...(pairs <= mostPaths && { paths: [...touched].sort() }),
    })),
    paths: [...undone].sort(),
    approvers: [...approvers.values()],
  };
}

/** A rename touches both its names. */
function touchedBy({ path, status, old_path }: ChangedFile): string[] {
  return status === 'R' && old_path !== undefined ? [path, old_path] : [path];
}
