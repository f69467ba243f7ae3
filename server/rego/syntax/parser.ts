/**
 * The state of the parser and its elementary steps.
 *
 * The parser reads the tokens once, from left to right, and holds what it reads in nodes. The grammar is that of OPA's
 * own parser, oddities included; where that one tries readings in turn, this one looks ahead where it can and goes back
 * (`mark`, `reset`) where it cannot:
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/parser.go
 */
import type { Language } from './keywords.ts';
import { T, type Tokens } from './tokens.ts';
import type { Missing, Span, SyntaxProblem } from './tree.ts';

export interface Parser {
  readonly text: string;
  readonly tokens: Tokens;
  readonly language: Language;
  /** The index of the token that is read next, and its kind here: words that are no keywords (yet) are names. */
  at: number;
  kind: number;
  /** Where the statement ends that has an unclosed bracket; the parser reads the end of the text there. */
  fence: number;
  /** The first token of the statement. */
  first: number;
  /** How deep the nodes nest. */
  depth: number;
  problems: SyntaxProblem[];
  /** The token at which the last problem was found: one is enough. */
  lastProblem: number;
  /** Opening brackets of which it is known that they hold a list, although the first item looks like a comprehension; with
   * what reading that added to `named`. */
  readonly lists: Map<number, readonly number[]>;
  /** Commas of which it is known that no `key, value in collection` is around them. */
  readonly separators: Set<number>;
  /** Opening braces and parentheses that were found not to be operands of `and` and `or`. */
  readonly values: Set<number>;
  /** Keywords that were read as names where a literal begins; OPA then knows them for terms, wherever else they stand. */
  readonly named: Set<number>;
  /** How many terms may still be read just as OPA reads what is damaged (as-opa.ts); -1 where nothing is. */
  strict: number;
  /** The token at which that failed, or -1. */
  failed: number;
}

/**
 * Deeper nesting is a problem instead of a stack overflow: of terms and literals, so that a comprehension counts twice.
 * From about 1,000 on the stack that Node gives a thread (1 MB) is too small for what costs most of it, and beyond 1,000
 * brackets the engine refuses a module anyway; OPA alone reads some 10,000 and more.
 */
export const maxDepth = 600;

export const tooDeepMessage = `nested more than ${maxDepth} deep`;

export interface Mark {
  readonly at: number;
  readonly kind: number;
  readonly fence: number;
  readonly problems: number;
  readonly lastProblem: number;
  readonly failed: number;
}

export function mark(p: Parser): Mark {
  const { at, kind, fence, problems, lastProblem, failed } = p;
  return { at, kind, fence, problems: problems.length, lastProblem, failed };
}

export function reset(p: Parser, to: Mark): void {
  p.at = to.at;
  p.kind = to.kind;
  p.fence = to.fence;
  p.problems.length = to.problems;
  p.lastProblem = to.lastProblem;
  p.failed = to.failed;
}

/** Forgets what was added to `named` since it had the size. */
export function forgetNamed({ named }: Parser, size: number): void {
  if (named.size > size) for (const index of [...named].slice(size)) named.delete(index);
}

/** The kind that the token has with the keywords of now. */
export function kindAt(p: Parser, index: number): number {
  if (index >= p.fence) return T.end;
  const kind = p.tokens.kinds[index]!;
  return kind >= T.in && kind <= T.or && (p.language.active & (1 << (kind - T.in))) === 0 ? T.name : kind;
}

export function moveTo(p: Parser, index: number): void {
  if (p.failed >= 0) return;
  p.at = index;
  p.kind = kindAt(p, index);
}

export function advance(p: Parser): void {
  if (p.kind !== T.end) moveTo(p, p.at + 1);
}

/** Where the token begins that is read next. */
export function startOf(p: Parser): number {
  return p.tokens.starts[p.at]!;
}

/** Where the token ended that was read last. */
export function endOf(p: Parser): number {
  return p.at > 0 ? p.tokens.ends[p.at - 1]! : 0;
}

/** Whether nothing lies between the token that is read next and the one before. */
export function isAdjacent(p: Parser): boolean {
  return p.at > 0 && p.tokens.starts[p.at] === p.tokens.ends[p.at - 1] && p.kind !== T.end;
}

/** Whether a line break lies between the token that is read next and the one before. */
export function isNewLine(p: Parser): boolean {
  return p.tokens.breaks[p.at] === 1;
}

/** Whether a dot or an opening bracket directly follows: then a keyword is the head of a reference, a name. */
export function beginsReference(p: Parser, index = p.at): boolean {
  const { kinds, starts, ends } = p.tokens;
  const next = index + 1;
  return (
    next < p.tokens.count && starts[next] === ends[index] && (kinds[next] === T.dot || kinds[next] === T.leftBracket)
  );
}

/** True for keywords as they are read here, not for names. */
export function isKeyword(kind: number): boolean {
  return kind >= T.package && kind <= T.or;
}

/** Reads a keyword as a name where a reference begins with it, as in `default.x`. */
export function readKeywordAsName(p: Parser): void {
  if (isKeyword(p.kind) && p.language.keywordsInReferences && beginsReference(p)) p.kind = T.name;
}

/** A problem; one for each token, since what follows from a problem tells nothing. */
export function problem(p: Parser, { start, end }: Span, message: string): void {
  if (p.strict >= 0) {
    if (p.failed < 0) refuse(p, { start, end }, message);
    return;
  }
  if (p.lastProblem === p.at && p.problems.length > 0) return;
  p.lastProblem = p.at;
  p.problems.push({ start, end, message });
}

