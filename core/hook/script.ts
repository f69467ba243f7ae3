/**
 * The text of the hooks that are installed, and reading them back: a file of our own, or a marked
 * block in someone else's. For any POSIX shell (dash, busybox, the sh of Git for Windows). Pure.
 */
import { createHash } from 'node:crypto';
import { countersignNotes } from '../git/notes.ts';

/**
 * All hooks that belong together: those that a commit comes by, in the order in which git calls them, and the one that
 * carries notes along when commits are made anew.
 */
export const hookNames = ['prepare-commit-msg', 'commit-msg', 'post-rewrite'] as const;
export type HookName = (typeof hookNames)[number];
export type CommitHook = Exclude<HookName, 'post-rewrite'>;

/** What a hook that was there before is called since ours took its place. */
export const earlierSuffix = '.before-countersign';

export interface Finding {
  /**
   * The program that installed the hook: absolute paths. Absent in files that a team shares: there
   * it is looked for in PATH.
   */
  pinned?: { node: string; cli: string };
  /** Also run what the repository has in node_modules. */
  useNodeModules: boolean;
  /** Ask in plain lines. */
  plain: boolean;
}

/** A whole hook file. A hook that was there before runs first, and has a say. */
export function hookScript(name: HookName, finding: Finding): string {
  const lines = [
    `earlier="\${0%/*}/${name}${earlierSuffix}"`,
    name === 'post-rewrite'
      ? // Both read what git says of the commits. It has no say: they are made.
        'if [ -x "$earlier" ]; then rewritten=$(cat); printf "%s\\n" "$rewritten" | "$earlier" "$@"; fi'
      : 'if [ -x "$earlier" ]; then "$earlier" "$@" || exit; fi',
    ...body(name, finding),
  ];
  const text = `${lines.join('\n')}\n`;
  return `#!/bin/sh\n${fileMark(name, text)}\n${madeBy}\n${text}`;
}

/** A block for a script that does more. It leaves the script only when the commit is refused. */
export function hookBlock(name: HookName, finding: Finding): string {
  const lines = ['(', ...body(name, finding).map((line) => `  ${line}`), ') || exit $?'];
  // In a work tree with CRLF line ends, the comments at the ends take the carriage returns.
  const text = `${lines.map((line) => `${line} #`).join('\n')}\n`;
  return `${blockStart(name, text)}\n${madeBy}\n${text}${blockEnd(name)}\n`;
}

const madeBy = '# Made by `countersign hook install`; `countersign hook uninstall` takes it away.';

function body(name: HookName, { pinned, useNodeModules, plain }: Finding): string[] {
  const finders: [test: string, run: string][] = [];
  if (pinned) {
    // VS Code's own program does as Node with this variable, which means nothing to Node itself.
    finders.push(['[ -f "$cli" ] && [ -x "$node" ]', 'ELECTRON_RUN_AS_NODE=1 "$node" "$cli" "$@"']);
    finders.push(['[ -f "$cli" ] && command -v node >/dev/null 2>&1', 'node "$cli" "$@"']);
  }
  if (useNodeModules) finders.push(['[ -x node_modules/.bin/countersign ]', 'node_modules/.bin/countersign "$@"']);
  finders.push(['command -v countersign >/dev/null 2>&1', 'command countersign "$@"']);
  if (name === 'post-rewrite') return carrying(pinned, finders);
  const call = `run hook run ${plain ? '--plain ' : ''}${name} "$@"`;
  const denies = name === 'commit-msg';
  return [
    underCountersign,
    ...findings(pinned, finders),
    `if ${call}; then exit 0; else status=$?; fi`,
    // A program that cannot start ends with 1, too.
    'if [ "$status" -eq 1 ] && run --version >/dev/null 2>&1; then exit 1; fi',
    'case "$status" in 3 | 130 | 143) exit "$status" ;; esac',
    'if [ "$status" -eq 127 ]; then why="cannot be found"; else why="failed ($status)"; fi',
    'echo "countersign: the command $why, and this commit was not looked at. Install it (npm install --global countersign)" >&2',
    'echo "  and run: countersign hook install. To do without: countersign hook uninstall, or remove $0" >&2',
    ...(denies
      ? [
          `if grep -Eqs '${denyPattern}' .countersign/config.yaml .countersign/config.yml; then`,
          '  echo "  The configuration says hook.onError: deny. To commit all the same: git commit --no-verify" >&2',
          '  exit 3',
          'fi',
        ]
      : []),
    'exit 0',
  ];
}

const underCountersign = '[ -f .countersign/config.yaml ] || [ -f .countersign/config.yml ] || exit 0';

/** Sets `run` to call the first program that there is. */
function findings(pinned: Finding['pinned'], finders: readonly [test: string, run: string][]): string[] {
  return [
    ...(pinned ? pins(pinned) : []),
    'status=127',
    ...finders.map(([test, run], at) => `${at === 0 ? 'if' : 'elif'} ${test}; then run() { ${run}; }`),
    'else run() { return 127; }; fi',
  ];
}

