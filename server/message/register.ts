/** Commit messages as a language: one line a feature. */
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  CodeActionRequest,
  type CompletionItem,
  type Connection,
  type Diagnostic,
  type Hover,
  type InlayHint,
  InlayHintRefreshRequest,
  InlayHintRequest,
  type Position,
  type Range,
  type ServerCapabilities,
} from 'vscode-languageserver';
import type { EngineLink } from '../engine-link.ts';
import type { Registrations } from '../registrations.ts';
import type { Runtime } from '../runtime.ts';
import type { World } from '../world.ts';
import { messageKind, messageSelector } from './documents.ts';
import type { Messages } from './messages.ts';

interface Parts {
  world: World;
  runtime: Runtime;
  link: Pick<EngineLink, 'engine'>;
  ready(): Promise<void>;
  log(line: string): void;
}

export interface MessageLanguage {
  /** What is announced at once, to clients that take nothing later. */
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
  /** Announces the rest. */
  announce(client: ClientCapabilities, registrations: Registrations): void;
  /** Null for documents that are no messages. */
  complete(uri: string, position: Position): Promise<CompletionItem[] | null>;
  hover(uri: string, position: Position): Promise<Hover | null>;
  hints(uri: string): Promise<InlayHint[] | null>;
  /** Quick fixes for what was found in a range, with the diagnostics that the client shows there. */
  fixes(uri: string, range: Range, shown: readonly Diagnostic[]): Promise<CodeAction[] | null>;
  /** Something else is going to be committed now, or on another branch. */
  gitChanged(): void;
  dispose(): void;
}

const codeActions = { codeActionKinds: [CodeActionKind.QuickFix] };

export function registerMessages(connection: Connection, { world, runtime, link, ready, log }: Parts): MessageLanguage {
  let loaded: Promise<Messages> | undefined;
  let refreshHints = () => {};
  let snippets = false;

  /** Loaded with the first message: a server for policies alone does without. */
  async function load(): Promise<Messages> {
    const [{ createMessages }, { createHomes }] = await Promise.all([
      import('./messages.ts'),
      import('../commit/homes.ts'),
    ]);
    const published = new Map<string, string>();
    return createMessages({
      world,
      runtime,
      engine: link.engine,
      homeOf: createHomes(runtime, log),
      ready,
      publish({ uri, version }, diagnostics) {
        const json = JSON.stringify(diagnostics);
        if (json === (published.get(uri) ?? '[]')) return;
        published.set(uri, json);
        void connection.sendDiagnostics({ uri, diagnostics, ...(version !== null && { version }) });
      },
      judged: () => refreshHints(),
      log,
    });
  }

  function begin(): void {
    if (loaded) return;
    loaded = load();
    loaded.then(
      (messages) => messages.refresh(),
      (error: unknown) => log(`commit messages: ${String(error)}`),
    );
  }

  const stop = world.onWrite(({ open }) => {
    if (loaded) return;
    for (const document of open.values()) if (messageKind(document)) return begin();
  });

  return {
    capabilities: ({ textDocument: client }) => {
      snippets = client?.completion?.completionItem?.snippetSupport ?? false;
      return {
        ...(!client?.inlayHint?.dynamicRegistration && { inlayHintProvider: true }),
      };
    },
    announce({ textDocument: client, workspace }, registrations) {
      if (client?.codeAction?.dynamicRegistration) {
        registrations.add(CodeActionRequest.type, { documentSelector: messageSelector, ...codeActions });
      }
      if (client?.inlayHint?.dynamicRegistration) {
        registrations.add(InlayHintRequest.type, {
          documentSelector: [{ language: 'rego' }, ...messageSelector],
        });
      }
      if (workspace?.inlayHint?.refreshSupport) {
        refreshHints = () => {
          connection.sendRequest(InlayHintRefreshRequest.type).catch((error: unknown) => {
            log(`inlay hints: the client did not refresh: ${String(error)}`);
          });
        };
      }
    },
    async hints(uri) {
      const view = await (await loaded)?.view(uri);
      if (!view) {
        const list = await (await loaded)?.rebase(uri);
        return list ? (await import('./rebase.ts')).rebaseHints(list) : null;
      }
      const { verdictHints } = await import('./inlay.ts');
      return verdictHints(view);
    },
    async complete(uri, position) {
      const view = await (await loaded)?.view(uri);
      if (!view) return null;
      const { completeMessage } = await import('./completion.ts');
      const people = async () => {
        try {
          return view.judges ? ((await (await loaded)?.people(view)) ?? []) : [];
        } catch (error) {
          // The other values are worth offering without them.
          log(`The repository's people could not be read: ${String(error)}`);
          return [];
        }
      };
      return completeMessage(view, position, { snippets, people });
    },
    async fixes(uri, range, shown) {
      const view = await (await loaded)?.view(uri);
      if (!view) return null;
      const { quickFixes } = await import('./fixes.ts');
      return quickFixes(view, range, shown);
    },
    async hover(uri, position) {
      const view = await (await loaded)?.view(uri);
      if (view) return (await import('./hover.ts')).hoverMessage(view, position);
      const list = await (await loaded)?.rebase(uri);
      return list ? (await import('./rebase.ts')).hoverRebase(list, position) : null;
    },
    gitChanged() {
      loaded?.then(
        (messages) => messages.refresh(),
        () => undefined, // it never began
      );
    },
    dispose() {
      stop();
      loaded?.then(
        (messages) => messages.dispose(),
        () => undefined, // it never began
      );
    },
  };
}
