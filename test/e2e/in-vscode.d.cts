/** Calls a method of the runner's Playwright page, such as `ui('keyboard.press', 'Enter')`. */
export function ui(path: string, ...args: unknown[]): Promise<unknown>;
/** The text a person sees at a selector, with plain spaces. */
export function shown(selector: string): Promise<string>;
export function run(): Promise<void>;
