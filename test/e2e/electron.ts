/**
 * `node test/e2e/electron.ts`: the extension host suite in a desktop VS Code: the one that
 * VSCODE_EXECUTABLE names, else a downloaded one (VSCODE_VERSION, `stable` when absent). It needs a
 * display, such as xvfb-run gives. What presses keys runs only in run.ts, and so does the suite in
 * Restricted Mode: `runTests` always trusts the workspace.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { bundle } from './bundle.ts';
import { makeRepository } from './workspace.ts';

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'dist', 'cli.js');
const work = mkdtempSync(join(tmpdir(), 'countersign-electron-'));
try {
  const workspace = join(work, 'my repositóry');
  makeRepository(workspace, cli);
  process.exitCode = await runTests({
    vscodeExecutablePath: process.env.VSCODE_EXECUTABLE,
    version: process.env.VSCODE_VERSION,
    extensionDevelopmentPath: root,
    extensionTestsPath: await bundle('editor', work),
    extensionTestsEnv: { E2E_CLI: cli },
    launchArgs: [workspace, '--disable-extensions', `--user-data-dir=${join(work, 'user')}`],
  });
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}
