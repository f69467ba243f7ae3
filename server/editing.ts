/** The requests of an editor's everyday: formatting, completion, hover, quick fixes. One line a feature. */
import {
  type ClientCapabilities,
  CodeActionKind,
  CodeActionRequest,
  CodeActionResolveRequest,
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
import type { Registrations } from './registrations.ts';
import { actionClient } from './rego/actions/client.ts';
import { regoActionKinds } from './rego/actions/kinds.ts';
import { builtinsOr } from './rego/builtins.ts';
import type { CompletionData } from './rego/completion.ts';
import { embeddedAt, embeddedIn, rootsOf } from './rego/embedded/places.ts';
import { isRego } from './rego/engine-files.ts';
import { formatModule } from './rego/format.ts';
import { type Document, locate, type Root, type Snapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** A hover of Markdown with a line above it. */
function withLine(hover: Hover, line: string): Hover {
  const { contents } = hover;
  const value = typeof contents === 'object' && 'value' in contents ? contents.value : '';
  return { ...hover, contents: { kind: 'markdown', value: `${line}\n\n${value}` } };
}

interface Place {
  root: Root;
  path: string;
  document: Document;
}

/** What a module answers, or the modules in a YAML file; undefined for what is neither. */
async function inModules<P extends { textDocument: { uri: string } }, R>(
  snapshot: Snapshot,
  place: Place | undefined,
  params: P,
  answer: (place: Place, params: P) => Promise<R>,
): Promise<{ answer: R | null } | undefined> {
  if (!place) return undefined;
  if (isRego(place.path, place.document)) return { answer: await answer(place, params) };
  const blocks = embeddedIn(snapshot, params.textDocument.uri);
  if (blocks.length === 0) return undefined;
  const { inBlocks } = await import('./rego/embedded/requests.ts');
  return { answer: await inBlocks(blocks, params, answer) };
}

export interface Editing {
  /** What is announced at once, to clients that take nothing later. */
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
  /** Announces the rest, for the documents it is for: formatting must not be offered for every YAML file. */
  announce(client: ClientCapabilities, registrations: Registrations): void;
}

interface Parts {
  world: World;
  messages: Pick<MessageLanguage, 'complete' | 'hover' | 'hints' | 'fixes'>;
  exceptions: Pick<Exceptions, 'knowledge'>;
  /** Whether the client has the commands that fixes of exceptions call. */
  exceptionCommands(): boolean;
  /** Whether the client has VS Code's command `vscode.open`. */
  opensLinks(): boolean;
  now(): Date;
  /** Resolves when the folders have been read: which Rego it is, and which file, they say. */
  ready(): Promise<void>;
  log(line: string): void;
}

const rego = [{ language: 'rego' }];
const configuration = [
  ...['yaml', 'json', 'jsonc'].map((language) => ({ language, pattern: '**/.countersign/**' })),
  { language: 'yaml', pattern: '**/{.regal/config,.regal}.yaml' },
];
const completion = { triggerCharacters: [':', '"', ' ', '-'] };
/** A dot; and where values or keys of METADATA are a choice of a few, what stands before them. */
const regoCompletion = { triggerCharacters: ['.', '"', '[', ' '], resolveProvider: true };

export function registerEditing(
  connection: Connection,
  { world, messages, exceptions, exceptionCommands, opensLinks, now, ready, log }: Parts,
): Editing {
  const builtins = ({ ask }: Snapshot, root?: Root, path?: string) => builtinsOr(ask, log, root, path);
  let actions = actionClient({}, false);
  let snippets = false;
  connection.onRequest(
    DocumentFormattingRequest.type,
    guard('formatting', log, async ({ textDocument, options }, signal) => {
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place) return null;
      if (!isRego(place.path, place.document)) {
        const blocks = embeddedIn(snapshot, textDocument.uri);
        if (blocks.length === 0) return null;
        const { formatBlocks } = await import('./rego/embedded/format.ts');
        return (await formatBlocks(snapshot, blocks, options, signal)) ?? null;
      }
      const edits = await formatModule(snapshot, place.root, place.path, place.document, signal);
      return edits ?? null;
    }),
  );
  connection.onRequest(
    CompletionRequest.type,
    guard('completion', log, async (params) => {
      await ready();
      const { textDocument, position } = params;
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place) return messages.complete(textDocument.uri, position);
      const module = await inModules(snapshot, place, params, async ({ root, path }) => {
        const { complete } = await import('./rego/completion.ts');
        const trigger = params.context?.triggerCharacter;
        return complete(root, path, position, await builtins(snapshot, root, path), { snippets, trigger });
      });
      if (module) return module.answer;
      const { completeConfiguration } = await import('./config/completion.ts');
      return completeConfiguration(place.path, place.document, position);
    }),
  );
  connection.onRequest(
    CompletionResolveRequest.type,
    guard('completion details', log, async (item) => {
      const snapshot = world.current();
      const { resolveCompletion } = await import('./rego/completion.ts');
      const data = item.data as CompletionData | undefined;
      const root = snapshot.roots.get(data?.root ?? '');
      const path = data && 'builtin' in data ? data.rulePath : undefined;
      return resolveCompletion(item, root, await builtins(snapshot, root, path));
    }),
  );
  connection.onRequest(
    HoverRequest.type,
    guard('hover', log, async (params) => {
      await ready();
      const { textDocument, position } = params;
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      if (!place) return messages.hover(textDocument.uri, position);
      const module = await inModules(snapshot, place, params, async ({ root, path }) => {
        const { hover } = await import('./rego/hover.ts');
        return hover(root, path, position, await builtins(snapshot, root, path));
      });
      if (module) return module.answer;
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
    guard('inlay hints', log, async (params) => {
      await ready();
      const { textDocument, range } = params;
      const snapshot = world.current();
      const place = locate(snapshot, textDocument.uri);
      const module = await inModules(snapshot, place, params, async ({ root, path }) => {
        const { inlayHints } = await import('./rego/inlay-hints.ts');
        return inlayHints(root, path, range, await builtins(snapshot, root, path));
      });
      return module ? module.answer : messages.hints(textDocument.uri);
    }),
  );
  connection.onRequest(
    CodeActionRequest.type,
    guard('code actions', log, async (params, signal) => {
      const {
        textDocument: { uri },
        range,
        context: { only, diagnostics },
      } = params;
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, uri);
      const module = await inModules(snapshot, place, params, async (_, asked) => {
        const { codeActions } = await import('./rego/actions/actions.ts');
        return codeActions({ snapshot, client: actions, builtins, signal }, asked);
      });
      const embedding = rootsOf(snapshot, uri);
      if (embedding.length > 0) {
        const { blockActions } = await import('./rego/embedded/as-block.ts');
        const isAsked = (kind: CodeActionKind) =>
          !only || only.some((one) => one === '' || kind === one || kind.startsWith(`${one}.`));
        return [...(module?.answer ?? []), ...blockActions(embedding, range, diagnostics, isAsked)];
      }
      if (module) return module.answer;
      if (only && !only.some((kind) => CodeActionKind.QuickFix.startsWith(kind))) return null;
      if (!place) return messages.fixes(uri, range, diagnostics);
      if (kindOf(place.path) !== 'exception' || !exceptionCommands()) return null;
      const { exceptionFixes } = await import('./exceptions/fixes.ts');
      return exceptionFixes(uri, diagnostics);
    }),
  );
  connection.onRequest(
    CodeActionResolveRequest.type,
    guard('code action', log, async (action, signal) => {
      const snapshot = world.current();
      const { resolveAction } = await import('./rego/actions/actions.ts');
      const resolved = await resolveAction({ snapshot, client: actions, builtins, signal }, action);
      const { uri } = Object(action.data) as { uri?: string };
      const block = uri === undefined ? undefined : embeddedAt(snapshot, uri);
      if (!block) return resolved;
      const { yamlEdits } = await import('./rego/embedded/workspace-edits.ts');
      return yamlEdits(block, resolved);
    }),
  );
  return {
    capabilities: (capabilities) => {
      const { textDocument: client } = capabilities;
      actions = actionClient(capabilities, opensLinks());
      snippets = client?.completion?.completionItem?.snippetSupport ?? false;
      return {
        ...(!client?.codeAction?.dynamicRegistration && {
          codeActionProvider: { codeActionKinds: regoActionKinds, resolveProvider: true },
        }),
        ...(!client?.formatting?.dynamicRegistration && { documentFormattingProvider: true }),
        ...(!client?.completion?.dynamicRegistration && {
          completionProvider: {
            ...completion,
            ...regoCompletion,
            triggerCharacters: [...new Set([...completion.triggerCharacters, ...regoCompletion.triggerCharacters])],
          },
        }),
        ...(!client?.hover?.dynamicRegistration && { hoverProvider: true }),
      };
    },
    announce({ textDocument: client }, registrations) {
      if (client?.codeAction?.dynamicRegistration) {
        registrations.add(CodeActionRequest.type, {
          documentSelector: rego,
          codeActionKinds: regoActionKinds,
          resolveProvider: true,
        });
      }
      if (client?.formatting?.dynamicRegistration) {
        registrations.add(DocumentFormattingRequest.type, { documentSelector: rego });
      }
      if (client?.completion?.dynamicRegistration) {
        registrations.add(CompletionRequest.type, { documentSelector: configuration, ...completion });
        registrations.add(CompletionRequest.type, { documentSelector: messageSelector, ...completion });
        registrations.add(CompletionRequest.type, { documentSelector: rego, ...regoCompletion });
      }
      if (client?.hover?.dynamicRegistration) {
        registrations.add(HoverRequest.type, {
          documentSelector: [...rego, ...configuration, ...messageSelector],
        });
      }
    },
  };
}
