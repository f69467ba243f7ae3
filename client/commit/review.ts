/** The whole disclosure at once: one key commits with it, and each field can be changed. */
import * as vscode from 'vscode';
import type { DisclosureField, PromptRequest } from '../../server/protocol.ts';
import { type Entry, mayBeSeveral } from './entries.ts';
import { type Item, type Pick, pickOne, separator } from './pick.ts';
import { errorIcon } from './prompt.ts';
import { fullProvenance } from './provenance.ts';
import { twoLines } from './two-lines.ts';

export type ReviewAnswer =
  | { kind: 'commit' }
  | { kind: 'edit'; at: number }
  | { kind: 'add'; field: DisclosureField }
  | { kind: 'remove'; at: number }
  | { kind: 'no-ai' }
  | { kind: 'cancel' };

export interface Review extends Pick {
  entries: readonly Entry[];
  /** What is wrong with each entry; undefined where nothing is. */
  problems: readonly (string | undefined)[];
  /** What the policy said of them before. */
  violations: PromptRequest['violations'];
}

export async function review({ entries, problems, violations, ...pick }: Review): Promise<ReviewAnswer> {
  const lines = entries.map((entry, at) => entryItem(entry, at, problems[at], entries));
  const first = lines.find((_, at) => problems[at] !== undefined);
  const denied = violations.map(({ rule, msg, field }): Item<ReviewAnswer> => {
    const at = entries.findIndex((entry) => entry.field.name === field);
    const [label, rest] = twoLines(msg);
    return {
      label,
      description: rest ? undefined : rule,
      detail: rest,
      iconPath: errorIcon,
      choice: { kind: 'edit', at: Math.max(0, at) },
    };
  });
  const commit: Item<ReviewAnswer> = first
    ? {
        label: vscode.l10n.t('Mend the disclosure first'),
        description: first.label,
        iconPath: new vscode.ThemeIcon('warning'),
        choice: first.choice,
      }
    : {
        label: vscode.l10n.t('Commit with this disclosure'),
        iconPath: new vscode.ThemeIcon('verified'),
        choice: { kind: 'commit' },
      };
  const several = [
    ...new Set(entries.filter(({ field, value }) => value && mayBeSeveral(field)).map(({ field }) => field)),
  ];
  const items: Item<ReviewAnswer>[] = [
    ...(denied.length > 0 ? [separator<ReviewAnswer>(vscode.l10n.t('denied by policy')), ...denied] : []),
    commit,
    separator(vscode.l10n.t('disclosure')),
    ...lines,
    ...several.map((field) => ({
      label: vscode.l10n.t('Add another: {0}', field.title),
      iconPath: new vscode.ThemeIcon('add'),
      choice: { kind: 'add', field } as const,
    })),
    separator(vscode.l10n.t('or')),
    noAiItem(),
  ];
  return (await pickOne(items, pick, denied[0] ?? commit)) ?? { kind: 'cancel' };
}

function entryItem(entry: Entry, at: number, problem: string | undefined, all: readonly Entry[]): Item<ReviewAnswer> {
  const { field, value, known, offered } = entry;
  const edit: ReviewAnswer = { kind: 'edit', at };
  const alone = all.filter((other) => other.field.name === field.name).length === 1;
  return {
    label: value
      ? `${field.title}: ${value}`
      : field.required
        ? field.title
        : vscode.l10n.t('{0} (optional)', field.title),
    description: value ? undefined : vscode.l10n.t('empty'),
    detail: problem ?? (known ? fullProvenance(known) : offered ? vscode.l10n.t('as for the last commit') : undefined),
    iconPath: problem ? errorIcon : new vscode.ThemeIcon(value ? 'check' : 'circle-large-outline'),
    choice: edit,
    ...(!alone && {
      buttons: [{ iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Remove') }],
      buttonChoices: [{ kind: 'remove', at }],
    }),
  };
}

/** For a commit that no AI had a part in. */
function noAiItem(): Item<ReviewAnswer> {
  return {
    label: vscode.l10n.t('No AI was used'),
    description: vscode.l10n.t('commit without a disclosure'),
    iconPath: new vscode.ThemeIcon('person'),
    choice: { kind: 'no-ai' },
  };
}

/** The first question where nothing shows AI use: one key for a person's own work. */
export function askWhetherAi(disclosing: boolean, pick: Pick): Promise<'ai' | 'no-ai' | undefined> {
  const { label, description, iconPath } = noAiItem();
  const items: Item<'ai' | 'no-ai'>[] = [
    { label, description, iconPath, choice: 'no-ai' },
    {
      label: vscode.l10n.t('Disclose AI use'),
      description: disclosing ? vscode.l10n.t('what you typed is kept') : undefined,
      iconPath: new vscode.ThemeIcon('sparkle'),
      choice: 'ai',
    },
  ];
  return pickOne(items, pick, items[disclosing ? 1 : 0]);
}
