/** The parser of Rego modules: text in, tree out. */
import type { RegoVersion } from '../../../engine/protocol.ts';
import { checkModule } from './checks.ts';
import { type Capabilities, languageOf } from './keywords.ts';
import { lex } from './lexer.ts';
import { readMetadata } from './metadata.ts';
import type { Parser } from './parser.ts';
import { parseModule } from './statements.ts';
import type { SyntaxProblem, Tree } from './tree.ts';

export interface ParseOptions {
  /** Default v1. */
  readonly version?: RegoVersion;
  /** OPA's capabilities; those of the version when absent. */
  readonly capabilities?: Capabilities;
  /** Whether what is wrong with METADATA is a problem. Default true. */
  readonly annotations?: boolean;
  /**
   * Whether all METADATA is read, which takes as long as the rest for modules that have much of it; else only what
   * has names in it, and without telling what is wrong with it. Default true.
   */
  readonly metadata?: boolean;
  /** The spaces before each line that are no part of it, for Rego within another text: METADATA begins its lines. */
  readonly margin?: number;
}

/** Reads any text; it has no side effects and never throws. Its problems are those that OPA's own parser would find. */
export function parse(text: string, options: ParseOptions = {}): Tree {
  const { version = 'v1', capabilities, annotations = true, metadata: isRead = true, margin = 0 } = options;
  const { tokens, comments, problems } = lex(text);
  const p: Parser = {
    text,
    tokens,
    language: languageOf(version, capabilities),
    at: 0,
    kind: tokens.kinds[0]!,
    fence: tokens.count + 1,
    first: 0,
    depth: 0,
    problems: [],
    lastProblem: -1,
    lists: new Map(),
    separators: new Set(),
    values: new Set(),
    named: new Set(),
    strict: -1,
    failed: -1,
  };
  const root = parseModule(p);
  const errors: SyntaxProblem[] = problems.concat(p.problems).sort(byPlace);
  const partial = { text, version, root, tokens, comments };
  for (const problem of checkModule(partial, errors)) errors.push(problem);
  const metadata = isRead
    ? readMetadata(partial, annotations ? errors : [], margin)
    : readMetadata(partial, [], margin, /schemas|unknowns|mask_rule/);
  errors.sort(byPlace);
  // What is read twice may be found wrong twice.
  const distinct = errors.filter((error, index) => index === 0 || !isSame(error, errors[index - 1]!));
  return { ...partial, errors: distinct, metadata };
}

function isSame(a: SyntaxProblem, b: SyntaxProblem): boolean {
  return a.start === b.start && a.end === b.end && a.message === b.message;
}

function byPlace(a: SyntaxProblem, b: SyntaxProblem): number {
  return a.start - b.start || a.end - b.end;
}
