/**
 * Requests between our client and our server beyond the LSP's own. The client imports this file
 * for its types and method names alone; other LSP clients may use the requests, too.
 */

import type { DisclosureField } from '../core/disclosure/form.ts';
import type { KnownValue } from '../core/disclosure/known.ts';
import type { Evidence } from '../core/input.ts';
import type { FieldValues, PromptAnswer, PromptRequest } from '../core/prompt-link/messages.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Location, Range } from '../engine/protocol.ts';

export type { DisclosureField, Evidence, FieldValues, KnownValue, PromptAnswer, PromptRequest };

/** The form to fill in for a commit in this repository; null where it is not under Countersign. */
export const disclosureForm = 'countersign/disclosureForm';
export interface DisclosureFormParams {
  /** File URI of the repository's root. */
  repository: string;
  /** The message as far as it is written: its trailers and co-authors tell, too. */
  message?: string;
  /** The changes to tracked files are committed, too, staged or not. */
  all?: boolean;
  /** Look for what is known of the commit's AI use, too. */
  gather?: boolean;
  /** Read agents' session logs for that; the user has agreed. */
  sessionLogs?: boolean;
}
/** `known` and `evidence` are empty when they were not asked for. */
export type DisclosureFormResult = {
  fields: DisclosureField[];
  /** Best first within a field. */
  known: KnownValue[];
  /** What shows AI use, values or not. */
  evidence: Evidence[];
} | null;

/** Checks one value while it is typed, without the engine: answers in a few milliseconds. Refuses secrets, too. */
export const validateField = 'countersign/validateField';
export interface ValidateFieldParams {
  repository: string;
  field: string;
  value: string;
}
/** `message` says what is wrong, and what to type instead; absent when nothing is. */
export type ValidateFieldResult = { message?: string };

/** Adds the disclosure's trailers to a message by git's own rules. Values by field name. */
export const stampMessage = 'countersign/stampMessage';
export interface StampMessageParams {
  repository: string;
  message: string;
  values: FieldValues;
}
export type StampMessageResult = { message: string };

/** What the policy says of the commit that this message and the index (or, with `all`, the changes to tracked files too) would make. */
export const decideCommit = 'countersign/decideCommit';
export interface DecideCommitParams {
  repository: string;
  message: string;
  all?: boolean;
  /** What shows AI use from outside the message, as the form told it. */
  evidence?: Evidence[];
}
export type DecideCommitResult = Verdict;

/** A policy test: a Rego `test_` rule or an entry of a JSON Schema test file. */
export interface PolicyTest {
  /** Unique in the workspace and stable across edits that do not rename it. */
  id: string;
  label: string;
  uri: string;
  range: Range;
  kind: 'rego' | 'schema';
}

/** The tests of a file, or of the whole workspace. */
export const discoverTests = 'countersign/discoverTests';
export interface DiscoverTestsParams {
  uri?: string;
}
export type DiscoverTestsResult = { tests: PolicyTest[] };

/** Runs tests; results come one by one as {@link testResult} notifications, and the request answers when all have. */
export const runTests = 'countersign/runTests';
export interface RunTestsParams {
  runId: string;
  /** All when absent. */
  ids?: string[];
}
export type RunTestsResult = { passed: number; failed: number; errored: number; skipped: number };

/** Server to client. */
export const testResult = 'countersign/testResult';
export interface TestResultParams {
  runId: string;
  id: string;
  outcome: 'pass' | 'fail' | 'error' | 'skip';
  durationMs: number;
  message?: string;
  /** Where it failed; the test's own place when absent. */
  location?: Omit<Location, 'path'> & { uri: string };
  output?: string;
}

/** Server to client: tests appeared, vanished or moved; ask again. */
export const testsChanged = 'countersign/testsChanged';

/** Server to client: what the status item shows. */
export const status = 'countersign/status';
export interface StatusParams {
  engine: 'starting' | 'ready' | 'restarted' | 'failed';
  build?: 'native' | 'wasm';
  /** Why, when it failed. */
  message?: string;
}

/** Client's `initializationOptions`. */
export interface InitializationOptions {
  /** Set by the setting `countersign.engine.build`. */
  engineBuild?: 'auto' | 'native' | 'wasm';
  /** False in Restricted Mode: nothing of the workspace is run (no tests, no evaluation). */
  trusted?: boolean;
  /** The client has the commands {@link exceptionCommands}, which quick fixes may call. */
  exceptionCommands?: boolean;
}

