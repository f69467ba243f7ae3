/** As a person: approves someone's commit with the diff and the verdict in view; `countersign verify` and ssh-keygen agree. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { approver, author, git, write } from '../workspace.ts';
import { person } from './person.ts';

const cli = process.env.E2E_CLI ?? '';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { asked, choose, command, focused, offered, picture, quick, ready, screen, press, type } = person(page);
  const dialog = page.getByRole('dialog');
  const notes = () => git(workspace, 'for-each-ref', 'refs/notes/countersign');

  await runTests(
    {
      async 'is told that nobody approves their own work'() {
        const key = join(workspace, '..', 'key');
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
        const publicKey = execFileSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' });
        git(workspace, 'config', 'gpg.format', 'ssh');
        git(workspace, 'config', 'user.signingKey', `${key}.pub`);
        write(workspace, { '.countersign/allowed-signers': `${approver.email} ${publicKey}` });
        git(workspace, 'add', '.');
        git(workspace, 'commit', '-q', '-m', 'Say who may sign');
        write(workspace, { 'src/total.ts': 'export const total = () => 42;\n' });
        git(workspace, 'add', '.');
        const disclosure = [
          'AI-Model: claude-opus-4-6',
          `AI-Timestamp: ${new Date().toISOString().replace(/\.\d+/, '')}`,
          'AI-Context: Replaced the sum by the answer',
          `AI-Approver: ${approver.name} <${approver.email}>`,
        ].join('\n');
        git(workspace, 'commit', '-q', '-m', 'Answer', '-m', disclosure);
        await ready();
        await command('Countersign: Approve a Commit');
        await asked('Say who may sign');
        await offered('Answer');
        await press('Enter');
        await asked('the policy says');
        await picture('approve-own');
        assert.equal(await quick.getByText('Countersign as').count(), 0);
        await press('Escape');
        await quick.waitFor({ state: 'hidden' });
      },

      async 'sees the changes and the verdict, and signs after a last question'() {
        git(workspace, 'config', 'user.name', approver.name);
        git(workspace, 'config', 'user.email', approver.email);
        await command('Countersign: Approve a Commit');
        await asked('Say who may sign');
        await choose('Answer');
        await offered(`Countersign as ${approver.name}`);
        await asked('allowed');
        await asked('model: claude-opus-4-6');
        await page.locator('.multiDiffEditor, .multi-diff-editor, .monaco-diff-editor').first().waitFor();
        await page.locator('.monaco-diff-editor').getByText('42').first().waitFor();
        await picture('approve');
        await press('Enter');
        await dialog.getByText('answer for this change').waitFor();
        await picture('approve-dialog');
        assert.equal(notes(), '');
        await dialog.getByRole('button', { name: 'Countersign', exact: true }).click();
        await until('the countersignature', () => notes() !== '');
        await page.locator('.notification-toast').getByText('Countersigned').first().waitFor();
      },

      'has signed what the command line verifies'() {
        const args = [cli, 'verify', 'HEAD'];
        const said = execFileSync(process.execPath, args, { cwd: workspace, encoding: 'utf8' });
        assert.match(said, /Sam Example/);
      },

      async 'approves what the policy denies, by keyboard, with a reason that is signed, too'() {
        write(workspace, { 'legal/terms.txt': 'Goods are returned within 14 days.\n' });
        git(workspace, 'add', '.');
        const disclosure = [
          'AI-Model: claude-opus-4-6',
          `AI-Timestamp: ${new Date().toISOString().replace(/\.\d+/, '')}`,
          'AI-Context: Reworded the terms of return after the new law',
          `AI-Approver: ${approver.name} <${approver.email}>`,
        ].join('\n');
        const robin = ['-c', `user.name=${author.name}`, '-c', `user.email=${author.email}`];
        git(workspace, ...robin, 'commit', '-q', '-m', 'Shorten the return period', '-m', disclosure);
        const before = notes();
        await command('Countersign: Approve a Commit');
        await asked('Answer');
        await choose('Shorten the return', 'Shorten the return period');
        await asked('AI must not write legal/terms.txt');
        await picture('approve-denied');
        await choose('nevertheless', 'Countersign nevertheless');
        await asked('Why you approve it nevertheless');
        await type('The lawyers have read every word of it');
        await press('Enter');
        await dialog.getByText('answer for this change').waitFor();
        assert.equal(notes(), before);
        await picture('approve-denied-dialog');
        const button = (await focused('.monaco-dialog-box')).locator(':focus');
        await button.getByText('Countersign', { exact: true }).waitFor();
        await press('Enter');
        await until('the countersignature', () => notes() !== before);
        const args = [cli, 'verify', 'HEAD'];
        const { stdout } = spawnSync(process.execPath, args, { cwd: workspace, encoding: 'utf8' });
        assert.match(stdout, /The lawyers have read every word of it/);
      },
    },
    { story: true, picture, screen },
  );
}
