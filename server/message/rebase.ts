/** The todo list of an interactive rebase: what its commits disclose, and what becomes of it. */
import { type Diagnostic, DiagnosticSeverity, type Hover, type InlayHint, type Position } from 'vscode-languageserver';
import type { Config } from '../../core/config.ts';
import { mergeDisclosures } from '../../core/disclosure/merge.ts';
import { declaredBy } from '../../core/disclosure/profiles.ts';
import type { NamedMessage } from '../../core/git/messages-by-name.ts';
import type { Disclosure } from '../../core/input.ts';
import { inline } from './inlay.ts';

/** A line that does something with a commit. */
export interface TodoLine {
  /** From zero. */
  line: number;
  action: 'pick' | 'reword' | 'edit' | 'squash' | 'fixup' | 'drop' | 'merge';
  /** `fixup -C` and `fixup -c` take this commit's message in place of the one above. */
  takesMessage: boolean;
  commit: string;
  /** The commit's place in the line, in UTF-16 units. */
  start: number;
  end: number;
  length: number;
}

export interface RebaseView {
  text: string;
  lines: readonly TodoLine[];
  /** Messages by the ids that the list has. */
  commits: ReadonlyMap<string, NamedMessage>;
  config: Config;
  /** Our hooks put the disclosures of commits that become one together. */
  hooks: boolean;
}

const actions: Record<string, TodoLine['action']> = {
  p: 'pick',
  r: 'reword',
  e: 'edit',
  s: 'squash',
  f: 'fixup',
  d: 'drop',
  m: 'merge',
};

/** The lines about commits (git-rebase(1), "Interactive mode"); a blank line is nothing, and so is what is unknown. */
export function readTodo(text: string): TodoLine[] {
  return text.split('\n').flatMap((whole, line): TodoLine[] => {
    const source = whole.replace(/\r$/, '');
    const [, before = '', word = '', option = '', commit = ''] =
      /^(\s*([a-z]+)\s+(?:(-[cC])\s+)?)([0-9a-f]{4,64})(?:\s|$)/.exec(source) ?? [];
    const action = Object.values(actions).find((one) => one === word) ?? actions[word];
    if (commit === '' || action === undefined) return [];
    const takesMessage = action === 'fixup' && option !== '';
    const start = before.length;
    return [{ line, action, takesMessage, commit, start, end: start + commit.length, length: source.length }];
  });
}

/** A commit that stays, with those that are folded into it. */
interface Group {
  target: TodoLine;
  folded: TodoLine[];
}

function groupsOf(lines: readonly TodoLine[]): Group[] {
  const groups: Group[] = [];
  for (const line of lines) {
    if (line.action === 'drop') continue;
    const group = groups.at(-1);
    if (line.action === 'squash' || line.action === 'fixup') group?.folded.push(line);
    else groups.push({ target: line, folded: [] });
  }
  return groups;
}

function disclosureOf({ commits, config }: RebaseView, { commit }: TodoLine): Disclosure | undefined {
  return declaredBy(commits.get(commit)?.trailers ?? [], config);
}

/** What becomes of the disclosures of commits that are folded into others. */
export function rebaseDiagnostics(view: RebaseView): Diagnostic[] {
  return groupsOf(view.lines).flatMap(({ target, folded }) =>
    folded.flatMap((line): Diagnostic[] => {
      const disclosure = disclosureOf(view, line);
      if (!disclosure) return [];
      const said = wordsOf(disclosure, view.config);
      const into = `${target.commit} ${view.commits.get(target.commit)?.subject ?? ''}`.trim();
      const range = { start: { line: line.line, character: 0 }, end: { line: line.line, character: line.length } };
      const told = (severity: DiagnosticSeverity, code: string, message: string): Diagnostic[] => [
        { range, severity, source: 'countersign', code, message },
      ];
      if (view.hooks) {
        const message = `What this commit discloses (${said}) is merged into the disclosure of ${into}.`;
        return told(DiagnosticSeverity.Information, 'disclosure-merged', message);
      }
      const hint = 'Run `countersign hook install`, and it is merged.';
      if (line.action === 'fixup' && !line.takesMessage) {
        const message = `What this commit discloses (${said}) goes with its message. ${hint}`;
        return told(DiagnosticSeverity.Warning, 'disclosure-dropped', message);
      }
      const message = `Git reads only the last block of trailers in the message of several commits: what this one discloses (${said}) and what the others do must stand there together. ${hint}`;
      return told(DiagnosticSeverity.Information, 'disclosure-apart', message);
    }),
  );
}

/** At the end of each line that others are folded into: what the commit will disclose. */
export function rebaseHints(view: RebaseView): InlayHint[] {
  if (!view.hooks) return [];
  return groupsOf(view.lines).flatMap(({ target, folded }): InlayHint[] => {
    const disclosures = [target, ...folded].map((line) => disclosureOf(view, line)).filter((one) => one !== undefined);
    if (folded.length === 0 || disclosures.length === 0) return [];
    const label = `will disclose ${wordsOf(mergeDisclosures(disclosures), view.config)}`;
    return [{ position: { line: target.line, character: target.length }, label, paddingLeft: true }];
  });
}

/** What a commit of the list is, and what it discloses. */
export function hoverRebase(view: RebaseView, position: Position): Hover | null {
  const line = view.lines.find((one) => one.line === position.line);
  const commit = line && view.commits.get(line.commit);
  if (!line || !commit || position.character < line.start || position.character > line.end) return null;
  const disclosure = disclosureOf(view, line);
  const value = [
    `**${inline(commit.subject)}**`,
    `${inline(commit.author.name)}, ${commit.author.time}`,
    disclosure ? listOf(disclosure, view.config) : 'It discloses no AI use.',
  ].join('\n\n');
  const range = { start: { line: line.line, character: line.start }, end: { line: line.line, character: line.end } };
  return { contents: { kind: 'markdown', value }, range };
}

function listOf(disclosure: Disclosure, { trailers }: Config): string {
  const lines = Object.entries(disclosure).flatMap(([field, values]) =>
    values.map((value) => `- ${inline(`${trailers[field] ?? field}: ${value}`)}`),
  );
  return lines.join('\n');
}

/** In a line's room: the model says most. */
function wordsOf(disclosure: Disclosure, { trailers }: Config): string {
  const [field, values] =
    Object.entries(disclosure).find(([name]) => name === 'model') ?? Object.entries(disclosure)[0]!;
  return `${trailers[field] ?? field}: ${values.join(', ')}`;
}
