#!/usr/bin/env node
/**
 * A VS Code "given by path" where no desktop one can be had: takes the arguments that
 * @vscode/test-electron passes, and runs the VS Code of run-in-vscode.mjs with them.
 *
 *     VSCODE_EXECUTABLE=test/e2e/code-by-path.mjs node test/e2e/electron.ts
 */
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const values = new Map();
let workspace;
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
  if (name) values.set(name, value);
  else if (isFolder(argument)) workspace = argument;
}

const child = spawn(
  process.execPath,
  [
    join(import.meta.dirname, 'run-in-vscode.mjs'),
    ...['--extension', values.get('extensionDevelopmentPath')],
    ...['--tests', values.get('extensionTestsPath')],
    ...['--workspace', workspace, '--timeout', '600'],
  ],
  { stdio: 'inherit' },
);
child.on('exit', (code) => process.exit(code ?? 1));

function isFolder(path) {
  return existsSync(path) && statSync(path).isDirectory();
}
