/** As a person, by keyboard: opens an exception, sees in the view what is owed, follows up and closes; the command line agrees. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { approver, write } from '../workspace.ts';
import { person } from './person.ts';

const cli = process.env.E2E_CLI ?? '';
const folder = '.countersign/exceptions';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { asked, choose, command, editing, focused, offered, open, picture, press, ready, screen, type, view } =
    person(page);
  const body = page.locator('.monaco-workbench');
  const tree = '.part.sidebar .monaco-list[aria-label="Exceptions"]';
  const status = (text: string) => page.locator('.statusbar').getByText(text).first().waitFor();
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name }).first();
  // A file is written beside its place first.
  const files = () =>
    existsSync(join(workspace, folder))
      ? readdirSync(join(workspace, folder)).filter((name) => /^\w.*\.yaml$/.test(name))
      : [];
  const text = (name: string) => readFileSync(join(workspace, folder, name), 'utf8');
  const time = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`;
  const listed = () => execFileSync(process.execPath, [cli, 'exception', 'list'], { cwd: workspace, encoding: 'utf8' });

  /** Leaves more room for the view: rows are drawn as far as there is some. */
  async function collapse(name: RegExp): Promise<void> {
    const header = page.locator('.part.sidebar').getByRole('button', { name }).first();
    await header.waitFor();
    // Its middle is where its buttons are.
    if ((await header.getAttribute('aria-expanded')) === 'true') await header.locator('.title').click();
    await until(`${name} collapsed`, async () => (await header.getAttribute('aria-expanded')) === 'false');
  }
  /** Notes whenever keys would go to a file from now on; gives back what asks for the titles of the form at the time. */
  async function watchFiles(): Promise<() => Promise<unknown>> {
    await page.evaluate(`window.strayed = [];
      document.addEventListener('focusin', ({ target }) => {
        if (target.closest('.editor-instance')) strayed.push(document.querySelector('.quick-input-title').textContent);
      }, true)`);
    return () => page.evaluate('window.strayed');
  }
  /** Goes down from the entry that has the cursor to the one that begins so; each key waits for the one before. */
  async function downTo(beginning: string, cursor: Locator): Promise<void> {
    let at = await cursor.innerText();
    for (const passed = new Set<string>(); !at.startsWith(beginning); ) {
      assert.ok(!passed.has(at), `there is no ${beginning} among ${[...passed].join(', ')}`);
      passed.add(at);
      await press('ArrowDown');
      at = await until(`what comes after ${at}`, async () => {
        const next = await cursor.innerText();
        return next !== at && next;
      });
    }
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
        for (const name of [/^Graph Section/, /^Changes Section/]) await collapse(name);
      },

      async 'opens an exception for one file, by keyboard'() {
        await open('legal/terms.txt');
        await command('Countersign: Open an Exception');
        await asked('(1/7)');
        const strayed = await watchFiles();
        await type('legal');
        await offered('legal-texts');
        await picture('exception-rules');
        await press('Enter');
        await offered('Go on with legal-texts');
        await press('Enter');
        await asked('(2/7)');
        await offered('Some files');
        await press('Enter');
        // Only what is typed will do, and it must be of this repository.
        await asked('(3/7)');
        await type('../elsewhere');
        await offered('“../elsewhere” will not do');
        await picture('exception-path-refused');
        await press('Control+a', 'Backspace');
        await offered('legal/terms.txt');
        await press('Enter');
        await offered('Go on with legal/terms.txt');
        await press('Enter');
        await asked('(4/7)');
        await type('The law has changed, and the lawyers wait.');
        await press('Enter');
        await asked('(5/7)');
        await choose('Sam', approver.name);
        await asked('(6/7)');
        await choose('2d', 'Use “2d”');
        await asked('(7/7)');
        // Between two questions, what a quick hand types must not go into the file.
        assert.deepEqual(await strayed(), []);
        await press('Enter');
        const [file = assert.fail(), ...others] = await until('the file', () => files().length > 0 && files());
        assert.deepEqual(others, []);
        assert.match(text(file), /^rules:\n {2}- legal-texts\npaths:\n {2}- legal\/terms\.txt\nreason: The law/);
        assert.match(text(file), new RegExp(`approved_by: ${approver.name} <${approver.email}>\n`));
        await editing(`${folder}/${file}`);
        await page.locator('.notification-toast').getByText('The exception holds once').first().waitFor();
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
        await page.locator('.editor-instance .squiggly-warning').first().waitFor();
        await command('View: Focus Problems');
        await focused('.markers-panel');
        await page.locator('.markers-panel').getByText('The follow-up was due').first().waitFor();
        await command('View: Focus Active Editor Group');
        await editing(`${folder}/late.yaml`);
        await press('Control+Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Home');
        await status('Ln 5, Col 1');
        await press('End');
        await status('Ln 5, Col 29');
        await press('Control+.');
        const fixes = await focused('.action-widget');
        await fixes.locator('.monaco-list-row.focused').getByText('Record a follow-up…').first().waitFor();
        await picture('exception-fix');
        await press('Enter');
        await asked('Follow Up on late');
        await type('The lawyers have answered.');
        await press('Enter');
        await until('the follow-up', () => text('late.yaml').includes('note: The lawyers have answered.'));
        await row(/^late, expires in/).waitFor();
        await status('late is followed up: commit its file');
        await editing(`${folder}/late.yaml`);
      },

      async 'closes one from the palette, and the command line says the same'() {
        await command('Countersign: Close an Exception');
        await asked('Close an Exception');
        await choose('very-late');
        await asked('Close very-late');
        await press('Control+a');
        await type('Taken back.');
        await press('Enter');
        await until('the closing', () =>
          /closed:\n {2}at: .*\n {2}by: Robin Example .*\n {2}note: Taken back\.\n$/.test(text('very-late.yaml')),
        );
        await row(/Follow-Up Overdue/).waitFor({ state: 'detached' });
        await status('very-late is closed: commit its file');
        await editing(`${folder}/very-late.yaml`);
        rmSync(join(workspace, folder, 'broken.yaml'));
        await row(/Cannot Be Read/).waitFor({ state: 'detached' });
        assert.match(listed(), /very-late {2}closed/);
      },

      async 'goes through the view by keyboard, and its menu'() {
        await command('Source Control: Focus on Exceptions View');
        const rows = await focused(tree);
        await press('Home');
        await rows.locator('.monaco-list-row.focused[data-index="0"]').waitFor();
        await downTo('late', rows.locator('.monaco-list-row.focused .monaco-icon-label'));
        await press('Shift+F10');
        const menu = await focused('.context-view .monaco-menu');
        for (const name of ['Follow Up on an Exception', 'Close an Exception', 'Copy the ID of an Exception']) {
          await menu.getByRole('menuitem', { name }).first().waitFor();
        }
        await picture('exceptions-menu');
        await press('ArrowDown');
        await downTo('Open the File of an Exception', menu.locator('[role="menuitem"]:focus'));
        await press('Enter');
        await editing(`${folder}/late.yaml`);
      },
    },
    { story: true, picture, screen },
  );
}
