/**
 * Makes a rule, or a function where variables are needed, of selected lines of a body or of a term. A call of it stands
 * where they stood: it holds for the same values, as far as a function can, which has one result and no search to offer.
 */
import { CodeActionKind } from 'vscode-languageserver';
import type { Body, Literal, Node, Span } from '../syntax/tree.ts';
import { visit } from '../syntax/walk.ts';
import { indentAt, lineEnd, newlineOf, type Offer, ruleAround, type Subject, staysReadable } from './action.ts';
import { lastOfGroup } from './create-from-use.ts';
import { tidied } from './format-edit.ts';
import { usesIf } from './if-keyword.ts';
import { type Selected, selectedTerm } from './selected.ts';
import {
  asksForMetadata,
  freeIn,
  freshName,
  isBoundBefore,
  isClosure,
  isSearch,
  isTotal,
  nameAfter,
  trimmed,
  type Variable,
  variablesIn,
} from './variables.ts';

export async function extractRule(subject: Subject): Promise<Offer[]> {
  const span = trimmed(subject);
  const rule = ruleAround(subject.tree, span);
  if (!rule || span.start >= span.end) return [];
  if (subject.tree.errors.some(({ start, end }) => start <= rule.end && rule.start <= end)) return [];
  const lines = selectedLines(subject, span);
  if (lines) return [await offer(subject, rule, await fromLines(subject, lines))];
  const selected = selectedTerm(subject, span);
  if (!selected || selected.term.kind === 'var') return [];
  return [await offer(subject, rule, await fromTerm(subject, selected))];
}

/** What the new rule is, and what stands in place of the selection. */
interface Extracted {
  readonly name: string;
  readonly args: readonly string[];
  /** From behind the name and arguments on. */
  readonly rest: string;
  readonly replaced: Span;
  /** With the call in it. */
  readonly use: (call: string) => string;
}

async function offer(subject: Subject, rule: Span, extracted: Extracted | string): Promise<Offer> {
  const { tree, module } = subject;
  if (typeof extracted === 'string') {
    return { title: 'Extract rule', kind: `${CodeActionKind.RefactorExtract}.function`, disabled: extracted };
  }
  const { name, args, rest, replaced, use } = extracted;
  const about = {
    title: args.length > 0 ? 'Extract function' : 'Extract rule',
    kind: `${CodeActionKind.RefactorExtract}.function`,
  };
  const newline = newlineOf(tree.text);
  const call = args.length > 0 ? `${name}(${args.join(', ')})` : name;
  const at = lineEnd(tree.text, lastOfGroup(module, rule).end);
  const edits = [
    { ...replaced, text: use(call) },
    { start: at, end: at, text: `${newline}${newline}${call}${rest}` },
  ];
  if (!staysReadable(tree, edits)) return { ...about, disabled: 'The result could not be read.' };
  return { ...about, edit: tidied(subject, edits) };
}

interface Lines extends Span {
  readonly literals: readonly Literal[];
  readonly body: Body;
  readonly path: readonly Node[];
}

/** Whole literals of one body, as selected. */
function selectedLines({ tree }: Subject, span: Span): Lines | undefined {
  let found: Lines | undefined;
  const path: Node[] = [];
  const look = (node: Node): boolean | undefined => {
    if (node.start > span.start || node.end < span.end) return false;
    path.push(node);
    if (node.kind === 'body') {
      const literals = node.literals.filter(({ start, end }) => span.start <= start && end <= span.end);
      if (literals[0]?.start === span.start && literals.at(-1)?.end === span.end) {
        found = { ...span, literals, body: node, path: [...path] };
      }
    }
    return true;
  };
  visit(tree.root, look);
  if (!found) return undefined;
  // A term alone is what it is worth, and only sometimes a condition.
  const [only] = found.literals;
  const isValue =
    found.literals.length === 1 &&
    only?.kind === 'expression' &&
    !only.right &&
    !only.negated &&
    only.withs.length === 0;
  return isValue && only.left.kind !== 'infix' && only.left.kind !== 'membership' ? undefined : found;
}

