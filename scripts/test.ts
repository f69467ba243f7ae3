/**
 * `npm test [-- FILTER…]`: the test files under test/ (those whose path contains a FILTER, or all),
 * by Node's own runner. OPA's conformance cases (minutes) run only when a FILTER names
 * test/conformance; the tests that need a real VS Code are `npm run test:e2e`.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const filters = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const options = process.argv.slice(2).filter((word) => word.startsWith('-'));
const files = globSync('test/**/*.test.ts', { cwd: root, exclude: ['test/e2e/**'] })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) =>
    filters.length === 0 ? !file.startsWith('test/conformance/') : filters.some((filter) => file.includes(filter)),
  )
  .sort();
if (files.length === 0) {
  console.error(`No test file's path contains ${filters.join(' or ')}.`);
  process.exit(2);
}
// A test that hangs is a failure with a name; no file takes half of that, in milliseconds.
const limit = '--test-timeout=600000';
const args = ['--import', './test/support/seed.ts', '--test', limit, ...options, ...files];
const run = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
process.exit(run.status ?? 1);
