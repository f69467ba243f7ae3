/** What a person does in VS Code, in a few words. */
import { join } from 'node:path';
import type { Locator, Page } from '../page.ts';

/** What a person types into the prompt; a field that is absent is accepted as it stands there. */
export interface Disclosure {
  /** The prompt asks for it only when the Source Control box is empty. */
  message?: string;
  model?: string;
  context?: string;
  approver?: string;
}

export interface Person {
  page: Page;
  quick: Locator;
  scm: Locator;
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Waits until the extension is there: the palette does not show what is registered while it is open. */
  ready(): Promise<void>;
  /** Runs a command from the palette. */
  command(title: string): Promise<void>;
  /** Opens a file by its path. */
  open(path: string): Promise<void>;
  view(name: string | RegExp): Promise<void>;
  /** Waits for a text in the quick input. */
  asked(text: string | RegExp): Promise<void>;
  /** Says in the open prompt that AI was used. */
  usedAi(): Promise<void>;
  /** Goes through the prompt, once it is open, for work done with AI. */
  disclose(disclosure: Disclosure): Promise<void>;
  /** Takes a picture, when pictures are wanted. */
  picture(name: string): Promise<void>;
  /** The texts of what asks or tells: quick input, notifications, dialog, Source Control box, terminal's tab. */
  screen(): Promise<string>;
}

export function person(page: Page): Person {
  const quick = page.locator('.quick-input-widget');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const type = (text: string) => page.keyboard.type(text);
  const asked = (text: string | RegExp) => quick.getByText(text).first().waitFor();
  const usedAi = async () => {
    await asked('Disclose AI use');
    await type('Disclose');
    await quick.locator('.monaco-list-row.focused').getByText('Disclose AI use').first().waitFor();
    await press('Enter');
  };
  return {
    page,
    quick,
    usedAi,
    async disclose({ message, model, context, approver }) {
      const steps = message === undefined ? 4 : 5;
      if (message !== undefined) {
        await asked('(1/5)');
        await type(message);
        await press('Enter');
      }
      await usedAi();
      for (const [at, value] of [model, undefined, context, approver].entries()) {
        await asked(`(${steps - 3 + at}/${steps})`);
        // Without a pause between the text and Enter, as a quick hand types.
        if (value !== undefined) await type(value);
        await press('Enter');
      }
    },
    scm: page.locator('.scm-view'),
    press,
    type,
    asked,
    async ready() {
      await page.locator('.statusbar').getByText('Countersign').first().waitFor();
    },
    async command(title) {
      await press('F1');
      await quick.waitFor();
      await type(title);
      await quick.locator('.monaco-list-row').first().getByText(title).first().waitFor();
      await press('Enter');
    },
    async open(path) {
      const name = path.split('/').at(-1) ?? path;
      await press('Control+p');
      await quick.waitFor();
      await type(path);
      await quick.locator('.monaco-list-row').first().getByText(name).first().waitFor();
      await press('Enter');
      await page.locator('.tabs-container').getByText(name, { exact: true }).waitFor();
    },
    async view(name) {
      const tab = page.locator('.activitybar').getByRole('tab', { name });
      await tab.waitFor();
      // A click on the view that is shown would hide it.
      if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click();
    },
    async screen() {
      const places = ['.quick-input-widget', '.notifications-toasts', '.monaco-dialog-box', '.scm-editor', '.panel'];
      const texts = await Promise.all(
        places.map(async (place) => {
          // What is hidden has its style sheets for a text.
          const all = (await page.locator(place).allInnerTexts()).join(' | ').split('\n');
          return `${place}: ${all.filter((line) => !/[{};]|^\.monaco-.*,$/.test(line.trim())).join('\n')}`;
        }),
      );
      return texts.join('\n  ').replace(/\s*\n\s*/g, ' ⏎ ');
    },
    async picture(name) {
      const folder = process.env.E2E_SCREENSHOTS;
      if (!folder) return;
      await page.waitForTimeout(400); // Menus and notifications fade in.
      await page.screenshot({ path: join(folder, `${name}.png`) });
    },
  };
}
