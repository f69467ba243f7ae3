/**
 * Entries for hook managers' configuration files. They are put in as text between two marks, so that
 * comments and style stay, and taking them out gives the file back byte for byte. Pure.
 *
 * - lefthook: https://lefthook.dev/configuration/ (`{1}` is the hook's argument; one that git did not
 *   give stays as it is written)
 * - pre-commit: https://pre-commit.com/#new-hooks (the source and the commit come by
 *   PRE_COMMIT_COMMIT_MSG_SOURCE and PRE_COMMIT_COMMIT_OBJECT_NAME, a rewriting command by PRE_COMMIT_REWRITE_COMMAND;
 *   its hooks have nothing on standard input)
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { type HookName, hookNames } from './script.ts';

export type EntryManager = 'lefthook' | 'pre-commit';

const start = '# >>> countersign >>>';
const end = '# <<< countersign <<<';

/** The command line that a manager runs. */
function command(name: HookName): string {
  return `countersign hook run ${name}`;
}

/** What to put into a file that we do not write, in its language. */
export function printedEntry(manager: EntryManager, language: 'yaml' | 'toml' | 'json' = 'yaml'): string {
  if (manager === 'pre-commit') return `repos:\n${preCommitItem('  ')}`;
  if (language === 'toml') {
    return hookNames
      .map((name) => `[${name}.commands.countersign]\nrun = '${lefthookRun(name)}'\n${lefthookStreams(name)} = true\n`)
      .join('\n');
  }
  if (language === 'json') {
    const entry = (name: HookName) => ({
      commands: { countersign: { run: lefthookRun(name), [lefthookStreams(name)]: true } },
    });
    return `${JSON.stringify(Object.fromEntries(hookNames.map((name) => [name, entry(name)])), null, 2)}\n`;
  }
  return hookNames.map((name) => lefthookHook(name)).join('');
}

function lefthookRun(name: HookName): string {
  return `${command(name)} ${name === 'prepare-commit-msg' ? '"{1}" "{2}" "{3}"' : '"{1}"'}`;
}

/** To ask somebody, or to be told by git. */
function lefthookStreams(name: HookName): 'interactive' | 'use_stdin' {
  return name === 'post-rewrite' ? 'use_stdin' : 'interactive';
}

function lefthookHook(name: HookName): string {
  return `${name}:\n  commands:\n${lefthookCommand(name, '    ')}`;
}

function lefthookCommand(name: HookName, indent: string): string {
  return [`countersign:`, `  run: ${lefthookRun(name)}`, `  ${lefthookStreams(name)}: true`]
    .map((line) => `${indent}${line}\n`)
    .join('');
}

function lefthookJob(name: HookName, indent: string): string {
  const lines = ['- name: countersign', `  run: ${lefthookRun(name)}`, `  ${lefthookStreams(name)}: true`];
  return lines.map((line) => `${indent}${line}\n`).join('');
}

function preCommitItem(indent: string): string {
  const hook = (name: HookName) => [
    `    - id: countersign-${name}`,
    `      name: Countersign (${name})`,
    `      entry: ${command(name)}`,
    '      language: system',
    `      stages: [${name}]`,
    '      always_run: true',
  ];
  const lines = ['- repo: local', '  hooks:', ...hookNames.flatMap(hook)];
  return lines.map((line) => `${indent}${line}\n`).join('');
}

/** Whether a file has our entries; with a name, whether it has that hook's. */
export function hasEntries(text: string, name?: HookName): boolean {
  return text.includes(start) && (name === undefined || text.includes(command(name)));
}

/** The file without our entries; undefined when a mark is missing. */
export function withoutEntries(text: string): string | undefined {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let inside = false;
  let kept = '';
  for (const line of lines) {
    const bare = line.trim();
    if (bare === start && !inside) inside = true;
    else if (bare === end && inside) inside = false;
    else if (bare === start || bare === end) return undefined;
    else if (!inside) kept += line;
  }
  if (inside) return undefined;
  const added = `${addedLineEnd}\n`;
  return kept.endsWith(`\n${added}`) ? kept.slice(0, -added.length - 1) : kept;
}

