/**
 * `node test/e2e/run.ts [--vsix FILE | --extension DIR] [--only SUITE]… [--screenshots DIR] [--logs DIR]`: the suites
 * in a real VS Code, of the extension as it is built here, or in another folder, or of a packaged one. Prints
 * what each test did and, last, the sum; the exit code is 1 when a test failed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { makeRepository } from './workspace.ts';

interface Suite {
  name: string;
  /** In the extension host, or driven by keys and mouse. */
  kind: 'api' | 'drive';
  restricted?: boolean;
  seconds: number;
}

const suites: Suite[] = [
  { name: 'editor', kind: 'api', seconds: 1200 },
  { name: 'message', kind: 'api', seconds: 600 },
  { name: 'rego', kind: 'api', seconds: 900 },
  { name: 'restricted', kind: 'api', restricted: true, seconds: 800 },
  { name: 'scenario', kind: 'drive', seconds: 1200 },
  { name: 'first-use', kind: 'drive', seconds: 800 },
  { name: 'refused', kind: 'drive', seconds: 800 },
  { name: 'agent', kind: 'drive', seconds: 800 },
  { name: 'terminal', kind: 'drive', seconds: 800 },
  { name: 'approve', kind: 'drive', seconds: 800 },
  { name: 'exceptions', kind: 'drive', seconds: 800 },
  { name: 'untrusted', kind: 'drive', restricted: true, seconds: 800 },
];

const here = import.meta.dirname;
const root = join(here, '..', '..');

/** Lets VS Code itself unpack a VSIX, and gives back the extension's folder. */
function unpack(vsix: string, folder: string): string {
  const server = join(here, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
  const node = join(here, 'node_modules', '.bin', 'node');
  const places = ['--server-data-dir', join(folder, 'data'), '--extensions-dir', join(folder, 'extensions')];
  execFileSync(node, [server, '--accept-server-license-terms', ...places, '--install-extension', vsix]);
  const name = readdirSync(join(folder, 'extensions')).find((entry) => entry.startsWith('countersign.'));
  if (!name) throw new Error(`VS Code did not install ${vsix}`);
  return join(folder, 'extensions', name);
}

interface Sum {
  passed: number;
  failed: number;
}

async function runSuite(suite: Suite, extension: string, installed: string, work: string): Promise<Sum> {
  console.log(`\n# ${suite.name} (${suite.kind})`);
  // A path with a space and a letter beyond ASCII: both must work.
  const workspace = join(work, suite.name, 'my repositóry');
  makeRepository(workspace, join(extension, 'dist', 'cli.js'));
  const tests = suite.kind === 'api' ? await bundle(suite.name, work) : join(here, 'drive', `${suite.name}.ts`);
  const args = [
    join(here, 'run-in-vscode.mjs'),
    ...['--extension', suite.kind === 'api' ? extension : installed],
    ...[suite.kind === 'api' ? '--tests' : '--drive', tests],
    ...['--workspace', workspace, '--timeout', String(suite.seconds)],
    ...(suite.restricted ? ['--restricted'] : []),
    ...(options.screenshots ? ['--screenshot', join(resolve(options.screenshots), `${suite.name}-end.png`)] : []),
    ...(options.logs ? ['--logs', join(resolve(options.logs), suite.name)] : []),
  ];
  const env = {
    ...process.env,
    E2E_CLI: join(extension, 'dist', 'cli.js'),
    E2E_SCREENSHOTS: options.screenshots ? resolve(options.screenshots) : '',
  };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  // Indented: only the sum of all suites stands at the start of a line.
  let output = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`;
    console.log(`  ${line}`);
  });
  const code = await new Promise<number | null>((ended) => child.on('close', ended));
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  const sum = { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) };
  // A suite that died has failed, whatever it said before.
  if (code !== 0 && sum.failed === 0) sum.failed = 1;
  if (code === 0 && !last) sum.failed = 1;
  return sum;
}

const { values: options } = parseArgs({
  options: {
    vsix: { type: 'string' },
    extension: { type: 'string', default: root },
    only: { type: 'string', multiple: true },
    screenshots: { type: 'string' },
    logs: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const chosen = suites.filter(({ name }) => options.only?.includes(name) ?? true);
  if (chosen.length === 0)
    throw new Error(`There is no such suite; there are ${suites.map(({ name }) => name).join(', ')}.`);
  execFileSync('sh', [join(here, 'setup.sh')], { stdio: ['ignore', 'inherit', 'inherit'] });
  const work = mkdtempSync(join(tmpdir(), 'countersign-e2e-'));
  try {
    if (options.screenshots) mkdirSync(options.screenshots, { recursive: true });
    const vsix = options.vsix && resolve(options.vsix);
    const extension = vsix ? unpack(vsix, work) : resolve(options.extension);
    const sum: Sum = { passed: 0, failed: 0 };
    for (const suite of chosen) {
      const { passed, failed } = await runSuite(suite, extension, vsix ?? extension, work);
      sum.passed += passed;
      sum.failed += failed;
    }
    console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
    if (sum.failed > 0) process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (import.meta.main) await main();
