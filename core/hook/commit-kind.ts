/** What kind of commit git is about to make, as far as the hooks must tell kinds apart. Pure. */
import { trimmedLength } from '../trailers/parse.ts';
import { squashedCommits, type UnderWay } from './under-way.ts';

/** The second argument of prepare-commit-msg; see githooks(5). Empty: `git commit` with nothing given. */
export type MessageSource = '' | 'message' | 'template' | 'merge' | 'squash' | 'commit';

export interface HookFacts {
  source: MessageSource;
  /** The third argument: the revision whose message it is. */
  revision?: string;
  underWay: UnderWay;
  /** The message file's name, such as `COMMIT_EDITMSG`. */
  file: string;
  /** An editor opens after prepare-commit-msg. */
  edited: boolean;
}

export type CommitKind =
  /** Someone makes this commit now. */
  | { kind: 'new' }
  /** It takes HEAD's place. */
  | { kind: 'amend' }
  /** Git makes it again, or by itself: what is in it was committed before. `of`: the commit it is a copy of. */
  | { kind: 'again'; of?: string }
  /**
   * Several become one. `of`: the commits that are folded, oldest first; `intoHead`: HEAD is one of
   * them and its message is in the text.
   */
  | { kind: 'folded'; of: string[]; intoHead: boolean };

/**
 * The commit that the message would be a copy of, for the caller to read and compare: git says
 * nowhere whether it makes a commit again or a person does so beside a stopped rebase.
 */
export function originalOf({ underWay }: HookFacts): string | undefined {
  return underWay.picking ?? underWay.rebase?.step?.commit;
}

/** The kind; `originalMessage` is the message of {@link originalOf}'s commit. */
export function commitKind(facts: HookFacts, message: string, originalMessage?: string): CommitKind {
  const { source, revision, underWay, file } = facts;
  if (underWay.rebase && underWay.rebase.folding.length > 0) {
    return { kind: 'folded', of: underWay.rebase.folding, intoHead: true };
  }
  // Beside a stopped rebase a person amends; when it rewords, git does.
  if (source === 'commit' && revision === 'HEAD' && underWay.rebase?.step?.command !== 'reword') {
    return { kind: 'amend' };
  }
  if (originalMessage !== undefined && isCopy(message, originalMessage)) {
    return { kind: 'again', of: originalOf(facts) };
  }
  // A merge that a person had to finish comes as COMMIT_EDITMSG.
  if (underWay.merging && file === 'MERGE_MSG') return { kind: 'again' };
  if (underWay.squashed !== undefined) {
    const of = squashedCommits(underWay.squashed).reverse();
    if (of.length > 0) return { kind: 'folded', of, intoHead: false };
  }
  return { kind: 'new' };
}

/** The same message but for white space and what `git cherry-pick -x` adds. */
function isCopy(message: string, original: string): boolean {
  return bare(message) === bare(original);
}

function bare(message: string): string {
  const lines = message.split('\n').map((line) => line.slice(0, trimmedLength(line)));
  return lines.filter((line) => line !== '' && !/^\(cherry picked from commit [0-9a-f]{7,64}\)$/.test(line)).join('\n');
}
