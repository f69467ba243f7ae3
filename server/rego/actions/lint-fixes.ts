/** Quick fixes for Regal's findings: each one's own, all of its rule in the file, and its page. */
import { CodeActionKind, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { type Offer, ownEdit, type SpanEdit, type Subject } from './action.ts';
import { type Finding, findingsAt, findingsOf } from './findings.ts';
import { formatted } from './format-edit.ts';
import { moreFixes } from './more-fixes.ts';
import { moveToPackage } from './move-file.ts';
import { type Fix, regalFixes } from './regal-fixes.ts';
import { renameFor } from './rename-fixes.ts';

export async function lintFixes(subject: Subject): Promise<Offer[]> {
  const findings = await findingsAt(subject);
  return [...findings.flatMap((finding) => fixesOf(subject, finding)), ...pages(subject, findings)];
}

function fixesOf(subject: Subject, { rule, span, diagnostic }: Finding): Offer[] {
  const about = { kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] };
  if (rule === 'opa-fmt') {
    return [{ ...about, title: 'Format as opa fmt does', isPreferred: true, edit: () => formatted(subject) }];
  }
  if (rule === 'use-rego-v1') {
    const title = 'Format for Rego v1, with import rego.v1';
    return [{ ...about, title, isPreferred: true, edit: () => formatted(subject, 'v0v1') }];
  }
  if (rule === 'directory-package-mismatch') {
    const move = moveToPackage(subject);
    return move ? [{ ...about, isPreferred: true, ...move }] : [];
  }
  const rename = renameFor(subject, rule, span);
  if (rename) return [{ ...about, isPreferred: true, ...rename }];
  const fix = fixerOf(rule)?.(subject.tree, span.start);
  if (!fix) return [];
  const { title, edits, isSafe } = fix;
  const one: Offer = { ...about, title, isPreferred: isSafe, edit: ownEdit(subject, edits) };
  if (!isSafe) return [one];
  const all = `Fix all of ${rule} in this file`;
  return [one, { ...about, title: all, edit: () => fixRule(subject, rule) }];
}

/** What mends a rule's findings where they stand. */
export function fixerOf(rule: string): ((tree: Subject['tree'], at: number) => Fix | undefined) | undefined {
  return regalFixes[rule] ?? moreFixes[rule];
}

async function fixRule(subject: Subject, rule: string) {
  const fixes = (await findingsOf(subject)).flatMap((finding) =>
    finding.rule === rule ? (fixerOf(rule)?.(subject.tree, finding.span.start) ?? []) : [],
  );
  const edits = together(fixes.filter(({ isSafe }) => isSafe));
  if (edits.length === 0) {
    throw new ResponseError<void>(LSPErrorCodes.RequestFailed, `Nothing of ${rule} is left in this file.`);
  }
  return ownEdit(subject, edits);
}

/** The edits of fixes that do not get in each other's way, each once; the rest waits for the next time. */
export function together(fixes: readonly Fix[]): SpanEdit[] {
  const taken: SpanEdit[] = [];
  const isFree = (edit: SpanEdit) =>
    taken.every((one) => edit.end < one.start || one.end < edit.start || (isSame(edit, one) && edit.start < edit.end));
  for (const { edits } of fixes) {
    const now = edits.filter((edit) => !taken.some((one) => isSame(edit, one)));
    if (now.every(isFree)) taken.push(...now);
  }
  return taken;
}

function isSame(one: SpanEdit, other: SpanEdit): boolean {
  return one.start === other.start && one.end === other.end && one.text === other.text;
}

/** VS Code can open a page by a command; other clients show the diagnostic's link. */
function pages({ client }: Subject, findings: readonly Finding[]): Offer[] {
  if (!client.opensLinks) return [];
  const offers = new Map<string, Offer>();
  for (const { rule, diagnostic } of findings) {
    const page = diagnostic.codeDescription?.href;
    if (!page) continue;
    const title = `Show the page of ${rule}`;
    const command = { title, command: 'vscode.open', arguments: [page] };
    offers.set(title, { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], command });
  }
  return [...offers.values()];
}
