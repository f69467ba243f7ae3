/** Our list of Regal's rules is that of the Regal we link. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { regalRules } from '../../server/rego/regal-rules.ts';
import { moduleFolder } from './cases.ts';

test('the rules and their categories', (t) => {
  const regal = moduleFolder('github.com/open-policy-agent/regal');
  if ('absent' in regal) return t.skip(regal.absent);
  const file = join(regal.folder, 'bundle/regal/config/provided/data.yaml');
  const { rules } = parse(readFileSync(file, 'utf8')) as { rules: Record<string, Record<string, unknown>> };
  assert.deepEqual(
    regalRules,
    Object.fromEntries(Object.entries(rules).map(([category, own]) => [category, Object.keys(own)])),
  );
});
