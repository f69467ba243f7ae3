import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoverSchemaTests, isSchemaTest, runSchemaTests } from '../../../core/policies/schema-test.ts';

const schema = {
  path: 'p/d.schema.json',
  text: JSON.stringify({
    'x-countersign': { each: 'commits[].disclosure', rule: 'shape' },
    required: ['model'],
  }),
};

function run(yaml: string, filter?: RegExp) {
  return runSchemaTests([{ path: 'p/d.schema_test.yaml', text: yaml }], [schema], filter);
}

const mixed = `tests:
  - name: complete
    value: { model: [x] }
    valid: true
  - name: lacks the model
    value: {}
    valid: false
    fields: [model]
  - name: wrongly held valid
    value: {}
    valid: true
  - name: wrongly held invalid
    value: { model: [x] }
    valid: false
  - name: wrong field
    value: {}
    valid: false
    fields: [context]
`;

test('each entry passes or fails at its line, with the values and errors', () => {
  const { tests, problems } = run(mixed);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    tests.map(({ name, outcome, location }) => [name, outcome, location.range.start.line + 1]),
    [
      ['p/d.schema.json/complete', 'pass', 2],
      ['p/d.schema.json/lacks the model', 'pass', 5],
      ['p/d.schema.json/wrongly held valid', 'fail', 9],
      ['p/d.schema.json/wrongly held invalid', 'fail', 12],
      ['p/d.schema.json/wrong field', 'fail', 15],
    ],
  );
  assert.deepEqual(tests[2]?.failure?.locals, { value: {}, errors: ['model is missing'] });
  assert.match(tests[4]?.failure?.text ?? '', /context/);
});

test('a filter picks tests by their full name', () => {
  assert.deepEqual(
    run(mixed, /lacks/).tests.map(({ name }) => name),
    ['p/d.schema.json/lacks the model'],
  );
});

test('a test file whose schema is missing or broken gives errors, no passes', () => {
  const alone = runSchemaTests([{ path: 'p/e.schema_test.yaml', text: mixed }], [schema]);
  assert.ok(alone.tests.every(({ outcome, error }) => outcome === 'error' && error?.includes('p/e.schema.json')));
  const broken = runSchemaTests(
    [{ path: 'p/d.schema_test.yaml', text: mixed }],
    [{ ...schema, text: '{"type": "nothing"}' }],
  );
  assert.ok(broken.tests.length === 5 && broken.tests.every(({ outcome }) => outcome === 'error'));
});

const wrong: [string, string, number, RegExp][] = [
  ['nothing in it', '', 0, /no list "tests"/],
  ['an empty list', 'tests: []', 0, /no list "tests"/],
  ['broken YAML', 'tests:\n  - name: [', 1, /./],
  ['no name', 'tests:\n  - value: 1\n    valid: true', 1, /"name"/],
  ['no value', 'tests:\n  - name: a\n    valid: true', 1, /"value"/],
  ['valid no boolean', 'tests:\n  - name: a\n    value: 1\n    valid: "yes"', 1, /"valid"/],
  ['a name twice', 'tests:\n  - {name: a, value: 1, valid: true}\n  - {name: a, value: 1, valid: true}', 2, /already/],
  ['a setting misspelt', 'tests:\n  - {name: a, value: 1, valid: false, feilds: [a]}', 1, /"feilds"/],
  ['fields of a valid value', 'tests:\n  - {name: a, value: 1, valid: true, fields: [a]}', 1, /no "fields"/],
];
for (const [name, text, line, message] of wrong) {
  test(`a test file is refused with the line: ${name}`, () => {
    const { problems } = discoverSchemaTests({ path: 'p/d.schema_test.yaml', text });
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.message ?? '', message);
    assert.equal(problems[0]?.range.start.line, line);
  });
}

test('JSON test files are read, too', () => {
  const text = JSON.stringify({ tests: [{ name: 'a', value: {}, valid: false }] }, null, 2);
  const { tests } = runSchemaTests([{ path: 'p/d.schema_test.json', text }], [schema]);
  assert.deepEqual(
    tests.map(({ outcome }) => outcome),
    ['pass'],
  );
  assert.ok(isSchemaTest('p/d.schema_test.json') && !isSchemaTest('p/d.schema.json'));
});