/** Client to server: the user trusted the workspace. */
export const trustGranted = 'countersign/trustGranted';

/**
 * Client to server, at every change: whether this window answers commits made in a terminal. The
 * server listens for hooks from the first `terminalPrompt: true` on, in a trusted workspace only.
 */
export const windowState = 'countersign/windowState';
export interface WindowStateParams {
  /** What COUNTERSIGN_WINDOW is in the window's terminals. */
  id: string;
  terminalPrompt: boolean;
  focused: boolean;
  /** File URIs of folders and repositories that are open in the window. */
  folders: string[];
}

/** Server to client: a hook waits for this commit's disclosure. A cancelled request means that it waits no longer. */
export const askDisclosure = 'countersign/askDisclosure';
export interface AskDisclosureParams {
  /** Names the question in {@link promptShown}. */
  id: number;
  /** File URI of the repository's root. */
  repository: string;
  request: PromptRequest;
}
/** Null when nobody will answer. */
export type AskDisclosureResult = PromptAnswer | null;

/** Client to server: a person sees the prompt now; until then the hook may give up. */
export const promptShown = 'countersign/promptShown';
export interface PromptShownParams {
  id: number;
}

/** Declares AI use for the commits to come, as `countersign declare` does. Rejects with a reason for people and agents. */
export const declareUse = 'countersign/declare';
export interface DeclareUseParams {
  repository: string;
  /** As the tool's schema has it (`declareInputSchema`), which the manifest repeats. */
  input: object;
}
export interface DeclareUseResult {
  /** What waits for the next commit now, by field. */
  values: FieldValues;
}

/** The commit (HEAD) was made from the editor: what was declared for it has been used. */
export const commitMade = 'countersign/commitMade';
export interface CommitMadeParams {
  repository: string;
  /** When the form was asked for, RFC 3339: what was declared later is about a later commit. */
  asked: string;
}

/** Whether a commit that was just made shows AI use and discloses none. Null: there is nothing to mend. */
export const reviewCommit = 'countersign/reviewCommit';
export interface ReviewCommitParams {
  repository: string;
  /** Full id of what HEAD is. */
  commit: string;
}
export type ReviewCommitResult = {
  subject: string;
  fields: DisclosureField[];
  known: KnownValue[];
  evidence: Evidence[];
  /** Amended while nobody else has it; else a note beside it. */
  mend: 'amend' | 'note';
} | null;

/** Adds a disclosure to a commit that was made without. */
export const discloseCommit = 'countersign/discloseCommit';
export interface DiscloseCommitParams {
  repository: string;
  /** Full id. */
  commit: string;
  values: FieldValues;
  mend: 'amend' | 'note';
}
export interface DiscloseCommitResult {
  /** Its id now. */
  commit: string;
  /** It was signed and is not any longer. */
  signatureLost: boolean;
}

/** The newest commits of HEAD, newest first. */
export const recentCommits = 'countersign/recentCommits';
export interface RecentCommitsParams {
  repository: string;
  limit: number;
}
export interface RecentCommit {
  /** Full id. */
  sha: string;
  subject: string;
  author: string;
  /** RFC 3339. */
  time: string;
}
export type RecentCommitsResult = RecentCommit[];

/** Puts together what an approver sees before they sign, and remembers it for {@link approve}. */
export const prepareApproval = 'countersign/prepareApproval';
export interface PrepareApprovalParams {
  repository: string;
  /** Full id. */
  commit: string;
  /** Why they approve; it is signed, too. */
  reason?: string;
}
export interface PrepareApprovalResult {
  id: number;
  commit: { sha: string; parent?: string; subject: string; body: string; author: string; disclosure: FieldValues };
  /** `old_path` where it was moved. */
  files: { path: string; status: string; old_path?: string; added?: number; deleted?: number }[];
  verdict: Verdict;
  /** Whose policy judges, in words. */
  policy: string;
  approver: string;
  /** What signs, in words; absent when nothing is set up. */
  signer?: string;
  /** What stands in the way; `despite`: it may be overruled with a reason. */
  problems: { message: string; fix?: string; despite: boolean }[];
  /** What a reader should know beside it. */
  notes: string[];
}

