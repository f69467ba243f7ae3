/**
 * As a person: commits in a terminal bring the prompt into the window, by the hooks that are
 * installed from VS Code; in its own terminal and in one outside.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { approver, author, gate, git, write } from '../workspace.ts';
import { person } from './person.ts';

const cli = process.env.E2E_CLI ?? '';
/** The home folder of the VS Code under test: there its windows are registered. */
const home = join(dirname(process.env.TMPDIR ?? ''), 'home');

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { asked, command, focused, offered, picture, ready, screen, press, quick, type } = person(page);
  const shell = '.terminal-wrapper.active .xterm';
  const terminal = page.locator(shell);
  const hooks = join(workspace, '.git', 'hooks');
  const began = join(workspace, '..', 'hook-began');
  const subject = () => git(workspace, 'log', '-1', '--format=%s');

  function declare(context: string): void {
    const args = [cli, 'declare', '--model', 'claude-opus-4-6', '--context', context, '--tool', 'my-agent'];
    execFileSync(process.execPath, args, { cwd: workspace, stdio: 'pipe' });
  }
  /** Reports how long the prompt took since git came to the hook. */
  function sinceHook(): void {
    const shown = Date.now();
    const start = Number(readFileSync(began, 'utf8').trim().slice(0, -6));
    console.log(`     prepare-commit-msg to prompt: ${shown - start} ms`);
  }
  function change(value: number): void {
    write(workspace, { 'src/total.ts': `export const total = () => ${value};\n` });
    git(workspace, 'add', 'src/total.ts');
  }
  /** A terminal that is none of VS Code's, and no terminal at all: nobody could be asked there. */
  function outside(...args: string[]): ChildProcess & { ended: Promise<number | null>; said: () => string } {
    const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: '', XDG_CACHE_HOME: '', COUNTERSIGN_WINDOW: '' };
    const child = spawn('git', args, { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    const ended = new Promise<number | null>((done) => child.on('close', done));
    return Object.assign(child, { ended, said: () => said });
  }
  async function inTerminal(line: string): Promise<void> {
    await terminal.click();
    await focused(shell);
    await type(line);
    await press('Enter');
  }

  await runTests(
    {
      async 'installs the hooks from the palette'() {
        await ready();
        await command('Countersign: Install Commit Hooks');
        await until('the hooks', () => existsSync(join(hooks, 'commit-msg')));
        assert.ok(existsSync(join(hooks, 'prepare-commit-msg')));
        await picture('hooks-installed');
      },

      async 'is asked in the window for a commit in its terminal, with what the agent declared filled in'() {
        // Says when git came to the hook, before ours begins.
        const earlier = `#!/bin/sh\ndate +%s%N >'${began}'\n`;
        writeFileSync(join(hooks, 'prepare-commit-msg.before-countersign'), earlier, { mode: 0o755 });
        declare('Made the total a constant');
        change(5);
        await command('Terminal: Create New Terminal');
        await terminal.waitFor();
        await inTerminal('git commit -m "Make the total a constant"');
        await asked('Commit in a terminal: Make the total a constant');
        sinceHook();
        await asked('(1/1)');
        await type('Sam');
        await press('Enter');
        await offered('Commit with this disclosure');
        await asked('recorded: declared by my-agent');
        await picture('terminal-review');
        await press('Enter');
        await until('the commit', () => subject() === 'Make the total a constant');
        const message = git(workspace, 'log', '-1', '--format=%B');
        assert.match(
          message,
          /\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: \S+\nAI-Context: Made the total a constant\n/,
        );
        assert.ok(message.includes(`AI-Approver: ${approver.name} <${approver.email}>`), message);
        assert.equal(gate(workspace, cli).status, 0);
      },

      async 'is asked nothing for work of its own'() {
        change(6);
        await inTerminal('git commit -m "By hand"');
        await until('the commit', () => subject() === 'By hand');
        assert.equal(await quick.isVisible(), false);
      },

      async 'is told in the window what the policy denied of a commit outside, and mends it there'() {
        change(7);
        const disclosure = [
          'AI-Model: claude-opus-4-6',
          `AI-Timestamp: ${new Date().toISOString().replace(/\.\d+/, '')}`,
          'AI-Context: Made the total count from seven',
          `AI-Approver: ${author.name} <${author.email}>`,
        ].join('\n');
        const commit = outside('commit', '-m', 'Count from seven', '-m', disclosure);
        // An author does not approve their own work.
        await asked('denied by policy');
        await picture('terminal-denied');
        await press('Enter');
        await asked('(1/1)');
        await press('Control+a');
        await type('Sam Example');
        await press('Enter');
        await offered('Commit with this disclosure');
        await press('Enter');
        assert.equal(await commit.ended, 0, commit.said());
        assert.equal(subject(), 'Count from seven');
        assert.match(git(workspace, 'log', '-1', '--format=%B'), /AI-Approver: Sam Example <sam@example.com>\n$/);
        assert.equal(gate(workspace, cli).status, 0);
      },

      async 'takes the prompt away when the commit is given up in the terminal'() {
        declare('Made the total count from eight');
        change(8);
        const before = git(workspace, 'rev-parse', 'HEAD');
        await inTerminal('git commit -m "Given up"');
        await asked('Commit in a terminal: Given up');
        sinceHook();
        await terminal.click({ force: true });
        await focused(shell);
        await press('Control+c');
        await quick.waitFor({ state: 'hidden' });
        assert.equal(git(workspace, 'rev-parse', 'HEAD'), before);
      },

      async 'sees the prompt soon after a hook has asked'() {
        const module = pathToFileURL(join(import.meta.dirname, '../../../core/prompt-link/ask-window.ts')).href;
        const request = { repository: workspace, message: 'Soon', values: {}, known: [], violations: [] };
        const source = `import { askWindow } from '${module}';
          console.log(Date.now());
          await askWindow(${JSON.stringify(request)}, { waitMs: 10_000 });`;
        const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: '', XDG_CACHE_HOME: '' };
        const hook = spawn(process.execPath, ['--input-type=module', '-e', source], { env });
        let began = '';
        hook.stdout.on('data', (chunk) => (began += chunk));
        await asked('Commit in a terminal: Soon');
        console.log(`     askWindow to prompt: ${Date.now() - Number(began)} ms`);
        hook.kill();
        await quick.waitFor({ state: 'hidden' });
      },

      async 'refuses the commit that is left by Escape in the window'() {
        const commit = outside('commit', '-m', 'Left');
        await asked('Commit in a terminal: Left');
        sinceHook();
        await press('Escape');
        assert.notEqual(await commit.ended, 0);
        assert.notEqual(subject(), 'Left');
        execFileSync(process.execPath, [cli, 'declare', '--clear'], { cwd: workspace, stdio: 'pipe' });
      },

      async 'is asked nothing while commits are replayed, and the disclosures stay'() {
        git(workspace, 'reset', '-q', '--hard');
        const disclosures = () => git(workspace, 'log', '--format=%(trailers:key=AI-Model)%(trailers:key=AI-Approver)');
        const before = disclosures();
        const head = git(workspace, 'rev-parse', 'HEAD');
        await inTerminal('git rebase --root --force-rebase');
        const underWay = join(workspace, '.git', 'rebase-merge');
        await until(
          'the end of the rebase',
          () => git(workspace, 'rev-parse', 'main') !== head && !existsSync(underWay),
        );
        assert.equal(await quick.isVisible(), false);
        assert.equal(disclosures(), before);
      },

      async 'squashes in the editor that git opens, and the disclosures become one'() {
        const made = (name: string, value: number) => {
          change(value);
          const disclosure = [
            'AI-Model: claude-opus-4-6',
            `AI-Timestamp: ${new Date().toISOString().replace(/\.\d+/, '')}`,
            `AI-Context: Counted from ${name}, as was asked`,
            `AI-Approver: ${approver.name} <${approver.email}>`,
          ].join('\n');
          const args = ['-c', 'core.hooksPath=/dev/null', 'commit', '-q', '-m', `Count from ${name}`, '-m', disclosure];
          git(workspace, ...args);
        };
        made('twenty', 20);
        made('thirty', 30);
        write(workspace, { '.vscode/settings.json': '{ "git.terminalGitEditor": true }\n' });
        const tab = (name: string) => page.locator('.tabs-container').getByText(name).first();
        const shown = (text: string) =>
          page.locator('.editor-instance .view-lines').getByText(text).first().waitFor({ state: 'visible' });
        await command('Terminal: Create New Terminal');
        // Terminals get the editor from Git's extension, which reads the setting some time after it was written.
        const editor = join(workspace, '..', 'git-editor');
        await until('the editor in the terminal', async () => {
          await inTerminal(`printf %s "$GIT_EDITOR" >'${editor}'`);
          if (existsSync(editor) && readFileSync(editor, 'utf8') !== '') return true;
          await command('Terminal: Create New Terminal');
          return false;
        });
        await inTerminal('git rebase -i HEAD~2');
        await tab('git-rebase-todo').waitFor();
        await shown('Count from thirty');
        const todo = join(workspace, '.git', 'rebase-merge', 'git-rebase-todo');
        writeFileSync(todo, readFileSync(todo, 'utf8').replace(/^pick (?=\S+ (# )?Count from thirty)/m, 'squash '));
        await shown('squash');
        await picture('rebase-todo');
        await command('View: Revert and Close Editor');
        await tab('COMMIT_EDITMSG').waitFor();
        await shown('Count from thirty');
        await command('View: Revert and Close Editor');
        await until(
          'the end of the rebase',
          () => subject() === 'Count from twenty' && !existsSync(join(workspace, '.git', 'rebase-merge')),
        );
        const trailers = git(workspace, 'log', '-1', '--format=%(trailers:key=AI-Model,key=AI-Context)').trim();
        assert.equal(
          trailers,
          [
            'AI-Model: claude-opus-4-6',
            'AI-Context: Counted from twenty, as was asked',
            'AI-Context: Counted from thirty, as was asked',
          ].join('\n'),
        );
      },

      async 'leaves nothing that others could use'() {
        const folder = join(home, '.cache', 'countersign', 'windows');
        if (existsSync(folder)) assert.equal(statSync(folder).mode & 0o077, 0);
      },
    },
    { story: true, picture, screen },
  );
}
