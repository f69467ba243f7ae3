/** What the view of exceptions shows: repositories where there are several, groups by state, exceptions, broken files. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ExceptionEntry, RepositoryExceptions } from '../../server/protocol.ts';
import { absolute, fromNow } from './words.ts';

type Problem = RepositoryExceptions['problems'][number];

const groups = ['overdue', 'due', 'active', 'expired', 'closed'] as const;
type Group = (typeof groups)[number];

export type Node =
  | { kind: 'repository'; of: RepositoryExceptions }
  | { kind: 'group'; of: RepositoryExceptions; group: Group; entries: ExceptionEntry[] }
  | { kind: 'exception'; of: RepositoryExceptions; group: Group; entry: ExceptionEntry }
  | { kind: 'problems'; of: RepositoryExceptions }
  /** A file, with what is wrong with it first. */
  | { kind: 'problem'; problem: Problem; count: number };

/** Which group an exception is in: what it owes goes before whether it holds. */
export function groupOf({ state, followUp }: ExceptionEntry): Group {
  if (state === 'closed') return 'closed';
  if (followUp === 'overdue' || followUp === 'denied') return 'overdue';
  if (followUp === 'due') return 'due';
  return state === 'expired' ? 'expired' : 'active';
}

/** What is to be done next comes first. */
export function byUrgency(one: ExceptionEntry, other: ExceptionEntry): number {
  const group = groupOf(one);
  return groups.indexOf(group) - groups.indexOf(groupOf(other)) || order(group, one, other);
}

/** The nodes below one, or at the top. */
export function childrenOf(all: readonly RepositoryExceptions[], node?: Node): Node[] {
  if (!node) {
    const [only, ...others] = all.filter(({ exceptions, problems }) => exceptions.length + problems.length > 0);
    if (!only) return [];
    if (others.length === 0) return below(only);
    return [only, ...others].map((of) => ({ kind: 'repository', of }));
  }
  switch (node.kind) {
    case 'repository':
      return below(node.of);
    case 'group':
      return node.entries.map((entry) => ({ kind: 'exception', of: node.of, group: node.group, entry }));
    case 'problems':
      return files(node.of.problems);
    default:
      return [];
  }
}

function below(of: RepositoryExceptions): Node[] {
  const found = groups.flatMap((group): Node[] => {
    const entries = of.exceptions.filter((entry) => groupOf(entry) === group);
    if (entries.length === 0) return [];
    return [{ kind: 'group', of, group, entries: entries.sort((one, other) => order(group, one, other)) }];
  });
  return of.problems.length > 0 ? [{ kind: 'problems', of }, ...found] : found;
}

/** What comes first is what is next to be done; of what is over, the latest. */
function order(group: Group, one: ExceptionEntry, other: ExceptionEntry): number {
  const at = (entry: ExceptionEntry): number => {
    if (group === 'overdue' || group === 'due') return Date.parse(entry.due);
    if (group === 'closed') return -Date.parse(entry.last?.at ?? entry.opened);
    return group === 'expired' ? -Date.parse(entry.expires) : Date.parse(entry.expires);
  };
  return at(one) - at(other) || (one.id < other.id ? -1 : 1);
}

export function itemOf(node: Node): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  switch (node.kind) {
    case 'repository': {
      const folder = vscode.Uri.parse(node.of.repository).fsPath;
      const item = new vscode.TreeItem(basename(folder), Expanded);
      return Object.assign(item, { id: node.of.repository, tooltip: folder, iconPath: new vscode.ThemeIcon('repo') });
    }
    case 'group': {
      const { group, entries } = node;
      const item = new vscode.TreeItem(
        titles()[group],
        group === 'closed' || group === 'expired' ? Collapsed : Expanded,
      );
      return Object.assign(item, {
        id: `${node.of.repository}#${group}`,
        description: String(entries.length),
        accessibilityInformation: { label: vscode.l10n.t('{0}, {1} exceptions', titles()[group], entries.length) },
        contextValue: 'group',
      });
    }
    case 'problems': {
      const item = new vscode.TreeItem(vscode.l10n.t('Cannot Be Read'), Expanded);
      return Object.assign(item, {
        id: `${node.of.repository}#problems`,
        description: String(files(node.of.problems).length),
        iconPath: icon('error', 'list.errorForeground'),
      });
    }
    case 'problem':
      return problemItem(node.problem, node.count);
    case 'exception': {
      const { of, entry } = node;
      const item = new vscode.TreeItem(entry.id, None);
      const standing = standingWords(entry);
      return Object.assign(item, {
        id: `${of.repository}#${entry.id}`,
        description: standing,
        tooltip: tooltipOf(entry),
        iconPath: iconOf(entry),
        contextValue: of.readOnly ? 'exception.readOnly' : contextOf(entry),
        accessibilityInformation: { label: [entry.id, standing, entry.rules.join(', '), entry.reason].join(', ') },
        command: {
          // The editor's own: it keeps the focus where it is when the row is only clicked.
          command: 'vscode.open',
          title: vscode.l10n.t('Open the File'),
          arguments: [vscode.Uri.parse(entry.uri)],
        },
      });
    }
  }
}

function titles(): Record<Group, string> {
  return {
    overdue: vscode.l10n.t('Follow-Up Overdue'),
    due: vscode.l10n.t('Follow-Up Due'),
    active: vscode.l10n.t('Active'),
    expired: vscode.l10n.t('Expired'),
    closed: vscode.l10n.t('Closed'),
  };
}