async function fromLines(subject: Subject, lines: Lines): Promise<Extracted | string> {
  const { tree } = subject;
  if (asksForMetadata(subject, lines)) return 'It asks for the METADATA of its own rule.';
  const shared = variablesIn(subject, lines).filter(
    ({ local, outside }) => outside.length > 0 || isOutside(local, lines),
  );
  const outputs = shared.filter(({ local }) => local.kind === 'assigned' && startsIn(local.spans, lines));
  const inputs = shared.filter((one) => !outputs.includes(one));
  const searched = inputs.find(({ local }) => !isBoundBefore(subject, local, lines.start));
  if (searched) return `${searched.local.name} gets its value here, among several perhaps.`;
  const search = isSearch(subject, lines);
  if (search && outputs.length > 0) return `${namesOf(outputs)} may have several values here.`;
  if (search && countsEach(lines.path)) return 'The list has an entry for each value that is found here.';
  const name = await freshName(subject, wantedName(subject, lines, outputs));
  const [output] = outputs;
  const value = outputs.length > 1 ? `[${namesOf(outputs)}]` : output?.local.name;
  const head = value === undefined ? '' : ` := ${value}`;
  const isExpression = lines.literals.length === 1 && value === undefined;
  return {
    name,
    args: inputs.map(({ local }) => local.name),
    rest: `${head}${body(subject, lines, isExpression)}`,
    replaced: lines,
    use: (call) => (value === undefined ? call : `${value} := ${call}`),
  };

  function body(one: Subject, span: Span, isShort: boolean): string {
    const newline = newlineOf(tree.text);
    const text = tree.text.slice(span.start, span.end);
    const keyword = usesIf(one) ? ' if ' : ' ';
    if (isShort && !text.includes('\n') && usesIf(one)) return `${keyword}${text}`;
    return `${keyword}{${newline}\t${indented(one, span, newline)}${newline}}`;
  }
}

function isOutside({ spans }: Variable['local'], lines: Span): boolean {
  return (spans[0]?.start ?? 0) < lines.start;
}

function startsIn(spans: readonly Span[], { start, end }: Span): boolean {
  const [first] = spans;
  return first !== undefined && start <= first.start && first.end <= end;
}

function namesOf(variables: readonly Variable[]): string {
  return variables.map(({ local }) => local.name).join(', ');
}

/** Whether the body is that of a list, which has an entry for each way in which its body holds. */
function countsEach(path: readonly Node[]): boolean {
  const owner = path.at(-2);
  return owner?.kind === 'comprehension' && owner.of === 'array';
}

/** Lines as a body of a rule has them; texts of several lines stay as they are. */
function indented({ tree }: Subject, span: Span, newline: string): string {
  const text = tree.text.slice(span.start, span.end);
  const indent = indentAt(tree.text, span.start);
  const isCut = [...tree.tokens.starts].some((start, index) => {
    const end = tree.tokens.ends[index] ?? 0;
    return start >= span.start && end <= span.end && tree.text.slice(start, end).includes('\n');
  });
  if (isCut) return text;
  return text
    .split(/\r?\n/)
    .map((line, at) =>
      at === 0 || line === '' ? line : `\t${line.startsWith(indent) ? line.slice(indent.length) : line}`,
    )
    .join(newline);
}

function wantedName(subject: Subject, { literals }: Lines, outputs: readonly Variable[]): string {
  const [output] = outputs;
  if (output) return `${output.local.name}_of`;
  const [only] = literals;
  if (literals.length === 1 && only?.kind === 'expression' && !only.negated && only.left.kind === 'call') {
    return nameAfter(subject, only.left).replace(/_result$/, 's');
  }
  return 'condition';
}

async function fromTerm(subject: Subject, { term, span, path }: Selected): Promise<Extracted | string> {
  const { tree } = subject;
  if (asksForMetadata(subject, span)) return 'It asks for the METADATA of its own rule.';
  if (path.some((node) => node.kind === 'rule' && node.isDefault)) return 'A default has to be a constant.';
  const free = freeIn(subject, span);
  const unbound = free.find(({ local }) => !isBoundBefore(subject, local, span.start) && !inHead(path));
  if (unbound) return `${unbound.local.name} gets its value here, among several perhaps.`;
  if (isSearch(subject, span) || hasWildcard(subject, span))
    return 'It may have several values, and a function has one.';
  const negated = path.some((node) => (node.kind === 'expression' && node.negated) || node.kind === 'not');
  const isReference = term.kind === 'ref' && free.length === 0;
  if (negated && !isReference && !isTotal(subject, term)) {
    return 'In a negation it makes a difference where this is evaluated.';
  }
  const wanted = nameAfter(subject, term, span).replace(/_result$/, '_of');
  const name = await freshName(subject, wanted);
  return {
    name,
    args: free.map(({ local }) => local.name),
    rest: ` := ${tree.text.slice(span.start, span.end)}`,
    replaced: span,
    use: (call) => call,
  };
}

/** What a head refers to has its value, from the body. */
function inHead(path: readonly Node[]): boolean {
  const body = path.findLastIndex(({ kind }) => kind === 'body');
  const head = path.findLastIndex(({ kind }) => kind === 'head' || kind === 'else' || kind === 'comprehension');
  return head > body;
}

/** `_` outside of bodies of its own. */
function hasWildcard({ tree }: Subject, span: Span): boolean {
  let found = false;
  visit(tree.root, (node) => {
    if (node.end <= span.start || node.start >= span.end) return false;
    if (node.start >= span.start && isClosure(node)) return false;
    if (node.kind === 'var' && node.name === '_' && node.start >= span.start) found = true;
    return true;
  });
  return found;
}
