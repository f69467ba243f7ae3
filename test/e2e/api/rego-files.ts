/** Formatting of parts, links, and files that are renamed and made, through VS Code itself. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { type Tests, until } from '../suite.ts';
import { asked, closed, discount, money, open, place, quoted, sourceOf, template } from './rego-workspace.ts';
import { problems, replace, uriOf } from './window.ts';

const options = { insertSpaces: false, tabSize: 4 };
const some = (list: readonly unknown[]) => list.length > 0;

async function apply(document: vscode.TextDocument, edits: vscode.TextEdit[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, edits);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

export const regoFiles: Tests = {
  async 'formats the rules of a selection alone, and the line that was just ended'() {
    const document = await open(money);
    await replace(document, `${sourceOf(money)}\nfirst:=1\n\nsecond:=2\n`);
    const line = document.lineAt(place(document, 'second:=2').line).range;
    const edits = await asked<vscode.TextEdit[]>(
      'edits',
      some,
      'vscode.executeFormatRangeProvider',
      document.uri,
      line,
      options,
    );
    await apply(document, edits);
    assert.equal(document.getText(), `${sourceOf(money)}\nfirst:=1\n\nsecond := 2\n`);
    await replace(document, `${sourceOf(money)}\nthird if {\n\n`);
    const below = place(document, 'third if {|').translate(1);
    const typed = await asked<vscode.TextEdit[]>(
      'an indentation',
      some,
      'vscode.executeFormatOnTypeProvider',
      document.uri,
      new vscode.Position(below.line, 0),
      '\n',
      options,
    );
    await apply(document, typed);
    assert.match(document.lineAt(below.line).text, /^\t/);
    await replace(document, sourceOf(money));
    await document.save();
  },

  async 'links a lint rule that is ignored to its page'() {
    const document = await open(money);
    await replace(document, `${sourceOf(money)}\n# regal ignore:prefer-snake-case\ncamelCase := 1\n`);
    const links = await asked<vscode.DocumentLink[]>('links', some, 'vscode.executeLinkProvider', document.uri, 10);
    assert.ok(
      links.some(({ target }) => target?.toString().includes('prefer-snake-case')),
      JSON.stringify(links),
    );
    await replace(document, sourceOf(money));
    await document.save();
  },

  async 'gives a new file its package by its folder'() {
    const uri = uriOf('shop/gifts/gifts.rego');
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(uri);
    assert.ok(await vscode.workspace.applyEdit(edit));
    const document = await vscode.workspace.openTextDocument(uri);
    await until('its package', () => /^package shop\.gifts$/m.test(document.getText()));
    const away = new vscode.WorkspaceEdit();
    away.deleteFile(uri);
    await document.save();
    assert.ok(await vscode.workspace.applyEdit(away));
  },

  async 'renames the package with its folder, and those who import it'() {
    const user = await open(discount);
    const move = async (from: string, to: string) => {
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(uriOf(from), uriOf(to));
      assert.ok(await vscode.workspace.applyEdit(edit));
    };
    await move('shop/money', 'shop/sums');
    await until('the import', () => user.getText().includes('import data.shop.sums'));
    const moved = await vscode.workspace.openTextDocument(uriOf('shop/sums/money.rego'));
    await until('the package', () => moved.getText().includes('package shop.sums'));
    await vscode.workspace.saveAll();
    await move('shop/sums', 'shop/money');
    await until('the import as before', () => user.getText().includes('import data.shop.money'));
    await vscode.workspace.saveAll();
  },

  async 'tells of a module that is not open what its schema does not have'() {
    await problems(uriOf(closed), 'an unknown field', (all) => all.some(({ code }) => code === 'unknown-field'));
    assert.ok(!vscode.workspace.textDocuments.some(({ uri }) => uri.path.endsWith(closed)));
  },

  async 'knows Rego in a quoted text of a constraint template'() {
    const document = await open(quoted);
    const [definition] = await asked<(vscode.Location | vscode.LocationLink)[]>(
      'a definition',
      (list) => list.length > 0,
      'vscode.executeDefinitionProvider',
      document.uri,
      place(document, '; un|named'),
    );
    const range = definition && ('targetUri' in definition ? definition.targetSelectionRange : definition.range);
    assert.ok(range?.start.isEqual(place(document, 'unnamed { upper')), JSON.stringify(definition));
  },

  async 'knows Rego in a constraint template'() {
    const document = await open(template);
    const definition = await asked<(vscode.Location | vscode.LocationLink)[]>(
      'a definition',
      some,
      'vscode.executeDefinitionProvider',
      document.uri,
      place(document, 'not ow|ned'),
    );
    const [first] = definition;
    const range = first && ('targetRange' in first ? (first.targetSelectionRange ?? first.targetRange) : first.range);
    assert.equal(range?.start.line, place(document, 'owned {').line);
    const sound = document.getText();
    await replace(document, sound.replace('not owned', 'not owned ('));
    const found = await problems(document.uri, 'a syntax error in the block', (all) =>
      all.some(({ severity }) => severity === vscode.DiagnosticSeverity.Error),
    );
    const line = place(document, 'not owned (').line;
    assert.ok(
      found.some(
        ({ severity, range: { start } }) =>
          severity === vscode.DiagnosticSeverity.Error && (start.line === line || start.line === line + 1),
      ),
      JSON.stringify(found),
    );
    await replace(document, sound);
    await problems(document.uri, 'no error', (all) =>
      all.every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error),
    );
    await document.save();
  },
};
