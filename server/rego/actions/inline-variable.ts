/**
 * Puts what a variable was given in place of the variable. It must be sure that what is undefined still fails, that
 * the names in it mean the same wherever it comes to stand, and that nothing is looked for twice.
 */
import { CodeActionKind } from 'vscode-languageserver';
import type { Local } from '../names/names.ts';
import type { Body, Expression, Node, Span, Term } from '../syntax/tree.ts';
import { editedText, type Offer, ruleAround, type SpanEdit, type Subject, staysReadable } from './action.ts';
import { removeTrue } from './bodies.ts';
import { tidied } from './format-edit.ts';
import { asOperand, capturedName, dependsOnContext, pathOf, type UsePlace, usePlace } from './inlining.ts';
import { isSearch, isTotal } from './variables.ts';

export function inlineVariable(subject: Subject): Offer[] {
  const { tree, span } = subject;
  const declaration = declarationAt(subject, span);
  if (!declaration) return [];
  const { local, literal, body, path } = declaration;
  const rule = ruleAround(tree, literal);
  if (!rule || tree.errors.some(({ start, end }) => start <= rule.end && rule.start <= end)) return [];
  const about = { title: `Inline variable ${local.name}`, kind: CodeActionKind.RefactorInline };
  const edits = inlined(subject, local, literal, body, path);
  if (typeof edits === 'string') return [{ ...about, disabled: edits }];
  if (!staysReadable(tree, edits)) return [{ ...about, disabled: 'The result could not be read.' }];
  return [{ ...about, edit: tidied(subject, edits) }];
}

interface Declaration {
  readonly local: Local;
  readonly literal: Expression;
  readonly body: Body;
  /** From the module down to what holds the body. */
  readonly path: readonly Node[];
}

/** Of the variable at the cursor, where it is `name := term`. */
function declarationAt(subject: Subject, span: Span): Declaration | undefined {
  const { tree, module } = subject;
  const local = module.names.locals.find(
    ({ kind, spans }) => kind === 'assigned' && spans.some(({ start, end }) => start <= span.start && span.end <= end),
  );
  const [first] = local?.spans ?? [];
  const path = first && pathOf(tree, first);
  const [body, literal, left] = path?.slice(-3) ?? [];
  if (!local || !path || body?.kind !== 'body' || literal?.kind !== 'expression' || left?.kind !== 'var')
    return undefined;
  if (literal.operator !== ':=' || literal.left !== left) return undefined;
  return { local, literal, body, path: path.slice(0, -3) };
}

function inlined(
  subject: Subject,
  local: Local,
  literal: Expression,
  body: Body,
  path: readonly Node[],
): SpanEdit[] | string {
  const { tree } = subject;
  const value = literal.right as Term;
  if (literal.withs.length > 0) return 'It is evaluated with other values in place.';
  const places = local.spans.slice(1).map((span) => usePlace(subject, span, body, path));
  const total = isTotal(subject, value, literal.start);
  const mustHold = places.some(({ isPlain }) => isPlain);
  if (!total && !mustHold) {
    return places.length === 0
      ? 'The rule may depend on that this is defined.'
      : 'Where it is used it makes a difference that this may be undefined.';
  }
  const searches = isSearch(subject, value);
  if (searches && (places.length > 1 || !mustHold))
    return 'It stands for one value after the other, and only once each.';
  const refusal = places.map((place) => refusalAt(subject, value, place, literal)).find((one) => one !== undefined);
  if (refusal) return refusal;
  const written = tree.text.slice(value.start, value.end);
  const removal = removeTrue(tree, { literal, body, path });
  if (!removal) return 'The body would be empty.';
  const uses = places.map(({ span, parent }) => ({ ...span, text: asOperand(value, written, parent) }));
  return merged(tree.text, removal, uses);
}

/** A removal that takes a use with it, as that of a body of one line takes the head's end, is not possible. */
function merged(text: string, removal: SpanEdit, uses: readonly SpanEdit[]): SpanEdit[] | string {
  const isApart = uses.every(({ start, end }) => end <= removal.start || removal.end <= start);
  if (!isApart) return 'The body would be empty.';
  return editedText(text, [removal, ...uses]) === text ? 'Nothing would change.' : [removal, ...uses];
}

function refusalAt(subject: Subject, value: Term, place: UsePlace, literal: Span): string | undefined {
  const { span, parent, hasWith, isCalled } = place;
  if (isCalled || (parent.kind === 'ref' && !isHead(value))) return 'What it stands for cannot be asked for a part.';
  if (hasWith && dependsOnContext(subject, value)) return 'It is used where other values are in place.';
  const captured = capturedName(subject, value, span, literal);
  return captured && `${captured} means something else where it is used.`;
}

/** Whether brackets and dots may follow. */
function isHead({ kind }: Term): boolean {
  return ['var', 'ref', 'call', 'array', 'object', 'set', 'comprehension'].includes(kind);
}
