/**
 * Diagnostics for clients that ask for them: a provider for each report, so that the client shows each as soon as it
 * is there and keeps the old ones until then.
 */
import {
  type Connection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  DocumentDiagnosticRequest,
  type DocumentSelector,
  type FullDocumentDiagnosticReport,
  LSPErrorCodes,
  ResponseError,
  type UnchangedDocumentDiagnosticReport,
  type WorkspaceDiagnosticParams,
  type WorkspaceDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { guard } from '../guard.ts';
import { createRegistrations } from '../registrations.ts';
import { locate, Stale } from '../snapshot.ts';
import { normalizeUri } from '../uris.ts';
import { type Background, reportLatest } from './background.ts';
import { watchDependents } from './dependents.ts';
import { type ReportKind, type RootReportKind, reportDocument, reportKinds } from './reports.ts';

/** The identifier that a client sends with its pulls. */
const identifiers: Record<ReportKind, string> = {
  syntax: 'countersign.syntax',
  check: 'countersign.check',
  lint: 'countersign.lint',
};

export interface PullDiagnostics {
  /** Announces the providers, and keeps looking after what others change in documents, until the signal aborts. */
  register(documentSelector: DocumentSelector, workspaceDiagnostics: boolean, signal: AbortSignal): Promise<void>;
  /** Asks the client to ask again for everything. */
  refresh(): void;
}

export function createPull(connection: Connection, background: Background): PullDiagnostics {
  const { world, context } = background;
  const results = createResultIds();
  /** By report: what the client was last told of the workspace, result ids by normalized URI. */
  const told = new Map<ReportKind, { revision: number; ids: Map<string, string | undefined> }>();

  async function pullDocument(kind: ReportKind, uri: string, previous?: string): Promise<DocumentDiagnosticReport> {
    await background.ready();
    const snapshot = world.current();
    try {
      const items = await reportDocument(kind, snapshot, uri, context);
      return results.document(`${kind} ${normalizeUri(uri)}`, items, previous);
    } catch (error) {
      if (isOvertaken(error, snapshot.revision)) throw askAgain();
      if (error instanceof EngineError && error.code === errorCodes.unavailable) {
        // The status says that there is no engine; what the client shows is the best there is.
        if (previous !== undefined) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: previous };
        return { kind: DocumentDiagnosticReportKind.Full, items: [] };
      }
      throw error;
    }
  }

  /** Overtaken by a write, or by the engine's death: it runs again at once. */
  function isOvertaken(error: unknown, revision: number): boolean {
    if (error instanceof Stale) return true;
    if (error instanceof EngineError && error.code === errorCodes.died) return true;
    return world.current().revision !== revision && error instanceof EngineError && error.code === errorCodes.cancelled;
  }

  /** Answers when there is news, as the protocol allows; a client asks again after each answer. */
  async function pullWorkspace(
    kind: RootReportKind,
    { previousResultIds }: WorkspaceDiagnosticParams,
    signal: AbortSignal,
  ): Promise<WorkspaceDiagnosticReport> {
    const previous = new Map(previousResultIds.map(({ uri, value }) => [normalizeUri(uri), { uri, value }]));
    const known = told.get(kind);
    if (known && has(previous, known.ids)) await world.changed(known.revision, signal);
    const acrossBefore = kind === 'lint' ? JSON.stringify(acrossProblems()) : '';
    const { snapshot, reports } = await reportLatest(kind, background, signal).catch(async (error: unknown) => {
      if (signal.aborted) throw error;
      background.log(`diagnostics: ${String(error)}`);
      // Without an engine nothing is known; what the client shows stays until something changes.
      await world.changed(world.current().revision, signal);
      throw askAgain();
    });
    // Open documents are reported by their own pulls, which saw the old findings. Later, because a
    // client that is to refresh drops the answer under way.
    if (kind === 'lint' && JSON.stringify(acrossProblems()) !== acrossBefore) {
      background.runtime.sleep(1, signal).then(refresh, () => undefined);
    }
    const items: WorkspaceDocumentDiagnosticReport[] = [];
    let count = 0;
    for (const [uri, diagnostics] of reports) {
      // Requests come through in between.
      if (++count % 100 === 0) await background.runtime.sleep(0, signal);
      const key = normalizeUri(uri);
      const version = locate(snapshot, uri)?.document.version ?? null;
      items.push({ ...results.document(`${kind} ${key}`, diagnostics, previous.get(key)?.value), uri, version });
      previous.delete(key);
    }
    // What had problems and has none any more, or is gone.
    for (const [key, { uri }] of previous) {
      const version = locate(snapshot, uri)?.document.version ?? null;
      items.push({ ...results.document(`${kind} ${key}`, [], undefined), uri, version });
    }
    const ids = new Map(items.map((item) => [normalizeUri(item.uri), item.resultId]));
    told.set(kind, { revision: snapshot.revision, ids });
    return { items };
  }

  /** Whether a client has what it was told; one that closed a document or began anew has not. */
  function has(
    previous: ReadonlyMap<string, { value: string }>,
    ids: ReadonlyMap<string, string | undefined>,
  ): boolean {
    const { open } = world.current();
    return [...ids].every(([key, id]) => open.has(key) || previous.get(key)?.value === id);
  }

  function acrossProblems() {
    return [...context.across].map(([root, { problems }]) => [root, problems]);
  }

  function refresh(): void {
    connection.sendRequest(DiagnosticRefreshRequest.type).catch((error: unknown) => {
      background.log(`diagnostics: the client did not refresh: ${String(error)}`);
    });
  }

  const { on, onWorkspace } = connection.languages.diagnostics;
  on(
    guard('diagnostics', background.log, ({ identifier, textDocument, previousResultId }: DocumentDiagnosticParams) =>
      pullDocument(kindOf(identifier), textDocument.uri, previousResultId),
    ),
  );
  onWorkspace(
    guard('workspace diagnostics', background.log, (params: WorkspaceDiagnosticParams, signal) => {
      const kind = kindOf(params.identifier);
      return kind === 'syntax' ? { items: [] } : pullWorkspace(kind, params, signal);
    }),
  );
  /** A client asks again for what it edits; of the others it has to be told. */
  async function lookAt(uris: string[], relinted: ReadonlySet<string>): Promise<boolean> {
    const snapshot = world.current();
    const isNews = async (kind: RootReportKind, uri: string) => {
      const items = await reportDocument(kind, snapshot, uri, context);
      return results.isNews(`${kind} ${normalizeUri(uri)}`, items);
    };
    const found = await Promise.allSettled([
      ...uris.map((uri) => isNews('check', uri)),
      ...[...relinted].map((uri) => isNews('lint', uri)),
    ]);
    if (found.some((one) => one.status === 'fulfilled' && one.value)) refresh();
    return found.every(({ status }) => status === 'fulfilled');
  }

  async function register(
    documentSelector: DocumentSelector,
    workspaceDiagnostics: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    watchDependents(background, lookAt, signal);
    const registrations = createRegistrations();
    for (const kind of reportKinds) {
      registrations.add(DocumentDiagnosticRequest.type, {
        documentSelector,
        identifier: identifiers[kind],
        interFileDependencies: kind !== 'syntax',
        workspaceDiagnostics: workspaceDiagnostics && kind !== 'syntax',
      });
    }
    await registrations.send(connection);
  }

  return { register, refresh };
}

function kindOf(identifier: string | undefined): ReportKind {
  return reportKinds.find((kind) => identifiers[kind] === identifier) ?? 'check';
}

function askAgain(): ResponseError<{ retriggerRequest: boolean }> {
  return new ResponseError(LSPErrorCodes.ServerCancelled, 'The content was modified.', { retriggerRequest: true });
}

/** Names for results, so that what the client already has is not sent again. */
function createResultIds() {
  const last = new Map<string, { id: string; json: string }>();
  let count = 0;
  return {
    /** Whether this is not what the client was last told. */
    isNews(key: string, items: Diagnostic[]): boolean {
      const known = last.get(key);
      return known !== undefined && known.json !== JSON.stringify(items);
    },
    document(
      key: string,
      items: Diagnostic[],
      previous: string | undefined,
    ): (FullDocumentDiagnosticReport & { resultId: string }) | UnchangedDocumentDiagnosticReport {
      const json = JSON.stringify(items);
      let known = last.get(key);
      if (known?.json !== json) {
        known = { id: String(++count), json };
        last.set(key, known);
      } else if (previous === known.id) {
        return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: known.id };
      }
      return { kind: DocumentDiagnosticReportKind.Full, resultId: known.id, items };
    },
  };
}
