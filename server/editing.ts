/** The requests of an editor's everyday: formatting, completion, hover, quick fixes. One line a feature. */
import {
  type ClientCapabilities,
  CodeActionKind,
  CodeActionRequest,
  CompletionRequest,
  CompletionResolveRequest,
  type Connection,
  DocumentFormattingRequest,
  type Hover,
  HoverRequest,
  InlayHintRequest,
  type ServerCapabilities,
} from 'vscode-languageserver';
import type { Exceptions } from './exceptions/register.ts';
import { kindOf } from './file-kinds.ts';
import { guard } from './guard.ts';
import { messageSelector } from './message/documents.ts';
import type { MessageLanguage } from './message/register.ts';
import { builtinsOr } from './rego/builtins.ts';
import { isModule } from './rego/engine-files.ts';
import { formatModule } from './rego/format.ts';
import { locate, type Snapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** A hover of Markdown with a line above it. */
function withLine(hover: Hover, line: string): Hover {
  const { contents } = hover;
  const value = typeof contents === 'object' && 'value' in contents ? contents.value : '';
  return { ...hover, contents: { kind: 'markdown', value: `${line}\n\n${value}` } };
}

export interface Editing {
  /** What is announced at once, to clients that take nothing later. */
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
  /** Announces the rest, for the documents it is for: formatting must not be offered for every YAML file. */
  initialized(client: ClientCapabilities): Promise<void>;
}

interface Parts {
  world: World;
  messages: Pick<MessageLanguage, 'complete' | 'hover' | 'hints' | 'fixes'>;
  exceptions: Pick<Exceptions, 'knowledge'>;
  /** Whether the client has the commands that fixes of exceptions call. */
  exceptionCommands(): boolean;
  now(): Date;
  /** Resolves when the folders have been read: which Rego it is, and which file, they say. */
  ready(): Promise<void>;
  log(line: string): void;
}

const rego = [{ language: 'rego' }];
const configuration = ['yaml', 'json', 'jsonc'].map((language) => ({ language, pattern: '**/.countersign/**' }));
const completion = { triggerCharacters: [':', '"', ' ', '-'] };
const regoCompletion = { triggerCharacters: ['.'], resolveProvider: true };

export function registerEditing(
  connection: Connection,
  { world, messages, exceptions, exceptionCommands, now, ready, log }: Parts,
): Editing {
  const builtins = ({ ask }: Snapshot) => builtinsOr(ask, log);
  connection.onRequest(
    DocumentFormattingRequest.type,
    guard('formatting', log, async ({ textDocument }, signal) => {
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place || !(isModule(place.path, place.document) || kindOf(place.path) === 'lint-rule')) return null;
      const edits = await formatModule(snapshot, place.root, place.path, place.document, signal);
      return edits ?? null;
    }),
  );
  connection.onRequest(
    CompletionRequest.type,
    guard('completion', log, async ({ textDocument, position }) => {
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place) return messages.complete(textDocument.uri, position);
      if (isModule(place.path, place.document)) {
        const { complete } = await import('./rego/completion.ts');
        return complete(place.root, place.path, position, await builtins(snapshot));
      }
      const { completeConfiguration } = await import('./config/completion.ts');
      return completeConfiguration(place.path, place.document, position);
    }),
  );
  connection.onRequest(
    CompletionResolveRequest.type,
    guard('completion details', log, async (item) => {
      const snapshot = world.current();
      const { resolveCompletion } = await import('./rego/completion.ts');
      return resolveCompletion(item, snapshot.roots, await builtins(snapshot));
    }),
  );
  connection.onRequest(
    HoverRequest.type,
    guard('hover', log, async ({ textDocument, position }) => {
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place) return messages.hover(textDocument.uri, position);
      if (isModule(place.path, place.document)) {
        const { hover } = await import('./rego/hover.ts');
        return hover(place.root, place.path, position, await builtins(snapshot));
      }
      const { hoverConfiguration } = await import('./config/hover.ts');
      const hover = await hoverConfiguration(place.path, place.document, position);
      if (!hover || kindOf(place.path) !== 'exception') return hover;
      const { standingLine } = await import('./exceptions/hover.ts');
      const line = standingLine(place.root, place.path, await exceptions.knowledge.of(place.root), now());
      return line === undefined ? hover : withLine(hover, line);
    }),
  );
  connection.onRequest(
    InlayHintRequest.type,
    guard('inlay hints', log, async ({ textDocument, range }) => {
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place || !isModule(place.path, place.document)) return messages.hints(textDocument.uri);
      const { inlayHints } = await import('./rego/inlay-hints.ts');
      return inlayHints(place.root, place.path, range, await builtins(snapshot));
    }),
  );
  connection.onRequest(
    CodeActionRequest.type,
    guard('code actions', log, async ({ textDocument: { uri }, range, context: { only, diagnostics } }) => {
      if (only && !only.some((kind) => CodeActionKind.QuickFix.startsWith(kind))) return null;
      const place = locate(world.current(), uri);
      if (!place) return messages.fixes(uri, range, diagnostics);
      if (kindOf(place.path) !== 'exception' || !exceptionCommands()) return null;
      const { exceptionFixes } = await import('./exceptions/fixes.ts');
      return exceptionFixes(uri, diagnostics);
    }),
  );
  return {
    capabilities: ({ textDocument: client }) => ({
      ...(!client?.formatting?.dynamicRegistration && { documentFormattingProvider: true }),
      ...(!client?.completion?.dynamicRegistration && {
        completionProvider: {
          ...completion,
          ...regoCompletion,
          triggerCharacters: [...completion.triggerCharacters, '.'],
        },
      }),
      ...(!client?.hover?.dynamicRegistration && { hoverProvider: true }),
    }),
    async initialized({ textDocument: client }) {
      if (client?.formatting?.dynamicRegistration) {
        await connection.client.register(DocumentFormattingRequest.type, { documentSelector: rego });
      }
      if (client?.completion?.dynamicRegistration) {
        await connection.client.register(CompletionRequest.type, { documentSelector: configuration, ...completion });
        await connection.client.register(CompletionRequest.type, { documentSelector: messageSelector, ...completion });
        await connection.client.register(CompletionRequest.type, { documentSelector: rego, ...regoCompletion });
      }
      if (client?.hover?.dynamicRegistration) {
        await connection.client.register(HoverRequest.type, {
          documentSelector: [...rego, ...configuration, ...messageSelector],
        });
      }
    },
  };
}
