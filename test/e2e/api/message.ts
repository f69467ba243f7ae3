/** In the extension host: commit messages, in an editor and in the box of Source Control. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ui } from '../in-vscode.cjs';
import { runTests, type Tests, until } from '../suite.ts';
import { approver, git, write } from '../workspace.ts';
import { picture, problems, replace, repository, root, uriOf } from './window.ts';

const codes = (found: readonly vscode.Diagnostic[]) =>
  found.map(({ code }) => String(typeof code === 'object' ? code.value : code));

const complete = `Change the total

AI-Model: claude-opus-4-6
AI-Timestamp: ${new Date().toISOString()}
AI-Context: Made the total a constant, and wrote its test
AI-Approver: ${approver.name} <${approver.email}>
`;

async function hints(document: vscode.TextDocument): Promise<string[]> {
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    document.uri,
    all,
  );
  return found.map(({ label }) => String(label));
}

async function fix(document: vscode.TextDocument, { range }: vscode.Diagnostic, title: RegExp): Promise<void> {
  const edit = await until(`the fix ${title}`, async () => {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      range,
    );
    return actions.find((one) => title.test(one.title))?.edit;
  });
  assert.ok(await vscode.workspace.applyEdit(edit));
}

/** The box of Source Control as a document. */
async function box(): Promise<vscode.TextDocument> {
  await vscode.commands.executeCommand('workbench.view.scm');
  return until('the box of Source Control', () =>
    vscode.workspace.textDocuments.find(({ languageId }) => languageId === 'scminput'),
  );
}

const tests: Tests = {
  async 'a message file: what is wrong, the fix, and the verdict'() {
    await repository();
    write(root, { 'src/total.ts': 'export const total = () => 8;\n' });
    git(root, 'add', 'src/total.ts');
    write(root, { '.git/COMMIT_EDITMSG': '\n# Please enter the commit message for your changes.\n' });
    const document = await vscode.workspace.openTextDocument(uriOf('.git/COMMIT_EDITMSG'));
    assert.equal(document.languageId, 'git-commit');
    // Enter behind a value that is written in full begins the next trailer.
    assert.equal(vscode.workspace.getConfiguration('editor', document).get('acceptSuggestionOnEnter'), 'smart');
    await replace(document, `${complete.replace('AI-Model', 'AI-Modle')}\n# Please enter the commit message\n`);
    const found = await problems(document.uri, 'the key that is almost right', (all) =>
      codes(all).includes('unknown-key'),
    );
    await fix(document, found.find((one) => codes([one])[0] === 'unknown-key')!, /^Change the key to AI-Model$/);
    await problems(document.uri, 'no problem', (all) => all.length === 0);
    await until('the verdict', async () => (await hints(document))[0] === 'will pass');
    await picture('message-file');
    await replace(
      document,
      complete.replace(approver.name, 'Robin Example').replace(approver.email, 'robin@example.com'),
    );
    const denied = await problems(document.uri, 'the policy’s denial', (all) =>
      codes(all).includes('approver-independent'),
    );
    const related = denied.flatMap(({ relatedInformation = [] }) => relatedInformation);
    assert.match(related[0]?.location.uri.path ?? '', /\.countersign\/policies\/approver\.rego$/);
    assert.match((await hints(document))[0] ?? '', /^will be denied: .*approver-independent/);
    await picture('message-file-denied');
  },

  async 'the box of Source Control: squiggles, fixes and completion'() {
    const { inputBox } = await repository();
    const document = await box();
    inputBox.value = 'Change the total\n\nAI-Model: claude-opus-4-6\n';
    const found = await problems(document.uri, 'the missing fields', (all) =>
      codes(all).some((code) => /required|missing/.test(code)),
    );
    if (process.env.E2E_UI) {
      await until('a squiggle in the box', async () => ui('isVisible', '.scm-editor .squiggly-error'));
    }
    await picture('message-box');
    await fix(document, found[0]!, /^Add the disclosure: AI-Timestamp/);
    await until('the trailers in the box', () =>
      /\nAI-Timestamp: \d{4}.*\nAI-Context: \nAI-Approver: /.test(inputBox.value),
    );
    const line = document.lineCount - 1;
    const at = new vscode.Position(line, document.lineAt(line).text.length);
    const offered = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      document.getText().endsWith('\n') ? new vscode.Position(line - 1, document.lineAt(line - 1).text.length) : at,
    );
    const labels = offered.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok(
      labels.some((label) => label.includes('Example')),
      `people: ${labels.join(', ')}`,
    );
    inputBox.value = '';
    await problems(document.uri, 'no problem', (all) => all.length === 0);
  },
};

export async function run(): Promise<void> {
  await runTests(tests);
}
