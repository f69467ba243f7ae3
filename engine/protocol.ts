/**
 * What the engine can be asked: JSON-RPC 2.0 methods with their parameters and results.
 *
 * The Go program in this folder answers them in both of its builds. Paths are opaque identifiers
 * that the caller chooses, with `/` as separator, relative to the workspace's root; the engine
 * never touches the disk. Ranges are the LSP's: lines and UTF-16 characters from zero, end
 * exclusive. Where a result carries OPA's own JSON (the AST, coverage, metrics), it says so.
 */

/** A position in a text: `line` and `character` from zero, `character` in UTF-16 code units. */
export interface Position {
  line: number;
  character: number;
}

/** A stretch of a text, `end` exclusive. */
export interface Range {
  start: Position;
  end: Position;
}

/** A stretch of one of the workspace's files. */
export interface Location {
  path: string;
  range: Range;
}

/**
 * One file of a workspace.
 *
 * - `module`: Rego.
 * - `data`: JSON or YAML (OPA's own reading of it), an object merged into `data` below `at`.
 * - `schema`: a JSON Schema, known to METADATA annotations as `schema.<name>`, `name` being the
 *   path below the folder `schemas/` (or else the file name) without `.schema.json` or `.json`.
 * - `lint-config`: Regal's configuration (`.regal/config.yaml`); at most one a workspace.
 * - `lint-rule`: a custom Regal rule (Rego).
 * - `capabilities`: OPA's capabilities JSON, for a `lint-config` that says `capabilities.from.file`; at most one a
 *   workspace.
 */
export interface WorkspaceFile {
  path: string;
  kind: 'module' | 'data' | 'schema' | 'lint-config' | 'lint-rule' | 'capabilities';
  text: string;
  /** For `data`: where it is mounted, as path segments below `data`; the root when absent. */
  at?: string[];
  /** For `module`: how it is read, where that is not as the workspace's others are. */
  regoVersion?: RegoVersion;
}

/** How Rego is read. `v0v1` is OPA's compatibility mode: `import rego.v1` decides by file. */
export type RegoVersion = 'v0' | 'v1' | 'v0v1';

export interface OpenParams {
  /** The caller's name for the workspace; opening it again replaces it. */
  workspace: string;
  files: WorkspaceFile[];
  /** Default `v1`. */
  regoVersion?: RegoVersion;
  /** OPA's capabilities JSON; the engine's own when absent. */
  capabilities?: unknown;
  /** Allow `http.send` and `net.lookup_ip_addr`. Default false: they are compile errors. */
  network?: boolean;
  /**
   * For an editor. Modules are read when something first needs them (results list no problems of theirs), the trees
   * of large workspaces are kept only as long as they are in use, and while a module cannot be read, `check` takes
   * its last readable text for those that refer to it. Default false.
   */
  editing?: boolean;
}

/** Changes to a workspace, applied in one step; a file that is both is changed. */
export interface UpdateParams {
  workspace: string;
  changed?: WorkspaceFile[];
  removed?: string[];
}

export interface CloseParams {
  workspace: string;
}

/** One finding about a file: a syntax, compile, type, data or lint problem. */
export interface Problem {
  path: string;
  range: Range;
  severity: 'error' | 'warning' | 'information';
  /** OPA's error code (`rego_parse_error`, `rego_type_error`, …), `data_error`, or the lint rule's title. */
  code: string;
  message: string;
  /** Who says so. */
  source: 'opa' | 'regal' | 'countersign';
  /** For lint: the rule's category. */
  category?: string;
  /** Where the rule is documented. */
  url?: string;
  tags?: ('unnecessary' | 'deprecated')[];
  related?: { location: Location; message: string }[];
}

/** The result of opening or updating: problems of the files that were sent; the workspace stands all the same. */
export interface WorkspaceResult {
  problems: Problem[];
}

export interface ParseParams {
  path: string;
  text: string;
  regoVersion?: RegoVersion;
}

export interface ParseResult {
  /** OPA's JSON AST with locations, comments and annotations; absent when the text has errors. */
  module?: unknown;
  problems: Problem[];
}

export interface CheckParams {
  workspace: string;
  /** The modules and lint rules to check, each with its dependency closure (a rule's is of Regal's modules, too); all when absent. */
  paths?: string[];
  /** OPA's strict mode, for modules. Default false. */
  strict?: boolean;
}

export interface CheckResult {
  /** All of them: no limit of ten. With `paths`, those of other files in the closure are included. */
  problems: Problem[];
  /** With `paths`: errors in other files ended the compilation, so that there may be more in these. */
  incomplete?: boolean;
}

export interface LintParams {
  workspace: string;
  /** The modules to lint with single-file rules; all when absent. */
  paths?: string[];
  /** Also the rules that look across files. Default: true when `paths` is absent. */
  aggregate?: boolean;
}

export interface LintResult {
  problems: Problem[];
  filesLinted: number;
}

