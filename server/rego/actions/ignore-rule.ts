/** Silences a rule of Regal for one finding, by a comment, or everywhere, in Regal's configuration. */
import { CodeActionKind } from 'vscode-languageserver';
import type { Span, Tree } from '../syntax/tree.ts';
import { indentAt, lineEnd, lineStart, newlineOf, type Offer, ownEdit, type SpanEdit, type Subject } from './action.ts';
import { type Finding, findingsAt } from './findings.ts';
import { ignoreInConfig } from './lint-config.ts';

export async function ignoreRule(subject: Subject): Promise<Offer[]> {
  const offers = new Map<string, Offer>();
  for (const finding of await findingsAt(subject)) {
    for (const offer of [ignoreHere(subject, finding), ignoreInConfig(subject, finding)]) {
      if (!offer) continue;
      const diagnostics = [...(offers.get(offer.title)?.diagnostics ?? []), finding.diagnostic];
      // Of several findings of a rule, the first has the comment; the others come next.
      offers.set(offer.title, { ...(offers.get(offer.title) ?? offer), diagnostics });
    }
  }
  return [...offers.values()];
}

function ignoreHere(subject: Subject, { rule, span, diagnostic }: Finding): Offer | undefined {
  const edit = directive(subject.tree, span.start, rule);
  if (!edit) return undefined;
  const title = `Ignore ${rule} here`;
  return { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], edit: ownEdit(subject, [edit]) };
}

/**
 * A directive is read on the finding's own line and on the one above it (`ignore_directives` in Regal's
 * bundle/regal/ast/comments.rego, `_ignored` in main.rego). One that is there takes the rule in; otherwise there is
 * a new line above, or, where that would cut a block of METADATA or a string in two, a comment behind.
 */
export function directive(tree: Tree, at: number, rule: string): SpanEdit | undefined {
  const { text, comments } = tree;
  const start = lineStart(text, at);
  const end = lineEnd(text, at);
  const above = { start: lineStart(text, Math.max(start - 1, 0)), end: start };
  const lines = start === 0 ? [{ start, end }] : [{ start, end }, above];
  for (const line of lines) {
    const comment = comments.find((one) => one.start >= line.start && one.end <= line.end);
    const known = comment && listEnd(text.slice(comment.start, comment.end));
    if (comment && known !== undefined) {
      const place = comment.start + known;
      return { start: place, end: place, text: `,${rule}` };
    }
  }
  const newline = newlineOf(text);
  const inMetadata = (offset: number) =>
    tree.metadata.some((one) => one.start < offset && offset <= one.end + newline.length);
  if (!inMetadata(start) && !inToken(tree, start)) {
    return { start, end: start, text: `${indentAt(text, lineEnd(text, start))}# regal ignore:${rule}${newline}` };
  }
  if (inToken(tree, end)) return undefined;
  return { start: end, end, text: ` # regal ignore:${rule}` };
}

/** Where a comment's list of rules ends; undefined for one that is no directive. */
function listEnd(comment: string): number | undefined {
  const found = /^.*regal ignore:\s*[^\s,]+(?:,\s*[^\s,]+)*/.exec(comment);
  return found?.[0].length;
}

/** Whether an offset lies within a string of several lines. */
function inToken({ tokens }: Tree, offset: number): boolean {
  let low = 0;
  let high = tokens.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens.ends[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const span: Span = { start: tokens.starts[low] ?? offset, end: tokens.ends[low] ?? offset };
  return low < tokens.count && span.start < offset && offset < span.end;
}
