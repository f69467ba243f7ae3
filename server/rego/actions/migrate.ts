/** OPA's migration from Rego v0 to v1, of one module or of all of a folder with what declares their version. */
import {
  LSPErrorCodes,
  ResponseError,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { RegoVersion } from '../../../engine/protocol.ts';
import { home, kindOf } from '../../file-kinds.ts';
import { settingsFor } from '../../settings.ts';
import type { Document, Root, Snapshot } from '../../snapshot.ts';
import { isModule } from '../engine-files.ts';
import { lineEdits } from '../line-edits.ts';
import { declaredVersion, versionOf } from '../module-version.ts';
import { declaredVersions, lintConfigOf, regoVersionOf } from '../rego-version.ts';
import { editedText, type Offer, type SpanEdit, type Subject } from './action.ts';
import { formattedText, lineEdit } from './format-edit.ts';
import { kinds } from './kinds.ts';

export function migrate(subject: Subject): Offer[] {
  const { snapshot, root, path, tree, signal } = subject;
  if (tree.version === 'v1') return [];
  const own = { title: 'Migrate this file to Rego v1', edit: () => migrated(snapshot, root, [path], signal) };
  const all = { title: 'Migrate all of the folder to Rego v1', edit: () => migratedFolder(snapshot, root, signal) };
  return [own, ...(root.kind === 'folder' || root.kind === 'countersign' ? [all] : [])].map((one) => ({
    ...one,
    kind: kinds.migrate,
  }));
}

/** Edits that migrate one module. Rejects with a ResponseError that says what OPA will not migrate. */
export async function migrateModule(
  { ask }: Pick<Snapshot, 'ask'>,
  root: Root,
  path: string,
  signal: AbortSignal,
): Promise<TextEdit[]> {
  const document = root.files.get(path);
  if (!document) return [];
  return lineEdits(document.text, await migratedText(ask, root, root, path, document, signal));
}

async function migrated(
  snapshot: Pick<Snapshot, 'ask'>,
  root: Root,
  paths: readonly string[],
  signal: AbortSignal,
  after = root,
): Promise<WorkspaceEdit & { documentChanges: TextDocumentEdit[] }> {
  const documentChanges: TextDocumentEdit[] = [];
  for (const path of paths) {
    const document = root.files.get(path);
    if (!document) continue;
    const text = await migratedText(snapshot.ask, root, after, path, document, signal);
    if (text !== document.text) documentChanges.push(lineEdit(root, path, document, text));
  }
  return { documentChanges };
}

/**
 * What is read as v1 afterwards is written as v1; what stays declared as v0 gets `import rego.v1`, by which both read it.
 *
 * @param after the root as it declares versions afterwards
 */
function migratedText(
  ask: Snapshot['ask'],
  root: Root,
  after: Root,
  path: string,
  { text }: Document,
  signal: AbortSignal,
): Promise<string> {
  const document = root.files.get(path);
  const regoVersion = document ? versionOf(root, path, document) : root.regoVersion;
  const to = (declaredVersion(after, path) ?? 'v1') === 'v1' ? 'v1' : 'v0v1';
  return formattedText(ask, { path, text, regoVersion, to }, signal);
}

async function migratedFolder(snapshot: Snapshot, root: Root, signal: AbortSignal): Promise<WorkspaceEdit> {
  const settings = settingsFor(snapshot.settings, root.base);
  const configs = settings.regoVersion === 'auto' ? configsAsV1(root) : [];
  const files = new Map(root.files);
  for (const { path, document, text } of configs) if (path !== undefined) files.set(path, { ...document, text });
  const inherited = root.inherited.map((one) => {
    const changed = configs.find(({ document }) => document === one);
    return changed ? { ...one, text: changed.text } : one;
  });
  const edited = { ...root, files, inherited };
  const regoVersion: RegoVersion = regoVersionOf(edited, settings);
  const manifests = [...files].filter(([path]) => kindOf(path) === 'manifest').map(([, document]) => document);
  const declared = root.declared && declaredVersions(edited, manifests, settings);
  const after: Root = { ...edited, regoVersion, ...(declared && { declared }) };
  const paths = [...root.files]
    .filter(([path, document]) => isModule(path, document) && versionOf(root, path, document) !== 'v1')
    .map(([path]) => path)
    .sort();
  const { documentChanges } = await migrated(snapshot, root, paths, signal, after);
  const ofConfigs = configs.map(({ document, text }) => ({
    textDocument: { uri: document.uri, version: document.version },
    edits: lineEdits(document.text, text),
  }));
  if (documentChanges.length + ofConfigs.length === 0) {
    throw new ResponseError<void>(LSPErrorCodes.RequestFailed, 'Nothing in this folder is Rego v0.');
  }
  return { documentChanges: [...documentChanges, ...ofConfigs] };
}

interface ConfigEdit {
  /** In the root; undefined for what is inherited. */
  readonly path: string | undefined;
  readonly document: Document;
  readonly text: string;
}

/** The configurations that say v0, saying v1. */
function configsAsV1(root: Root): ConfigEdit[] {
  const pathOf = (document: Document) => [...root.files].find(([, one]) => one === document)?.[0];
  const lint = lintConfigOf(root);
  const own = [...root.files].find(([path]) => path === `${home}/config.yaml` || path.endsWith(`/${home}/config.yaml`));
  const edits: ConfigEdit[] = [];
  const regal = lint && asV1(lint.text);
  if (lint && regal) edits.push({ path: pathOf(lint), document: lint, text: regal });
  const ours = root.kind === 'countersign' && own ? asV1(own[1].text) : undefined;
  if (own && ours) edits.push({ path: own[0], document: own[1], text: ours });
  return edits;
}

/** Regal's `project.rego-version` and those of `project.roots`, and our `rego`; undefined where nothing says v0. */
export function asV1(text: string): string | undefined {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const edits: SpanEdit[] = [];
  const replace = (path: readonly (string | number)[], old: readonly unknown[], now: string) => {
    const node: unknown = document.getIn(path, true);
    if (!isScalar(node) || !old.includes(node.value) || !node.range) return;
    edits.push({ start: node.range[0], end: node.range[1], text: now });
  };
  replace(['project', 'rego-version'], [0], '1');
  const roots: unknown = document.getIn(['project', 'roots'], true);
  for (const at of isSeq(roots) ? roots.items.keys() : []) replace(['project', 'roots', at, 'rego-version'], [0], '1');
  replace(['rego'], ['v0', 'v0v1'], 'v1');
  return edits.length > 0 ? editedText(text, edits) : undefined;
}
