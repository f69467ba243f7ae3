/** The requests that the syntax tree and the names answer, without the engine. One line a feature. */
import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  type ClientCapabilities,
  type Connection,
  DefinitionRequest,
  DocumentHighlightRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  ImplementationRequest,
  LinkedEditingRangeRequest,
  type Location,
  type LocationLink,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SelectionRangeRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  type ServerCapabilities,
  SignatureHelpRequest,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver';
import { guard } from '../guard.ts';
import { type Document, locate, type Root } from '../snapshot.ts';
import type { World } from '../world.ts';
import type { HierarchyData } from './call-hierarchy.ts';
import { isModule } from './engine-files.ts';
import { legend } from './semantic-legend.ts';

interface Parts {
  world: World;
  ready(): Promise<void>;
  log(line: string): void;
}

interface Place {
  root: Root;
  path: string;
  document: Document;
}

export interface RegoLanguage {
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
}

export function registerRego(connection: Connection, { world, ready, log }: Parts): RegoLanguage {
  let links = false;
  /** Runs `answer` for a module of a root; null for anything else. */
  const forModule = <P extends { textDocument: { uri: string } }, R>(
    name: string,
    answer: (place: Place, params: P) => Promise<R> | R,
  ) =>
    guard(name, log, async (params: P): Promise<R | null> => {
      await ready();
      const place = locate(world.current(), params.textDocument.uri);
      return place && isModule(place.path, place.document) ? answer(place, params) : null;
    });
  const toLocations = (found: LocationLink[]): LocationLink[] | Location[] =>
    links
      ? found
      : found.map(({ targetUri, targetSelectionRange }) => ({ uri: targetUri, range: targetSelectionRange }));

  connection.onRequest(
    DocumentSymbolRequest.type,
    forModule('document symbols', async ({ root, path }) => {
      const [{ documentSymbols }, { modulesOf }] = await Promise.all([
        import('./symbols.ts'),
        import('./names/modules.ts'),
      ]);
      const module = modulesOf(root).byPath.get(path);
      return module ? documentSymbols(module) : null;
    }),
  );
  connection.onRequest(
    FoldingRangeRequest.type,
    forModule('folding', async ({ root, document }) => {
      const [{ foldingRanges }, { treeOf }] = await Promise.all([import('./folding.ts'), import('./names/modules.ts')]);
      return foldingRanges(document, treeOf(document, root.regoVersion));
    }),
  );
  connection.onRequest(
    SelectionRangeRequest.type,
    forModule('selection', async ({ root, document }, { positions }) => {
      const [{ selectionRanges }, { treeOf }] = await Promise.all([
        import('./selection.ts'),
        import('./names/modules.ts'),
      ]);
      return selectionRanges(document, treeOf(document, root.regoVersion), positions);
    }),
  );
  connection.onRequest(
    DefinitionRequest.type,
    forModule('definition', async ({ root, path }, { position }) => {
      const { definition } = await import('./definition.ts');
      return toLocations(definition(root, path, position)) as LocationLink[];
    }),
  );
  connection.onRequest(
    ImplementationRequest.type,
    forModule('implementation', async ({ root, path }, { position }) => {
      const { definition } = await import('./definition.ts');
      return toLocations(definition(root, path, position)) as LocationLink[];
    }),
  );
  connection.onRequest(
    ReferencesRequest.type,
    forModule('references', async ({ root, path }, { position, context }) => {
      const { references } = await import('./references.ts');
      return references(root, path, position, context.includeDeclaration);
    }),
  );
  connection.onRequest(
    DocumentHighlightRequest.type,
    forModule('highlights', async ({ root, path }, { position }) => {
      const { highlights } = await import('./highlight.ts');
      return highlights(root, path, position);
    }),
  );
  connection.onRequest(
    PrepareRenameRequest.type,
    forModule('prepare rename', async ({ root, path }, { position }) => {
      const { prepareRename } = await import('./rename.ts');
      return prepareRename(root, path, position);
    }),
  );
  connection.onRequest(
    RenameRequest.type,
    forModule('rename', async ({ root, path }, { position, newName }) => {
      const { rename } = await import('./rename.ts');
      return rename(root, path, position, newName);
    }),
  );
  connection.onRequest(
    CallHierarchyPrepareRequest.type,
    forModule('call hierarchy', async ({ root, path }, { position }) => {
      const { prepareCallHierarchy } = await import('./call-hierarchy.ts');
      return prepareCallHierarchy(root, path, position);
    }),
  );
  connection.onRequest(
    CallHierarchyIncomingCallsRequest.type,
    guard('incoming calls', log, async ({ item }) => {
      const { incomingCalls } = await import('./call-hierarchy.ts');
      const root = world.current().roots.get((item.data as HierarchyData).root);
      return root ? incomingCalls(root, item.data as HierarchyData) : null;
    }),
  );
  connection.onRequest(
    CallHierarchyOutgoingCallsRequest.type,
    guard('outgoing calls', log, async ({ item }) => {
      const { outgoingCalls } = await import('./call-hierarchy.ts');
      const root = world.current().roots.get((item.data as HierarchyData).root);
      return root ? outgoingCalls(root, item.data as HierarchyData) : null;
    }),
  );
  connection.onRequest(
    LinkedEditingRangeRequest.type,
    forModule('linked editing', async ({ root, path }, { position }) => {
      const { linkedEditing } = await import('./linked-editing.ts');
      return linkedEditing(root, path, position);
    }),
  );
  connection.onRequest(
    SignatureHelpRequest.type,
    forModule('signature help', async ({ root, path }, { position }) => {
      const [{ signatureHelp }, { builtinsOr }] = await Promise.all([
        import('./signature.ts'),
        import('./builtins.ts'),
      ]);
      return signatureHelp(root, path, position, await builtinsOr(world.current().ask, log));
    }),
  );
  connection.onRequest(
    SemanticTokensRequest.type,
    forModule('semantic tokens', async ({ root, path }) => {
      const { semanticTokens } = await import('./semantic-tokens.ts');
      return { data: semanticTokens(root, path) };
    }),
  );
  connection.onRequest(
    SemanticTokensRangeRequest.type,
    forModule('semantic tokens', async ({ root, path, document }, { range }) => {
      const [{ semanticTokens }, { offsetAt }] = await Promise.all([
        import('./semantic-tokens.ts'),
        import('./places.ts'),
      ]);
      const within = { start: offsetAt(document, range.start), end: offsetAt(document, range.end) };
      return { data: semanticTokens(root, path, within) };
    }),
  );
  connection.onRequest(
    WorkspaceSymbolRequest.type,
    guard('workspace symbols', log, async ({ query }) => {
      await ready();
      const { workspaceSymbols } = await import('./workspace-symbols.ts');
      return workspaceSymbols(world.current().roots.values(), query);
    }),
  );
  return {
    capabilities({ textDocument: client }) {
      links = client?.definition?.linkSupport ?? false;
      return {
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        selectionRangeProvider: true,
        definitionProvider: true,
        implementationProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        renameProvider: client?.rename?.prepareSupport ? { prepareProvider: true } : true,
        signatureHelpProvider: { triggerCharacters: ['(', ','] },
        semanticTokensProvider: { legend, full: true, range: true },
        callHierarchyProvider: true,
        linkedEditingRangeProvider: true,
        workspaceSymbolProvider: true,
      };
    },
  };
}
