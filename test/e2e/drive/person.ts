/** What a person does in VS Code, in a few words. */
import { join } from 'node:path';
import type { Locator, Page } from '../page.ts';

export interface Person {
  page: Page;
  quick: Locator;
  scm: Locator;
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Runs a command from the palette. */
  command(title: string): Promise<void>;
  /** Opens a file by its path. */
  open(path: string): Promise<void>;
  view(name: string | RegExp): Promise<void>;
  /** Waits for a text in the quick input. */
  asked(text: string | RegExp): Promise<void>;
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
  return {
    page,
    quick,
    scm: page.locator('.scm-view'),
    press,
    type,
    asked,
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
    view: (name) => page.locator('.activitybar').getByRole('tab', { name }).click(),
    async screen() {
      const places = ['.quick-input-widget', '.notifications-toasts', '.monaco-dialog-box', '.scm-editor', '.panel'];
      const texts = await Promise.all(
        places.map(async (place) => `${place}: ${(await page.locator(place).allInnerTexts()).join(' | ')}`),
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
