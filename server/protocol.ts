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
  /** The client has the commands {@link lensCommands}. */
  lensCommands?: boolean;
  /** The client tells of files in v0 itself ({@link v0Found}). */
  ownV0Notice?: boolean;
  /** The client has the command `vscode.open`, which actions may call with a link. */
  opensLinks?: boolean;
}

/** Server to client, where `ownV0Notice` is set: a file is read as v0 although nothing declares that. Once for a folder. */
export const v0Found = 'countersign/v0Found';
export interface V0FoundParams {
  uri: string;
  /** URI of the workspace folder, or of the `.countersign` folder; absent for a file outside of all. */
  folder?: string;
}

/** Client to server: the user trusted the workspace. */
export const trustGranted = 'countersign/trustGranted';

/**
 * A YAML file with Rego in it is open, and none of the documents that the client's selector is for: the server then
 * registers itself for this file, with its text.
 */
export const embeddedOpened = 'countersign/embeddedOpened';
/** It is closed, or has no Rego any more. */
export const embeddedClosed = 'countersign/embeddedClosed';
export interface EmbeddedParams {
  uri: string;
}

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

/**
 * Evaluates in a module. Rejects where nothing of the workspace may run, and when it is cancelled; whatever is wrong
 * with policies, query or input is an answer. Other editors ask by the command `countersign.evaluate`, which takes
 * the same parameters as its one argument; with `show` it tells the answer to the user, too.
 */
export const evaluate = 'countersign/evaluate';
export interface EvaluateParams {
  /** Of the module. */
  uri: string;
  target: EvaluationTarget;
  /** Default: `nearest`. */
  input?: EvaluationInput;
  coverage?: boolean;
  profile?: boolean;
  /** Default 30,000. */
  timeoutMs?: number;
}

export type EvaluationTarget =
  /** The position tells which one in a file that has several, as YAML may. */
  | { kind: 'package'; position?: Range['start'] }
  /** The rule whose definition is at the position; with all of its definitions. */
  | { kind: 'rule'; position: Range['start'] }
  /** Text of the module as a query; whole rules in it are evaluated as rules. */
  | { kind: 'selection'; range: Range }
  /** A query that is read as if it stood in the module; the position tells which one, as for a package. */
  | { kind: 'query'; query: string; position?: Range['start'] };

export type EvaluationInput =
  /**
   * `input.json`, `input.yaml` in the module's folder, else in the closest one above it; none where there is none. Its
   * own syntax tree, as Regal's rules see it, where the module's first comment is `# regal eval:use-as-input`.
   */
  | { from: 'nearest' }
  | { from: 'none' }
  /** JSON, or YAML by its ending; of a Rego file its syntax tree, as Regal's rules see it. */
  | { from: 'file'; uri: string }
  /** JSON that was typed or copied; `name` says to people where it is from. */
  | { from: 'text'; text: string; name: string }
  /** What policies judge of a commit (`HEAD` by default), as `countersign input` prints it. */
  | { from: 'commit'; commit?: string }
  /** What policies would judge if what is staged were committed now, with an empty message. */
  | { from: 'staged' };

/** A stretch of a document. */
export interface Place {
  uri: string;
  range: Range;
}

export interface EvaluateResult {
  outcome: 'value' | 'undefined' | 'error';
  /** Such as `data.a.allow`; of a selection, its text. */
  query: string;
  kind: 'package' | 'rule' | 'query';
  /** The version of the document that was evaluated; null where it is not open. */
  version: number | null;
  /** Where to show it in the module: the names of the rule's definitions, the package's, or the selection. */
  places: Range[];
  /** In one line, for beside the code: the value in JSON, `undefined`, or what went wrong. */
  short: string;
  /** The value in full, as indented JSON: of a rule or package itself, of a query OPA's result set where it has more than one. */
  value?: string;
  /** In words, such as `input.json`; absent when there was none. `uri` where it is a file. */
  input?: { name: string; uri?: string };
  printed: { place?: Place; text: string }[];
  /** Errors of built-ins that left something undefined. */
  builtinErrors: { place?: Place; message: string }[];
  /** For `error`: what is wrong, each with its place where it has one: in policies, in the selection, in the input. */
  problems: { place?: Place; message: string }[];
  evalMs?: number;
  /** What a reader should know beside it. */
  notes: string[];
  coverage?: CoverageResult;
  /** Lines that took longest first. */
  profile?: { place: Place; ms: number; evals: number; redos: number }[];
}

/** Lines from zero. */
export interface CoverageResult {
  files: { uri: string; covered: number[]; notCovered: number[] }[];
  /** 0 to 100. */
  percent: number;
}

/** What is left of a target when the input is unknown. */
export const evaluatePartially = 'countersign/evaluatePartially';
export interface EvaluatePartiallyParams {
  uri: string;
  target: EvaluationTarget;
  /** References that are unknown; default `input`. */
  unknowns?: string[];
}
export interface EvaluatePartiallyResult {
  query: string;
  /** Rego: any of them has to hold; it never holds where there is none, and always where one is empty. */
  queries: string[];
  /** Modules that they refer to. */
  support: string[];
  /** When there are any, nothing was evaluated. */
  problems: EvaluateResult['problems'];
}

/** A module as OPA's compiler sees it after each stage that changed it. */
export const compilerStages = 'countersign/compilerStages';
export interface CompilerStagesParams {
  uri: string;
  /** Tells which module in a file that has several. */
  position?: Range['start'];
}
export interface CompilerStagesResult {
  /** `ParseModule`, then by OPA's names. */
  stages: { name: string; text: string }[];
  problems: EvaluateResult['problems'];
}

/** Runs the Rego tests of a module's folder and tells which lines of its modules they cover. */
export const testCoverage = 'countersign/testCoverage';
export interface TestCoverageParams {
  uri: string;
}
export interface TestCoverageResult {
  coverage?: CoverageResult;
  /** Tests that did not pass, by name. */
  failed: string[];
  problems: EvaluateResult['problems'];
}

/** An input to begin with: everything of `input` that the module refers to, as JSON with nulls. */
export const inputSkeleton = 'countersign/inputSkeleton';
export interface InputSkeletonParams {
  uri: string;
}
export interface InputSkeletonResult {
  text: string;
}

/** Commands of the client that code lenses call; to a client without them they call the server's own. */
export const lensCommands = {
  evaluate: 'countersign.rego.evaluate',
  runTests: 'countersign.rego.runTests',
  showReferences: 'countersign.rego.showReferences',
} as const;

/** The argument of {@link lensCommands}: of `evaluate` the package or a rule, of `runTests` all tests or one. */
export interface LensTarget {
  uri: string;
  position?: Range['start'];
  /** What is at the position is the package. */
  whole?: true;
  /** The rule of one test. */
  test?: string;
}
