/**
 * What the server does for files of Rego as such: formatting of a part and while typing, links, what new files begin
 * with, what renames of files take along, and telling of files that are read as v0.
 */
import {
  type ClientCapabilities,
  type Connection,
  DidCreateFilesNotification,
  DidRenameFilesNotification,
  DocumentLinkRequest,
  DocumentOnTypeFormattingRequest,
  DocumentRangeFormattingRequest,
  DocumentRangesFormattingRequest,
  type FileOperationOptions,
  type FormattingOptions,
  type Range,
  type ServerCapabilities,
  TextDocumentEdit,
  WillRenameFilesRequest,
} from 'vscode-languageserver';
import { guard, guardNotification } from '../../guard.ts';
import type { Registrations } from '../../registrations.ts';
import type { Runtime } from '../../runtime.ts';
import { type Document, locate, placeFor, type Root } from '../../snapshot.ts';
import { normalizeUri } from '../../uris.ts';
import type { World } from '../../world.ts';
import type { Commands } from '../commands.ts';
import { embeddedIn } from '../embedded/places.ts';
import { isRego } from '../engine-files.ts';
import { typedTriggers } from '../format-on-type.ts';
import { versionOf } from '../module-version.ts';
import { treeOf } from '../names/trees.ts';
import { editingClient, forClient } from './client-edits.ts';
import { tellOfV0 } from './v0-notice.ts';

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'readFile' | 'sleep'>;
  ready(): Promise<void>;
  /** Aborts when the server ends. */
  signal: AbortSignal;
  /** The client tells of files in v0 itself. */
  ownV0Notice(): boolean;
  log(line: string): void;
}

interface Place {
  root: Root;
  path: string;
  document: Document;
}

export interface RegoFiles {
  /** What is announced at once. */
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
  fileOperations: FileOperationOptions;
  commands: Commands;
  /** Announces the rest, for Rego alone. */
  announce(client: ClientCapabilities, registrations: Registrations): void;
}

const documentSelector = [{ language: 'rego' }];
const modules = { scheme: 'file', pattern: { glob: '**/*.rego', matches: 'file' as const } };
const data = { scheme: 'file', pattern: { glob: '**/data.{json,yaml,yml}', matches: 'file' as const } };
const folders = { scheme: 'file', pattern: { glob: '**/*', matches: 'folder' as const } };

