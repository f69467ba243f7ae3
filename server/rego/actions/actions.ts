/** The code actions of Rego modules: which there are, which of them a request asks for, and their edits once chosen. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  CodeActionTriggerKind,
  LSPErrorCodes,
  ResponseError,
  TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { locate, type Root, type Snapshot } from '../../snapshot.ts';
import type { Builtin } from '../builtins.ts';
import { isModule } from '../engine-files.ts';
import { modulesOf } from '../names/modules.ts';
import { offsetAt } from '../places.ts';
import type { Offer, Provider, Subject } from './action.ts';
import type { ActionClient } from './client.ts';
import { kinds } from './kinds.ts';

interface Entry {
  /** Kinds of what it offers. */
  readonly kinds: readonly CodeActionKind[];
  readonly load: () => Promise<Provider>;
  /** It makes no sense for a module that is no file of its own. */
  readonly isForFiles?: true;
}

/** By the name that chosen actions are found again by. */
const providers: Readonly<Record<string, Entry>> = {
  lint: { kinds: [CodeActionKind.QuickFix], load: async () => (await import('./lint-fixes.ts')).lintFixes },
  ignore: { kinds: [CodeActionKind.QuickFix], load: async () => (await import('./ignore-rule.ts')).ignoreRule },
  addImport: { kinds: [CodeActionKind.QuickFix], load: async () => (await import('./add-import.ts')).addMissingImport },
  spelling: { kinds: [CodeActionKind.QuickFix], load: async () => (await import('./spelling.ts')).correctSpelling },
  create: { kinds: [CodeActionKind.QuickFix], load: async () => (await import('./create-from-use.ts')).createFromUse },
  extractVariable: {
    kinds: [`${CodeActionKind.RefactorExtract}.variable`],
    load: async () => (await import('./extract-variable.ts')).extractVariable,
  },
  extractRule: {
    kinds: [`${CodeActionKind.RefactorExtract}.function`],
    load: async () => (await import('./extract-rule.ts')).extractRule,
  },
  inlineVariable: {
    kinds: [CodeActionKind.RefactorInline],
    load: async () => (await import('./inline-variable.ts')).inlineVariable,
  },
  inlineRule: {
    kinds: [CodeActionKind.RefactorInline],
    load: async () => (await import('./inline-rule.ts')).inlineRule,
  },
  migrate: {
    kinds: [kinds.migrate],
    load: async () => (await import('./migrate.ts')).migrate,
    isForFiles: true,
  },
  addMetadata: {
    kinds: [CodeActionKind.RefactorRewrite],
    load: async () => (await import('./add-metadata.ts')).addMetadata,
  },
  generateTest: {
    kinds: [CodeActionKind.RefactorRewrite, kinds.createTest],
    load: async () => (await import('./generate-test.ts')).generateTest,
    isForFiles: true,
  },
  organizeImports: {
    kinds: [CodeActionKind.SourceOrganizeImports],
    load: async () => (await import('./organize-imports.ts')).organizeImports,
  },
  fixAll: { kinds: [kinds.fixAll], load: async () => (await import('./fix-all.ts')).fixAll },
};

export interface ActionRequest {
  readonly snapshot: Snapshot;
  readonly client: ActionClient;
  readonly builtins: (snapshot: Snapshot, root: Root) => Promise<ReadonlyMap<string, Builtin>>;
  readonly signal: AbortSignal;
}

/** What an action carries from when it is offered to when it is chosen. */
interface ActionData {
  readonly provider: string;
  readonly uri: string;
  readonly version: number | null;
  readonly range: CodeActionParams['range'];
}

