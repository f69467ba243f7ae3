/**
 * What a person does in VS Code, in a few words. Keys go to what has the focus, and VS Code gives it late: so each word
 * ends only when the page shows that what was asked for is there and has the focus.
 */
import { join } from 'node:path';
import type { Locator, Page } from '../page.ts';
import { until } from '../suite.ts';

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
  /** Runs a command from the palette, which is gone then; what the command does may still be to come. */
  command(title: string): Promise<void>;
  /** Opens a file by its path, and has the focus in it. */
  open(path: string): Promise<void>;
  view(name: string | RegExp): Promise<void>;
  /** Waits until keys go to what the selector finds, or within it; gives it back. */
  focused(selector: string): Promise<Locator>;
  /** Waits until keys go to the text of a file, given by the end of its path. */
  editing(path: string): Promise<Locator>;
  /** Waits for a text in the quick input, which has the focus. */
  asked(text: string | RegExp): Promise<void>;
  /** Waits until Enter would choose the row of the quick input that has this text. */
  offered(text: string | RegExp): Promise<void>;
  /** Types into the quick input, chooses the row that has the text `row` then. */
  choose(typed: string, row?: string | RegExp): Promise<void>;
  /** Types into Source Control's box for the message, which is empty or will be soon. */
  writeMessage(text: string): Promise<void>;
  /** Says in the open prompt that AI was used. */
  usedAi(): Promise<void>;
  /** Goes through the prompt, once it is open, for work done with AI. */
  disclose(disclosure: Disclosure): Promise<void>;
  /** Takes a picture, when pictures are wanted. */
  picture(name: string): Promise<void>;
  /** The texts of what asks or tells: quick input, notifications, dialog, Source Control box, tests, panel; the editors' texts; where keys go. */
  screen(): Promise<string>;
}

export function person(page: Page): Person {
  const quick = page.locator('.quick-input-widget');
  const asking = page.locator('.quick-input-widget:has(:focus)');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const type = (text: string) => page.keyboard.type(text);
  const asked = (text: string | RegExp) => asking.getByText(text).first().waitFor();
  const offered = (text: string | RegExp) =>
    asking.locator('.monaco-list-row.focused').getByText(text).first().waitFor();
  const focused = async (selector: string) => {
    const place = page.locator(`:is(${selector}):is(:focus, :has(:focus))`).first();
    await place.waitFor({ state: 'attached' });
    return place;
  };
  const editing = (path: string) => focused(`.editor-instance .monaco-editor.focused[data-uri$="/${encodeURI(path)}"]`);
  const choose = async (typed: string, row: string | RegExp = typed) => {
    await type(typed);
    await offered(row);
    await press('Enter');
  };
  const usedAi = async () => {
    await asked('Disclose AI use');
    await choose('Disclose', 'Disclose AI use');
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
    offered,
    choose,
    focused,
    editing,
    async ready() {
      await page.locator('.statusbar').getByText('Countersign').first().waitFor();
    },
    async command(title) {
      const palette = '.quick-input-widget input[placeholder="Type the name of a command to run."]';
      await press('F1');
      await focused(palette);
      await choose(title);
      // Its rows have the words of the command, as what the command asks has.
      await page.locator(palette).waitFor({ state: 'hidden' });
    },
    async open(path) {
      await press('Control+p');
      await focused('.quick-input-widget input[placeholder^="Search files by name"]');
      await choose(path, path.split('/').at(-1));
      await editing(path);
    },
    async view(name) {
      const tab = page.locator('.activitybar').getByRole('tab', { name });
      await tab.waitFor();
      // A click on the view that is shown would hide it.
      if ((await tab.getAttribute('aria-expanded')) === 'true') return;
      await tab.focus();
      await tab.click();
      await until(`the view ${name}`, async () => (await tab.getAttribute('aria-expanded')) === 'true');
      // The view takes the focus, late; when its content comes and replaces what has it, nothing has it.
      await page.locator('.activitybar :focus').waitFor({ state: 'detached' });
    },
    async writeMessage(text) {
      const box = '.scm-view .scm-editor';
      // What is in it is taken out some time after a commit was made.
      await page
        .locator(box)
        .getByText(/^Message \(/)
        .first()
        .waitFor();
      await page.locator(box).first().click();
      await focused(box);
      await type(text);
      await page.locator(box).getByText(text).first().waitFor();
    },
    async screen() {
      const places = [
        '.quick-input-widget',
        '.notifications-toasts',
        '.monaco-dialog-box',
        '.scm-editor',
        '.test-explorer',
        '.panel',
      ];
      const texts = await Promise.all(
        places.map(async (place) => {
          // What is hidden has its style sheets for a text.
          const all = (await page.locator(place).allInnerTexts()).join(' | ').split('\n');
          return `${place}: ${all.filter((line) => !/[{};]|^\.monaco-.*,$/.test(line.trim())).join('\n')}`;
        }),
      );
      const keys = await page.evaluate(`(() => {
        const path = [];
        for (let at = document.activeElement; at && path.length < 8; at = at.parentElement) {
          path.push([at.tagName.toLowerCase(), ...at.classList].join('.') + (at.ariaLabel ? '“' + at.ariaLabel + '”' : ''));
        }
        return path.join(' < ');
      })()`);
      const written = (await page.locator('.editor-instance .view-line').allInnerTexts()).join('\n');
      return [...texts, `editor: ${written}`, `focus: ${keys}`].join('\n  ').replace(/\s*\n\s*/g, ' ⏎ ');
    },
    async picture(name) {
      const folder = process.env.E2E_SCREENSHOTS;
      if (!folder) return;
      await page.waitForTimeout(400); // Menus and notifications fade in.
      await page.screenshot({ path: join(folder, `${name}.png`) });
    },
  };
}
