/** What the suites in the extension host share: the open folder, its Git repository, keys and the quick input. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { GitApi, GitRepository } from '../../../client/commit/git-extension.ts';
import type { ExtensionApi } from '../../../client/extension.ts';
import { shown, ui } from '../in-vscode.cjs';
import { until } from '../suite.ts';

export const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no folder is open');
export const uriOf = (path: string) => vscode.Uri.file(join(root, path));
/** dist/cli.js of the extension under test. */
export const cli = process.env.E2E_CLI ?? join(root, 'no-cli');

export async function extension(): Promise<vscode.Extension<ExtensionApi>> {
  const found = vscode.extensions.getExtension<ExtensionApi>('countersign.countersign') ?? assert.fail('not installed');
  await found.activate();
  return found;
}

export async function repository(): Promise<GitRepository> {
  const git =
    vscode.extensions.getExtension<{ getAPI(version: 1): GitApi }>('vscode.git') ?? assert.fail('no Git extension');
  const api = (await git.activate()).getAPI(1);
  return until('the repository', () => api.state === 'initialized' && api.repositories[0]);
}

export const press = async (...keys: string[]) => {
  for (const key of keys) await ui('keyboard.press', key);
};
export const type = (text: string) => ui('keyboard.type', text);

/** Waits until the quick input shows a text. */
export async function asked(text: string): Promise<void> {
  await until(`the quick input shows ${text}`, async () => (await shown('.quick-input-widget')).includes(text));
}

/** Says in the open prompt that AI was used. */
export async function usedAi(): Promise<void> {
  await asked('Disclose AI use');
  await type('Disclose');
  await until(
    'that AI was used stands alone',
    async () => !(await shown('.quick-input-widget')).includes('No AI was used'),
  );
  await press('Enter');
}

/** The diagnostics of a file, once they are as `wanted`. */
export async function problems(uri: vscode.Uri, what: string, wanted: (found: vscode.Diagnostic[]) => boolean) {
  let found: vscode.Diagnostic[] = [];
  const say = () => found.map(({ message, source, range }) => `${range.start.line}: ${source}: ${message}`).join('; ');
  try {
    await until(what, () => {
      found = vscode.languages.getDiagnostics(uri);
      return wanted(found);
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\nfound: ${say()}`);
  }
  return found;
}

/** Shows a document and replaces its text, as one edit. */
export async function replace(document: vscode.TextDocument, text: string): Promise<void> {
  const editor = await vscode.window.showTextDocument(document);
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  assert.ok(await editor.edit((edit) => edit.replace(all, text)));
}

/** Takes a picture of the page, when pictures are wanted. */
export async function picture(name: string): Promise<void> {
  const folder = process.env.E2E_SCREENSHOTS;
  if (folder && process.env.E2E_UI) await ui('screenshot', { path: join(folder, `${name}.png`) });
}
