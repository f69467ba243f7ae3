/** commitlint, for comparison. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A peer that cannot be had here is left out, and said to be. */
export function optional(name: string, log: (line: string) => void, make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    log(`${name} is left out: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Installed from npm beside the built peers; no dependency of the project. */
export function installCommitlint(root: string, log: (line: string) => void): string {
  const folder = join(root, 'dist/peers/commitlint');
  const program = join(folder, 'node_modules/@commitlint/cli/cli.js');
  const config = { extends: ['@commitlint/config-conventional'] };
  if (!existsSync(program)) {
    log('installing commitlint, once');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const packages = ['@commitlint/cli@21', '@commitlint/config-conventional@21'];
    execFileSync('npm', ['install', '--no-audit', '--no-fund', ...packages], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  }
  writeFileSync(join(folder, 'commitlint.config.json'), JSON.stringify(config));
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules/@commitlint/cli/package.json'), 'utf8'));
  log(`commitlint ${version}`);
  return program;
}
