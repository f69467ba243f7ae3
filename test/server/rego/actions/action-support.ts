/** A workspace in the real server, and its code actions: what is offered at marks, and the texts after one. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  type Diagnostic,
  type Range,
  TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { marked } from '../../marks.ts';
import { applied, type Client, pullingClient, startClient } from '../../support.ts';

/** As VS Code says it. */
export const editingClient: ClientCapabilities = {
  ...pullingClient,
  textDocument: {
    ...pullingClient.textDocument,
    codeAction: {
      dynamicRegistration: true,
      dataSupport: true,
      disabledSupport: true,
      isPreferredSupport: true,
      resolveSupport: { properties: ['edit'] },
      codeActionLiteralSupport: { codeActionKind: { valueSet: [''] } },
    },
  },
  workspace: {
    ...pullingClient.workspace,
    workspaceEdit: { documentChanges: true, resourceOperations: ['create', 'rename', 'delete'] },
  },
};

/** One that wants the edits at once, and takes no more than edits of texts. */
export const plainClient: ClientCapabilities = {
  ...pullingClient,
  workspace: { ...pullingClient.workspace, workspaceEdit: {} },
};

export interface Workspace {
  client: Client;
  /** Opens a module, with `[|…|]` or `<|>` where actions are asked for, in place of the one before. */
  open(path: string, source: string): Promise<Opened>;
}

export interface Opened {
  uri: string;
  text: string;
  range: Range;
  /** What is offered there. */
  actions(options?: { only?: string[]; diagnostics?: Diagnostic[] }): Promise<CodeAction[]>;
  lint(): Promise<Diagnostic[]>;
  /** The text of this module after the action that is called so. */
  after(title: string | RegExp, options?: { only?: string[]; diagnostics?: Diagnostic[] }): Promise<string>;
  /** The same, as the edit that the client is to make. */
  edit(title: string | RegExp, options?: { only?: string[]; diagnostics?: Diagnostic[] }): Promise<WorkspaceEdit>;
}

/** Everything in the folder `policy`. */
export async function workspace(
  t: TestContext,
  files: Record<string, string> = {},
  { capabilities = editingClient }: { capabilities?: ClientCapabilities } = {},
): Promise<Workspace> {
  const client = await startClient(t, { folders: { policy: files }, capabilities });
  const opened = new Map<string, string>();
  return {
    client,
    async open(path, source) {
      const { text, cursors, ranges } = marked(source);
      const start = { line: 0, character: 0 };
      const range = ranges[0] ?? { start: cursors[0] ?? start, end: cursors[0] ?? start };
      const uri = client.uri(`policy/${path}`);
      if (opened.has(uri)) await client.edit(uri, text);
      else await client.open(`policy/${path}`, text);
      opened.set(uri, text);
      const module: Opened = {
        uri,
        text,
        range,
        async actions({ only, diagnostics = [] } = {}) {
          const context = { diagnostics, ...(only && { only }) };
          const params = { textDocument: { uri }, range, context };
          return ((await client.connection.sendRequest(CodeActionRequest.type, params)) ?? []) as CodeAction[];
        },
        lint: () => client.pull(uri, 'lint'),
        async edit(title, options) {
          const actions = await module.actions(options);
          const found = actions.find((one) =>
            typeof title === 'string' ? one.title === title : title.test(one.title),
          );
          assert.ok(found, `${title} is not among ${JSON.stringify(actions.map((one) => one.title))}`);
          assert.equal(found.disabled, undefined, found.disabled?.reason);
          const { edit } = found.edit
            ? found
            : await client.connection.sendRequest(CodeActionResolveRequest.type, found);
          assert.ok(edit);
          return edit;
        },
        async after(title, options) {
          return textAfter(text, uri, await module.edit(title, options));
        },
      };
      return module;
    },
  };
}

/** A document's text after an edit of the workspace. */
export function textAfter(text: string, uri: string, { documentChanges, changes }: WorkspaceEdit): string {
  const own = (documentChanges ?? [])
    .filter((one) => TextDocumentEdit.is(one))
    .filter(({ textDocument }) => textDocument.uri === uri)
    .flatMap(({ edits }) => edits.filter((edit) => 'newText' in edit));
  return applied(text, [...own, ...(changes?.[uri] ?? [])]);
}

export function titles(actions: readonly CodeAction[]): string[] {
  return actions.map(({ title }) => title).sort();
}
