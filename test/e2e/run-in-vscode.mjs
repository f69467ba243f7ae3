#!/usr/bin/env node
// Runs a VS Code extension's integration tests in a real VS Code: the one inside the npm package
// code-server, shown in a headless Chromium. Nothing is downloaded while it runs.
//
//   node run-in-vscode.mjs --extension DIR (--tests | --drive) FILE --workspace DIR
//        [--screenshot FILE] [--restricted] [--web] [--logs DIR] [--timeout SECONDS] [--verbose]
//
// --tests: FILE exports run(), which runs in the extension host, has the vscode API and reaches the
//   page through in-vscode.cjs. VS Code is in its test mode: no modal dialogs, no toasts.
// --drive: FILE exports run(page, { workspace }), which runs here and has what a person has: a
//   (Playwright) page that shows an ordinary VS Code. --extension may then be a .vsix, too.
// The exit code is 0 when run() resolves, 1 when it rejects, 2 for a fault in the set-up, 124 at the
// time limit.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const cleanups = [];
async function finish(code) {
  for (const cleanup of cleanups.splice(0).reverse())
    await Promise.resolve()
      .then(cleanup)
      .catch(() => {});
  process.exit(code);
}
async function fail(message) {
  console.error(`run-in-vscode: ${message}`);
  await finish(2);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => finish(130));

const { values: opt } = parseArgs({
  options: {
    extension: { type: 'string' },
    tests: { type: 'string' },
    drive: { type: 'string' },
    workspace: { type: 'string' },
    screenshot: { type: 'string' },
    restricted: { type: 'boolean' },
    web: { type: 'boolean' },
    logs: { type: 'string' },
    timeout: { type: 'string', default: '120' },
    verbose: { type: 'boolean' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
for (const name of ['extension', opt.drive ? 'drive' : 'tests', 'workspace', 'chromium']) {
  if (!opt[name] || !existsSync(opt[name])) await fail(`--${name}: no such path: ${opt[name]}`);
  opt[name] = resolve(opt[name]);
}

// The packages are installed beside this file, or in the folder E2E_HOME names.
const home = resolve(process.env.E2E_HOME ?? import.meta.dirname);
const node = join(home, 'node_modules', '.bin', 'node');
const vscode = join(home, 'node_modules', 'code-server', 'lib', 'vscode');
if (!existsSync(join(vscode, 'node_modules'))) await fail(`VS Code is not set up in ${home}: run setup.sh`);
const { chromium } = createRequire(join(home, 'package.json'))('playwright-core');

// The tests' way here: in-vscode.cjs posts a Playwright method's path and arguments, a text to
// print, or that run() resolved (VS Code itself reports 0 for an extension host that died).
let page;
let passed = false;
const bridge = createServer(async (request, response) => {
  try {
    let body = '';
    for await (const chunk of request) body += chunk;
    const message = JSON.parse(body);
    let value;
    if (message.print !== undefined) {
      console.log(message.print);
    } else if (message.passed) {
      passed = true;
    } else {
      const names = message.path.split('.');
      const method = names.pop();
      value = await names.reduce((object, name) => object[name], page)[method](...message.args);
    }
    response.end(JSON.stringify({ value: Buffer.isBuffer(value) ? value.length : value }));
  } catch (error) {
    response.end(JSON.stringify({ error: String(error) }));
  }
});
// A test may hold up its host for longer than the five seconds after which a server closes what is idle; the
// host would then send its next message to a closed connection.
bridge.keepAliveTimeout = 0;
await new Promise((listening) => {
  bridge.listen(0, '127.0.0.1', listening);
});
cleanups.push(() => bridge.close());

// A fresh profile, home and temporary folder for every run; nothing of the caller's git or VS Code.
const data = mkdtempSync(join(tmpdir(), 'vscode-e2e-'));
cleanups.push(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }));
for (const folder of ['data/User', 'extensions', 'home', 'tmp']) mkdirSync(join(data, folder), { recursive: true });
writeFileSync(
  join(data, 'data', 'User', 'settings.json'),
  JSON.stringify({
    'chat.disableAIFeatures': true,
    'extensions.autoCheckUpdates': false,
    'extensions.ignoreRecommendations': true,
    'git.autofetch': false,
    'security.workspace.trust.startupPrompt': 'never',
    'telemetry.telemetryLevel': 'off',
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'workbench.startupEditor': 'none',
  }),
);
process.env.TMPDIR = join(data, 'tmp');
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ELECTRON|GIT|VSCODE|XDG)_/.test(name))),
  HOME: join(data, 'home'),
  E2E_TESTS: opt.tests ?? '',
  E2E_SCREENSHOT: opt.screenshot ? resolve(opt.screenshot) : '',
  E2E_UI: `http://127.0.0.1:${bridge.address().port}/`,
};
const serverMain = join(vscode, 'out', 'server-main.js');
const serverData = ['--accept-server-license-terms', '--server-data-dir', data];
if (opt.drive && opt.extension.endsWith('.vsix')) {
  execFileSync(node, [serverMain, ...serverData, '--install-extension', opt.extension], { env });
} else if (opt.drive) {
  const { publisher, name, version } = JSON.parse(readFileSync(join(opt.extension, 'package.json'), 'utf8'));
  symlinkSync(opt.extension, join(data, 'extensions', `${publisher}.${name}-${version}`));
}

