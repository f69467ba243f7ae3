/**
 * A language server over stdio with a client that takes what it is sent (`textDocument/publishDiagnostics`): Regal's
 * server reports to no other. Everything else is done as the server announces it.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type Diagnostic,
  type Position,
  type ServerCapabilities,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { cpuOf, halt, peakOfTree, residentOfTree } from '../measure.ts';
import type { Contender } from './contenders.ts';

/** It did not answer within the time that the benchmark gives it. */
export class TooLong extends Error {}

export interface Session {
  readonly capabilities: ServerCapabilities;
  /** When the process was started, as `performance.now()` has it. */
  readonly started: number;
  open(path: string, text: string): Promise<void>;
  /** Replaces `deleted` units at an offset, in one notification; returns when it was sent. */
  edit(path: string, at: number, deleted: number, inserted: string): Promise<number>;
  textOf(path: string): string;
  /** The time of the first report on a file, from now on, that satisfies this. Rejects with {@link TooLong}. */
  reported(path: string, when: (diagnostics: Diagnostic[]) => boolean, limitMs: number): Promise<number>;
  /** As {@link reported}, but a report that came before counts, at the time when it came. */
  seen(path: string, when: (diagnostics: Diagnostic[]) => boolean, limitMs: number): Promise<number>;
  /** Asks at a place in an open file; rejects with what the server answers, or with {@link TooLong}. */
  ask(method: string, path: string, position: Position, more: object, limitMs: number): Promise<unknown>;
  /** Resolves when the server and its children have stopped working. */
  rest(limitMs: number): Promise<void>;
  /** User and system time of the server and its children so far, in milliseconds. */
  cpu(): number;
  /** Of the server and its children, in bytes: what they hold now, and the sum of the most that each has held. */
  memory(): { now: number; peak: number };
  /** Stands still, so that another one has the machine for itself, or goes on. */
  halt(isHalted: boolean): void;
  close(): Promise<void>;
}

interface Report {
  at: number;
  diagnostics: Diagnostic[];
}

/** Starts a server on a folder. `cache` is where it may keep things for the next time. */
export async function startSession(contender: Contender, folder: string, cache: string): Promise<Session> {
  const started = performance.now();
  const child = spawn(contender.program, contender.args, {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...contender.environment, XDG_CACHE_HOME: cache },
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${contender.program} did not start`);
  const stopped = () => {
    // Its engine ends by itself, unless it stands still.
    halt(pid, false);
    child.kill('SIGKILL');
  };
  process.once('exit', stopped);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', (code, signal) => reject(new Error(`${contender.name} ended with ${code ?? signal}`))),
  );
  ended.catch(() => undefined);
  const texts = new Map<string, TextDocument>();
  const reports = new Map<string, Report>();
  const listeners = new Set<(uri: string, report: Report) => void>();
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: Published) => {
    const report = { at: performance.now(), diagnostics };
    reports.set(uri, report);
    for (const listener of [...listeners]) listener(uri, report);
  });
  connection.onRequest((method, params) =>
    method === 'workspace/configuration'
      ? (params as { items: { section?: string }[] }).items.map(
          ({ section }) => contender.settings?.[section ?? ''] ?? null,
        )
      : null,
  );
  connection.listen();
  const uriOf = (path: string) => pathToFileURL(join(folder, path)).toString();
  const { capabilities } = await within(
    120_000,
    connection.sendRequest<{ capabilities: ServerCapabilities }>('initialize', {
      processId: process.pid,
      clientInfo: { name: 'bench' },
      rootUri: pathToFileURL(folder).toString(),
      workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: 'bench' }],
      initializationOptions: contender.options,
      capabilities: clientCapabilities,
    }),
  );
  await connection.sendNotification('initialized', {});
  const sync = capabilities.textDocumentSync;
  const incremental = (typeof sync === 'object' ? sync.change : sync) === 2;

  function within<T>(ms: number, work: Promise<T>): Promise<T> {
    const stop = new AbortController();
    const limit = sleep(ms, undefined, { signal: stop.signal }).then(() => {
      throw new TooLong(`no answer within ${ms / 1000} s`);
    });
    limit.catch(() => undefined);
    return Promise.race([work, limit, ended]).finally(() => stop.abort());
  }

  function reported(path: string, when: (diagnostics: Diagnostic[]) => boolean, limitMs: number): Promise<number> {
    const about = uriOf(path);
    let listener: (uri: string, report: Report) => void = () => {};
    const found = new Promise<number>((resolve) => {
      listener = (uri, { at, diagnostics }) => {
        if (uri === about && when(diagnostics)) resolve(at);
      };
      listeners.add(listener);
    });
    return within(limitMs, found).finally(() => listeners.delete(listener));
  }

  function documentAt(path: string): TextDocument {
    const document = texts.get(path);
    if (!document) throw new Error(`${path} is not open`);
    return document;
  }

  return {
    capabilities,
    started,
    async open(path, text) {
      const uri = uriOf(path);
      texts.set(path, TextDocument.create(uri, 'rego', 1, text));
      await connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'rego', version: 1, text },
      });
    },
    async edit(path, at, deleted, inserted) {
      const before = documentAt(path);
      const range = { start: before.positionAt(at), end: before.positionAt(at + deleted) };
      const version = before.version + 1;
      const text = before.getText();
      const after = text.slice(0, at) + inserted + text.slice(at + deleted);
      texts.set(path, TextDocument.create(before.uri, 'rego', version, after));
      const sent = performance.now();
      await connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: before.uri, version },
        contentChanges: [incremental ? { range, text: inserted } : { text: after }],
      });
      return sent;
    },
    textOf: (path) => documentAt(path).getText(),
    reported,
    async seen(path, when, limitMs) {
      const known = reports.get(uriOf(path));
      return known && when(known.diagnostics) ? known.at : reported(path, when, limitMs);
    },
    ask: (method, path, position, more, limitMs) =>
      within(limitMs, connection.sendRequest(method, { textDocument: { uri: uriOf(path) }, position, ...more })),
    async rest(limitMs) {
      const end = performance.now() + limitMs;
      for (let calm = 0; calm < 3; ) {
        if (performance.now() > end) throw new TooLong(`it still worked after ${limitMs / 1000} s`);
        const before = cpuOf(pid);
        await Promise.race([sleep(500), ended]);
        calm = cpuOf(pid) - before <= 20 ? calm + 1 : 0;
      }
    },
    cpu: () => cpuOf(pid),
    memory: () => ({ now: residentOfTree(pid), peak: peakOfTree(pid) }),
    halt: (isHalted) => halt(pid, isHalted),
    async close() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      // Regal's server does not end when it is told to.
      const hardly = setTimeout(() => child.kill('SIGKILL'), 3000);
      connection.sendRequest('shutdown').then(
        () => connection.sendNotification('exit'),
        () => undefined, // it was ended before it answered
      );
      if (child.exitCode === null && child.signalCode === null) await exited;
      clearTimeout(hardly);
      connection.dispose();
      process.off('exit', stopped);
    },
  };
}

interface Published {
  uri: string;
  diagnostics: Diagnostic[];
}

const clientCapabilities = {
  workspace: { workspaceFolders: true, configuration: true },
  textDocument: {
    publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] } },
    completion: { completionItem: { snippetSupport: true } },
    rename: { prepareSupport: true },
  },
  window: { workDoneProgress: true },
};
