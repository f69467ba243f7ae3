/** As a person: put a repository under Countersign from within VS Code, and use it at once. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { git, write } from '../workspace.ts';
import { person } from './person.ts';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { command, disclose, writeMessage, picture, screen, scm, view } = person(page);
  const config = join(workspace, '.countersign', 'config.yaml');

  await runTests(
    {
      async 'says that a repository is not under Countersign, and offers to set it up'() {
        git(workspace, 'rm', '-r', '-q', '.countersign');
        git(workspace, 'commit', '-q', '-m', 'Take Countersign out');
        write(workspace, { 'src/total.ts': 'export const total = () => 6;\n' });
        git(workspace, 'add', '.');
        await view(/Source Control/);
        await scm.getByText('total.ts').first().waitFor();
        await command('Countersign: Commit with AI Disclosure');
        const toast = page.locator('.notification-toast');
        await toast.getByText('is not under Countersign').first().waitFor();
        await picture('not-configured');
        await toast.getByRole('button', { name: 'Set Up Countersign' }).click();
        await until('the configuration', () => existsSync(config));
        await scm.getByText('approved-models.yaml').first().waitFor();
        await picture('set-up');
        assert.ok(existsSync(join(workspace, '.countersign', 'data', 'approved-models.yaml')));
      },

      async 'commits with disclosure at once'() {
        await writeMessage('Change the total');
        await command('Countersign: Commit with AI Disclosure');
        await disclose({
          model: 'claude-opus-4-6',
          context: 'Replaced the sum by a constant',
          approver: 'Sam Example <sam@example.com>',
        });
        await until('the commit', () => git(workspace, 'log', '-1', '--format=%s') === 'Change the total');
        assert.match(git(workspace, 'log', '-1', '--format=%B'), /\nAI-Approver: Sam Example <sam@example\.com>\n?$/);
      },
    },
    { story: true, picture, screen },
  );
}
