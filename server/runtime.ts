/**
 * The edges the server needs from where it runs, as plain functions: Node.js gives them in node.ts;
 * a browser worker can give its own. Nothing else in this folder starts, reads or waits for anything.
 */
import type { Home } from '../core/disclosure/home.ts';
import type { Known } from '../core/disclosure/known.ts';
import type { NamedMessage } from '../core/git/messages-by-name.ts';
import type { Evidence } from '../core/input.ts';
import type { ListenOptions, PromptLink } from '../core/prompt-link/listen.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Engine } from '../engine/engine.ts';
import type { OwnSchemas } from './own-schemas.ts';
import type { DecideCommitParams, DecideCommitResult, DisclosureFormParams } from './protocol.ts';
import type { FindingsStore } from './rego/kept-findings.ts';
import type { EngineBuild } from './settings.ts';

/** One file that a scan found; `path` is relative to the folder, with `/`. */
export interface ScannedFile {
  path: string;
  text: string;
}

/** What lies in a folder, as far as it matters here. */
export interface FolderScan {
  files: ScannedFile[];
  /** The Regal configuration and custom rules that apply from above the folder; URIs, not paths. */
  inherited: { uri: string; text: string }[];
  /** YAML files in which Rego may be embedded: their paths alone, and of a great many the first. */
  yaml: readonly string[];
  /** Whether git ignores this path (relative to the folder), or it lies in a folder that nobody looks into. */
  ignored: (path: string) => boolean;
}

export interface EngineStart {
  build: EngineBuild;
  log: (line: string) => void;
  /** The engine died and runs again, its workspaces reopened. */
  onRestart: (reason: string) => void;
}

export interface MessageSettings {
  /** `core.commentString` or `core.commentChar`; see `commentPrefixOf`. */
  comment?: string;
  /** `commit.cleanup` */
  cleanup?: string;
}

/** Git's and the policies' side of commit messages. Repositories and files are URIs. */
export interface MessageGit {
  /** The work tree whose git folder a file lies in; `folders` are those to try for a git folder that lies elsewhere. */
  workTreeOf(file: string, folders: readonly string[]): Promise<string | undefined>;
  /** The top folder of the work tree that a folder is in. */
  rootOf(folder: string): Promise<string | undefined>;
  /** What git's configuration says of message files. */
  settings(repository: string): Promise<MessageSettings>;
  /** Whether a message file, as git opened it, holds HEAD's message: then HEAD is being amended. */
  amends(repository: string, opened: string): Promise<boolean>;
  /** What the policy says of the commit that this message and the index would make, or why it says nothing. */
  decide(
    repository: string,
    staged: { message: string; messageFile: boolean; amend: boolean; evidence?: Evidence[] },
    engine: () => Promise<Engine>,
    now: Date,
    signal: AbortSignal,
  ): Promise<{ verdict: Verdict; notes: readonly string[] } | { undecided: string }>;
  /** Whom trailers may name, best first. */
  people(repository: string, home: Home): Promise<{ value: string; detail?: string }[]>;
  /** Whether git calls our hooks there. */
  hooksInstalled(repository: string): Promise<boolean>;
  /** Messages of commits by full or short id; what names none is left out. */
  messages(repository: string, names: readonly string[], signal: AbortSignal): Promise<Map<string, NamedMessage>>;
}

export type RepositoryWork = Pick<typeof import('./commit/before-commit.ts'), 'declareUse'> &
  typeof import('./commit/after-commit.ts') &
  typeof import('./commit/approval.ts') &
  typeof import('./exceptions/work.ts');

export interface Runtime {
  startEngine(options: EngineStart): Promise<Engine>;
  /**
   * Reads what the server looks after in a folder, or in a part of it (`below`, a path; '' for all).
   * Rejects when that cannot be read.
   */
  scanFolder(uri: string, below: string, log: (line: string) => void, signal: AbortSignal): Promise<FolderScan>;
  /** The Regal configuration and custom rules for a file outside every folder. */
  findInherited(uri: string): Promise<FolderScan['inherited']>;
  /** A file's text; undefined when it is not there or is no text the server reads. */
  readFile(uri: string): Promise<string | undefined>;
  /** A YAML file's text, if Rego may be embedded in it; else undefined. */
  readTemplate(uri: string): Promise<string | undefined>;
  decideCommit(
    params: DecideCommitParams,
    engine: () => Promise<Engine>,
    now: Date,
    signal: AbortSignal,
  ): Promise<DecideCommitResult>;
  /** What is known of the AI use of the commit to be. */
  gatherKnown(params: DisclosureFormParams, home: Home, now: Date, signal: AbortSignal): Promise<Known>;
  /** What else needs a repository on disk; loaded when a commit is made. */
  repositoryWork(): Promise<RepositoryWork>;
  /**
   * What policies judge of a commit, or of what is staged, as JSON; by a folder (URI) in the repository. Rejects with a
   * reason for people.
   */
  evaluationInput(folder: string, what: { commit: string } | 'staged', now: Date, signal: AbortSignal): Promise<string>;
  /** Why a value would give away a secret; undefined when it would not. */
  secretProblem(value: string): Promise<string | undefined>;
  /** Listens for commit hooks. */
  listenForPrompts(options: ListenOptions): Promise<PromptLink>;
  /** Loaded when the first message is open. */
  messageGit(): Promise<MessageGit>;
  /** The project's own schemas of the input, where they are files that a client can open. */
  ownSchemas?(): Promise<OwnSchemas>;
  /** Where findings lie between sessions; absent where nothing is to be kept. */
  findings?: FindingsStore;
  /** Gives memory that is no longer used back to the system, where there is much; asked when nothing was written for a while. Returns whether it did. */
  tidy?(): boolean;
  /** Collects what was made and dropped of late; asked between keystrokes, when what they ask for is answered. */
  sweep?(): void;
  now(): Date;
  /** Resolves after that time; rejects when the signal aborts. Must not keep the process alive. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