export interface FormatParams {
  path: string;
  text: string;
  regoVersion?: RegoVersion;
  /** The Rego to write: `v1`, or `v0v1`, which v0 and v1 read alike (`import rego.v1`). As it was read when absent. */
  to?: 'v1' | 'v0v1';
}

export interface FormatResult {
  /** Absent when the text has errors. */
  text?: string;
  problems: Problem[];
}

export interface TestParams {
  workspace: string;
  /** Only tests whose `data.package.test_name` matches this regular expression (Go syntax). */
  filter?: string;
  /** Only tests in these files. */
  paths?: string[];
  coverage?: boolean;
  /** For each test; default 5,000. */
  timeoutMs?: number;
  /** Default: the number of processors natively, 1 in wasm. */
  parallel?: number;
}

export interface TestResult {
  /** `data.package.test_name`, with the case's name appended for table tests: `…/case`. */
  name: string;
  package: string;
  outcome: 'pass' | 'fail' | 'error' | 'skip';
  location: Location;
  durationMs: number;
  /** What `print` wrote. */
  output?: string;
  /** For `error`: what went wrong. */
  error?: string;
  /** For `fail`: the expression that failed and the values of its variables. */
  failure?: { location: Location; text: string; locals: Record<string, unknown> };
}

/** Covered and uncovered lines (from 1) of one file. */
export interface FileCoverage {
  path: string;
  covered: number[];
  notCovered: number[];
}

export interface Coverage {
  files: FileCoverage[];
  /** 0 to 100. */
  percent: number;
}

export interface TestRunResult {
  tests: TestResult[];
  coverage?: Coverage;
  /** Compile problems; when there are any, no test ran. */
  problems: Problem[];
}

/** Sent while `test` runs, once for each finished test. */
export const testFinished = 'test/finished';

/** Parameters of the notification {@link testFinished}; `id` is the request's `progressId`. */
export interface TestFinishedParams {
  id: string | number;
  test: TestResult;
}

export interface EvalParams {
  workspace: string;
  /** A Rego query, such as `data.countersign.deny`. The compiled modules and queries are kept between calls. */
  query: string;
  /** One document to evaluate. */
  input?: unknown;
  /** In place of `input`: a Rego term without variables. JSON is one, and its numbers stay exact. */
  inputTerm?: string;
  /** Or several, evaluated in turn with one preparation; results come in the same order. */
  inputs?: unknown[];
  /** In place of the workspace's data. */
  data?: Record<string, unknown>;
  /** For each input; default 10,000. */
  timeoutMs?: number;
  coverage?: boolean;
  metrics?: boolean;
  /** RFC 3339; what `time.now_ns()` answers. The clock when absent. */
  now?: string;
  /** Let a built-in's error fail the evaluation instead of leaving it undefined. Default false. */
  strictBuiltinErrors?: boolean;
  /**
   * What built-ins without a fixed answer (`rand.intn`, `time.now_ns`, …) gave before, as OPA's decision log has it:
   * they answer the same again. The result has all that they gave. None is kept when absent.
   */
  ndBuiltinCache?: NdBuiltinCache;
}

/** By built-in, by its arguments (a JSON list), what it gave. */
export type NdBuiltinCache = Record<string, Record<string, unknown>>;

/** What one input gave. */
export interface Evaluation {
  /** OPA's result set; empty when the query is undefined. */
  result: { expressions: { value: unknown; text: string }[]; bindings?: Record<string, unknown> }[];
  output?: string;
  /** Errors of built-ins that left an expression undefined. */
  builtinErrors?: { code: string; message: string; location?: Location }[];
  /** Nanoseconds by OPA's metric names. */
  metrics?: Record<string, number>;
  /** Absent unless asked for, and when no such built-in was called. */
  ndBuiltinCache?: NdBuiltinCache;
}

export interface EvalResult {
  evaluations: Evaluation[];
  coverage?: Coverage;
}

/**
 * A query that is read as if it stood in one of the modules: with its package and its imports. For people in an
 * editor: only that module, and what it and the query refer to, is compiled, so that what is broken elsewhere is no
 * matter. Problems with an empty path are the query's own, with places in its text.
 */
export interface QuestionParams {
  workspace: string;
  /** The module. */
  path: string;
  query: string;
  /** Read as data files are: JSON, or YAML by its path's ending; a module is its syntax tree, as Regal's rules see it. Its problems carry its path. */
  input?: { path: string; text: string };
  /** Default 10,000. */
  timeoutMs?: number;
}

export interface QueryParams extends QuestionParams {
  coverage?: boolean;
  profile?: boolean;
}

export interface QueryResult {
  /** OPA's result set, empty when the query is undefined. Values are JSON texts, so that their numbers stay exact. */
  result: { expressions: { text: string; json: string }[]; bindings?: Record<string, string> }[];
  /** What `print` wrote, call by call; after 1,000 the last one says that there was more. */
  printed: { location?: Location; text: string }[];
  /** Errors of built-ins that left an expression undefined. */
  builtinErrors: { code: string; message: string; location?: Location }[];
  /** How long the evaluation took, in nanoseconds, without compiling. */
  evalNs: number;
  coverage?: Coverage;
  /** Expressions by line, those that took longest first. */
  profile?: { location: Location; ns: number; evals: number; redos: number }[];
}

