/**
 * Puts a rule in place of a reference to it: one that is a value, or one that is a condition. Only rules that are
 * defined once in this module, without arguments, `else` or `default`, are that simple.
 */
import { CodeActionKind, LSPErrorCodes, ResponseError, type WorkspaceEdit } from 'vscode-languageserver';
import { definitionsOf, occurrenceAt } from '../names/modules.ts';
import type { Occurrence } from '../names/occurrences.ts';
import { everywhere } from '../references.ts';
import type { Body, Node, Rule, Span, Term } from '../syntax/tree.ts';
import { lineEnd, lineStart, type Offer, ruleAround, type SpanEdit, type Subject, staysReadable } from './action.ts';
import { tidied } from './format-edit.ts';
import { asOperand, capturedName, hasOwnVariables, pathOf } from './inlining.ts';
import { asksForMetadata, isSearch, isTotal, variablesIn } from './variables.ts';

export function inlineRule(subject: Subject): Offer[] {
  const { modules, module, tree, span } = subject;
  const at = occurrenceAt(modules, module, span.start);
  if (at?.meaning.kind !== 'data' || tree.errors.length > 0) return [];
  const rule = simpleRule(subject, at.meaning.path);
  if (!rule) return [];
  const name = at.meaning.path.at(-1) ?? '';
  const kind = CodeActionKind.RefactorInline;
  if (!at.declares) return [make(subject, { title: `Inline rule ${name} here`, kind }, rule, [at], false)];
  // Who refers to it is looked up once it matters.
  return [{ title: `Inline rule ${name} and remove it`, kind, edit: () => everywhereInlined(subject, rule, at) }];
}

async function everywhereInlined(subject: Subject, rule: Rule, { meaning }: Occurrence): Promise<WorkspaceEdit> {
  const { modules, module } = subject;
  const found = everywhere(modules, module, meaning).filter(({ occurrence }) => !occurrence.declares);
  const other = found.find((one) => one.module.path !== module.path);
  if (other) throw refusal(`${other.module.path} refers to it.`);
  if (found.length === 0) throw refusal('Nothing here refers to it, but those who ask may.');
  const uses = found.map(({ occurrence }) => occurrence);
  const { edit, disabled } = make(subject, { title: '', kind: '' }, rule, uses, true);
  if (disabled !== undefined || !edit) throw refusal(disabled ?? 'It cannot be inlined.');
  return typeof edit === 'function' ? edit() : edit;
}

function refusal(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}

function make(
  subject: Subject,
  about: { title: string; kind: string },
  rule: Rule,
  uses: readonly Span[],
  removes: boolean,
): Offer {
  const edits: SpanEdit[] = [];
  for (const use of uses) {
    const edit = inlinedAt(subject, rule, use);
    if (typeof edit === 'string') return { ...about, disabled: edit };
    edits.push(edit);
  }
  if (removes) edits.push(removal(subject, rule));
  if (!staysReadable(subject.tree, edits)) return { ...about, disabled: 'The result could not be read.' };
  return { ...about, edit: tidied(subject, edits) };
}

/** Defined once, here, as a value or a condition. */
function simpleRule({ modules, module, tree }: Subject, path: readonly string[]): Rule | undefined {
  const definitions = definitionsOf(modules, path);
  const [only] = definitions;
  if (definitions.length !== 1 || only?.module.path !== module.path || only.rule.kind !== 'rule') return undefined;
  if (path.length !== module.package.length + 1 || only.rule.path.length !== 1) return undefined;
  const rule = tree.root.items.find(({ start }) => start === only.rule.node.start);
  if (rule?.kind !== 'rule' || rule.elses.length > 0 || rule.bodies.length > 1 || rule.head.name.kind !== 'var')
    return undefined;
  const { value } = rule.head;
  const isTrue = !value || (value.kind === 'boolean' && tree.text.slice(value.start, value.end) === 'true');
  return rule.bodies.length === 0 ? value && rule : isTrue ? rule : undefined;
}

