/**
 * Diagnostics for clients that do not ask: syntax errors with the change itself, the others when they are known. Until
 * then the old ones stay, moved with the text.
 */
import type { Connection, Diagnostic } from 'vscode-languageserver';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { isReported } from '../own-documents.ts';
import { isRego } from '../rego/engine-files.ts';
import { syntaxProblems } from '../rego/syntax-problems.ts';
import { locate, type Snapshot, Stale } from '../snapshot.ts';
import { normalizeUri } from '../uris.ts';
import { type Background, reportLatest } from './background.ts';
import { watchDependents } from './dependents.ts';
import {
  type Recent,
  type ReportKind,
  type RootReportKind,
  reportDocument,
  reportKinds,
  rootReportKinds,
} from './reports.ts';
import { shiftRanges } from './shift.ts';

/** How many documents are reported at a time. */
const partSize = 100;

/**
 * How long after a change the engine's reports begin, in milliseconds: the syntax errors, and what was asked with the
 * keystroke, go out first.
 */
const grace = 8;

export interface PushDiagnostics {
  /** Reports everything again. */
  refresh(): void;
}

export function startPush(connection: Connection, background: Background, signal: AbortSignal): PushDiagnostics {
  const { world, context, log } = background;
  const known = new Map<string, Partial<Record<ReportKind, Recent>>>();
  const published = new Map<string, string>();

  function note(kind: ReportKind, snapshot: Snapshot, uri: string, items: readonly Diagnostic[]): void {
    const key = normalizeUri(uri);
    const text = locate(snapshot, uri)?.document.text ?? '';
    const reports = known.get(key) ?? {};
    if (items.length === 0 && reports[kind] === undefined) return;
    known.set(key, { ...reports, [kind]: { items, text } });
    publish(key, uri);
  }

  function publish(key: string, uri: string): void {
    const document = locate(world.current(), uri)?.document;
    const { syntax, check, lint } = known.get(key) ?? {};
    const open = world.current().open.has(key);
    const diagnostics = document
      ? [open ? syntax : undefined, check, lint].flatMap((report) =>
          report ? shiftRanges(report.items, report.text, document.text) : [],
        )
      : [];
    const json = JSON.stringify(diagnostics);
    if (json === (published.get(key) ?? '[]')) return;
    published.set(key, json);
    const version = document?.version ?? undefined;
    connection.sendDiagnostics({ uri: document?.uri ?? uri, diagnostics, ...(version !== undefined && { version }) });
  }

  /** What needs no engine is said with the change itself, the rest after it. */
  function reportOpen(now: Snapshot, uri: string): void {
    if (!isReported(now, uri)) return;
    const place = isReported(now, uri) ? locate(now, uri) : undefined;
    if (place && isRego(place.path, place.document)) {
      note('syntax', now, uri, syntaxProblems(place.root, place.path, place.document));
      publish(normalizeUri(uri), uri);
    }
    for (const kind of place && !isRego(place.path, place.document) ? reportKinds : rootReportKinds)
      void report(kind, uri);
  }

  /** Reports one open document; a write meanwhile begins another report, so this one is dropped. */
  async function report(kind: ReportKind, uri: string): Promise<void> {
    try {
      await background.ready();
      await background.runtime.sleep(grace, signal);
      const snapshot = world.current();
      note(kind, snapshot, uri, await reportDocument(kind, snapshot, uri, context));
    } catch (error) {
      if (!signal.aborted && !isOvertaken(error)) log(`diagnostics: ${uri}: ${String(error)}`);
    }
  }

  const stop = world.onWrite((now, before) => {
    for (const [key, document] of now.open) {
      if (before.open.get(key) === document && before.loose.get(key) === now.loose.get(key)) continue;
      reportOpen(now, document.uri);
    }
    for (const [key, { uri }] of before.open) {
      // Closed, or open and no longer what the server looks after.
      if (locate(now, uri)) continue;
      known.delete(key);
      publish(key, uri);
    }
  });
  signal.addEventListener('abort', stop, { once: true });
  const lookAt = async (uris: string[]) => {
    for (const uri of uris) void report('check', uri);
    return true; // the lint of the whole workspace follows
  };
  watchDependents(background, lookAt, signal);

  async function reportWorkspace(kind: RootReportKind): Promise<void> {
    while (!signal.aborted) {
      try {
        const { snapshot, reports } = await reportLatest(kind, background, signal);
        const keys = new Set([...reports.keys()].map(normalizeUri));
        await inParts(reports, snapshot, ([uri, items]) => {
          if (isWanted(snapshot, uri) && !speaksForItself(kind, snapshot, uri)) note(kind, snapshot, uri, items);
        });
        await inParts([...known.keys()], snapshot, (key) => {
          if (keys.has(key) || isLoose(snapshot, key) || speaksForItself(kind, snapshot, key)) return;
          note(kind, snapshot, key, []);
        });
        await world.changed(snapshot.revision, signal);
      } catch (error) {
        if (signal.aborted) return;
        log(`diagnostics: ${String(error)}`);
        await world.changed(world.current().revision, signal).catch(() => undefined);
      }
    }
  }

  /** Lets requests through in between; ends when a write has overtaken the report. */
  async function inParts<T>(all: Iterable<T>, { revision }: Snapshot, each: (one: T) => void): Promise<void> {
    let count = 0;
    for (const one of all) {
      if (++count % partSize === 0) await background.runtime.sleep(0, signal);
      if (world.current().revision !== revision) return;
      each(one);
    }
  }

  /** An open module's own check says more, and is asked for again whenever something that it needs changes. */
  function speaksForItself(kind: RootReportKind, snapshot: Snapshot, uri: string): boolean {
    if (kind !== 'check' || !snapshot.open.has(normalizeUri(uri))) return false;
    const place = locate(snapshot, uri);
    return place !== undefined && isRego(place.path, place.document);
  }

  function isWanted({ settings, open }: Snapshot, uri: string): boolean {
    return settings.workspaceDiagnostics || open.has(normalizeUri(uri));
  }

  function isLoose(snapshot: Snapshot, uri: string): boolean {
    return locate(snapshot, uri)?.root.kind === 'document';
  }

  function reportAll(): void {
    const now = world.current();
    for (const { uri } of now.open.values()) reportOpen(now, uri);
  }

  // Those that were opened before the client told its settings.
  reportAll();
  for (const kind of rootReportKinds) void reportWorkspace(kind);
  return {
    refresh: reportAll,
  };
}

function isOvertaken(error: unknown): boolean {
  if (error instanceof Stale) return true;
  return error instanceof EngineError && (error.code === errorCodes.cancelled || error.code === errorCodes.died);
}
