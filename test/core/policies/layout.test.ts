import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf, type Role, roleOf } from '../../../core/policies/layout.ts';

const folders = { policies: ['policies', './more/'], data: ['data'], exceptions: 'exceptions' };

test('a layout is told by what lies in the folder', () => {
  assert.equal(layoutOf(['config.yaml', 'policies/a.rego']), 'countersign');
  assert.equal(layoutOf(['policies/a.rego']), 'countersign');
  assert.equal(layoutOf(['config.yaml', 'data/a.yaml']), 'countersign');
  assert.equal(layoutOf(['config.yaml', 'countersign/a/a.rego', 'data/a.yaml']), 'pack');
  assert.equal(layoutOf(['a.rego', 'data.yaml']), 'plain');
  assert.equal(layoutOf([]), 'plain');
});

const roles: ['countersign' | 'pack' | 'plain', string, Role][] = [
  ['countersign', 'config.yaml', 'config'],
  ['countersign', 'policies/a.rego', 'module'],
  ['countersign', 'policies/deep/er/a_test.rego', 'module-test'],
  ['countersign', 'more/a.rego', 'module'],
  ['countersign', 'elsewhere/a.rego', 'other'],
  ['countersign', 'policies/schema/d.schema.json', 'schema'],
  ['countersign', 'policies/schema/d.schema_test.yaml', 'schema-test'],
  ['countersign', 'policies/schemas/input.json', 'schema'],
  ['countersign', 'policies/a.cedar', 'unsupported'],
  ['countersign', 'policies/README.md', 'other'],
  ['countersign', 'data/approvers.yaml', 'data'],
  ['countersign', 'data/sub/models.json', 'data'],
  ['countersign', 'exceptions/one.yaml', 'exception'],
  ['countersign', 'exceptions/README.md', 'other'],
  ['countersign', '.regal/config.yaml', 'lint-config'],
  ['countersign', '.regal/rules/mine.rego', 'lint-rule'],
  ['pack', 'countersign/model/model.rego', 'module'],
  ['pack', 'config.yaml', 'config'],
  ['pack', 'data/scope.yaml', 'data'],
  ['plain', 'a.rego', 'module'],
  ['plain', 'a_test.rego', 'module-test'],
  ['plain', 'config.yaml', 'data'],
  ['plain', 'sub/data.json', 'data'],
  ['plain', 'x.schema.json', 'schema'],
  ['plain', '.github/workflows/ci.yaml', 'other'],
  ['plain', 'node_modules/x/package.json', 'other'],
];
for (const [layout, path, role] of roles) {
  test(`${path} in a ${layout} folder is ${role}`, () => assert.equal(roleOf(path, layout, folders), role));
}