/** Null for what is no module. */
export async function codeActions(
  request: ActionRequest,
  { textDocument: { uri }, range, context: { only, diagnostics, triggerKind } }: CodeActionParams,
): Promise<CodeAction[] | null> {
  const subject = subjectAt(request, uri, range, diagnostics, only);
  if (!subject) return null;
  // What needs the engine is computed for a lightbulb only where it can wait until it is chosen.
  const hasTime = triggerKind !== CodeActionTriggerKind.Automatic && request.client.resolves;
  const asked = (kind: CodeActionKind) =>
    only
      ? only.some((one) => one === '' || kind === one || kind.startsWith(`${one}.`))
      : hasTime || !kind.startsWith(`${CodeActionKind.Source}.`);
  const found = await Promise.all(
    Object.entries(providers)
      .filter(([, entry]) => entry.kinds.some(asked) && !(entry.isForFiles && subject.document.embedded))
      .map(async ([provider, { load }]) => {
        const offers = await (await load())(subject);
        const wanted = offers.filter(({ kind, disabled }) => asked(kind) && (!disabled || request.client.disabled));
        return Promise.all(wanted.map((offer) => toAction(request.client, subject, provider, uri, offer)));
      }),
  );
  return found.flat().filter((action) => action !== undefined);
}

/** The edit of an action that was chosen. Rejects with words for people where it cannot be done after all. */
export async function resolveAction(request: ActionRequest, action: CodeAction): Promise<CodeAction> {
  const { provider, uri, version, range } = action.data as ActionData;
  const subject = subjectAt(request, uri, range, action.diagnostics ?? []);
  const modified = new ResponseError<void>(LSPErrorCodes.ContentModified, 'The content was modified.');
  if (!subject || subject.document.version !== version) throw modified;
  const offers = await (await providers[provider]?.load())?.(subject);
  const edit = offers?.find(({ title, kind }) => title === action.title && kind === action.kind)?.edit;
  if (!edit) throw modified;
  return { ...action, edit: forClient(request.client, typeof edit === 'function' ? await edit() : edit) };
}

function subjectAt(
  { snapshot, client, builtins, signal }: ActionRequest,
  uri: string,
  range: CodeActionParams['range'],
  diagnostics: CodeActionParams['context']['diagnostics'],
  only?: readonly CodeActionKind[],
): Subject | undefined {
  const place = locate(snapshot, uri);
  if (!place || !isModule(place.path, place.document)) return undefined;
  const { root, path, document } = place;
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return undefined;
  const span = { start: offsetAt(document, range.start), end: offsetAt(document, range.end) };
  const { tree } = module.names;
  const asksForFixes = only?.every((kind) => kind.startsWith(CodeActionKind.QuickFix)) ?? false;
  return {
    snapshot,
    root,
    path,
    document,
    modules,
    module,
    tree,
    span,
    range,
    diagnostics,
    asksForFixes,
    client,
    builtins: () => builtins(snapshot, root),
    signal,
  };
}

/** Undefined for an action that turns out impossible for a client that wants its edit at once. */
async function toAction(
  client: ActionClient,
  { range, document }: Subject,
  provider: string,
  uri: string,
  { title, kind, diagnostics, isPreferred, disabled, edit, command }: Offer,
): Promise<CodeAction | undefined> {
  const action: CodeAction = {
    title,
    kind,
    ...(diagnostics && { diagnostics: [...diagnostics] }),
    ...(isPreferred && { isPreferred }),
    ...(command && { command }),
  };
  if (disabled !== undefined) return { ...action, disabled: { reason: disabled } };
  if (typeof edit !== 'function') return edit ? { ...action, edit: forClient(client, edit) } : action;
  if (client.resolves) {
    const data: ActionData = { provider, uri, version: document.version, range };
    return { ...action, data };
  }
  try {
    return { ...action, edit: forClient(client, await edit()) };
  } catch (error) {
    // Nobody chose it yet: what cannot be done is not offered.
    if (error instanceof ResponseError) return undefined;
    throw error;
  }
}

/** Edits as a client takes them that knows no versions; one that creates files is offered to none of those. */
function forClient({ documentChanges }: ActionClient, edit: WorkspaceEdit): WorkspaceEdit {
  if (documentChanges) return edit;
  const changes: NonNullable<WorkspaceEdit['changes']> = {};
  for (const one of edit.documentChanges ?? []) {
    if (TextDocumentEdit.is(one)) changes[one.textDocument.uri] = one.edits.filter((each) => 'newText' in each);
  }
  return { changes };
}
