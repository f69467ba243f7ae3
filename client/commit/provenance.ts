/** Where a value is from and how sure that is, in words. */
import * as vscode from 'vscode';
import type { Evidence, KnownValue } from '../../server/protocol.ts';

function sourceName(source: KnownValue['source']): string {
  switch (source) {
    case 'declaration':
      return vscode.l10n.t('an agent’s declaration');
    case 'message':
      return vscode.l10n.t('the commit message');
    case 'git-ai':
      return 'git-ai';
    case 'agent-trace':
      return 'Agent Trace';
    case 'session-log':
      return vscode.l10n.t('an agent’s session log');
    case 'environment':
      return vscode.l10n.t('the environment');
    case 'previous':
      return vscode.l10n.t('the last disclosure on this branch');
    case 'git':
      return 'Git';
  }
}

/** Such as `recorded by git-ai` or `likely, from the environment`. */
export function provenance({ source, certainty }: KnownValue): string {
  if (source === 'previous') return vscode.l10n.t('as in {0}', sourceName(source));
  return certainty === 'recorded'
    ? vscode.l10n.t('recorded by {0}', sourceName(source))
    : vscode.l10n.t('likely, from {0}', sourceName(source));
}

/** The exact place, and how sure that is; such as `recorded: note of git-ai on 3f2c1ab`. */
export function fullProvenance(known: KnownValue): string {
  if (!known.detail || known.source === 'previous') return provenance(known);
  return known.certainty === 'recorded'
    ? vscode.l10n.t('recorded: {0}', known.detail)
    : vscode.l10n.t('likely: {0}', known.detail);
}

/** What shows AI use, in one line. */
export function evidenceLine(evidence: readonly Evidence[]): string {
  const all = [
    ...new Set(
      evidence.map(({ detail, model }) => (model && !detail.includes(model) ? `${detail} (${model})` : detail)),
    ),
  ];
  return all.slice(0, 3).join(' · ') + (all.length > 3 ? ` · ${vscode.l10n.t('and {0} more', all.length - 3)}` : '');
}
