/**
 * Says once for a root that a file in it is read as v0 although nothing declares that, with what to do about it:
 * migrate the file, or declare the version.
 */
import {
  type Connection,
  CreateFile,
  ErrorCodes,
  ResponseError,
  TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { parseDocument } from 'yaml';
import { type V0FoundParams, v0Found } from '../../protocol.ts';
import { locate, type Root, type Snapshot } from '../../snapshot.ts';
import { nameOf, uriWithin } from '../../uris.ts';
import type { World } from '../../world.ts';
import { type Commands, wrongArgument } from '../commands.ts';
import { isModule } from '../engine-files.ts';
import { lineEdits } from '../line-edits.ts';
import { declaredVersion, versionOf } from '../module-version.ts';
import { lintConfigOf } from '../rego-version.ts';
import { type EditingClient, forClient } from './client-edits.ts';

interface Parts {
  world: World;
  ready(): Promise<void>;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborts when the server ends. */
  signal: AbortSignal;
  /** The client tells it in its own way, and remembers that. */
  ownNotice(): boolean;
  client(): EditingClient;
  log(line: string): void;
}

/** The commands with which the message is answered; each takes the URI of the file. */
export const v0Commands = { migrate: 'countersign.migrateToV1', declare: 'countersign.declareV0' } as const;

const actions = { migrate: 'Migrate the file to v1', declare: 'Declare v0 for the folder' } as const;

/** When nothing has been written for a moment, in milliseconds: until then a text may be half pasted. */
const settle = 500;

export function tellOfV0(connection: Connection, parts: Parts): { commands: Commands; stop(): void } {
  const { world, ready, sleep, signal, log } = parts;
  const told = new Set<string>();
  let looking = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      await ready();
      for (let revision = -1; revision !== world.current().revision; ) {
        revision = world.current().revision;
        await sleep(settle, signal);
      }
    } catch {
      return; // The server ends.
    } finally {
      looking = false;
    }
    const found = undeclaredV0(world.current(), told);
    if (found) await tell(found.root, found.uri);
  }

  async function tell(root: Root, uri: string): Promise<void> {
    told.add(keyOf(root));
    if (parts.ownNotice()) {
      const params: V0FoundParams = { uri, folder: root.kind === 'document' ? undefined : root.id };
      await connection.sendNotification(v0Found, params);
      return;
    }
    const { applies, creates } = parts.client();
    const titles = [
      ...(applies ? [actions.migrate] : []),
      ...(applies && (creates || lintConfigOf(root)) ? [actions.declare] : []),
    ].map((title) => ({ title }));
    const chosen = await connection.window.showInformationMessage(
      `${nameOf(uri)} is written in Rego v0 and is read as such, for nothing declares its version.`,
      ...titles,
    );
    if (chosen?.title === actions.migrate) await commands[v0Commands.migrate]?.(uri, signal);
    else if (chosen?.title === actions.declare) await commands[v0Commands.declare]?.(uri, signal);
  }

  async function apply(label: string, edit: WorkspaceEdit): Promise<boolean> {
    const { applied, failureReason } = await connection.workspace.applyEdit({
      label,
      edit: forClient(edit, parts.client()),
    });
    if (!applied) log(`${label}: the client did not apply it${failureReason ? `: ${failureReason}` : '.'}`);
    return applied;
  }

  async function moduleAt(command: string, uri: unknown) {
    await ready();
    const snapshot = world.current();
    const place = typeof uri === 'string' ? locate(snapshot, uri) : undefined;
    if (!place || !isModule(place.path, place.document)) throw wrongArgument(command, 'the URI of a Rego file');
    return { ...place, snapshot };
  }

  const commands: Commands = {
    async [v0Commands.migrate](uri, signal) {
      const { snapshot, root, path, document } = await moduleAt(v0Commands.migrate, uri);
      const { migrateModule } = await import('../actions/migrate.ts');
      const edits = await migrateModule(snapshot, root, path, signal);
      const change = TextDocumentEdit.create({ uri: document.uri, version: document.version }, edits);
      return apply('Migrate to Rego v1', { documentChanges: [change] });
    },
    async [v0Commands.declare](uri) {
      const { root } = await moduleAt(v0Commands.declare, uri);
      return apply('Declare Rego v0', declaringV0(root, parts.client()));
    },
  };

  const stop = world.onWrite((now, before) => {
    if (now.open !== before.open) {
      look().catch((error: unknown) => log(`telling of v0: ${String(error)}`));
    }
  });
  return { commands, stop };
}

/** A file outside every folder stands for all of those. */
function keyOf({ kind, id }: Root): string {
  return kind === 'document' ? '' : id;
}

function undeclaredV0(snapshot: Snapshot, told: ReadonlySet<string>): { root: Root; uri: string } | undefined {
  for (const { uri, languageId } of snapshot.open.values()) {
    if (languageId !== 'rego' || !uri.startsWith('file:')) continue;
    const place = locate(snapshot, uri);
    if (!place || told.has(keyOf(place.root)) || !isModule(place.path, place.document)) continue;
    if (declaredVersion(place.root, place.path) !== undefined) continue;
    if (versionOf(place.root, place.path, place.document) === 'v0') return { root: place.root, uri };
  }
  return undefined;
}

/** Regal's configuration with `project.rego-version: 0`, made where there is none. */
function declaringV0(root: Root, { creates }: EditingClient): WorkspaceEdit {
  const config = lintConfigOf(root);
  if (config) {
    const document = parseDocument(config.text);
    if (document.errors.length > 0) {
      throw new ResponseError(ErrorCodes.InvalidRequest, `${config.uri} is no YAML that could be added to.`);
    }
    document.setIn(['project', 'rego-version'], 0);
    const edits = lineEdits(config.text, document.toString());
    return { documentChanges: [TextDocumentEdit.create({ uri: config.uri, version: config.version }, edits)] };
  }
  if (!creates) {
    throw new ResponseError(ErrorCodes.InvalidRequest, 'This editor makes no files for a language server.');
  }
  const folder = root.kind === 'document' ? root.base.slice(0, root.base.lastIndexOf('/')) : root.base;
  const uri = uriWithin(folder, '.regal/config.yaml');
  const start = { line: 0, character: 0 };
  const newText = 'project:\n  rego-version: 0\n';
  return {
    documentChanges: [
      CreateFile.create(uri, { ignoreIfExists: true }),
      TextDocumentEdit.create({ uri, version: null }, [{ range: { start, end: start }, newText }]),
    ],
  };
}
