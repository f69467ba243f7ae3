/** The requests of an editor's everyday: formatting, completion, hover, quick fixes. One line a feature. */
import {
  type ClientCapabilities,
  CodeActionKind,
  CodeActionRequest,
  CompletionRequest,
  type Connection,
  DocumentFormattingRequest,
  type Hover,
  HoverRequest,
  type ServerCapabilities,
} from 'vscode-languageserver';
import type { Exceptions } from './exceptions/register.ts';
import { kindOf } from './file-kinds.ts';
import { guard } from './guard.ts';
import { messageSelector } from './message/documents.ts';
import type { MessageLanguage } from './message/register.ts';
import { isModule } from './rego/engine-files.ts';
import { formatModule } from './rego/format.ts';
import { locate } from './snapshot.ts';
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
  messages: Pick<MessageLanguage, 'complete' | 'hover' | 'fixes'>;
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

export function registerEditing(
  connection: Connection,
  { world, messages, exceptions, exceptionCommands, now, ready, log }: Parts,
): Editing {
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
      const place = locate(world.current(), textDocument.uri);
      if (!place) return messages.complete(textDocument.uri, position);
      const { completeConfiguration } = await import('./config/completion.ts');
      return completeConfiguration(place.path, place.document, position);
    }),
  );
  connection.onRequest(
    HoverRequest.type,
    guard('hover', log, async ({ textDocument, position }) => {
      await ready();
      const place = locate(world.current(), textDocument.uri);
      if (!place) return messages.hover(textDocument.uri, position);
      const { hoverConfiguration } = await import('./config/hover.ts');
      const hover = await hoverConfiguration(place.path, place.document, position);
      if (!hover || kindOf(place.path) !== 'exception') return hover;
      const { standingLine } = await import('./exceptions/hover.ts');
      const line = standingLine(place.root, place.path, await exceptions.knowledge.of(place.root), now());
      return line === undefined ? hover : withLine(hover, line);
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
      ...(!client?.completion?.dynamicRegistration && { completionProvider: completion }),
      ...(!client?.hover?.dynamicRegistration && { hoverProvider: true }),
    }),
    async initialized({ textDocument: client }) {
      if (client?.formatting?.dynamicRegistration) {
        await connection.client.register(DocumentFormattingRequest.type, { documentSelector: rego });
      }
      if (client?.completion?.dynamicRegistration) {
        await connection.client.register(CompletionRequest.type, { documentSelector: configuration, ...completion });
        await connection.client.register(CompletionRequest.type, { documentSelector: messageSelector, ...completion });
      }
      if (client?.hover?.dynamicRegistration) {
        await connection.client.register(HoverRequest.type, {
          documentSelector: [...configuration, ...messageSelector],
        });
      }
    },
  };
}
