// The part of the runner that lives in the extension host. Tests may require it for ui() and
// shown(); run() is what VS Code itself calls.
const { format } = require('node:util');
const { pathToFileURL } = require('node:url');

async function post(message) {
  const reply = await fetch(process.env.E2E_UI, { method: 'POST', body: JSON.stringify(message) });
  const { value, error } = await reply.json();
  if (error) throw new Error(error);
  return value;
}

// ui('keyboard.press', 'Enter') calls page.keyboard.press('Enter') on the runner's Playwright page
// and resolves to its result, where that is plain data; ui('screenshot', { path }) takes a picture.
exports.ui = (path, ...args) => post({ path, args });

// The text a person sees there. The editor draws spaces as no-break spaces.
exports.shown = async (selector) => (await exports.ui('innerText', selector)).replaceAll('\u00a0', ' ');

exports.run = async () => {
  // Straight to the runner's standard output, apart from the workbench's own log. (The extension
  // host ignores an assignment to console.log.)
  let sent = Promise.resolve();
  let over = false;
  for (const level of ['log', 'info', 'warn', 'error']) {
    Object.defineProperty(console, level, {
      value: (...args) => {
        if (!over) sent = sent.then(() => post({ print: format(...args) }));
      },
    });
  }
  try {
    await (await import(pathToFileURL(process.env.E2E_TESTS).href)).run();
    await post({ passed: true });
  } catch (error) {
    console.error(error?.stack ?? error);
    throw error;
  } finally {
    if (process.env.E2E_SCREENSHOT) await exports.ui('screenshot', { path: process.env.E2E_SCREENSHOT });
    over = true;
    await sent;
  }
};
