/** In the extension host: what the extension's features do through VS Code's own API and its page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { shown, ui } from '../in-vscode.cjs';
import { runTests, type Tests, until } from '../suite.ts';
import { approver, gate, git, teamPolicy, teamTest, write } from '../workspace.ts';
import {
  asked,
  cli,
  extension,
  picture,
  press,
  problems,
  replace,
  repository,
  root,
  type,
  uriOf,
  usedAi,
} from './window.ts';

const context = 'Rounded the total to cents, and wrote the example';

/** Answers the prompt from the model on; `approvedBy` is a part of the approver's name. */
async function answerFields(approvedBy: string): Promise<void> {
  await usedAi();
  await asked('(1/4)');
  await type('claude-opus-4-6');
  await press('Enter');
  await asked('(2/4)');
  await press('Enter');
  await asked('(3/4)');
  await type(context);
  await press('Enter');
  await asked('(4/4)');
  await type(approvedBy);
  await press('Enter');
}

const testView = () => shown('.test-explorer');

/** What needs the API alone. */
const withoutPage: Tests = {
  async 'activates by itself in a repository under Countersign, and registers what it offers'() {
    const found = vscode.extensions.getExtension('countersign.countersign') ?? assert.fail('not installed');
    await until('activation', () => found.isActive);
    const { exports } = await extension();
    console.log(`     activate() took ${exports.activationMs.toFixed(1)} ms in VS Code ${vscode.version}`);
    const commands = new Set(await vscode.commands.getCommands(true));
    for (const { command } of found.packageJSON.contributes.commands) assert.ok(commands.has(command), command);
  },

  async 'shows a compile error at its range, and takes it back'() {
    const document = await vscode.workspace.openTextDocument(uriOf(teamPolicy));
    const sound = document.getText();
    await replace(document, sound.replace('some file in commit.files', 'some files in commit.files'));
    const found = await problems(document.uri, 'an error of OPA’s', (all) =>
      all.some(({ source }) => source === 'opa'),
    );
    const line = sound.split('\n').findIndex((text) => text.includes('startswith(file.path'));
    const unsafe = found.find(({ message }) => /file is unsafe/.test(message)) ?? assert.fail(JSON.stringify(found));
    assert.equal(unsafe.source, 'opa');
    assert.ok(unsafe.range.start.line >= line - 1, `line ${unsafe.range.start.line}`);
    await replace(document, sound);
    await problems(document.uri, 'no errors of OPA’s', (all) => all.every(({ source }) => source !== 'opa'));
    await document.save();
  },

  async 'formats Rego as OPA does'() {
    const document = await vscode.workspace.openTextDocument({ language: 'rego', content: 'package a\nx:=1\n' });
    await vscode.window.showTextDocument(document);
    const edits = await until('edits', () =>
      vscode.commands.executeCommand<vscode.TextEdit[]>('vscode.executeFormatDocumentProvider', document.uri, {
        insertSpaces: false,
        tabSize: 4,
      }),
    );
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, edits);
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.equal(document.getText(), 'package a\n\nx := 1\n');
  },

  async 'checks and completes the configuration'() {
    const document = await vscode.workspace.openTextDocument(uriOf('.countersign/config.yaml'));
    const sound = document.getText();
    await replace(document, `${sound}no_such_setting: 1\n`);
    await problems(document.uri, 'the wrong key', (all) =>
      all.some(({ message }) => message.includes('no_such_setting')),
    );
    await replace(document, `version: 1\nrego: \n`);
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      new vscode.Position(1, 6),
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok(labels.includes('v0v1'), labels.join(', '));
    await replace(document, sound);
    await problems(document.uri, 'no problem', (all) => all.length === 0);
    await document.save();
  },
};

