/**
 * Offers the features of Rego for single YAML files, when a client tells that they hold some: a feature that is there
 * for every YAML file would stand in the way of what looks after YAML.
 */
import {
  type ClientCapabilities,
  type Connection,
  type Registration,
  RegistrationRequest,
  type ServerCapabilities,
  TextDocumentSyncKind,
  UnregistrationRequest,
} from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { guardNotification } from '../../guard.ts';
import { type EmbeddedParams, embeddedClosed, embeddedOpened } from '../../protocol.ts';
import { normalizeUri } from '../../uris.ts';

/** The capabilities that are about one document, with the method each is registered by. */
const methods: Partial<Record<keyof ServerCapabilities, string>> = {
  callHierarchyProvider: 'textDocument/prepareCallHierarchy',
  codeActionProvider: 'textDocument/codeAction',
  codeLensProvider: 'textDocument/codeLens',
  completionProvider: 'textDocument/completion',
  declarationProvider: 'textDocument/declaration',
  definitionProvider: 'textDocument/definition',
  documentFormattingProvider: 'textDocument/formatting',
  documentHighlightProvider: 'textDocument/documentHighlight',
  documentLinkProvider: 'textDocument/documentLink',
  documentOnTypeFormattingProvider: 'textDocument/onTypeFormatting',
  documentRangeFormattingProvider: 'textDocument/rangeFormatting',
  documentSymbolProvider: 'textDocument/documentSymbol',
  foldingRangeProvider: 'textDocument/foldingRange',
  hoverProvider: 'textDocument/hover',
  implementationProvider: 'textDocument/implementation',
  inlayHintProvider: 'textDocument/inlayHint',
  linkedEditingRangeProvider: 'textDocument/linkedEditingRange',
  referencesProvider: 'textDocument/references',
  renameProvider: 'textDocument/rename',
  selectionRangeProvider: 'textDocument/selectionRange',
  semanticTokensProvider: 'textDocument/semanticTokens',
  signatureHelpProvider: 'textDocument/signatureHelp',
  typeDefinitionProvider: 'textDocument/typeDefinition',
};

interface Parts {
  /** What the server can for a client that takes nothing later. */
  capabilities(): Partial<ServerCapabilities>;
  log(line: string): void;
}

export function registerEmbedded(connection: Connection, { capabilities, log }: Parts): void {
  const registered = new Map<string, readonly Registration[]>();

  connection.onNotification(
    embeddedOpened,
    guardNotification('embeddedOpened', log, async ({ uri }: EmbeddedParams) => {
      const key = normalizeUri(uri);
      if (registered.has(key)) return;
      const registrations = registrationsFor(key, capabilities());
      registered.set(key, registrations);
      await connection.sendRequest(RegistrationRequest.type, { registrations: [...registrations] });
    }),
  );
  connection.onNotification(
    embeddedClosed,
    guardNotification('embeddedClosed', log, async ({ uri }: EmbeddedParams) => {
      const key = normalizeUri(uri);
      const registrations = registered.get(key);
      if (!registrations) return;
      registered.delete(key);
      // The word is the protocol's own.
      const unregisterations = registrations.map(({ id, method }) => ({ id, method }));
      await connection.sendRequest(UnregistrationRequest.type, { unregisterations });
    }),
  );
}

/** The text first: what is asked of it comes behind. */
function registrationsFor(uri: string, capabilities: Partial<ServerCapabilities>): Registration[] {
  const { scheme, fsPath } = URI.parse(uri);
  // A pattern that is a path is that path to VS Code, whatever is in it.
  const documentSelector = [{ language: 'yaml', scheme, pattern: fsPath }];
  const register = (method: string, options: object = {}): Registration => ({
    id: `${method} ${uri}`,
    method,
    registerOptions: { ...options, documentSelector },
  });
  const features = Object.entries(methods).flatMap(([capability, method]) => {
    const options = capabilities[capability as keyof ServerCapabilities];
    return options ? [register(method, options === true ? {} : (options as object))] : [];
  });
  return [
    register('textDocument/didOpen'),
    register('textDocument/didChange', { syncKind: TextDocumentSyncKind.Incremental }),
    register('textDocument/didSave', { includeText: false }),
    register('textDocument/didClose'),
    ...features,
  ];
}

/** The same client, were it one to which everything has to be announced at once. */
export function takingAtOnce(client: ClientCapabilities): ClientCapabilities {
  const textDocument = Object.entries(client.textDocument ?? {}).map(([name, feature]) => [
    name,
    { ...(feature as object), dynamicRegistration: false },
  ]);
  return { ...client, textDocument: Object.fromEntries(textDocument) as ClientCapabilities['textDocument'] };
}