/** Signs what was prepared. Rejects with a reason for people when it is refused. */
export const approve = 'countersign/approve';
export interface ApproveParams {
  repository: string;
  /** Of what {@link prepareApproval} answered. */
  id: number;
  /** Overrules the problems that may be overruled. */
  despite: boolean;
}
export interface ApproveResult {
  /** The notes ref that holds it, to be pushed. */
  ref: string;
  notes: string[];
}

/** Asks for the exceptions of the workspace's repositories; {@link exceptionsChanged} says when to ask again. */
export const listExceptions = 'countersign/listExceptions';
export interface ListExceptionsParams {
  /** File URIs of repositories to look at beside those that lie in the workspace's folders. */
  repositories?: string[];
}
export type ListExceptionsResult = RepositoryExceptions[];

export interface RepositoryExceptions {
  /** File URI of the repository's root. */
  repository: string;
  exceptions: ExceptionEntry[];
  /** Files that are no exceptions as they are; `range` is the place of the fault. */
  problems: { uri: string; range: Range; message: string }[];
  /** Why nothing can be recorded here; absent where it can. */
  readOnly?: 'untrusted' | 'no-repository';
}

/** An exception and where it stands. Times are RFC 3339. */
export interface ExceptionEntry {
  id: string;
  /** Of its file. */
  uri: string;
  rules: string[];
  /** Full ids or prefixes; every commit when absent. */
  commits?: string[];
  /** Globs; every path when absent. */
  paths?: string[];
  reason: string;
  approvedBy: string;
  opened: string;
  expires: string;
  ticket?: string;
  /** What was recorded last: the closing, else the latest follow-up. */
  last?: { at: string; by?: string; note: string };
  state: 'pending' | 'active' | 'expired' | 'closed';
  /** What it owes; `denied`: overdue for so long that the gate denies changes. */
  followUp: 'done' | 'due' | 'overdue' | 'denied';
  due: string;
  /** From when changes are denied. */
  denied: string;
  /** The commit that brought it; absent before it is committed, and where git is not asked. */
  added?: { author: string; at: string; commit: string };
}

/** Server to client: exceptions were changed, or time has passed one by. */
export const exceptionsChanged = 'countersign/exceptionsChanged';

/** What to choose from when an exception is opened. Null where the repository is not under Countersign. */
export const exceptionForm = 'countersign/exceptionForm';
export interface ExceptionFormParams {
  repository: string;
}
export type ExceptionFormResult = {
  /** Names of rules that the policies have. */
  rules: string[];
  /** Who may give one, best first. */
  people: { value: string; detail?: string }[];
  /** The newest commits of HEAD. */
  commits: RecentCommit[];
} | null;

/** Says what is wrong with one answer of that form, while it is typed. */
export const checkException = 'countersign/checkException';
export interface CheckExceptionParams {
  field: 'path' | 'expires' | 'text';
  value: string;
}
export type CheckExceptionResult = { message?: string };

/** Writes the file of a new exception. Rejects with a reason for people; nothing is written then. */
export const openException = 'countersign/openException';
export interface OpenExceptionParams {
  repository: string;
  rules: string[];
  /** As git names them. */
  commits?: string[];
  paths?: string[];
  /** It is meant to hold for any commit and path. */
  anyCommit?: boolean;
  reason: string;
  approvedBy: string;
  /** A date, a time, or `12h`, `7d`, `2w` from now. */
  expires: string;
  ticket?: string;
}
export interface OpenExceptionResult {
  uri: string;
  id: string;
  /** What a reader should know beside it. */
  notes: string[];
}

/** Adds a follow-up to an exception's file, or closes it. Rejects with a reason for people. */
export const recordException = 'countersign/recordException';
export interface RecordExceptionParams {
  repository: string;
  id: string;
  what: 'follow-up' | 'close';
  note: string;
}
export interface RecordExceptionResult {
  uri: string;
}

/** Commands of the client that quick fixes call, with an {@link ExceptionTarget}; it asks for the note. */
export const exceptionCommands = {
  followUp: 'countersign.exceptions.followUp',
  close: 'countersign.exceptions.close',
} as const;
export interface ExceptionTarget {
  /** Of the exception's file. */
  uri: string;
}