// The server, in a process group of its own, so that its extension hosts end with it.
let serverLog = '';
const server = spawn(
  node,
  [
    serverMain,
    ...serverData,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--without-connection-token',
    '--disable-telemetry',
    '--force-disable-user-env',
    '--enable-remote-auto-shutdown',
    '--reconnection-grace-time',
    '30', // should this script be killed
    ...(opt.drive ? [] : ['--enable-smoke-test-driver']),
    ...(opt.restricted ? [] : ['--disable-workspace-trust']),
  ],
  { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] },
);
cleanups.push(() => process.kill(-server.pid, 'SIGKILL'));
const port = await new Promise((listening, failed) => {
  const read = (chunk) => {
    serverLog += chunk;
    const found = /agent listening on (\d+)/.exec(serverLog);
    if (found) listening(found[1]);
  };
  server.stdout.on('data', read);
  server.stderr.on('data', read);
  server.on('error', failed);
  server.on('exit', (status) => failed(new Error(`the server ended with ${status}\n${serverLog}`)));
}).catch((error) => fail(error.message));

const authority = `127.0.0.1:${port}`;
const remote = (path) => `vscode-remote://${authority}${encodeURI(path)}`;
const payload = [['skipWelcome', 'true']];
if (!opt.drive) {
  payload.push(['extensionDevelopmentPath', remote(opt.extension)]);
  payload.push(['extensionTestsPath', remote(opt.web ? opt.tests : join(import.meta.dirname, 'in-vscode.cjs'))]);
  if (opt.web) payload.push(['extensionDevelopmentKind', 'web']);
}
const query = new URLSearchParams({ folder: opt.workspace, payload: JSON.stringify(payload) });

const browser = await chromium
  .launch({ executablePath: opt.chromium, args: ['--no-sandbox', '--disable-gpu'], env })
  .catch((error) => fail(error.message));
cleanups.push(() => browser.close());
page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
// What is waited for has come in a second or two on an idle machine; a suite's own limit ends what never comes.
page.setDefaultTimeout(180_000);

let workbenchLog = '';
let browserLogs = [];
function log(level, text) {
  workbenchLog += `[${level}] ${text}\n`;
  if (opt.verbose || opt.web) console.log(text);
}
async function open() {
  if (opt.drive) page.on('console', (message) => log(message.type(), message.text()));
  await page.goto(`http://${authority}/?${query}`);
  await page.waitForSelector('.monaco-workbench');
}
async function drive() {
  const { run } = await import(pathToFileURL(opt.drive));
  const failure = await run(page, { workspace: opt.workspace }).then(
    () => undefined,
    (error) => error ?? new Error('rejected'),
  );
  if (failure) console.error(failure.stack ?? failure);
  if (opt.screenshot) await page.screenshot({ path: opt.screenshot });
  return failure ? 1 : 0;
}
let limit;
let code = await new Promise((done) => {
  const failed = (error) => {
    console.error(String(error));
    done(2);
  };
  limit = setTimeout(done, Number(opt.timeout) * 1000, 124);
  server.on('exit', (status) => failed(`the server ended with ${status}`));
  page.on('crash', () => failed('the page crashed'));
  page
    .exposeFunction('codeAutomationLog', (level, args) => {
      log(level, args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' '));
    })
    .then(() =>
      page.exposeFunction('codeAutomationExit', (status, logs) => {
        browserLogs = logs ?? [];
        done(status);
      }),
    )
    .then(open)
    .then(() => opt.drive && drive().then(done))
    .catch(failed);
});
clearTimeout(limit);
// The extension host's exit takes a moment more; NODE_V8_COVERAGE is written in it.
for (let i = 0; !opt.drive && code < 2 && i < 100 && !/Extension Host Process exited/.test(serverLog); i += 1)
  await sleep(50);

if (code === 0 && !opt.drive && !opt.web && !passed) {
  console.error('run-in-vscode: the extension host ended before the tests did');
  code = 1;
}
if (code > 1) {
  console.error(`${workbenchLog}${serverLog}`);
  console.error(code === 124 ? `run-in-vscode: no result after ${opt.timeout} s` : 'run-in-vscode: VS Code failed');
  if (opt.screenshot) await page.screenshot({ path: opt.screenshot }).catch(() => {});
}
if (opt.logs) {
  mkdirSync(opt.logs, { recursive: true });
  writeFileSync(join(opt.logs, 'workbench.log'), workbenchLog);
  writeFileSync(join(opt.logs, 'server.log'), serverLog);
  const folder = join(data, 'data', 'logs');
  if (existsSync(folder)) cpSync(folder, opt.logs, { recursive: true });
  for (const { relativePath, contents } of browserLogs) {
    mkdirSync(dirname(join(opt.logs, 'browser', relativePath)), { recursive: true });
    writeFileSync(join(opt.logs, 'browser', relativePath), contents);
  }
}
await finish(code);
