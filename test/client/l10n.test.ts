import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bundleFile, extract } from '../../scripts/l10n.ts';

test('the bundle for translators holds every text of the client, and no other', () => {
  const texts = extract();
  assert.ok(Object.keys(texts).length > 20);
  assert.deepEqual(JSON.parse(readFileSync(bundleFile, 'utf8')), texts, 'run: node scripts/l10n.ts');
});
