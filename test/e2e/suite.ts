/** Runs named tests one after another and says how they went; run.ts adds up the last lines. */

export type Tests = Record<string, () => Promise<void> | void>;

export interface SuiteOptions {
  /** The tests build on each other: the first failure ends them. */
  story?: boolean;
  /** Called after a failure, such as to take a picture of it, with a name for its file. */
  picture?: (name: string) => Promise<unknown>;
  /** Says after a failure what is on the screen. */
  screen?: () => Promise<string>;
}

/** Rejects when a test failed. */
export async function runTests(tests: Tests, { story = false, picture, screen }: SuiteOptions = {}): Promise<void> {
  const names = Object.entries(tests);
  let passed = 0;
  let failed = 0;
  for (const [name, test] of names) {
    const start = Date.now();
    try {
      await test();
      passed += 1;
      console.log(`ok   ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      failed += 1;
      console.error(`FAIL ${name}\n${error instanceof Error ? error.stack : String(error)}`);
      if (screen) console.error(`on the screen: ${await screen().catch(String)}`);
      await picture?.(`failed-${name.replace(/\W+/g, '-').slice(0, 60)}`);
      if (story) {
        // What was not reached has not passed.
        failed = names.length - passed;
        break;
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) throw new Error(`${failed} failed`);
}

type Truthy<T> = Exclude<T, false | null | undefined | '' | 0>;

/** The first truthy answer of `test`, asked every 50 ms. Rejects with what it last said when none comes. */
export async function until<T>(
  what: string,
  test: () => PromiseLike<T> | T,
  milliseconds = 180_000,
): Promise<Truthy<T>> {
  const end = Date.now() + milliseconds;
  let last: unknown;
  while (Date.now() < end) {
    last = await test();
    if (last) return last as Truthy<T>;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`not within ${milliseconds} ms: ${what} (last: ${JSON.stringify(last)})`);
}
