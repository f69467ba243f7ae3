/** docs/faults.md says which test brings each fault about, and leaves none of the tests of faults out. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'faults.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\|(?! ?-| fault | \*\*)/.test(line));
/** Titles as the tests write them, also those that are put together. */
const named = rows.flatMap((row) => [...row.matchAll(/`(test\/[\w/.-]+\.test\.ts): ([^`]+)`/g)]);

/** Whether a title in the table means the one in the source: the whole of it, its beginning, or one that it makes. */
function means(told: string, written: string): boolean {
  const parts = written.split(/\$\{[^}]*\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return written.startsWith(told) || new RegExp(`^${parts.join('.+')}$`).test(told);
}

function titlesOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/\btest\(\s*(['"`])(.+?)\1,/g)].map(([, , title = '']) => title);
}

test('each fault has a result that is no plain pass, and a test that is there', () => {
  assert.ok(rows.length > 40, `${rows.length}`);
  for (const row of rows) {
    assert.match(row, /\| .+ \| (2|3|130|denied|the verdict|what is under way fails).* \| `test\/.+` \|$/);
  }
  for (const [, file = '', title = ''] of named) {
    const there = titlesOf(file).some((written) => means(title, written));
    assert.ok(there, `${file} has no test "${title}"`);
  }
});

test('each test of a fault is in the table', () => {
  for (const file of readdirSync(import.meta.dirname).filter((name) => /^faults-(?!table).*\.test\.ts$/.test(name))) {
    const titles = titlesOf(`test/cli/${file}`);
    assert.ok(titles.length > 0, file);
    for (const title of titles) {
      const found = named.some(([, path, told = '']) => path === `test/cli/${file}` && means(told, title));
      assert.ok(found, `docs/faults.md does not name "${title}" of ${file}`);
    }
  }
});