/** What needs the page, too: keys, and what is drawn. */
const withPage: Tests = {
  async 'lists policy tests and runs them, with a failure at its line'() {
    await vscode.commands.executeCommand('workbench.view.testing.focus');
    await until('our tests', async () =>
      (await vscode.commands.executeCommand<string[]>('vscode.testing.getControllersWithTests')).includes(
        'countersign',
      ),
    );
    const document = await vscode.workspace.openTextDocument(uriOf(teamTest));
    const sound = document.getText();
    await replace(document, sound.replace('count(legal.deny) == 1', 'count(legal.deny) == 2'));
    await document.save();
    await vscode.commands.executeCommand('testing.runCurrentFile');
    await until('1 of 2 passed', async () => (await testView()).includes('1/2'));
    // The message of the failure is shown below the line that failed.
    await until('the failure in the editor', async () =>
      (await shown('.editor-instance')).includes('count(legal.deny) == 2'),
    );
    await replace(document, sound);
    await document.save();
    await vscode.commands.executeCommand('testing.runCurrentFile');
    await until('2 of 2 passed', async () => (await testView()).includes('2/2'));
  },

  async 'commits through the prompt what the policy allows, and the gate agrees'() {
    const box = (await repository()).inputBox;
    write(root, { 'src/total.ts': 'export const total = () => 1;\n' });
    git(root, 'add', 'src/total.ts');
    box.value = 'Round the total';
    const done = vscode.commands.executeCommand('countersign.commit');
    await answerFields('Sam');
    await done;
    const message = git(root, 'log', '-1', '--format=%B');
    assert.match(
      message,
      /^Round the total\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: .+\nAI-Context: Rounded .+\nAI-Approver: Sam Example/,
    );
    await until('an empty box', () => box.value === '');
    const { status, verdict } = gate(root, cli);
    assert.equal(status, 0, JSON.stringify(verdict));
    assert.equal(verdict.commits[0]?.ai, true);
  },

  async 'keeps what was typed when the prompt is left, and offers it again'() {
    const { inputBox } = await repository();
    write(root, { 'src/total.ts': 'export const total = () => 2;\n' });
    git(root, 'add', 'src/total.ts');
    const before = git(root, 'rev-parse', 'HEAD');
    inputBox.value = '';
    const left = vscode.commands.executeCommand('countersign.commit');
    await asked('(1/5)');
    await press('Enter');
    await asked('needs a message');
    await type('Kept message');
    await press('Enter');
    await usedAi();
    await asked('(2/5)');
    await type('claude-opus-4-6');
    await press('Enter');
    await asked('(3/5)');
    await press('Enter');
    await asked('(4/5)');
    await type('Half a sentence that');
    await press('Escape');
    await left;
    assert.equal(git(root, 'rev-parse', 'HEAD'), before);
    assert.equal(inputBox.value, 'Kept message');

    const again = vscode.commands.executeCommand('countersign.commit');
    // That a disclosure was begun is remembered, too.
    await asked('what you typed is kept');
    await press('Enter');
    await asked('(1/4)');
    await press('Enter');
    await asked('(2/4)');
    await press('Enter');
    await asked('(3/4)');
    assert.equal(await ui('inputValue', '.quick-input-widget input.input'), 'Half a sentence that');
    await press('End');
    await type(' was finished later');
    await press('Enter');
    await asked('(4/4)');
    await type('Sam');
    await press('Enter');
    await again;
    assert.match(git(root, 'log', '-1', '--format=%B'), /^Kept message\n\n.*Half a sentence that was finished later/s);
  },

  async 'asks what to commit when nothing is staged, and commits just that'() {
    const { inputBox } = await repository();
    write(root, { 'src/total.ts': 'export const total = () => 3;\n', 'src/new.ts': 'export {};\n' });
    inputBox.value = 'Tracked files only';
    const done = vscode.commands.executeCommand('countersign.commit');
    await asked('Commit all changes to tracked files (1)');
    await press('Enter');
    await answerFields('Sam');
    await done;
    assert.equal(git(root, 'log', '-1', '--format=%s'), 'Tracked files only');
    assert.equal(git(root, 'status', '--porcelain'), '?? src/new.ts');
  },

  async 'shows a denied commit’s violations, leads back to the field, and commits once it is mended'() {
    const { inputBox } = await repository();
    git(root, 'add', 'src/new.ts');
    inputBox.value = 'Add a module';
    const before = git(root, 'rev-parse', 'HEAD');
    const done = vscode.commands.executeCommand('countersign.commit');
    await answerFields('Robin');
    await asked('Denied by policy');
    assert.equal(git(root, 'rev-parse', 'HEAD'), before);
    await press('Enter'); // the first violation: to the approver's field
    await asked('(4/4)');
    await type(approver.name);
    await press('Enter');
    await done;
    assert.equal(git(root, 'log', '-1', '--format=%s'), 'Add a module');
    assert.equal(gate(root, cli).status, 0);
  },

  async 'declares work through the language model tool, and the prompt fills it in'() {
    const tool = await until('the tool', () => vscode.lm.tools.find(({ name }) => name === 'countersign_declare'));
    assert.ok(tool.inputSchema);
    write(root, { 'src/total.ts': 'export const total = () => 7;\n' });
    git(root, 'add', 'src/total.ts');
    const declared = 'Wrote the total again, as a constant';
    const input = { model: 'claude-opus-4-6', context: declared, files: ['src/total.ts'] };
    const result = await vscode.lm.invokeTool('countersign_declare', { input, toolInvocationToken: undefined });
    const said = result.content
      .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
      .join('');
    assert.match(said, /Declared for the next commit/);
    await assert.rejects(async () => {
      const wrong = { model: 'm', fields: { approver: 'Sam' } };
      await vscode.lm.invokeTool('countersign_declare', { input: wrong, toolInvocationToken: undefined });
    }, /approver is not declared/);

    (await repository()).inputBox.value = 'Write the total again';
    const done = vscode.commands.executeCommand('countersign.commit');
    // The approver is who it was for the last commit.
    await asked('Commit with this disclosure');
    await asked('as for the last commit');
    await asked('recorded: declared');
    await press('Enter');
    await done;
    assert.match(git(root, 'log', '-1', '--format=%B'), new RegExp(`AI-Context: ${declared}`));
    assert.equal(gate(root, cli).status, 0);
  },

  async 'commits to the repository that is chosen, when there are several'() {
    const other = join(root, '..', 'other repository');
    git(root, 'clone', '-q', root, other);
    git(other, 'config', 'user.name', 'Robin Example');
    git(other, 'config', 'user.email', 'robin@example.com');
    write(other, { 'src/total.ts': 'export const total = () => 4;\n' });
    git(other, 'add', '.');
    await vscode.commands.executeCommand('git.openRepository', other);
    const api = vscode.extensions.getExtension('vscode.git')?.exports.getAPI(1);
    const second = await until('the second repository', () => api.getRepository(vscode.Uri.file(join(other, 'src'))));
    await until('two repositories', () => api.repositories.length === 2);
    second.inputBox.value = 'In the other repository';
    const done = vscode.commands.executeCommand('countersign.commit');
    await asked('other repository');
    await type('other');
    await press('Enter');
    await answerFields('Sam');
    await done;
    assert.equal(git(other, 'log', '-1', '--format=%s'), 'In the other repository');
    assert.notEqual(git(root, 'log', '-1', '--format=%s'), 'In the other repository');
  },

  async 'tells the engine’s state in the status bar, in words for a screen reader, too'() {
    const item = '.statusbar-item[id="countersign.countersign.countersign"]';
    await until('the status item', async () => /Countersign/.test(await shown(item)));
    const label = String(await ui('getAttribute', `${item} a`, 'aria-label'));
    assert.match(label, /policy engine is ready/);
  },

  async 'opens its walkthrough'() {
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'countersign.countersign#start');
    const manifest = JSON.parse(readFileSync(join((await extension()).extensionPath, 'package.nls.json'), 'utf8'));
    await until('the walkthrough', async () =>
      (await shown('.gettingStartedContainer')).includes(manifest['walkthrough.write.title']),
    );
  },
};

export const run = () => {
  const hasPage = Boolean(process.env.E2E_UI);
  if (!hasPage) console.log(`skip ${Object.keys(withPage).length} tests that press keys: there is no page`);
  return runTests(hasPage ? { ...withoutPage, ...withPage } : withoutPage, { picture });
};
