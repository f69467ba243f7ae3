/**
 * A commit message being typed into VS Code's input box, in a repository as `countersign init` makes it: from the
 * keystroke to the report that it changes, as a round trip of the language server over stdio.
 *
 * The keys come as a fast typist strikes them, so that what is done in pauses (the search for secrets, the policy's
 * verdict) is under way when some of them come.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import type { BenchContext, Work } from './bench.ts';

/**
 * In milliseconds: between keystrokes, every twentieth of which comes after a pause in which the policy is asked; and
 * from opening the box to the first one, for nobody types at once.
 */
const rhythm = { key: 90, pause: 600, opened: 3000 };

const head = `Read a range's commits in two processes

The gate asked git once for each commit; a thousand commits took a minute.

Signed-off-by: Ann Example <ann@example.com>
AI-Context: Wrote the reader and its tests from the issue
AI-Approver: Bo Example <bo@example.com>
AI-Timestamp: 2026-01-31T12:00:00Z
AI-Model: `;

/** Nobody approves it, however much of it is typed: each keystroke changes the report, which quotes it. */
const typed = 'zeta-model-of-somebody-with-a-long-name-that-goes-on-and-on-and-on-1.2.3';

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const times: number[] = [];
  const session = async () => {
    const taken = await typeMessage(root);
    log(`message: ${taken.length} keystrokes`);
    times.push(...taken);
    return taken;
  };
  return [
    {
      name: 'keystroke-p50',
      note: `From a keystroke in the message to its report; the median of ${typed.length} keystrokes.`,
      subjects: [{ name: 'ours', measure: async () => ({ ms: percentile(await session(), 0.5) }) }],
    },
    {
      name: 'keystroke-p95',
      note: 'The same keystrokes; the 95th percentile of all of them so far.',
      subjects: [
        {
          name: 'ours',
          measure: async () => ({ ms: percentile(times.length > 0 ? times : await session(), 0.95) }),
        },
      ],
    },
  ];
}

/** Types the message in a fresh repository and server; milliseconds for each keystroke. */
async function typeMessage(root: string): Promise<number[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-bench-')));
  const program = join(root, 'dist/cli.js');
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  execFileSync(process.execPath, [program, 'init', '--yes'], { cwd: folder, stdio: 'ignore' });
  const child = spawn(process.execPath, [program, 'language-server', '--stdio'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const repository = pathToFileURL(folder).toString();
  const uri = `vscode-scm:git/scm0/input?rootUri%3D${encodeURIComponent(encodeURIComponent(repository))}`;
  let seen: (text: string) => void = () => {};
  connection.onNotification('textDocument/publishDiagnostics', (params: { uri: string; diagnostics: unknown[] }) => {
    if (params.uri === uri) seen(JSON.stringify(params.diagnostics));
  });
  connection.listen();
  const reported = (part: string) =>
    new Promise<void>((resolve) => {
      seen = (text) => text.includes(part) && resolve();
    });
  try {
    await connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: repository,
      workspaceFolders: [{ uri: repository, name: 'bench' }],
      capabilities: { workspace: { workspaceFolders: true } },
    });
    await connection.sendNotification('initialized', {});
    const first = reported('"code":"value"');
    const text = `${head}${typed[0]}`;
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'scminput', version: 1, text },
    });
    await first;
    await sleep(rhythm.opened);
    const times: number[] = [];
    const line = head.split('\n').length - 1;
    const column = 'AI-Model: '.length;
    for (let at = 1; at < typed.length; at++) {
      await sleep(at % 20 === 0 ? rhythm.pause : rhythm.key);
      const known = reported(`${typed.slice(0, at + 1)} is not an approved model`);
      const start = performance.now();
      const position = { line, character: column + at };
      await connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version: at + 1 },
        contentChanges: [{ range: { start: position, end: position }, text: typed[at] }],
      });
      await known;
      times.push(performance.now() - start);
    }
    return times;
  } finally {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await connection.sendRequest('shutdown').then(
      () => connection.sendNotification('exit'),
      () => undefined, // it ended before
    );
    await exited;
    connection.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