function inlinedAt(subject: Subject, rule: Rule, use: Span): SpanEdit | string {
  const { tree } = subject;
  const path = pathOf(tree, use);
  const [holder, node] = [path.at(-2), path.at(-1)];
  if (node?.kind !== 'var' || !holder) return 'It is referred to by a path.';
  if (path.some((one, at) => one.kind === 'with' && path[at + 1] === one.target))
    return 'Another value is put in its place here.';
  if (asksForMetadata(subject, rule)) return 'It asks for its own METADATA.';
  if (ruleAround(tree, use) === rule) return 'It refers to itself.';
  const isNegated = path.some((one) => one.kind === 'not' || (one.kind === 'expression' && one.negated));
  const [body] = rule.bodies;
  if (body) return conditionAt(subject, body, use, path, isNegated);
  const value = rule.head.value as Term;
  if (hasOwnVariables(subject, value)) return 'It looks for its value.';
  const isCallee = holder.kind === 'call' && holder.operator === node;
  const takesParts = holder.kind === 'ref' && holder.head === node;
  if (isCallee || (takesParts && !['ref', 'array', 'object', 'set'].includes(value.kind))) {
    return 'What it stands for cannot be asked for a part.';
  }
  // OPA evaluates calls and composite values before a negation, and references in it.
  if (isNegated && value.kind !== 'ref' && !isTotal(subject, value))
    return 'In a negation it makes a difference where this is evaluated.';
  const captured = capturedName(subject, value, use);
  if (captured) return `${captured} means something else where it is used.`;
  return { ...use, text: asOperand(value, tree.text.slice(value.start, value.end), holder) };
}

/** A condition's lines take the place of the one line that is a reference to it. */
function conditionAt(
  subject: Subject,
  body: Body,
  use: Span,
  path: readonly Node[],
  isNegated: boolean,
): SpanEdit | string {
  const { tree } = subject;
  const literal = path.findLast(({ kind }) => kind === 'expression');
  const outer = path[path.indexOf(literal as Node) - 1];
  if (literal?.kind !== 'expression' || literal.left !== path.at(-1) || literal.right) return 'It is used as a value.';
  if (literal.withs.length > 0) return 'It is evaluated with other values in place.';
  const [only] = body.literals;
  const isReference =
    body.literals.length === 1 && only?.kind === 'expression' && only.left.kind === 'ref' && !only.right;
  const isPlain = isReference && only.kind === 'expression' && !only.negated && only.withs.length === 0;
  if (isNegated && !(isPlain && !hasOwnVariables(subject, only))) return 'A negation is of one condition.';
  if (outer?.kind !== 'body') return 'It is no line of a body.';
  const owner = path[path.indexOf(outer) - 1];
  if (isSearch(subject, body) && owner?.kind === 'comprehension' && owner.of === 'array') {
    return 'The list would have an entry for each value that is found.';
  }
  const clash = variablesIn(subject, body).find(({ local }) =>
    subject.module.names.locals.some((one) => one !== local && one.name === local.name && touches(one.scope, outer)),
  );
  if (clash) return `${clash.local.name} is a variable where it is used, too.`;
  const captured = capturedName(subject, body, use);
  if (captured) return `${captured} means something else where it is used.`;
  const first = body.literals[0]?.start ?? body.start;
  const last = body.literals.at(-1)?.end ?? body.end;
  const lines = tree.text.slice(first, last);
  if (body.literals.length === 1) return { ...use, text: lines };
  if (!outer.braced && outer.hasIf) return { ...use, text: `{\n\t${lines}\n}` };
  return { ...use, text: lines };
}

function touches(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}

/** With its METADATA and comments, and the blank line that it leaves. */
function removal({ tree }: Subject, rule: Rule): SpanEdit {
  const { text } = tree;
  let start = lineStart(text, rule.start);
  while (start > 0 && /^[ \t]*#/.test(text.slice(lineStart(text, start - 1), start)))
    start = lineStart(text, start - 1);
  const next = text.indexOf('\n', lineEnd(text, rule.end));
  let end = next < 0 ? text.length : next + 1;
  const blank = /^\r?\n/.exec(text.slice(end));
  if (blank) end += blank[0].length;
  else if (end === text.length) while (/\n\r?\n$/.test(text.slice(0, start))) start -= text[start - 2] === '\r' ? 2 : 1;
  return { start, end, text: '' };
}
