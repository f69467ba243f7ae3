/**
 * Diagnostics for clients that do not ask: published when they are known, `check` first. Until a
 * new `lint` is there the old one stays, moved with the text.
 */
import type { Connection, Diagnostic } from 'vscode-languageserver';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { locate, type Snapshot, Stale } from '../snapshot.ts';
import { normalizeUri } from '../uris.ts';
import { type Background, reportLatest } from './background.ts';
import { type ReportKind, reportDocument, reportKinds } from './reports.ts';
import { shiftRanges } from './shift.ts';

/** One report on one document, with the text it is about. */
interface Known {
  items: readonly Diagnostic[];
  text: string;
}

export interface PushDiagnostics {
  /** Reports everything again. */
  refresh(): void;
}

export function startPush(connection: Connection, background: Background, signal: AbortSignal): PushDiagnostics {
  const { world, context, log } = background;
  const known = new Map<string, Partial<Record<ReportKind, Known>>>();
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
    const { check, lint } = known.get(key) ?? {};
    const diagnostics = document
      ? [check, lint].flatMap((report) => (report ? shiftRanges(report.items, report.text, document.text) : []))
      : [];
    const json = JSON.stringify(diagnostics);
    if (json === (published.get(key) ?? '[]')) return;
    published.set(key, json);
    const version = document?.version ?? undefined;
    connection.sendDiagnostics({ uri: document?.uri ?? uri, diagnostics, ...(version !== undefined && { version }) });
  }

  /** Reports one open document; a write meanwhile begins another report, so this one is dropped. */
  async function report(kind: ReportKind, uri: string): Promise<void> {
    await background.ready();
    const snapshot = world.current();
    try {
      note(kind, snapshot, uri, await reportDocument(kind, snapshot, uri, context));
    } catch (error) {
      if (!isOvertaken(error)) log(`diagnostics: ${uri}: ${String(error)}`);
    }
  }

  const stop = world.onWrite((now, before) => {
    for (const [key, document] of now.open) {
      if (before.open.get(key) === document && before.loose.get(key) === now.loose.get(key)) continue;
      for (const kind of reportKinds) void report(kind, document.uri);
    }
    for (const [key, { uri }] of before.open) {
      if (now.open.has(key) || locate(now, uri)) continue;
      known.delete(key);
      publish(key, uri);
    }
  });
  signal.addEventListener('abort', stop, { once: true });

  async function reportWorkspace(kind: ReportKind): Promise<void> {
    while (!signal.aborted) {
      try {
        const { snapshot, reports } = await reportLatest(kind, background, signal);
        const keys = new Set([...reports.keys()].map(normalizeUri));
        for (const [uri, items] of reports) if (isWanted(snapshot, uri)) note(kind, snapshot, uri, items);
        for (const key of known.keys()) if (!keys.has(key) && !isLoose(snapshot, key)) note(kind, snapshot, key, []);
        await world.changed(snapshot.revision, signal);
      } catch (error) {
        if (signal.aborted) return;
        log(`diagnostics: ${String(error)}`);
        await world.changed(world.current().revision, signal).catch(() => undefined);
      }
    }
  }

  function isWanted({ settings, open }: Snapshot, uri: string): boolean {
    return settings.workspaceDiagnostics || open.has(normalizeUri(uri));
  }

  function isLoose(snapshot: Snapshot, uri: string): boolean {
    return locate(snapshot, uri)?.root.kind === 'document';
  }

  for (const kind of reportKinds) void reportWorkspace(kind);
  return {
    refresh() {
      for (const { uri } of world.current().open.values()) {
        for (const kind of reportKinds) void report(kind, uri);
      }
    },
  };
}

function isOvertaken(error: unknown): boolean {
  if (error instanceof Stale) return true;
  return error instanceof EngineError && (error.code === errorCodes.cancelled || error.code === errorCodes.died);
}