export interface PartialParams extends QuestionParams {
  /** References that are not known; default `input`. */
  unknowns?: string[];
}

/** What is left of a query: under which conditions on the unknown it holds. Rego texts. */
export interface PartialResult {
  /** Any of them; never when there is none, always when one is empty. */
  queries: string[];
  /** Modules that the queries refer to. */
  support: string[];
}

/** Asks for a module as OPA's compiler sees it. */
export interface StagesParams {
  workspace: string;
  path: string;
}

export interface StagesResult {
  /** The module as parsed (`ParseModule`), then after each stage that changed it, by OPA's names of its stages. */
  stages: { name: string; text: string }[];
  /** Where it ended early. */
  problems: Problem[];
}

export interface CompileParams {
  workspace: string;
  target: 'wasm' | 'bundle';
  /** Such as `countersign/deny`. */
  entrypoints: string[];
  /** The revision a bundle names. */
  revision?: string;
}

export interface CompileResult {
  /** Base64: `policy.wasm`, or a gzipped bundle. */
  bytes: string;
  /** The built-ins that the wasm policy asks its host for. */
  hostBuiltins: string[];
  /** All built-ins that the wasm policy uses, those it brings along too; empty for a bundle. */
  builtins: string[];
  /** Whether the wasm policy builds arrays in a loop: over sets and objects, wasm goes in another order than OPA. */
  arrayComprehensions: boolean;
}

/** Asks for OPA's plan of some rules and of all that they need. */
export interface PlanParams {
  workspace: string;
  /** Such as `countersign/deny`. */
  entrypoints: string[];
}

/** Texts, since JavaScript would round large numbers. */
export interface PlanResult {
  /** JSON, as https://www.openpolicyagent.org/docs/ir describes it. */
  plan: string;
  /** JSON: the workspace's merged data. */
  data: string;
}

export interface CapabilitiesParams {
  /** A workspace, for the built-ins that its `lint-config` declares; the engine's own when absent. */
  workspace?: string;
}

export interface CapabilitiesResult {
  /** OPA's capabilities JSON, each built-in with its types, description and categories. */
  capabilities: { builtins: unknown[]; [key: string]: unknown };
  /** Built-ins that only lint rules may call; a workspace whose `capabilities` name them may, too. */
  lintBuiltins: unknown[];
}

export interface VersionResult {
  engine: string;
  opa: string;
  regal: string;
  go: string;
  build: 'native' | 'wasm';
}

/** Packages, rules and tests of a workspace, for those who need names and places but no tree. */
export interface OutlineParams {
  workspace: string;
  paths?: string[];
}

export interface OutlineResult {
  modules: {
    path: string;
    /** Such as `countersign.approver`. */
    package: string;
    rules: { name: string; location: Location; nameRange: Range; test: boolean }[];
  }[];
}

/** Every method with `[parameters, result]`. */
export interface Methods {
  'workspace/open': [OpenParams, WorkspaceResult];
  'workspace/update': [UpdateParams, WorkspaceResult];
  'workspace/close': [CloseParams, null];
  parse: [ParseParams, ParseResult];
  check: [CheckParams, CheckResult];
  lint: [LintParams, LintResult];
  format: [FormatParams, FormatResult];
  outline: [OutlineParams, OutlineResult];
  test: [TestParams & Progress, TestRunResult];
  eval: [EvalParams, EvalResult];
  query: [QueryParams, QueryResult];
  partial: [PartialParams, PartialResult];
  stages: [StagesParams, StagesResult];
  compile: [CompileParams, CompileResult];
  plan: [PlanParams, PlanResult];
  capabilities: [CapabilitiesParams, CapabilitiesResult];
  version: [Record<string, never>, VersionResult];
}

/** Every request may carry these. */
export interface RequestOptions {
  /** Milliseconds from the request's arrival; over it the answer is the error {@link errorCodes.deadline}. */
  deadlineMs?: number;
}

/** Asks for progress notifications that carry this identifier. */
export interface Progress {
  progressId?: string | number;
}

/** JSON-RPC error codes beside the standard ones. */
export const errorCodes = {
  /** No workspace of that name is open. */
  unknownWorkspace: -32001,
  /** The policies do not compile; `data` is `{ problems: Problem[] }`. */
  compile: -32002,
  /** The evaluation failed (a conflict between rules, a built-in's error in strict mode, …). */
  evaluation: -32003,
  /** The deadline or timeout passed. */
  deadline: -32004,
  /** The module or document is beyond a limit (nesting, size). */
  limit: -32005,
  /** The engine's process or worker ended before it answered; it is started again. Set by the binding. */
  died: -32006,
  /** No engine runs: it would not start, kept dying, or was disposed. Set by the binding. */
  unavailable: -32007,
  /** LSP's RequestCancelled. */
  cancelled: -32800,
} as const;
