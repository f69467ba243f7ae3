/**
 * The language server on Regal's bundle, in the native build, beside `regal language-server` of the same version:
 * the same files, the same client, in the same session.
 *
 * The client takes what it is sent (`textDocument/publishDiagnostics`), because Regal's server knows nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type Diagnostic,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { WorkspaceFile } from '../../engine/protocol.ts';
import type { BenchContext, Sample, Subject, Work } from './bench.ts';
import { childrenNamed, peakOf } from './measure.ts';
import { buildPeers } from './peers.ts';
import { readRegalBundle } from './regal-bundle.ts';

/** A module that nothing else needs to be read for. */
const edited = 'regal/result/result.rego';
const faulty = '\n\nbroken if {\n';

/** A server that has sent nothing for so long has come to rest: linting the bundle takes several seconds. Milliseconds. */
const rest = 20_000;

interface Contender {
  name: string;
  peer?: boolean;
  program: string;
  args: string[];
  /** Edits in one session; the peer takes seconds for each. */
  edits: number;
}

interface Session {
  connection: MessageConnection;
  folder: string;
  uri: string;
  text: string;
  edit(text: string): Promise<void>;
  /** Resolves when a report on the edited file satisfies this; only reports from now on count. */
  reported(when: (diagnostics: Diagnostic[]) => boolean): Promise<void>;
  /** Resolves when nothing has been sent for so long; to the time of the last message. */
  quiet(ms: number): Promise<number>;
  /** The sum of the peaks of the server and its engine, in bytes. */
  memory(): number | undefined;
  close(): Promise<void>;
}

const isSyntaxError = ({ source = '', code }: Diagnostic) => /parse/.test(source) || /parse/.test(String(code));

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const bundle = readRegalBundle().files;
  const contenders: Contender[] = [
    {
      name: 'ours',
      program: process.execPath,
      args: [join(root, 'dist/cli.js'), 'language-server', '--stdio'],
      edits: 20,
    },
    { name: 'regal', peer: true, program: buildPeers(root, log).regal, args: ['language-server'], edits: 3 },
  ];
  const each = (measure: (contender: Contender) => Promise<Sample>): Subject[] =>
    contenders.map((contender) => ({
      name: contender.name,
      peer: contender.peer,
      measure: () => measure(contender),
    }));
  const edits = new Map<string, number[]>();

  return [
    {
      name: 'ready',
      note: 'From nothing to the first report on an open file that has a syntax error, among 349 modules.',
      subjects: each(async (contender) => {
        const start = performance.now();
        const session = await begin(contender, bundle, faulty);
        await session.reported((found) => found.some(isSyntaxError));
        const ms = performance.now() - start;
        await session.close();
        return { ms };
      }),
    },
    {
      name: 'edit-p50',
      note: 'From an edit that breaks the syntax to its report, in a server that has come to rest; the median of many edits.',
      subjects: each(async (contender) => {
        const times = await timeEdits(contender, bundle);
        edits.set(contender.name, [...(edits.get(contender.name) ?? []), ...times]);
        return { ms: percentile(times, 0.5) };
      }),
    },
    {
      name: 'edit-p95',
      note: 'The same edits; the 95th percentile of all of them so far.',
      subjects: each(async ({ name }) => ({ ms: percentile(edits.get(name) ?? [], 0.95) })),
    },
    {
      name: 'memory',
      note: 'Server and engine together, after the whole workspace was checked and linted. The times are those of the last message and do not compare: one shows its progress, the other says nothing while it lints.',
      subjects: each(async (contender) => {
        const start = performance.now();
        const session = await begin(contender, bundle, '');
        const ms = (await session.quiet(rest)) - start;
        const rss = session.memory();
        await session.close();
        return { ms, rss };
      }),
    },
  ];
}

async function timeEdits(contender: Contender, bundle: readonly WorkspaceFile[]): Promise<number[]> {
  const session = await begin(contender, bundle, '');
  await session.quiet(rest);
  const times: number[] = [];
  for (let turn = 0; turn < contender.edits; turn++) {
    const broken = session.reported((found) => found.some(isSyntaxError));
    const start = performance.now();
    await session.edit(`${session.text}\n# ${turn}${faulty}`);
    await broken;
    times.push(performance.now() - start);
    const mended = session.reported((found) => !found.some(isSyntaxError));
    await session.edit(`${session.text}\n# ${turn}\n`);
    await mended;
  }
  await session.close();
  return times;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Starts a server on a fresh copy of the bundle and opens the edited file, with something appended. */
async function begin(
  { program, args }: Contender,
  bundle: readonly WorkspaceFile[],
  appended: string,
): Promise<Session> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-bench-')));
  for (const file of bundle) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true });
    // On disk as well: Regal's server, while it reads the folder, takes the disk's text for the editor's.
    writeFileSync(join(folder, file.path), file.path === edited ? file.text + appended : file.text);
  }
  const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const uri = pathToFileURL(join(folder, edited)).toString();
  const text = bundle.find(({ path }) => path === edited)?.text ?? '';
  const waiting = new Set<(diagnostics: Diagnostic[]) => void>();
  let last = performance.now();
  connection.onNotification((method, params) => {
    last = performance.now();
    if (method !== 'textDocument/publishDiagnostics') return;
    const { uri: about, diagnostics } = params as unknown as { uri: string; diagnostics: Diagnostic[] };
    if (about === uri) for (const listener of [...waiting]) listener(diagnostics);
  });
  // A server that shows progress does not rest.
  connection.onUnhandledProgress(() => {
    last = performance.now();
  });
  connection.onRequest((method, params) => {
    last = performance.now();
    return method === 'workspace/configuration' ? (params as { items: unknown[] }).items.map(() => null) : null;
  });
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    clientInfo: { name: 'bench' },
    rootUri: pathToFileURL(folder).toString(),
    workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: 'bundle' }],
    capabilities: {
      workspace: { workspaceFolders: true },
      textDocument: { publishDiagnostics: {} },
      window: { workDoneProgress: true },
    },
  });
  await connection.sendNotification('initialized', {});
  let version = 1;
  const document = { uri, languageId: 'rego', version, text: text + appended };
  await connection.sendNotification('textDocument/didOpen', { textDocument: document });
  return {
    connection,
    folder,
    uri,
    text,
    edit(changed) {
      version += 1;
      return connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text: changed }],
      });
    },
    reported: (when) =>
      new Promise((resolve) => {
        const listener = (diagnostics: Diagnostic[]) => {
          if (!when(diagnostics)) return;
          waiting.delete(listener);
          resolve();
        };
        waiting.add(listener);
      }),
    async quiet(ms) {
      while (performance.now() - last < ms) await new Promise((resolve) => setTimeout(resolve, 50));
      return last;
    },
    memory: () => memoryOf(child),
    async close() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      // Regal's server does not end when it is told to.
      const hardly = setTimeout(() => child.kill('SIGKILL'), 1000);
      connection.sendRequest('shutdown').then(
        () => connection.sendNotification('exit'),
        () => undefined, // it was ended before it answered
      );
      await exited;
      clearTimeout(hardly);
      connection.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function memoryOf({ pid }: ChildProcess): number | undefined {
  if (pid === undefined) return undefined;
  const peaks = [pid, ...childrenNamed('countersign-engine', pid)].map(peakOf);
  return peaks.every((peak) => peak === undefined)
    ? undefined
    : peaks.reduce<number>((sum, peak) => sum + (peak ?? 0), 0);
}