export function registerFiles(
  connection: Connection,
  { world, runtime, ready, signal, ownV0Notice, log }: Parts,
): RegoFiles {
  let client = editingClient({});
  const notice = tellOfV0(connection, {
    ...{ world, ready, sleep: runtime.sleep, signal, log },
    ownNotice: ownV0Notice,
    client: () => client,
  });
  signal.addEventListener('abort', notice.stop, { once: true });

  async function moduleAt(uri: string) {
    await ready();
    const snapshot = world.current();
    const place = locate(snapshot, uri);
    return place && isRego(place.path, place.document) ? { ...place, snapshot } : undefined;
  }

  async function formatParts(uri: string, ranges: readonly Range[], options: FormattingOptions, signal: AbortSignal) {
    const place = await moduleAt(uri);
    if (!place) {
      const blocks = embeddedIn(world.current(), uri);
      if (blocks.length === 0) return null;
      const { formatBlockRanges } = await import('../embedded/format.ts');
      return formatBlockRanges(world.current(), blocks, ranges, options, signal);
    }
    const { formatRanges } = await import('../format-range.ts');
    return (await formatRanges(place.snapshot, place.root, place.path, place.document, ranges, signal)) ?? null;
  }

  connection.onRequest(
    DocumentRangeFormattingRequest.type,
    guard('range formatting', log, ({ textDocument, range, options }, signal) =>
      formatParts(textDocument.uri, [range], options, signal),
    ),
  );
  connection.onRequest(
    DocumentRangesFormattingRequest.type,
    guard('ranges formatting', log, ({ textDocument, ranges, options }, signal) =>
      formatParts(textDocument.uri, ranges, options, signal),
    ),
  );
  connection.onRequest(
    DocumentOnTypeFormattingRequest.type,
    guard('formatting while typing', log, async ({ textDocument, position, ch, options }) => {
      const place = await moduleAt(textDocument.uri);
      if (!place) {
        const blocks = embeddedIn(world.current(), textDocument.uri);
        if (blocks.length === 0) return null;
        const { formatBlockOnType } = await import('../embedded/format.ts');
        return formatBlockOnType(blocks, { position, ch, options });
      }
      const { formatOnType } = await import('../format-on-type.ts');
      const tree = treeOf(place.document, versionOf(place.root, place.path, place.document));
      return formatOnType(tree, place.document, position, ch, options);
    }),
  );
  connection.onRequest(
    DocumentLinkRequest.type,
    guard('links', log, async (params) => {
      const place = await moduleAt(params.textDocument.uri);
      const { documentLinks } = await import('./links.ts');
      const answer = ({ root, path, document }: Place) =>
        documentLinks(root, document, treeOf(document, versionOf(root, path, document)));
      if (place) return answer(place);
      const blocks = embeddedIn(world.current(), params.textDocument.uri);
      if (blocks.length === 0) return null;
      const { inBlocks } = await import('../embedded/requests.ts');
      return inBlocks(blocks, params, answer);
    }),
  );
  connection.onRequest(
    WillRenameFilesRequest.type,
    guard('renaming files', log, async ({ files }) => {
      await ready();
      const { renameFiles } = await import('./file-renames.ts');
      const edit = renameFiles(world.current(), files);
      return edit && forClient(edit, client);
    }),
  );

  /** Gives an empty file its first lines. */
  async function begin(uri: string): Promise<void> {
    await ready();
    const snapshot = world.current();
    const place = placeFor(snapshot, normalizeUri(uri));
    if (!client.applies || !place || !uri.endsWith('.rego')) return;
    const open = snapshot.open.get(normalizeUri(uri));
    // What is on disk counts, too: an editor may tell of a copied file before it has opened it.
    if ((open?.text ?? '') !== '' || ((await runtime.readFile(normalizeUri(uri))) ?? '') !== '') return;
    const { templateFor } = await import('./file-template.ts');
    const newText = templateFor(place.root, place.path);
    if (newText === undefined) return;
    const start = { line: 0, character: 0 };
    const edit = TextDocumentEdit.create({ uri, version: open?.version ?? null }, [
      { range: { start, end: start }, newText },
    ]);
    await connection.workspace.applyEdit({
      label: 'Begin a Rego file',
      edit: forClient({ documentChanges: [edit] }, client),
    });
  }
  connection.onNotification(
    DidCreateFilesNotification.type,
    guardNotification('didCreateFiles', log, async ({ files }) => {
      for (const { uri } of files) await begin(uri);
    }),
  );
  connection.onNotification(
    DidRenameFilesNotification.type,
    guardNotification('didRenameFiles', log, async ({ files }) => {
      for (const { newUri } of files) await begin(newUri);
    }),
  );

  const parts = { rangesSupport: true };
  return {
    capabilities(capabilities) {
      client = editingClient(capabilities);
      const { rangeFormatting, onTypeFormatting } = capabilities.textDocument ?? {};
      return {
        documentLinkProvider: {},
        ...(!rangeFormatting?.dynamicRegistration && { documentRangeFormattingProvider: parts }),
        ...(!onTypeFormatting?.dynamicRegistration && { documentOnTypeFormattingProvider: typedTriggers }),
      };
    },
    commands: notice.commands,
    fileOperations: {
      didCreate: { filters: [modules] },
      didRename: { filters: [modules] },
      willRename: { filters: [modules, data, folders] },
    },
    announce({ textDocument: client }, registrations) {
      if (client?.rangeFormatting?.dynamicRegistration) {
        registrations.add(DocumentRangeFormattingRequest.type, { documentSelector, ...parts });
      }
      if (client?.onTypeFormatting?.dynamicRegistration) {
        registrations.add(DocumentOnTypeFormattingRequest.type, { documentSelector, ...typedTriggers });
      }
    },
  };
}
