/** As a person in Restricted Mode: running tests or committing asks for trust, and without it neither is done. */
import assert from 'node:assert/strict';
import type { Page } from '../page.ts';
import { runTests } from '../suite.ts';
import { git, teamTest, write } from '../workspace.ts';
import { person } from './person.ts';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { command, focused, open, picture, screen, press, view } = person(page);
  const tests = page.locator('.test-explorer');
  const dialog = page.getByRole('dialog');

  await runTests(
    {
      async 'runs no test without trust'() {
        await view(/Testing/);
        await tests.getByText('legal_test.rego').first().waitFor();
        await open(teamTest);
        await command('Test: Run Tests in Current File');
        await dialog.getByText(/trust/i).first().waitFor();
        await picture('untrusted-tests');
        await focused('.monaco-dialog-box');
        await press('Escape');
        await dialog.first().waitFor({ state: 'detached' });
        assert.doesNotMatch((await tests.allInnerTexts()).join(), /2\/2/);
      },

      async 'commits nothing, says why, and leads to the trust of the workspace'() {
        write(workspace, { 'src/total.ts': 'export const total = () => 1;\n' });
        git(workspace, 'add', 'src/total.ts');
        await command('Countersign: Commit with AI Disclosure');
        const toast = page.locator('.notification-toast');
        await toast.getByText('needs a trusted workspace').first().waitFor();
        await picture('untrusted-commit');
        await toast.getByRole('button', { name: 'Manage Workspace Trust' }).click();
        await page.locator('.workspace-trust-editor').waitFor();
        assert.equal(git(workspace, 'log', '--format=%s'), 'Put the repository under Countersign');
      },
    },
    { story: true, picture, screen },
  );
}
