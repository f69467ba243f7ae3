/** As a person: a hook refuses the commit that the policy allowed; its words are shown and nothing typed is lost. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '../page.ts';
import { runTests } from '../suite.ts';
import { git, write } from '../workspace.ts';
import { person } from './person.ts';

export async function run(page: Page, { workspace }: { workspace: string }): Promise<void> {
  const { asked, command, disclose, picture, screen, press, scm, view } = person(page);
  const hook = join(workspace, '.git', 'hooks', 'commit-msg');
  const dialog = page.getByRole('dialog');
  const first = 'Put the repository under Countersign';

  await runTests(
    {
      async 'shows the words of a hook that refuses, and commits nothing'() {
        mkdirSync(join(workspace, '.git', 'hooks'), { recursive: true });
        writeFileSync(hook, '#!/bin/sh\necho "the freeze lasts until Monday" >&2\nexit 1\n', { mode: 0o755 });
        write(workspace, { 'src/total.ts': 'export const total = () => 5;\n' });
        git(workspace, 'add', '.');
        await view(/Source Control/);
        await scm.getByText('total.ts').first().waitFor();
        await command('Countersign: Commit with AI Disclosure');
        await disclose({
          message: 'During the freeze',
          model: 'claude-opus-4-6',
          context: 'Made the total a constant for the test',
          approver: 'Sam',
        });
        await dialog.getByText('the freeze lasts until Monday').waitFor();
        await picture('hook-refused');
        assert.equal(git(workspace, 'log', '-1', '--format=%s'), first);
      },

      async 'leads back into the prompt with everything in it, and commits once the hook lets it'() {
        rmSync(hook);
        await dialog.getByRole('button', { name: 'Go Back and Edit' }).click();
        for (const step of ['(1/5)', '(2/5)', '(3/5)', '(4/5)', '(5/5)']) {
          await asked(step);
          await press('Enter');
        }
        await scm.getByText('total.ts').first().waitFor({ state: 'detached' });
        const message = git(workspace, 'log', '-1', '--format=%B');
        assert.match(message, /^During the freeze\n\nAI-Model: claude-opus-4-6\n/);
        // Stamped once: the refused attempt left no trailers in the message.
        assert.equal(message.match(/AI-Model/g)?.length, 1);
      },
    },
    { story: true, picture, screen },
  );
}
