/** The verdict at the end of the title: whether the commit will pass. */
import { type InlayHint, type MarkupContent, MarkupKind } from 'vscode-languageserver';
import type { Verdict, Violation } from '../../core/verdict.ts';
import { rangesOf } from './text.ts';
import { linkTo } from './verdict.ts';
import type { MessageView } from './view.ts';

export function verdictHints({ text, judgement, judges, rules }: MessageView): InlayHint[] {
  if (text.title.start === text.title.end || !judges) return [];
  const position = rangesOf(text)(text.title).end;
  const hint = (label: string, tooltip?: MarkupContent): InlayHint => ({
    position,
    label,
    paddingLeft: true,
    ...(tooltip && { tooltip }),
  });
  if (judgement?.text !== text.source) return [hint('checking…')];
  if (judgement.kind === 'undecided') return [hint('not decided', markdown(judgement.message))];
  const { verdict, notes } = judgement;
  const denied = violationsOf(verdict, 'deny');
  const warned = violationsOf(verdict, 'warn');
  const list = (violations: readonly Violation[]) =>
    violations.map(({ rule, msg }) => {
      const source = rules.find((one) => one.rule === rule);
      return `- ${source ? `[${rule}](${linkTo(source)})` : rule}: ${inline(msg)}`;
    });
  const tooltip = markdown(
    [
      ...(denied.length > 0 ? ['The policy denies this commit:', '', ...list(denied), ''] : []),
      ...(warned.length > 0 ? ['It warns:', '', ...list(warned), ''] : []),
      ...notes.map((note) => `${inline(note)}\n`),
      `Policy revision: \`${shortRevision(verdict.revision)}\``,
    ].join('\n'),
  );
  if (verdict.result === 'deny') return [hint(`will be denied: ${rulesIn(denied)}`, tooltip)];
  return [hint(warned.length > 0 ? `will pass, with warnings: ${rulesIn(warned)}` : 'will pass', tooltip)];
}

/** A revision that a line has room for. */
export function shortRevision(revision: string): string {
  return revision.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]+$/, '$1$2');
}

function violationsOf({ commits, change }: Verdict, level: 'deny' | 'warn'): Violation[] {
  return [...commits, change].flatMap((part) => part[level]);
}

function rulesIn(violations: readonly Violation[]): string {
  return [...new Set(violations.map(({ rule }) => rule))].join(', ');
}

function markdown(value: string): MarkupContent {
  return { kind: MarkupKind.Markdown, value };
}

/** What others wrote, as text and not as Markdown. */
export function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~-]/g, '\\$&');
}
