/** What the user sees when the policy denies a commit, or cannot decide, and what they choose to do. */
import * as vscode from 'vscode';
import type { DecideCommitResult, DisclosureField } from '../../server/protocol.ts';
import { promptTitle } from './form.ts';
import { errorIcon } from './prompt.ts';
import { lineLength, twoLines } from './two-lines.ts';

export type Choice =
  | { kind: 'edit'; field?: string }
  | { kind: 'anyway' }
  | { kind: 'again' }
  | { kind: 'problems' }
  | { kind: 'cancel' };

const warningIcon = new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'));

type Violation = DecideCommitResult['change']['deny'][number];

type Fields = readonly DisclosureField[];
type Item = vscode.QuickPickItem & { choice?: Choice };

/** Everything that denies, of the change and of its commits. */
export function denials(verdict: DecideCommitResult): Violation[] {
  return [...verdict.change.deny, ...verdict.commits.flatMap(({ deny }) => deny)];
}

/** Everything that warns. */
export function warnings(verdict: DecideCommitResult): Violation[] {
  return [...verdict.change.warn, ...verdict.commits.flatMap(({ warn }) => warn)];
}

/**
 * The violations of a denied commit, each with what mends it; choosing one leads to its field.
 * Escape is *Cancel*; *Commit Anyway* asks once more.
 */
export function showRefusal(verdict: DecideCommitResult, fields: Fields): Promise<Choice> {
  const found = denials(verdict);
  const items = found.map((violation) => violationItem(violation, errorIcon, fields));
  const soft = warnings(verdict).map((violation) => violationItem(violation, warningIcon, fields));
  const title =
    found.length === 1
      ? vscode.l10n.t('Denied by policy: 1 violation')
      : vscode.l10n.t('Denied by policy: {0} violations', found.length);
  return offer(
    title,
    [...items, ...soft],
    [
      {
        label: vscode.l10n.t('Go Back and Edit'),
        iconPath: new vscode.ThemeIcon('arrow-left'),
        choice: { kind: 'edit' },
      },
    ],
  );
}

/** The same for a decision that could not be made: an unanswered question is no permission. */
export function showUndecided(reason: string): Promise<Choice> {
  return offer(
    vscode.l10n.t('The policy could not decide'),
    [{ label: reason, iconPath: errorIcon, choice: { kind: 'problems' } }],
    [
      {
        label: vscode.l10n.t('Show Problems'),
        iconPath: new vscode.ThemeIcon('warning'),
        choice: { kind: 'problems' },
      },
      { label: vscode.l10n.t('Try Again'), iconPath: new vscode.ThemeIcon('refresh'), choice: { kind: 'again' } },
      {
        label: vscode.l10n.t('Go Back and Edit'),
        iconPath: new vscode.ThemeIcon('arrow-left'),
        choice: { kind: 'edit' },
      },
    ],
  );
}

/**
 * A violation as the list shows it: what is wrong, over two lines if need be; where there is room,
 * also its place and rule, and what mends it. A field is mended in the prompt itself.
 */
function violationItem({ rule, msg, field, path, fix }: Violation, icon: vscode.ThemeIcon, fields: Fields): Item {
  const known = fields.find(({ name }) => name === field);
  const [first, rest] = twoLines(msg);
  const place = known?.title ?? path;
  const source = place ? `${place} · ${rule}` : rule;
  return {
    label: first,
    description: first.length + source.length < lineLength ? source : undefined,
    detail: rest || (known ? vscode.l10n.t('Enter leads to “{0}”.', known.title) : fix),
    iconPath: icon,
    choice: { kind: 'edit', field: known?.name },
  };
}

const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });

async function offer(title: string, facts: Item[], ways: Item[]): Promise<Choice> {
  const picked = await vscode.window.showQuickPick<Item>(
    [
      ...facts,
      separator(vscode.l10n.t('what now')),
      ...ways,
      {
        label: vscode.l10n.t('Commit Anyway…'),
        iconPath: new vscode.ThemeIcon('debug-step-over'),
        choice: { kind: 'anyway' },
      },
      { label: vscode.l10n.t('Cancel'), iconPath: new vscode.ThemeIcon('close'), choice: { kind: 'cancel' } },
    ],
    {
      title: `${promptTitle()}: ${title}`,
      placeHolder: vscode.l10n.t('Choose what to mend, or what to do now'),
      ignoreFocusOut: true,
    },
  );
  const choice = picked?.choice ?? { kind: 'cancel' };
  if (choice.kind !== 'anyway') return choice;
  const anyway = vscode.l10n.t('Commit Anyway');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Commit without the policy’s consent?'),
    {
      modal: true,
      detail: vscode.l10n.t('Nothing has been committed yet. The gate in CI decides by the same policy.'),
    },
    anyway,
  );
  return answer === anyway ? choice : offer(title, facts, ways);
}
