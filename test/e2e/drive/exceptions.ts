/** As a person, by keyboard: opens an exception, sees in the view what is owed, follows up and closes; the command line agrees. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { approver, git, write } from '../workspace.ts';
import { person } from './person.ts';

const cli = process.env.E2E_CLI ?? '';
const folder = '.countersign/exceptions';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { asked, command, open, picture, press, quick, ready, screen, type, view } = person(page);
  const body = page.locator('.monaco-workbench');
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name }).first();
  // A file is written beside its place first.
  const files = () =>
    existsSync(join(workspace, folder))
      ? readdirSync(join(workspace, folder)).filter((name) => /^\w.*\.yaml$/.test(name))
      : [];
  const text = (name: string) => readFileSync(join(workspace, folder, name), 'utf8');
  const time = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`;
  const listed = () => execFileSync(process.execPath, [cli, 'exception', 'list'], { cwd: workspace, encoding: 'utf8' });

  /** Answers the question of the form that has this number, once it is there. */
  async function answer(at: number, value?: string): Promise<void> {
    await asked(`(${at}/7)`);
    if (value !== undefined) await type(value);
    await press('Enter');
  }

  function exception(opened: number, expires: number): string {
    return [
      'rules: [legal-texts]',
      'paths: [legal/**]',
      'reason: The law has changed, and the lawyers wait.',
      `approved_by: ${approver.name} <${approver.email}>`,
      `opened: ${time(opened)}`,
      `expires: ${time(expires)}`,
      '',
    ].join('\n');
  }

  await runTests(
    {
      async 'finds an empty view, and why one would be opened'() {
        await ready();
        await view(/Source Control/);
        await command('Source Control: Focus on Exceptions View');
        await body.getByText('There are no exceptions.').first().waitFor();
        await picture('exceptions-none');
        // Rows are drawn as far as there is room for them.
        for (const name of [/^Graph/, /^Changes/]) await page.getByRole('button', { name }).first().click();
      },

      async 'opens an exception for one file, by keyboard'() {
        await open('legal/terms.txt');
        await command('Countersign: Open an Exception');
        await asked('(1/7)');
        await type('legal');
        await quick.locator('.monaco-list-row').getByText('legal-texts').first().waitFor();
        await picture('exception-rules');
        await press('Enter');
        await asked('Go on with legal-texts');
        await press('Enter');
        await asked('(2/7)');
        await press('Enter');
        // Only what is typed will do, and it must be of this repository.
        await asked('(3/7)');
        await type('../elsewhere');
        await asked('will not do');
        await picture('exception-path-refused');
        await press('Control+a', 'Backspace');
        await quick.locator('.monaco-list-row').getByText('legal/terms.txt').first().waitFor();
        await press('Enter');
        await asked('Go on with legal/terms.txt');
        await press('Enter');
        await answer(4, 'The law has changed, and the lawyers wait.');
        await answer(5, 'Sam');
        await answer(6, '2d');
        await answer(7);
        const [file = assert.fail(), ...others] = await until('the file', () => files().length > 0 && files());
        assert.deepEqual(others, []);
        assert.match(text(file), /^rules:\n {2}- legal-texts\npaths:\n {2}- legal\/terms\.txt\nreason: The law/);
        assert.match(text(file), new RegExp(`approved_by: ${approver.name} <${approver.email}>\n`));
        await page.locator('.tabs-container').getByText(file).first().waitFor();
        await row(/legal-texts/).waitFor();
        await picture('exceptions-due');
        assert.match(listed(), /legal-texts\n? .*active/);
      },

      async 'sees what is overdue, expired and broken as soon as the files are there, each in its group'() {
        write(workspace, {
          [`${folder}/late.yaml`]: exception(-50, 100),
          [`${folder}/very-late.yaml`]: exception(-90, 100),
          [`${folder}/over.yaml`]: exception(-30, -1),
          [`${folder}/broken.yaml`]: 'rules: []\n',
        });
        for (const name of [/^late, follow-up was due 2 hours ago/, /^very-late, .*changes are denied/]) {
          await row(name).waitFor();
        }
        for (const title of [/Follow-Up Overdue/, /Follow-Up Due/, /Cannot Be Read/]) await row(title).waitFor();
        await row(/^broken\.yaml/).waitFor();
        await picture('exceptions');
      },

      async 'is told of it in the file, and follows up by the quick fix'() {
        await open(`${folder}/late.yaml`);
        await page.locator('.monaco-editor .squiggly-warning').first().waitFor();
        await command('View: Focus Problems');
        await page.locator('.markers-panel').getByText('The follow-up was due').first().waitFor();
        await page.locator('.editor-instance .view-lines').first().click();
        await press('Control+Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'End');
        await press('Control+.');
        // Until the menu has the focus, keys are typed into the file: a click is not.
        const fix = page.locator('.action-widget .monaco-list-row').getByText('Record a follow-up…').first();
        await fix.waitFor();
        await picture('exception-fix');
        await fix.click();
        await asked('Follow Up on late');
        await quick.locator('.quick-input-box .monaco-inputbox.synthetic-focus, input:focus').first().waitFor();
        await type('The lawyers have answered.');
        await press('Enter');
        await until('the follow-up', () => text('late.yaml').includes('note: The lawyers have answered.'));
        await row(/^late, expires in/).waitFor();
      },

      async 'closes one from the palette, and the command line says the same'() {
        await command('Countersign: Close an Exception');
        await asked('Close an Exception');
        await type('very-late');
        await quick.locator('.monaco-list-row.focused').getByText('very-late').first().waitFor();
        await press('Enter');
        await asked('Close very-late');
        await press('Control+a');
        await type('Taken back.');
        await press('Enter');
        await until('the closing', () =>
          /closed:\n {2}at: .*\n {2}by: Robin Example .*\n {2}note: Taken back\.\n$/.test(text('very-late.yaml')),
        );
        await row(/Follow-Up Overdue/).waitFor({ state: 'detached' });
        git(workspace, 'rm', '-q', '--cached', '--ignore-unmatch', `${folder}/broken.yaml`);
        execFileSync('rm', [join(workspace, folder, 'broken.yaml')]);
        await row(/Cannot Be Read/).waitFor({ state: 'detached' });
        assert.match(listed(), /very-late {2}closed/);
      },

      async 'goes through the view by keyboard, and its menu'() {
        await command('Source Control: Focus on Exceptions View');
        await row(/^late/).click();
        await press('Shift+F10');
        const menu = page.getByRole('menuitem', { name: 'Copy the ID of an Exception' }).first();
        await menu.waitFor();
        await picture('exceptions-menu');
        for (const name of ['Follow Up on an Exception', 'Close an Exception', 'Open the File of an Exception']) {
          await page.getByRole('menuitem', { name }).first().waitFor();
        }
        await press('Escape');
      },
    },
    { story: true, picture, screen },
  );
}
