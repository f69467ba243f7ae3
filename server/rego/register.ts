/** The requests that the syntax tree and the names answer, without the engine. One line a feature. */
import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  type ClientCapabilities,
  CodeLensRequest,
  type Connection,
  DeclarationRequest,
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
  SemanticTokensDeltaRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  type ServerCapabilities,
  SignatureHelpRequest,
  TypeDefinitionRequest,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver';
import { guard } from '../guard.ts';
import type { Runtime } from '../runtime.ts';
import { type Document, locate, type Root } from '../snapshot.ts';
import type { World } from '../world.ts';
import type { HierarchyData } from './call-hierarchy.ts';
import { embeddedIn } from './embedded/places.ts';
import type { Around } from './embedded/requests.ts';
import { yamlFolding } from './embedded/yaml-folding.ts';
import { isRego } from './engine-files.ts';
import type { Lenses } from './lens/register.ts';
import type { Read } from './names/reader.ts';
import type { RenameClient } from './rename.ts';
import { createTokenResults } from './semantic-delta.ts';
import { legend } from './semantic-legend.ts';
import type { Tree } from './syntax/tree.ts';

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'ownSchemas'>;
  lenses: Pick<Lenses, 'of'>;
  ready(): Promise<void>;
  read: Read;
  log(line: string): void;
}

interface Place {
  root: Root;
  path: string;
  document: Document;
}

async function treeAt({ root, path, document }: Place): Promise<Tree> {
  const [{ treeOf }, { versionOf }] = await Promise.all([import('./names/trees.ts'), import('./module-version.ts')]);
  return treeOf(document, versionOf(root, path, document));
}

export interface RegoLanguage {
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
}

export function registerRego(
  connection: Connection,
  { world, runtime, lenses, ready, read, log }: Parts,
): RegoLanguage {
  let links = false;
  let declarationLinks = false;
  let editsOf: RenameClient = { documentChanges: false, renamesFiles: false };
  let typeLinks = false;
  const tokens = createTokenResults();
  /** Runs `answer` for a module of a root, or those in a YAML file; null for anything else. */
  const forModule = <P extends { textDocument: { uri: string } }, R>(
    name: string,
    answer: (place: Place, params: P) => Promise<R> | R,
    around?: (yaml: Document) => Around<R>,
  ) =>
    guard(name, log, async (params: P): Promise<R | null> => {
      await ready();
      const snapshot = world.current();
      const place = locate(snapshot, params.textDocument.uri);
      if (place && isRego(place.path, place.document)) return answer(place, params);
      const blocks = place ? embeddedIn(snapshot, params.textDocument.uri) : [];
      if (!place || blocks.length === 0) return null;
      const { inBlocks } = await import('./embedded/requests.ts');
      return inBlocks(blocks, params, answer, around?.(place.document));
    });
  const toLocations = (found: LocationLink[], takesLinks = links): LocationLink[] | Location[] =>
    takesLinks
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
    CodeLensRequest.type,
    forModule('code lenses', async ({ root, path }) => {
      const { modulesOf } = await import('./names/modules.ts');
      const module = modulesOf(root).byPath.get(path);
      return module ? lenses.of(module) : null;
    }),
  );
  connection.onRequest(
    FoldingRangeRequest.type,
    forModule(
      'folding',
      async (place) => {
        // Folded by its indentation, as the YAML that it is.
        if (place.document.embedded?.places) return [];
        const { foldingRanges } = await import('./folding.ts');
        return foldingRanges(place.document, await treeAt(place));
      },
      ({ text }) =>
        (texts) =>
          yamlFolding(
            text,
            texts.filter(({ block }) => block),
          ),
    ),
  );
  connection.onRequest(
    SelectionRangeRequest.type,
    forModule('selection', async (place, { positions }) => {
      const { selectionRanges } = await import('./selection.ts');
      return selectionRanges(place.document, await treeAt(place), positions);
    }),
  );
  connection.onRequest(
    DeclarationRequest.type,
    forModule('declaration', async ({ root, path }, { position }) => {
      const { declaration } = await import('./definition.ts');
      return toLocations(declaration(root, path, position), declarationLinks) as LocationLink[];
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
    TypeDefinitionRequest.type,
    forModule('type definition', async ({ root, path }, { position }) => {
      const [{ typeDefinition }, { builtinsOr }, own = new Map()] = await Promise.all([
        import('./types/type-definition.ts'),
        import('./builtins.ts'),
        runtime.ownSchemas?.(),
      ]);
      const builtins = await builtinsOr(world.current().ask, log, root, path);
      const found = typeDefinition(root, path, position, builtins, own);
      return toLocations(found, typeLinks) as LocationLink[];
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
      const { references, wordAt } = await import('./references.ts');
      await read(root, wordAt(root, path, position));
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
      await read(root);
      const { rename } = await import('./rename.ts');
      return rename(root, path, position, newName, editsOf);
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
      if (root) await read(root);
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
      return signatureHelp(root, path, position, await builtinsOr(world.current().ask, log, root, path));
    }),
  );
  connection.onRequest(
    SemanticTokensRequest.type,
    forModule('semantic tokens', async ({ root, path }, { textDocument: { uri } }) => {
      const { semanticTokens } = await import('./semantic-tokens.ts');
      return tokens.full(uri, semanticTokens(root, path));
    }),
  );
  connection.onRequest(
    SemanticTokensDeltaRequest.type,
    forModule('semantic tokens', async ({ root, path }, { textDocument: { uri }, previousResultId }) => {
      const { semanticTokens } = await import('./semantic-tokens.ts');
      return tokens.delta(uri, semanticTokens(root, path), previousResultId);
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
      for (const root of world.current().roots.values()) await read(root);
      const { workspaceSymbols } = await import('./workspace-symbols.ts');
      return workspaceSymbols(world.current().roots.values(), query);
    }),
  );
  return {
    capabilities({ textDocument: client, workspace }) {
      declarationLinks = client?.declaration?.linkSupport ?? false;
      const { documentChanges = false, resourceOperations = [] } = workspace?.workspaceEdit ?? {};
      editsOf = { documentChanges, renamesFiles: resourceOperations.includes('rename') };
      links = client?.definition?.linkSupport ?? false;
      typeLinks = client?.typeDefinition?.linkSupport ?? false;
      return {
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        selectionRangeProvider: true,
        declarationProvider: true,
        definitionProvider: true,
        typeDefinitionProvider: true,
        implementationProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        renameProvider: client?.rename?.prepareSupport ? { prepareProvider: true } : true,
        signatureHelpProvider: { triggerCharacters: ['(', ','] },
        semanticTokensProvider: { legend, full: { delta: true }, range: true },
        callHierarchyProvider: true,
        linkedEditingRangeProvider: true,
        workspaceSymbolProvider: true,
      };
    },
  };
}
