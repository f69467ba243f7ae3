/** Keeps a long run small: V8 lets its heap grow to twice of what is in use before it looks for what is not. */

/** How many commits pass between two collections; one takes about 40 ms. */
const each = 2500;

/** Call it with the number of commits that have passed; from 2,500 commits on it collects what nobody needs. */
export async function memoryKeeper(): Promise<(passed: number) => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  let since = 0;
  let collect: (() => void) | undefined;
  return (passed) => {
    since += passed;
    if (since < each) return;
    since = 0;
    if (!collect) {
      setFlagsFromString('--expose-gc');
      collect = runInNewContext('gc') as () => void;
    }
    collect();
  };
}
