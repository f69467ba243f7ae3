/**
 * As a person, with keys and mouse: break a policy and mend it, run its test, commit work done with
 * AI through the prompt, see the gate agree; then insist on a commit that the policy denies.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '../page.ts';
import { runTests, until } from '../suite.ts';
import { approver, author, gate, git, teamPolicy, teamTest, write } from '../workspace.ts';
import { person } from './person.ts';

const cli = process.env.E2E_CLI ?? '';

const typedPolicy = '.countersign/policies/typed.rego';
/** Its lines end with names, keywords and values, where Enter could take what completion offers in their place. */
const typed = `package team.typed

import future.keywords
import data.team.legal

users contains name if {
some i
input.users[i].active
name := input.users[i].name
}

changed if not legal.deny == users

test_users if {
users == {"a"} with input.users as [{"name": "a", "active": true}]
changed with data.team.legal.deny as true
}
`;

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const {
    asked,
    choose,
    command,
    disclose,
    editing,
    writeMessage,
    offered,
    open,
    picture,
    screen,
    press,
    quick,
    scm,
    type,
    usedAi,
    view,
  } = person(page);
  const panel = page.locator('.markers-panel');
  const tests = page.locator('.test-explorer');
  let shown = '';

  await runTests(
    {
      async 'breaks a policy and sees the problem'() {
        await open(teamPolicy);
        await command('View: Focus Problems');
        await command('View: Focus Active Editor Group');
        await editing(teamPolicy);
        await press('Control+End');
        await type('\nallow if 1 ==');
        await panel
          .getByText(/legal\.rego/)
          .first()
          .waitFor();
        await panel
          .getByText(/rego_parse_error/)
          .first()
          .waitFor();
        await page.locator('.monaco-editor .squiggly-error').first().waitFor();
        await picture('diagnostic');
      },

      async 'mends it, and the problem goes'() {
        for (let i = 0; i < 14; i += 1) await press('Backspace');
        await page.locator('.monaco-editor .squiggly-error').first().waitFor({ state: 'detached' });
        await panel
          .getByText(/rego_parse_error/)
          .first()
          .waitFor({ state: 'detached' });
        await press('Control+s');
      },

      async 'types a policy, and has what was typed'() {
        write(workspace, { [typedPolicy]: '\n' });
        await open(typedPolicy);
        await press('Control+a', 'Delete');
        for (const line of typed.trimEnd().split('\n')) {
          // The bracket that closes stands there since the one that opens was typed.
          if (line === '}') await press('ArrowDown', 'End');
          else await type(line);
          // Suggestions come up meanwhile.
          await page.waitForTimeout(300);
          if (!line.endsWith('as true') && !line.endsWith('.name')) await press('Enter');
        }
        await press('Control+s');
        const words = (text: string) => text.replace(/[ \t]*\n\s*/g, '\n').trim();
        await until(
          'the typed policy',
          () => words(readFileSync(join(workspace, typedPolicy), 'utf8')) === words(typed),
        );
        await command('View: Revert and Close Editor');
        rmSync(join(workspace, typedPolicy));
        await editing(teamPolicy);
      },

      async 'runs its tests in the Test Explorer'() {
        await view(/Testing/);
        await tests.getByText('legal_test.rego').first().waitFor();
        await open(teamTest);
        await command('Test: Run Tests in Current File');
        await tests.getByText('2/2').first().waitFor();
        await picture('tests');
      },

      async 'sees a test fail at its line'() {
        await command('View: Focus Active Editor Group');
        await editing(teamTest);
        await press('Control+End');
        await type('\ntest_that_fails if {\ncount(legal.deny) == 3');
        await press('Control+s');
        await command('Test: Run Tests in Current File');
        await tests.getByText('2/3').first().waitFor();
        // The message stands at the expression that did not hold.
        await page.locator('.editor-instance').getByText('did not hold: count(legal.deny) == 3').first().waitFor();
        await picture('test-failed');
        git(workspace, 'checkout', '-q', '--', teamTest);
      },

      async 'commits work done with AI through the prompt, by keyboard'() {
        write(workspace, {
          'src/total.ts': '// Prices are in cents.\nexport const total = (prices: number[]) => 0;\n',
        });
        git(workspace, 'add', 'src/total.ts');
        await view(/Source Control/);
        await scm.getByText('total.ts').first().waitFor();
        await press('Control+j'); // the panel has done its duty
        await page.locator('.part.panel').waitFor({ state: 'hidden' });
        await writeMessage('Count prices in cents');
        await command('Countersign: Commit with AI Disclosure');
        await offered('No AI was used');
        await picture('prompt-whether');
        await usedAi();
        await asked('(1/4)');
        await picture('prompt-model');
        await type('no-such-model');
        await quick.locator('.monaco-list-row .codicon-error').first().waitFor();
        await picture('prompt-model-refused');
        await press('Control+a', 'Backspace');
        await type('claude-opus-4-6');
        await press('Enter');
        await asked('(2/4)');
        await press('Enter');
        await asked('(3/4)');
        await type('todo');
        await quick.locator('.quick-input-message .codicon-error, .monaco-inputbox.error').first().waitFor();
        await picture('prompt-context');
        await press('Control+a');
        await type('Changed the prices from euros to cents');
        await press('Enter');
        await asked('(4/4)');
        await type('Sam');
        await picture('prompt-approver');
        await press('Enter');
        await scm.getByText('total.ts').first().waitFor({ state: 'detached' });
        const message = git(workspace, 'log', '-1', '--format=%B');
        assert.match(
          message,
          /^Count prices in cents\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: \S+\nAI-Context: Changed/,
        );
        assert.ok(message.includes(`AI-Approver: ${approver.name} <${approver.email}>`), message);
      },

      'sees the gate allow that commit'() {
        const { status, verdict } = gate(workspace, cli);
        assert.equal(status, 0, JSON.stringify(verdict, null, 2));
        assert.equal(verdict.result, 'allow');
        assert.deepEqual(
          verdict.commits.map(({ subject, ai }) => [subject, ai]),
          [['Count prices in cents', true]],
        );
      },

      async 'is shown why the policy denies another, and makes no commit by leaving'() {
        write(workspace, { 'legal/terms.txt': 'Goods are returned within 14 days.\n' });
        git(workspace, 'add', 'legal/terms.txt');
        await scm.getByText('terms.txt').first().waitFor();
        await writeMessage('Shorten the return period');
        await command('Countersign: Commit with AI Disclosure');
        await disclose({
          model: 'claude-opus-4-6',
          context: 'Reworded the terms of return after the new law',
          approver: 'Robin',
        });
        await asked('Denied by policy');
        await picture('denied');
        shown = (await quick.locator('.monaco-list-row').allInnerTexts()).join(' ').replace(/\s+/g, ' ');
        await press('Escape');
        await quick.waitFor({ state: 'hidden' });
        assert.equal(git(workspace, 'log', '-1', '--format=%s'), 'Count prices in cents');
        // Nothing typed is lost.
        await scm.locator('.scm-editor').getByText('Shorten the return period').first().waitFor();
      },

      async 'insists, is asked once more, and the gate denies it for the same reasons'() {
        await command('Countersign: Commit with AI Disclosure');
        await usedAi();
        for (const step of ['(1/4)', '(2/4)', '(3/4)', '(4/4)']) {
          await asked(step);
          await press('Enter');
        }
        await asked('Denied by policy');
        await choose('Commit Anyway');
        const dialog = page.getByRole('dialog');
        await dialog.getByText('Commit without the policy').waitFor();
        await picture('anyway');
        await dialog.getByRole('button', { name: 'Commit Anyway' }).click();
        await scm.getByText('terms.txt').first().waitFor({ state: 'detached' });
        assert.equal(git(workspace, 'log', '-1', '--format=%s'), 'Shorten the return period');

        const { status, verdict } = gate(workspace, cli);
        assert.equal(status, 1);
        const reasons = [...verdict.change.deny, ...verdict.commits.flatMap(({ deny }) => deny)].map(({ msg }) => msg);
        assert.ok(reasons.length >= 2, JSON.stringify(verdict));
        for (const reason of reasons) assert.ok(shown.includes(reason), `“${reason}” was not in “${shown}”`);
        assert.match(git(workspace, 'log', '-1', '--format=%B'), new RegExp(`AI-Approver: ${author.name}`));
      },
    },
    { story: true, picture, screen },
  );
}