const addedLineEnd = '# (countersign ended the line above)';

/** The YAML file with our entries; undefined when there is no place to put them as text. */
export function withEntries(manager: EntryManager, text: string): string | undefined {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  let changed = text === '' || text.endsWith('\n') ? text : `${text}\n${addedLineEnd}\n`;
  const inserts = manager === 'lefthook' ? lefthookInserts : preCommitInserts;
  for (const make of inserts) {
    const insert = make(changed);
    if (insert === undefined) return undefined;
    const { at, indent, entry } = insert;
    const lines = `${indent}${start}\n${entry}${indent}${end}\n`.replaceAll('\n', lineEnd);
    const before = changed.slice(0, at);
    changed = `${before}${before === '' || before.endsWith('\n') ? '' : lineEnd}${lines}${changed.slice(at)}`;
  }
  return saysTheSame(text, changed) ? changed : undefined;
}

interface Insert {
  at: number;
  indent: string;
  entry: string;
}

const lefthookInserts = hookNames.map((name) => (text: string): Insert | undefined => {
  const root = rootOf(text);
  if (root === undefined) return undefined;
  const hook = root?.get(name, true) as Node | undefined;
  if (hook === undefined) return { at: text.length, indent: '', entry: lefthookHook(name) };
  if (!isMap(hook) || hook.flow) return undefined;
  for (const [key, make] of [
    ['commands', lefthookCommand],
    ['jobs', lefthookJob],
  ] as const) {
    const list = hook.get(key, true) as Node | undefined;
    if (list === undefined) continue;
    const place = endOf(text, list);
    return place && { ...place, entry: make(name, place.indent) };
  }
  const place = endOf(text, hook);
  if (!place) return undefined;
  return { ...place, entry: `${place.indent}commands:\n${lefthookCommand(name, `${place.indent}  `)}` };
});

const preCommitInserts = [
  (text: string): Insert | undefined => {
    const repos = rootOf(text)?.get('repos', true) as Node | undefined;
    const place = repos && endOf(text, repos);
    return place && { ...place, entry: preCommitItem(place.indent) };
  },
];

/** The top-level mapping; null for a file that says nothing; undefined when it is something else. */
function rootOf(text: string): YAMLMap | null | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return null;
  return isMap(document.contents) && !document.contents.flow ? document.contents : undefined;
}

/** Behind the last item of a list or mapping in block style, and how its items are indented. */
function endOf(text: string, list: Node): { at: number; indent: string } | undefined {
  if (!(isMap(list) || isSeq(list)) || list.flow || list.items.length === 0 || !list.range) return undefined;
  const indent = /[^\n]*$/.exec(text.slice(0, list.range[0]))?.[0] ?? '';
  if (indent.trim() !== '') return undefined;
  const valueEnd = list.range[1];
  const newline = text.indexOf('\n', Math.max(0, valueEnd - 1));
  return { at: newline < 0 ? text.length : newline + 1, indent };
}

/** Whether a file with our entries taken out means what it meant. */
function saysTheSame(before: string, after: string): boolean {
  const document = parseDocument(after);
  const bare = withoutEntries(after);
  if (document.errors.length > 0 || bare !== before) return false;
  const said = JSON.stringify(document.toJS());
  return (
    hookNames.every((name) => said.includes(command(name))) &&
    isDeepStrictEqual(parseDocument(before).toJS(), withoutOurs(document.toJS()))
  );
}

/** A parsed file without what we put in, and without what is empty then. */
function withoutOurs(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((one) => !JSON.stringify(one)?.includes('countersign hook run')).map(withoutOurs);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'countersign');
  const kept = entries
    .filter(([, one]) => !onlyOurs(one))
    .map(([key, one]): [string, unknown] => [key, withoutOurs(one)]);
  return kept.length === 0 && Object.keys(value).length > 0 ? null : Object.fromEntries(kept);
}

/** A mapping that holds nothing but our command. */
function onlyOurs(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length === 1 && entries.every(([key, one]) => key === 'countersign' || onlyOurs(one));
}
