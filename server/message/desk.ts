/** What is kept of an open message between keystrokes. */
import type { Home } from '../../core/disclosure/home.ts';
import type { Known } from '../../core/disclosure/known.ts';
import type { NamedMessage } from '../../core/git/messages-by-name.ts';
import type { Runtime } from '../runtime.ts';
import type { Document } from '../snapshot.ts';
import type { MessagePlace } from './places.ts';
import { type RebaseView, readTodo } from './rebase.ts';
import type { RuleSource } from './rules.ts';
import type { KnownSecrets } from './secrets.ts';
import type { Judgement } from './verdict.ts';

export interface Desk {
  /** The text that the document had when it was opened. */
  opened: string;
  place: Promise<MessagePlace | undefined>;
  trusted: boolean;
  home?: Home;
  known?: { value: Known; at: number };
  secrets: KnownSecrets;
  judgement?: Judgement;
  rules: readonly RuleSource[];
  /** Of a rebase's todo list: its commits, and whether our hooks are there. */
  commits: Map<string, NamedMessage>;
  hooks?: Promise<boolean>;
  /** Ends what is under way for an older text. */
  work: AbortController;
}

export function newDesk(opened: string, place: Desk['place'], trusted: boolean): Desk {
  return { opened, place, trusted, secrets: new Map(), rules: [], commits: new Map(), work: new AbortController() };
}

/** A rebase's list with its commits. Git is asked about each once, for as long as the list is open. */
export async function listOn(
  desk: Desk,
  { text }: Document,
  repository: string,
  { config }: Home,
  runtime: Pick<Runtime, 'messageGit'>,
): Promise<RebaseView> {
  const { signal } = desk.work;
  const git = await runtime.messageGit();
  desk.hooks ??= git.hooksInstalled(repository);
  const lines = readTodo(text);
  const unknown = lines.map(({ commit }) => commit).filter((commit) => !desk.commits.has(commit));
  if (unknown.length > 0) {
    for (const [commit, message] of await git.messages(repository, unknown, signal)) desk.commits.set(commit, message);
  }
  return { text, lines, commits: desk.commits, config, hooks: await desk.hooks };
}
