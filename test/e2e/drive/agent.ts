/** As a person: commits what an agent declared, from Source Control; and mends a commit that was made without the prompt. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { gate, git, write } from '../workspace.ts';
import { person } from './person.ts';

const cli = process.env.E2E_CLI ?? '';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { asked, command, writeMessage, offered, picture, screen, press, quick, scm, type, view } = person(page);
  const toast = page.locator('.notification-toast');
  const last = (format: string) => git(workspace, 'log', '-1', `--format=${format}`);

  function declare(...args: string[]): void {
    execFileSync(process.execPath, [cli, 'declare', ...args], { cwd: workspace, stdio: 'pipe' });
  }
  async function changed(value: number): Promise<void> {
    write(workspace, { 'src/total.ts': `export const total = () => ${value};\n` });
    git(workspace, 'add', 'src/total.ts');
    await view(/Source Control/);
    await scm.getByText('total.ts').first().waitFor();
  }

  await runTests(
    {
      async 'commits its own work with one key more'() {
        await changed(1);
        await writeMessage('By hand');
        await command('Countersign: Commit with AI Disclosure');
        await offered('No AI was used');
        await press('Enter');
        await until('the commit', () => last('%s') === 'By hand');
        assert.equal(last('%B'), 'By hand\n');
        assert.equal(gate(workspace, cli).status, 0);
      },

      async 'is asked only for what no agent declared, sees all of it, adds a model, and commits'() {
        declare('--model', 'claude-opus-4-6', '--context', 'Made the total a constant', '--tool', 'my-agent');
        declare('--model', 'gpt-5.2', '--tool', 'other-agent');
        await changed(2);
        await writeMessage('Make the total a constant');
        await command('Countersign: Commit with AI Disclosure');
        await asked('Approver');
        await asked('(1/1)');
        await picture('agent-missing');
        await type('Sam');
        await press('Enter');
        await offered('Commit with this disclosure');
        await asked('Model: claude-opus-4-6');
        await asked('recorded: declared by my-agent');
        await asked('Model: gpt-5.2');
        await picture('agent-review');
        await press('Enter');
        await until('the commit', () => last('%s') === 'Make the total a constant');
        assert.equal(last('%(trailers:key=AI-Model,valueonly)'), 'claude-opus-4-6\ngpt-5.2\n');
        assert.equal(gate(workspace, cli).status, 0);
      },

      async 'commits by one key when all is known'() {
        declare('--model', 'claude-opus-4-6', '--context', 'Made the total another constant');
        await changed(3);
        await writeMessage('Another constant');
        await command('Countersign: Commit with AI Disclosure');
        await offered('Commit with this disclosure');
        await asked('as for the last commit');
        await press('Enter');
        await until('the commit', () => last('%s') === 'Another constant');
        assert.match(last('%B'), /AI-Approver: Sam Example/);
      },

      async 'is offered to amend a commit that VS Code made without the prompt'() {
        declare('--model', 'claude-opus-4-6', '--context', 'Made the total a fourth constant');
        await changed(4);
        await writeMessage('Without the prompt');
        await press('Control+Enter');
        await until('the commit', () => last('%s') === 'Without the prompt');
        await toast.getByText('shows AI use and discloses none').first().waitFor();
        await picture('after-commit');
        const before = git(workspace, 'rev-parse', 'HEAD');
        await toast.getByRole('button', { name: 'Amend' }).click();
        await asked('AI Disclosure of');
        await offered('Commit with this disclosure');
        await press('Enter');
        await until('the amended commit', () => git(workspace, 'rev-parse', 'HEAD') !== before);
        assert.equal(last('%s'), 'Without the prompt');
        assert.match(last('%B'), /AI-Model: claude-opus-4-6\n.*AI-Context: Made the total a fourth constant/s);
        assert.equal(gate(workspace, cli).status, 0);
        await quick.waitFor({ state: 'hidden' });
      },

      async 'is offered a note for a commit that others have already, by keyboard, and the commit stays'() {
        const remote = join(workspace, '..', 'remote.git');
        git(workspace, 'init', '-q', '--bare', remote);
        git(workspace, 'remote', 'add', 'origin', remote);
        const hook = join(workspace, '.git', 'hooks', 'post-commit');
        mkdirSync(dirname(hook), { recursive: true });
        writeFileSync(hook, '#!/bin/sh\ngit push -q origin HEAD\n', { mode: 0o755 });
        declare('--model', 'claude-opus-4-6', '--context', 'Made the total a fifth constant');
        await changed(5);
        await writeMessage('Pushed at once');
        await press('Control+Enter');
        await until('the commit', () => last('%s') === 'Pushed at once');
        await toast.getByText('“Pushed at once” shows AI use and discloses none').first().waitFor();
        await toast.getByRole('button', { name: 'Add a Note' }).first().waitFor();
        await picture('after-commit-note');
        const before = git(workspace, 'rev-parse', 'HEAD');
        await command('Notifications: Accept Notification Primary Action');
        await asked('AI Disclosure of');
        await offered('Commit with this disclosure');
        await press('Enter');
        const note = await until('the note', () => {
          if (git(workspace, 'for-each-ref', 'refs/notes/countersign') === '') return '';
          return git(workspace, 'notes', '--ref=countersign', 'show', 'HEAD');
        });
        assert.match(note, /"context":\["Made the total a fifth constant"\]/);
        assert.equal(git(workspace, 'rev-parse', 'HEAD'), before);
        assert.equal(last('%B').trim(), 'Pushed at once');
        await quick.waitFor({ state: 'hidden' });
      },
    },
    { story: true, picture, screen },
  );
}