function files(problems: readonly Problem[]): Node[] {
  const uris = [...new Set(problems.map(({ uri }) => uri))];
  return uris.flatMap((uri): Node[] => {
    const [problem, ...others] = problems.filter((one) => one.uri === uri);
    return problem ? [{ kind: 'problem', problem, count: others.length + 1 }] : [];
  });
}

function problemItem({ uri, range, message }: Problem, count: number): vscode.TreeItem {
  const resource = vscode.Uri.parse(uri);
  const { start, end } = range;
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  const item = new vscode.TreeItem(basename(resource.path));
  return Object.assign(item, {
    id: uri,
    description: message,
    accessibilityInformation: { label: `${basename(resource.path)}, ${message}` },
    tooltip: count > 1 ? vscode.l10n.t('{0} (and {1} more)', message, count - 1) : message,
    iconPath: icon('error', 'list.errorForeground'),
    command: { command: 'vscode.open', title: vscode.l10n.t('Open the File'), arguments: [resource, { selection }] },
  });
}

function contextOf({ state, followUp }: ExceptionEntry): string {
  if (state === 'closed') return 'exception.closed';
  return followUp === 'done' ? 'exception.standing' : 'exception.owed';
}

/** Where it stands, in a few words. */
export function standingWords(entry: ExceptionEntry): string {
  const words = groupWords(entry);
  // It owes its follow-up all the same.
  const over = entry.state === 'expired' && groupOf(entry) !== 'expired';
  return over ? vscode.l10n.t('expired; {0}', words) : words;
}

function groupWords(entry: ExceptionEntry): string {
  const { due, denied, expires, opened, last } = entry;
  switch (groupOf(entry)) {
    case 'overdue':
      return entry.followUp === 'denied'
        ? vscode.l10n.t('follow-up was due {0}, changes are denied', fromNow(due))
        : vscode.l10n.t('follow-up was due {0}, changes are denied {1}', fromNow(due), fromNow(denied));
    case 'due':
      return vscode.l10n.t('follow-up is due {0}', fromNow(due));
    case 'expired':
      return vscode.l10n.t('expired {0}', fromNow(expires));
    case 'closed':
      return vscode.l10n.t('closed {0}', fromNow(last?.at ?? expires));
    case 'active':
      return entry.state === 'pending'
        ? vscode.l10n.t('holds from {0}', fromNow(opened))
        : vscode.l10n.t('expires {0}', fromNow(expires));
  }
}

function iconOf(entry: ExceptionEntry): vscode.ThemeIcon {
  switch (groupOf(entry)) {
    case 'overdue':
      return entry.followUp === 'denied'
        ? icon('error', 'list.errorForeground')
        : icon('warning', 'list.warningForeground');
    case 'due':
      return icon('clock');
    case 'active':
      return icon(entry.state === 'pending' ? 'circle-outline' : 'pass');
    case 'expired':
      return icon('history', 'disabledForeground');
    case 'closed':
      return icon('archive', 'disabledForeground');
  }
}

function icon(id: string, color?: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** All of it, with absolute times; what people wrote is shown as text. */
function tooltipOf(entry: ExceptionEntry): vscode.MarkdownString {
  const { id, rules, paths, commits, reason, approvedBy, opened, expires, ticket, followUp, due, denied } = entry;
  const { state, last, added } = entry;
  const scope = [...(paths ?? []), ...(commits ?? []).map((commit) => commit.slice(0, 10))];
  const rows: [label: string, text: string][] = [
    [vscode.l10n.t('Rules'), rules.join(', ')],
    [vscode.l10n.t('Scope'), scope.length > 0 ? scope.join(', ') : vscode.l10n.t('every commit and path')],
    [vscode.l10n.t('Reason'), reason],
    [vscode.l10n.t('Given by'), approvedBy],
    [vscode.l10n.t('Opened'), `${absolute(opened)} (${fromNow(opened)})`],
    [vscode.l10n.t('Expires'), `${absolute(expires)} (${fromNow(expires)})`],
  ];
  if (followUp !== 'done') {
    rows.push([vscode.l10n.t('Follow-up due'), `${absolute(due)} (${fromNow(due)})`]);
    rows.push([vscode.l10n.t('Changes denied from'), `${absolute(denied)} (${fromNow(denied)})`]);
  }
  if (ticket !== undefined) rows.push([vscode.l10n.t('Ticket'), ticket]);
  if (last) {
    const label = state === 'closed' ? vscode.l10n.t('Closed') : vscode.l10n.t('Last follow-up');
    rows.push([label, [absolute(last.at), last.by, last.note].filter(Boolean).join(', ')]);
  }
  rows.push([
    vscode.l10n.t('In git'),
    added
      ? vscode.l10n.t('added by {0} in {1}', added.author, added.commit.slice(0, 10))
      : vscode.l10n.t('not committed yet'),
  ]);
  const text = new vscode.MarkdownString();
  text.appendMarkdown('**').appendText(id).appendMarkdown('**\n\n');
  for (const [label, value] of rows) {
    text
      .appendMarkdown('- ')
      .appendText(`${label}: ${value.replace(/\s+/g, ' ')}`)
      .appendMarkdown('\n');
  }
  return text;
}
