/** Quick fixes and refactorings, through VS Code’s own commands. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Tests } from '../suite.ts';
import { asked, discount, money, open, place, sourceOf } from './rego-workspace.ts';
import { problems, replace } from './window.ts';

/** The code action of a title, with its edit, for what is selected. */
async function action(document: vscode.TextDocument, range: vscode.Range, title: RegExp, kind?: string) {
  const named = (list: vscode.CodeAction[]) => list.find((one) => title.test(one.title));
  const list = await asked<vscode.CodeAction[]>(
    String(title),
    (found) => named(found) !== undefined,
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    kind,
    20,
  );
  return named(list) ?? assert.fail(String(title));
}

async function run({ edit, command }: vscode.CodeAction): Promise<void> {
  if (edit) assert.ok(await vscode.workspace.applyEdit(edit));
  if (command) await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

export const regoActions: Tests = {
  async 'fixes what the linter finds, one finding and all'() {
    const document = await open(money);
    await replace(document, `${sourceOf(money)}\n#no space\nextra = 1\n`);
    await problems(document.uri, 'two findings', (all) => all.filter(({ source }) => source === 'regal').length > 1);
    const at = place(document, '#|no space');
    await run(await action(document, new vscode.Range(at, at), /^Put a space before/, 'quickfix'));
    assert.match(document.getText(), /^# no space$/m);
    await run(await action(document, new vscode.Range(0, 0, 0, 0), /fix/i, 'source.fixAll'));
    assert.match(document.getText(), /^extra := 1$/m);
    await replace(document, sourceOf(money));
    await document.save();
  },

  async 'adds the import of a package that is used'() {
    const document = await open(discount);
    await replace(document, sourceOf(discount).replace('import data.shop.money\n\n', ''));
    await problems(document.uri, 'an error', (all) => all.some(({ source }) => source === 'opa'));
    const at = place(document, 'mo|ney.total');
    await run(await action(document, new vscode.Range(at, at), /import/i, 'quickfix'));
    assert.match(document.getText(), /^import data\.shop\.money$/m);
    await replace(document, sourceOf(discount));
    await document.save();
  },

  async 'extracts a variable from what is selected'() {
    const document = await open(discount);
    const start = place(document, '|money.total(line.price, line.pieces)');
    const end = place(document, 'money.total(line.price, line.pieces)|');
    await run(await action(document, new vscode.Range(start, end), /variable/i, 'refactor.extract'));
    assert.match(document.getText(), /(\w+) := money\.total\(line\.price, line\.pieces\)\n\s+\1 < money\.limit/);
    await replace(document, sourceOf(discount));
    await document.save();
  },
};