/** A problem that does not lie in how the tokens follow each other; it does not hide others. */
export function fault(p: Parser, { start, end }: Span, message: string): void {
  p.problems.push({ start, end, message });
}

/** The same where OPA, too, reads no further. */
export function refuse(p: Parser, span: Span, message: string): void {
  fault(p, span, message);
  if (p.strict < 0 || p.failed >= 0) return;
  p.failed = p.at;
  p.kind = T.end;
}

/** The token that is read next stands where something else is wanted. */
export function unexpected(p: Parser, wanted: string): void {
  if (p.kind === T.end) {
    const end = endOf(p);
    const what = p.at < p.tokens.count ? 'rule' : 'text';
    problem(p, { start: end, end }, `unexpected end of the ${what}: expected ${wanted}`);
    return;
  }
  problem(p, { start: startOf(p), end: p.tokens.ends[p.at]! }, `${describe(p)}: expected ${wanted}`);
}

function describe(p: Parser): string {
  const written = p.text.slice(startOf(p), p.tokens.ends[p.at]!);
  if (p.kind === T.illegal) return `illegal character ${JSON.stringify(written)}`;
  if (isKeyword(p.kind)) return `unexpected keyword \`${written}\``;
  switch (p.kind) {
    case T.string:
    case T.rawString:
    case T.template:
    case T.templateHead:
      return 'unexpected string';
    case T.templateMiddle:
    case T.templateTail:
      return 'unexpected end of an expression in a string';
    case T.number:
      return `unexpected number ${written}`;
    default:
      return `unexpected \`${written}\``;
  }
}

/** What stands for something that is expected, behind the token that was read last. */
export function missing(p: Parser): Missing {
  const end = endOf(p);
  return { kind: 'missing', start: end, end };
}

/** Reads an opening bracket. One that is never closed must not reach into the next statement. */
export function open(p: Parser): number {
  const index = p.at;
  if (p.strict < 0 && p.tokens.partners[index]! < 0 && p.fence > p.tokens.count) p.fence = nextStatement(p, index);
  advance(p);
  return index;
}

/** Reads the bracket that closes the one at the index, past everything that is not expected before it. */
export function close(p: Parser, opening: number): void {
  const { kinds, partners } = p.tokens;
  const partner = partners[opening]!;
  if (closesAt(p, opening)) {
    advance(p);
    return;
  }
  unexpected(p, `\`${closing(kinds[opening]!)}\``);
  if (partner > p.at && partner < p.fence) moveTo(p, partner + 1);
}

/** Whether the bracket is read next that closes the one at the index. */
export function closesAt(p: Parser, opening: number): boolean {
  const { kinds, partners } = p.tokens;
  if (p.strict < 0 && partners[opening]! >= 0) return p.at === partners[opening];
  return p.kind === kinds[opening]! + 1;
}

export function closing(kind: number): string {
  return kind === T.leftBracket ? ']' : kind === T.leftParen ? ')' : '}';
}

/** Whether a bracket closes here that the current list or body did not open; or an expression in a string ends. */
export function isOuter(p: Parser, index: number): boolean {
  const { kinds, partners } = p.tokens;
  const kind = kinds[index]!;
  if (kind === T.templateMiddle || kind === T.templateTail) return true;
  const isClosing = kind === T.rightBracket || kind === T.rightBrace || kind === T.rightParen;
  return isClosing && partners[index]! >= 0;
}

/** The index behind a token, or behind the bracket that closes it. */
export function skipped(p: Parser, index: number): number {
  const partner = p.tokens.partners[index]!;
  return (partner > index ? partner : index) + 1;
}

/**
 * The first token behind the given one that begins a line with a word, no deeper than the statement, or than the first
 * one of the module: all others are likely to be where that one is.
 */
export function nextStatement(p: Parser, from: number): number {
  const { count } = p.tokens;
  const column = Math.max(columnOf(p, p.first), columnOf(p, 0));
  let index = from + 1;
  while (index < count && !beginsStatement(p, index, column)) index = skipped(p, index);
  return Math.min(index, count);
}

function beginsStatement(p: Parser, index: number, column: number): boolean {
  const { kinds, breaks } = p.tokens;
  if (breaks[index] !== 1) return false;
  const kind = kinds[index]!;
  const isWord = kind === T.name || kind === T.package || kind === T.import || kind === T.default || kind >= T.in;
  const begins = isWord ? kind <= T.or : isKeyword(kind) && beginsReference(p, index);
  return begins && (columnOf(p, index) <= column || beginsRule(p, index));
}

/**
 * Whether `if` or `contains` follows the name that begins the line, and its keys and arguments, or a name follows
 * `default`: nothing but a rule does so.
 */
function beginsRule(p: Parser, name: number): boolean {
  const { kinds, breaks, count } = p.tokens;
  if (kinds[name] === T.default) return kinds[name + 1] === T.name && breaks[name + 1] !== 1;
  let index = name + 1;
  const goesOn = (kind: number) => kind === T.dot || kind === T.name || kind === T.leftBracket || kind === T.leftParen;
  while (index < count && breaks[index] !== 1 && goesOn(kinds[index]!)) index = skipped(p, index);
  const kind = kindAt(p, index);
  return kinds[name] === T.name && breaks[index] !== 1 && (kind === T.if || kind === T.contains);
}

/** How far the token is from the beginning of its line; tabs reach to the next multiple of eight. */
function columnOf({ text, tokens }: Parser, index: number): number {
  const start = tokens.starts[index]!;
  let column = 0;
  for (let at = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1; at < start; at++) {
    column += text.charCodeAt(at) === 9 ? 8 - (column % 8) : 1;
  }
  return column;
}
