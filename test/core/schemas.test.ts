/** The published schemas: valid themselves, true of what ships, and strict with what is wrong. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Strict: an unknown keyword is a misspelt one. */
function compile(name: string): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
  ajvFormats.default(ajv);
  ajv.addVocabulary(['markdownDescription', 'markdownEnumDescriptions', 'defaultSnippets']);
  return ajv.compile(JSON.parse(read(`core/schemas/${name}.schema.json`)));
}

function faults(validate: ValidateFunction, value: unknown): string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const names = readdirSync(new URL('core/schemas/', root)).map((file) => file.replace('.schema.json', ''));

for (const name of names) {
  test(`${name}: is a valid schema that says what it is for`, () => {
    compile(name);
    const schema = JSON.parse(read(`core/schemas/${name}.schema.json`));
    assert.equal(schema.$id, `https://countersign.dev/schemas/${name}.schema.json`);
    assert.ok(schema.title && schema.description);
  });
}

for (const name of ['approved-models', 'approvers', 'evidence', 'placeholders', 'rules', 'scope']) {
  test(`${name}: takes the data that ships, and nothing misspelt`, () => {
    const validate = compile(name);
    const data = parse(read(`policies/data/${name}.yaml`));
    assert.deepEqual(faults(validate, data), []);
    const [key] = Object.keys(data);
    assert.equal(key, name.replace('-', '_'));
    assert.notDeepEqual(faults(validate, { [key as string]: { ...data[key as string], misspelt: [] } }), []);
    assert.notDeepEqual(faults(validate, {}), []);
  });
}

test('config: takes the template that ships', () => {
  assert.deepEqual(faults(compile('config'), parse(read('policies/config.yaml'))), []);
  assert.notDeepEqual(faults(compile('config'), { version: 2 }), []);
});

test('approved-models: wants ranges and dates that the rules understand', () => {
  const validate = compile('approved-models');
  const entry = (fields: object) => ({ approved_models: { models: [{ name: 'A', match: ['a'], ...fields }] } });
  for (const good of [{}, { versions: '>=4.5 <6' }, { versions: '=1.2.3.4' }, { expires: '2027-12-31' }]) {
    assert.deepEqual(faults(validate, entry(good)), []);
  }
  for (const bad of [{ versions: '4.5' }, { versions: '>= 4' }, { versions: '' }, { expires: 'soon' }, { match: [] }]) {
    assert.notDeepEqual(faults(validate, entry(bad)), [], JSON.stringify(bad));
  }
});

test('exception: must name rules, and no list may be empty', () => {
  const validate = compile('exception');
  const good = {
    rules: ['approved-model'],
    reason: 'Vendored.',
    approved_by: 'Ann Example <ann@example.com>',
    opened: '2026-01-01T00:00:00Z',
    expires: '2026-02-01T00:00:00Z',
  };
  assert.deepEqual(faults(validate, good), []);
  for (const bad of [{ rules: [] }, { commits: [] }, { paths: [] }, { commits: ['main'] }, { expires: '2026-02-01' }]) {
    assert.notDeepEqual(faults(validate, { ...good, ...bad }), [], JSON.stringify(bad));
  }
});

test('input: says the same as core/input.ts', () => {
  const { properties, $defs } = JSON.parse(read('core/schemas/input.schema.json'));
  const source = read('core/input.ts');
  const fields = (name: string) => {
    const body = new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
    const found = [...body.matchAll(/^ {2}(\w+)(\??):/gm)];
    assert.ok(found.length > 0, name);
    return {
      all: found.map(([, field]) => field).sort(),
      required: found
        .filter(([, , o]) => !o)
        .map(([, f]) => f)
        .sort(),
    };
  };
  const of = (schema: { properties: object; required?: string[] }) => ({
    all: Object.keys(schema.properties).sort(),
    required: [...(schema.required ?? [])].sort(),
  });
  const whole = JSON.parse(read('core/schemas/input.schema.json'));
  assert.deepEqual(of(whole), fields('Input'));
  assert.deepEqual(of(properties.repository), fields('Repository'));
  assert.deepEqual(of(properties.change), fields('Change'));
  for (const [definition, name] of Object.entries({
    commit: 'Commit',
    signature: 'Signature',
    file: 'ChangedFile',
    trailer: 'Trailer',
    evidence: 'Evidence',
    approval: 'Approval',
    exception: 'Exception',
    ownedPath: 'OwnedPath',
    check: 'Check',
    squashMessage: 'SquashMessage',
    policyChange: 'PolicyChange',
    push: 'Push',
    factSource: 'FactSource',
    unknownFact: 'UnknownFact',
    earlier: 'Earlier',
    earlierMakers: 'EarlierMakers',
  })) {
    assert.deepEqual(of($defs[definition]), fields(name), name);
  }
});

test('facts: what a file may say of a change is what the input has of it', () => {
  const facts = JSON.parse(read('core/schemas/facts.schema.json'));
  const input = JSON.parse(read('core/schemas/input.schema.json'));
  for (const [name, definition] of Object.entries(facts.$defs)) assert.deepEqual(definition, input.$defs[name], name);
  const { properties } = facts.properties.change;
  for (const [key, schema] of Object.entries(properties)) {
    assert.deepEqual(schema, input.properties.change.properties[key], key);
  }
  // What git knows better, or is made here, nobody else may say.
  const own = ['base', 'head', 'files', 'code_owners', 'squash', 'policy_change'];
  const all = Object.keys(input.properties.change.properties).filter((key) => !own.includes(key));
  assert.deepEqual(Object.keys(properties).sort(), all.sort());
});
