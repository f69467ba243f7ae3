/** The part of Playwright's page that the driven tests use; playwright-core itself is installed by setup.sh alone. */

interface Wait {
  timeout?: number;
  state?: 'attached' | 'detached' | 'visible' | 'hidden';
}

export interface Locator {
  click(options?: { button?: 'left' | 'right'; timeout?: number; force?: boolean }): Promise<void>;
  focus(): Promise<void>;
  hover(options?: { timeout?: number }): Promise<void>;
  waitFor(options?: Wait): Promise<void>;
  innerText(options?: { timeout?: number }): Promise<string>;
  allInnerTexts(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
  inputValue(): Promise<string>;
  count(): Promise<number>;
  isVisible(): Promise<boolean>;
  first(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
}

export interface Page {
  keyboard: { press(key: string): Promise<void>; type(text: string, options?: { delay?: number }): Promise<void> };
  locator(selector: string): Locator;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  screenshot(options: { path: string }): Promise<unknown>;
  /** Evaluates an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  waitForTimeout(milliseconds: number): Promise<void>;
}
