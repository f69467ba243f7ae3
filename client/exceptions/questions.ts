/** The questions of a new exception, each with a way back: rules, scope, reason, who gives it, until when, ticket. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { ExceptionFormResult } from '../../server/protocol.ts';
import { handOver } from '../commit/hand-over.ts';
import { type Answer, ask, type Step } from '../commit/prompt.ts';
import { chooseMany } from './choose-many.ts';
import { checkText, checkValue } from './record.ts';

export type Form = NonNullable<ExceptionFormResult>;
type Scope = 'paths' | 'commits' | 'any';

/** What was answered so far; it stays when the user goes back. */
export interface Draft {
  rules: string[];
  scope: Scope;
  paths: string[];
  commits: string[];
  reason: string;
  approvedBy: string;
  expires: string;
  ticket: string;
}

export interface Place {
  repository: string;
  near?: vscode.Uri;
}

interface Asked {
  client: LanguageClient;
  form: Form;
  draft: Draft;
  place: Place;
  at: number;
}
type Left = 'next' | 'back' | 'skip' | 'cancel';
type Question = (asked: Asked) => Promise<Left>;

const titleOf = (what: string) => vscode.l10n.t('Open an Exception: {0}', what);

export const questions: Question[] = [
  askRules,
  askScope,
  askWhere,
  ({ client, draft, at }) =>
    line(at, vscode.l10n.t('Reason'), {
      prompt: vscode.l10n.t('Why it is needed, and why it is safe.'),
      value: draft.reason,
      check: (value) => checkText(client, value),
      changed: (value) => {
        draft.reason = value;
      },
    }),
  ({ client, form, draft, at }) =>
    line(at, vscode.l10n.t('Given By'), {
      prompt: vscode.l10n.t('Who gives it: NAME <EMAIL>.'),
      value: draft.approvedBy,
      suggestions: form.people,
      check: (value) => checkText(client, value),
      changed: (value) => {
        draft.approvedBy = value;
      },
    }),
  ({ client, draft, at }) =>
    line(at, vscode.l10n.t('Expires'), {
      prompt: vscode.l10n.t('A date, a time, or 12h, 7d, 2w from now.'),
      value: draft.expires,
      suggestions: [
        { value: '1d', detail: vscode.l10n.t('a day from now') },
        { value: '7d', detail: vscode.l10n.t('a week from now') },
        { value: '30d', detail: vscode.l10n.t('30 days from now') },
      ],
      check: (value) => checkValue(client, { field: 'expires', value }),
      changed: (value) => {
        draft.expires = value;
      },
    }),
  ({ client, draft, at }) =>
    line(at, vscode.l10n.t('Ticket (optional)'), {
      prompt: vscode.l10n.t('Where it is discussed.'),
      value: draft.ticket,
      optional: true,
      check: async (value) => (value.trim() === '' ? undefined : checkText(client, value)),
      changed: (value) => {
        draft.ticket = value;
      },
    }),
];

async function line(
  at: number,
  what: string,
  step: Pick<Step, 'prompt' | 'value' | 'check' | 'changed'> & Partial<Pick<Step, 'suggestions' | 'optional'>>,
): Promise<Left> {
  const answer: Answer = await ask({
    title: titleOf(what),
    step: at + 1,
    totalSteps: questions.length,
    placeholder: what,
    suggestions: [],
    closed: false,
    optional: false,
    back: at > 0,
    review: false,
    ...step,
  });
  if (answer.kind === 'value') step.changed(answer.value);
  if (answer.kind === 'value') return 'next';
  return answer.kind === 'back' ? 'back' : 'cancel';
}

function askRules({ form, draft, at }: Asked): Promise<Left> {
  return chooseMany({
    title: titleOf(vscode.l10n.t('Rules')),
    placeholder: vscode.l10n.t('Which rules may be departed from? One after the other.'),
    step: at + 1,
    totalSteps: questions.length,
    items: form.rules.map((value) => ({ value })),
    typed: (value) => (/^\S+$/.test(value) ? [value] : []),
    chosen: draft.rules,
    changed: (values) => {
      draft.rules = values;
    },
  });
}

async function askScope({ draft, at }: Asked): Promise<Left> {
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { scope: Scope }>();
  Object.assign(input, { step: at + 1, totalSteps: questions.length, ignoreFocusOut: true });
  input.title = titleOf(vscode.l10n.t('Scope'));
  input.placeholder = vscode.l10n.t('What does it excuse?');
  input.buttons = [vscode.QuickInputButtons.Back];
  input.items = [
    {
      label: vscode.l10n.t('Some files'),
      description: vscode.l10n.t('in any commit'),
      iconPath: new vscode.ThemeIcon('files'),
      scope: 'paths',
    },
    {
      label: vscode.l10n.t('Some commits'),
      description: vscode.l10n.t('with all that is in them'),
      iconPath: new vscode.ThemeIcon('git-commit'),
      scope: 'commits',
    },
    {
      label: vscode.l10n.t('Every commit and path'),
      description: vscode.l10n.t('as wide as can be: prefer the others'),
      iconPath: new vscode.ThemeIcon('warning'),
      scope: 'any',
    },
  ];
  input.activeItems = input.items.filter(({ scope }) => scope === draft.scope);
  return new Promise<Left>((left) => {
    input.onDidTriggerButton(() => left('back'));
    input.onDidHide(() => left('cancel'));
    input.onDidAccept(() => {
      draft.scope = input.activeItems[0]?.scope ?? draft.scope;
      left('next');
    });
    input.show();
  }).finally(() => handOver(input));
}

async function askWhere(question: Asked): Promise<Left> {
  const { client, form, draft, place, at } = question;
  const common = { step: at + 1, totalSteps: questions.length };
  if (draft.scope === 'any') return 'skip';
  if (draft.scope === 'commits') {
    return chooseMany({
      ...common,
      title: titleOf(vscode.l10n.t('Commits')),
      placeholder: vscode.l10n.t('Which commits? One after the other; a revision may be typed, too.'),
      items: form.commits.map(({ sha, subject, author }) => ({
        value: sha,
        label: subject,
        detail: `${sha.slice(0, 10)} ${author}`,
      })),
      typed: (value) => (/^\S+$/.test(value) ? [value] : []),
      chosen: draft.commits,
      changed: (values) => {
        draft.commits = values;
      },
    });
  }
  return chooseMany({
    ...common,
    title: titleOf(vscode.l10n.t('Paths')),
    placeholder: vscode.l10n.t('Which paths? From the top, * and ** as wildcards: vendor/**'),
    items: nearPaths(place).map((value) => ({ value })),
    typed: (value) => value.split(/\s*,\s*/).filter(Boolean),
    check: (value) => checkValue(client, { field: 'path', value }),
    chosen: draft.paths,
    changed: (values) => {
      draft.paths = values;
    },
  });
}

/** The file that is being looked at, and the folders around it. */
function nearPaths({ repository, near }: Place): string[] {
  const top = `${vscode.Uri.parse(repository).path}/`;
  if (near?.scheme !== 'file' || !near.path.startsWith(top)) return [];
  const path = near.path.slice(top.length);
  if (path.startsWith('.countersign/')) return [];
  const folders = path.split('/').slice(0, -1);
  return [path, ...folders.map((_, at) => `${folders.slice(0, folders.length - at).join('/')}/**`)];
}
