/** What changes Rego, through VS Code's own commands. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { type Tests, until } from '../suite.ts';
import { asked, discount, money, open, place, sourceOf } from './rego-workspace.ts';
import { problems, replace, uriOf } from './window.ts';

export const regoEditing: Tests = {
  async 'renames a function in all modules, and says what cannot be renamed'() {
    const document = await open(money);
    const at = place(document, 'to|tal(');
    const edit = await asked<vscode.WorkspaceEdit>(
      'a rename',
      ({ size }) => size > 1,
      'vscode.executeDocumentRenameProvider',
      document.uri,
      at,
      'sum_of',
    );
    assert.ok(await vscode.workspace.applyEdit(edit));
    const user = await vscode.workspace.openTextDocument(uriOf(discount));
    assert.match(user.getText(), /money\.sum_of\(line\.price, line\.pieces\)/);
    assert.match(document.getText(), /^sum_of\(price, pieces\)/m);
    // What it would mean otherwise is refused.
    await assert.rejects(
      Promise.resolve(
        vscode.commands.executeCommand('vscode.executeDocumentRenameProvider', document.uri, at, 'limit'),
      ),
    );
    await replace(user, sourceOf(discount));
    await replace(document, sourceOf(money));
    await vscode.workspace.saveAll();
  },

  async 'shows a syntax error at once, an error of the compiler, and what the linter finds'() {
    const document = await open(discount);
    await replace(document, `${sourceOf(discount)}\nbroken if {\n`);
    await problems(document.uri, 'a syntax error', (all) =>
      all.some(({ code }) => JSON.stringify(code).includes('parse')),
    );
    await replace(document, `${sourceOf(discount)}\nwrong := money.nothing(1)\n`);
    await problems(document.uri, 'a compile error', (all) => all.some(({ source }) => source === 'opa'));
    await replace(document, sourceOf(discount).replace('money.limit', 'money.limit\n\t\t#no space'));
    await problems(document.uri, 'a finding of Regal’s', (all) => all.some(({ source }) => source === 'regal'));
    await replace(document, sourceOf(discount));
    await document.save();
  },

  async 'is edited as one name where editing is linked'() {
    const document = await open(money);
    await vscode.workspace.getConfiguration('editor', document).update('linkedEditing', true, true);
    const editor = await vscode.window.showTextDocument(document);
    await until('both places of the name', async () => {
      await replace(document, sourceOf(money));
      const at = place(document, 'total(pri|ce');
      editor.selection = new vscode.Selection(at, at);
      await vscode.commands.executeCommand('editor.action.linkedEditing');
      await vscode.commands.executeCommand('type', { text: 'X' });
      // The second place follows in a turn of its own.
      const both = () => document.getText().match(/\bpriXce\b/g)?.length === 2;
      for (let turn = 0; turn < 40 && !both(); turn++) await new Promise((next) => setTimeout(next, 25));
      return both();
    });
    await vscode.workspace.getConfiguration('editor', document).update('linkedEditing', undefined, true);
    await replace(document, sourceOf(money));
    await document.save();
  },
};