/** Nothing is started where there are no notes to carry along; whatever fails, the commits are made. */
function carrying(pinned: Finding['pinned'], finders: readonly [test: string, run: string][]): string[] {
  return [
    underCountersign,
    `git rev-parse --quiet --verify ${countersignNotes} >/dev/null 2>&1 || exit 0`,
    `[ -n "\${rewritten+set}" ] || rewritten=$(cat)`,
    ...findings(pinned, finders),
    'printf "%s\\n" "$rewritten" | run hook run post-rewrite "$@" && exit 0',
    `echo "countersign: the notes of the commits that were made anew stay with the old ones. Install the command (npm install --global countersign)" >&2`,
    `echo "  and have git carry them along in future: git config --add notes.rewriteRef ${countersignNotes}" >&2`,
    'exit 0',
  ];
}

/** As `cli/hook/run.ts` looks for it when the configuration cannot be read. */
const denyPattern = '^[^#]*onError["\'"\'"\']?[[:space:]]*:[[:space:]]*["\'"\'"\']?deny';

/**
 * The pinned program. The folder of a VS Code extension has its version in its name, and goes when
 * the next one is installed: then the newest that there is of that name is taken. So has the Node of
 * VS Code's server (`bin/COMMIT/node`, `cli/servers/Stable-COMMIT/server/node`), of which any will do.
 */
function pins({ node, cli }: NonNullable<Finding['pinned']>): string[] {
  const lines = [`node=${quoted(node)}`, `cli=${quoted(cli)}`];
  const versioned = /^(.*\/countersign\.countersign-)[^/]+(\/dist\/cli\.js)$/.exec(cli);
  if (versioned) {
    const [, before = '', after = ''] = versioned;
    const each = `for one in ${quoted(before)}*${quoted(after)}; do [ -f "$one" ] && printf "%s\\n" "\${one#${quoted(before)}}"; done`;
    const newest = 'sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1';
    lines.push(`if [ ! -f "$cli" ]; then cli=${quoted(before)}$(${each} | ${newest}); fi`);
  }
  const server = /^(.*\/(?:[A-Za-z]+-)?)[0-9a-f]{40}(\/.*)$/.exec(node);
  if (server) {
    const [, before = '', after = ''] = server;
    lines.push(`if [ ! -x "$node" ]; then for node in ${quoted(before)}*${quoted(after)}; do :; done; fi`);
  }
  return lines;
}

/** As one word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What a hook file is, as far as we are concerned. */
export type HookFile =
  | { kind: 'foreign' }
  /** Ours, as it was written. */
  | { kind: 'ours' }
  /** Someone else's with our block: the text before and after it. */
  | { kind: 'block'; before: string; block: string; after: string }
  /** Ours, or with our block, and changed within it since. */
  | { kind: 'changed' };

export function readHookFile(name: HookName, text: string): HookFile {
  const unix = text.replaceAll('\r\n', '\n');
  const own = new RegExp(`^#!/bin/sh\\n# countersign hook ${name}, sha256 ([0-9a-f]{64})\\n[^\\n]*\\n`).exec(unix);
  if (own) return digest(unix.slice(own[0].length)) === own[1] ? { kind: 'ours' } : { kind: 'changed' };
  if (unix.includes(`\n# countersign hook ${name}, sha256 `)) return { kind: 'changed' };
  const start = /^# >>> countersign hook (\S+), sha256 ([0-9a-f]{64}) >>>\r?\n[^\n]*\n/m.exec(text);
  const endLine = blockEnd(name);
  if (!start) return text.includes(endLine) ? { kind: 'changed' } : { kind: 'foreign' };
  const end = text.indexOf(endLine, start.index);
  if (start[1] !== name || end < 0) return { kind: 'changed' };
  const lines = text.slice(start.index + start[0].length, end).replaceAll('\r\n', '\n');
  if (digest(lines) !== start[2]) return { kind: 'changed' };
  const newline = text.indexOf('\n', end);
  const after = newline < 0 ? text.length : newline + 1;
  return {
    kind: 'block',
    before: text.slice(0, start.index),
    block: text.slice(start.index, after),
    after: text.slice(after),
  };
}

/** A script with our block at its end, or, where it ends for good before that, at its beginning. */
export function withBlock(text: string, block: string): string {
  const lines = text.split('\n');
  // At the margin: neither in a function nor in an `if`.
  const leaves = lines.some((line) => /^(exit|exec)\b/.test(line));
  if (!leaves) return `${text}${text === '' || text.endsWith('\n') ? '' : `\n${addedLineEnd}\n`}${block}`;
  let head = 0;
  while (head < lines.length && /^(#|\s*$|\. .*husky\.sh)/.test(lines[head] as string)) head++;
  const at = lines.slice(0, head).join('\n').length + (head > 0 ? 1 : 0);
  return text.slice(0, at) + block + text.slice(at);
}

/** The text that {@link withBlock} was given. */
export function withoutBlock({ before, after }: Extract<HookFile, { kind: 'block' }>): string {
  const added = `\n${addedLineEnd}\n`;
  return (before.endsWith(added) ? before.slice(0, -added.length) : before) + after;
}

/** Tells that the line break before it is ours, so that it goes with the block. */
const addedLineEnd = '# (countersign ended the line above)';

function fileMark(name: HookName, text: string): string {
  return `# countersign hook ${name}, sha256 ${digest(text)}`;
}

function blockStart(name: HookName, text: string): string {
  return `# >>> countersign hook ${name}, sha256 ${digest(text)} >>>`;
}

function blockEnd(name: HookName): string {
  return `# <<< countersign hook ${name} <<<`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
