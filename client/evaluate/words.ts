/** Results in words: beside the code, in the hover, and in a document. */
import * as vscode from 'vscode';
import type { EvaluateResult, Place } from '../../server/protocol.ts';
import type { Note, Shown } from './results.ts';

/** Characters beside the code; the line itself is there, too. */
const longest = 120;

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** What stands beside which lines. */
export function notesOf(uri: string, result: EvaluateResult): Map<string, Note[]> {
  const notes = new Map<string, Note[]>();
  const add = (place: string, note: Note) => {
    const there = notes.get(place);
    if (there) there.push(note);
    else notes.set(place, [note]);
  };
  const { outcome: kind, places, printed, profile = [] } = result;
  const of = (place: { range: Place['range'] }) => place.range.start.line;
  for (const { start } of places) add(uri, { line: start.line, kind, text: besideCode(result) });
  for (const [place, texts] of byLine(printed)) {
    const text = cut(texts.map((one) => one.replace(/\s+/g, ' ')).join(' · '), longest);
    add(place.uri, { line: of(place), kind: 'printed', text: vscode.l10n.t('printed: {0}', text) });
  }
  for (const { place, ms, evals } of profile) {
    const text = vscode.l10n.t('{0}, evaluated {1} times', inTime(ms), evals);
    add(place.uri, { line: of(place), kind: 'profile', text });
  }
  return notes;
}

function byLine(printed: EvaluateResult['printed']): [Place, string[]][] {
  const lines = new Map<string, [Place, string[]]>();
  for (const { place, text } of printed) {
    if (!place) continue;
    const key = `${place.range.start.line} ${place.uri}`;
    const there = lines.get(key);
    if (there) there[1].push(text);
    else lines.set(key, [place, [text]]);
  }
  return [...lines.values()];
}

function besideCode({ outcome, short, input, notes }: EvaluateResult): string {
  if (outcome === 'error') return vscode.l10n.t('error: {0}', cut(short, longest));
  const value = outcome === 'undefined' ? vscode.l10n.t('undefined') : `= ${cut(short, longest)}`;
  if (input) return `${value}  (${input.name})`;
  // There is something to be said of it, which the hover says.
  return notes.length > 0 ? `${value}  (${vscode.l10n.t('no input found')})` : value;
}

export function inTime(ms: number): string {
  if (ms >= 1000) return vscode.l10n.t('{0} s', (ms / 1000).toFixed(1));
  return ms >= 1 ? vscode.l10n.t('{0} ms', ms.toFixed(1)) : vscode.l10n.t('{0} µs', Math.round(ms * 1000));
}

/** What a screen reader, or whoever looks elsewhere, is told. */
export function inAWord({ query, outcome, short }: EvaluateResult): string {
  const what = cut(query.replace(/\s+/g, ' '), 60);
  if (outcome === 'error') return vscode.l10n.t('{0} was not evaluated: {1}', what, cut(short, longest));
  if (outcome === 'undefined') return vscode.l10n.t('{0} is undefined', what);
  return vscode.l10n.t('{0} is {1}', what, cut(short, 60));
}

/** A longer hover is not drawn. */
const longestHover = 20_000;

const links = {
  show: 'countersign.rego.showEvaluation',
  input: 'countersign.rego.chooseInput',
  clear: 'countersign.rego.clearEvaluation',
};

/** All there is to say, with what can be done. */
export function hoverOf({ params: { uri }, result, old }: Shown): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: Object.values(links) };
  const { query, outcome, value, input, evalMs, printed, builtinErrors, problems, notes } = result;
  const line = (said: string) => text.appendText(said).appendMarkdown('\n\n');
  if (old) line(vscode.l10n.t('Something was edited since: evaluate again.'));
  text.appendCodeblock(cut(query, 500), 'rego');
  if (outcome === 'undefined') line(vscode.l10n.t('undefined'));
  if (value !== undefined) text.appendCodeblock(cut(value, longestHover), 'json');
  for (const { message } of problems) line(message);
  line(inputLine(result));
  if (evalMs !== undefined) line(vscode.l10n.t('Evaluated in {0}.', inTime(evalMs)));
  for (const note of notes) line(note);
  if (builtinErrors.length > 0) line(vscode.l10n.t('Built-ins that failed:'));
  for (const { message, place } of builtinErrors) line(withPlace(message, place));
  if (printed.length > 0) {
    line(vscode.l10n.t('Printed:'));
    text.appendCodeblock(cut(printed.map((one) => withPlace(one.text, one.place)).join('\n'), longestHover), 'text');
  }
  const argument = (value: unknown) => encodeURIComponent(JSON.stringify([value]));
  const actions = [
    ...(value === undefined
      ? []
      : [`[${vscode.l10n.t('Open to the Side')}](command:${links.show}?${argument({ uri, query })})`]),
    `[${input ? vscode.l10n.t('Choose Another Input') : vscode.l10n.t('Choose an Input')}](command:${links.input}?${argument(uri)})`,
    `[${vscode.l10n.t('Clear')}](command:${links.clear})`,
  ];
  return text.appendMarkdown(actions.join(' | '));
}

function inputLine({ input }: EvaluateResult): string {
  return input ? vscode.l10n.t('Input: {0}', input.name) : vscode.l10n.t('Without an input.');
}

function withPlace(text: string, place: Place | undefined): string {
  if (!place) return text;
  const file = vscode.workspace.asRelativePath(vscode.Uri.parse(place.uri, true));
  return `${file}:${place.range.start.line + 1}: ${text}`;
}

/** The whole result as JSON with comments. */
export function documentOf({ result, old }: Shown): string {
  const { query, outcome, value, evalMs, printed, builtinErrors, problems, notes, profile = [] } = result;
  const lines = [query, inputLine(result)];
  if (old) lines.unshift(vscode.l10n.t('Something was edited since: evaluate again.'));
  if (evalMs !== undefined) lines.push(vscode.l10n.t('Evaluated in {0}.', inTime(evalMs)));
  lines.push(...notes, ...problems.map(({ message, place }) => withPlace(message, place)));
  if (builtinErrors.length > 0) lines.push(vscode.l10n.t('Built-ins that failed:'));
  lines.push(...builtinErrors.map(({ message, place }) => `  ${withPlace(message, place)}`));
  if (printed.length > 0) lines.push(vscode.l10n.t('Printed:'));
  lines.push(...printed.map(({ text, place }) => `  ${withPlace(text, place)}`));
  if (profile.length > 0) lines.push(vscode.l10n.t('Lines that took longest:'));
  for (const { place, ms, evals, redos } of profile) {
    lines.push(
      `  ${withPlace(vscode.l10n.t('{0}, evaluated {1} times, redone {2} times', inTime(ms), evals, redos), place)}`,
    );
  }
  const comments = lines.flatMap((line) => line.split(/\r?\n/)).map((line) => `// ${line}`.trimEnd());
  const body = value ?? (outcome === 'undefined' ? `// ${vscode.l10n.t('undefined')}` : '');
  return `${comments.join('\n')}\n${body}\n`;
}
