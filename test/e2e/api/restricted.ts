/** In the extension host, the folder being untrusted at first: nothing of it is run until a person trusts it. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { shown, ui } from '../in-vscode.cjs';
import { runTests, until } from '../suite.ts';
import { git, teamPolicy, teamTest, write } from '../workspace.ts';
import { asked, extension, picture, press, problems, replace, repository, root, uriOf } from './window.ts';

const notifications = async () => {
  await vscode.commands.executeCommand('notifications.showList');
  return shown('.notifications-center');
};

export const run = () =>
  runTests(
    {
      async 'activates in Restricted Mode, where the Git extension is absent'() {
        assert.equal(vscode.workspace.isTrusted, false);
        assert.equal(vscode.extensions.getExtension('vscode.git'), undefined);
        assert.ok((await extension()).isActive);
      },

      async 'still finds errors in a policy'() {
        const document = await vscode.workspace.openTextDocument(uriOf(teamPolicy));
        const sound = document.getText();
        await replace(document, `${sound}\ndeny contains`);
        await problems(document.uri, 'an error of syntax', (all) =>
          all.some(({ code }) => code === 'rego_parse_error'),
        );
        await replace(document, `${sound}\nanswer := nobody\n`);
        await problems(document.uri, 'an error of OPA’s', (all) => all.some(({ source }) => source === 'opa'));
        await replace(document, sound);
        await problems(document.uri, 'no errors of OPA’s', (all) => all.every(({ source }) => source !== 'opa'));
        await document.save();
      },

      async 'commits nothing, and says why'() {
        write(root, { 'src/total.ts': 'export const total = () => 1;\n' });
        git(root, 'add', 'src/total.ts');
        void vscode.commands.executeCommand('countersign.commit');
        await until('the reason', async () => (await notifications()).includes('needs a trusted workspace'));
        assert.equal(git(root, 'log', '--format=%s'), 'Put the repository under Countersign');
        await vscode.commands.executeCommand('notifications.clearAll');
      },

      async 'lists exceptions as their files say, and records nothing'() {
        const time = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
        const file = '.countersign/exceptions/late.yaml';
        const text = `rules: [legal-texts]\nreason: It was late.\napproved_by: Sam Example\nopened: ${time(-50)}\nexpires: ${time(50)}\n`;
        write(root, { [file]: text });
        await vscode.commands.executeCommand('countersign.exceptions.focus');
        await until('the view', async () => {
          const side = await shown('.sidebar');
          return side.includes('late') && side.includes('Restricted Mode: exceptions can be read, not recorded.');
        });
        await picture('restricted-exceptions');
        void vscode.commands.executeCommand('countersign.exceptions.close');
        await until('the reason', async () => (await notifications()).includes('Close an Exception needs a trusted'));
        assert.equal((await vscode.workspace.openTextDocument(uriOf(file))).getText(), text);
        await vscode.commands.executeCommand('notifications.clearAll');
      },

      async 'runs tests and commits once the workspace is trusted, without a reload'() {
        await vscode.commands.executeCommand('workbench.view.testing.focus');
        await until('our tests', async () =>
          (await vscode.commands.executeCommand<string[]>('vscode.testing.getControllersWithTests')).includes(
            'countersign',
          ),
        );
        const granted = new Promise<void>((done) => vscode.workspace.onDidGrantWorkspaceTrust(() => done()));
        await vscode.commands.executeCommand('workbench.trust.manage');
        await ui('click', '.workspace-trust-editor a.monaco-button:has-text("Trust")');
        await granted;
        await vscode.window.showTextDocument(uriOf(teamTest));
        await vscode.commands.executeCommand('testing.runCurrentFile');
        await until('2 of 2 passed', async () => (await shown('.test-explorer')).includes('2/2'));

        await until('the Git extension', () => vscode.extensions.getExtension('vscode.git'));
        (await repository()).inputBox.value = 'Trusted';
        const left = vscode.commands.executeCommand('countersign.commit');
        await asked('No AI was used');
        await press('Escape');
        await left;
      },
    },
    { story: true, picture },
  );
