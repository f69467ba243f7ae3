import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../../core/input.ts';
import { judgeBySchemas } from '../../../core/policies/judge-schemas.ts';
import { compileSchemas } from '../../../core/policies/schema-policy.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';

function schema(body: object, annotation: object = { each: 'commits[].disclosure', rule: 'shape', level: 'deny' }) {
  return JSON.stringify({ $schema: dialect, 'x-countersign': annotation, ...body }, null, 2);
}

/** An input whose commits have these disclosures; their ids are `a`, `b`, … */
function input(...disclosures: (Record<string, string[]> | undefined)[]): Input {
  const commits = disclosures.map((disclosure, index) => ({
    sha: String.fromCharCode(97 + index),
    ...(disclosure && { disclosure }),
  }));
  return { schema: 'countersign.input/v1', phase: 'change', commits, exceptions: [] } as unknown as Input;
}

function judge(text: string, ...disclosures: (Record<string, string[]> | undefined)[]) {
  const { policies, problems } = compileSchemas([{ path: 'x.schema.json', text }]);
  assert.deepEqual(problems, []);
  return judgeBySchemas(policies, input(...disclosures));
}

const strict = schema({
  type: 'object',
  required: ['model'],
  properties: {
    model: { type: 'array', items: { enum: ['one', 'two'] } },
    timestamp: { type: 'array', items: { type: 'string', format: 'date-time' } },
  },
  additionalProperties: false,
});

test('each value is judged, with its commit and field; absent values are not', () => {
  const { deny, warn } = judge(
    strict,
    { model: ['one'] },
    undefined,
    { model: ['three'], timestamp: ['2026-01-02T03:04:05Z', 'yesterday'] },
    { other: ['x'] },
  );
  assert.deepEqual(warn, []);
  assert.deepEqual(
    deny.map(({ rule, commit, field, msg }) => [rule, commit, field, msg]),
    [
      ['shape', 'c', 'model', 'model must be one of "one", "two", but is "three"'],
      ['shape', 'c', 'timestamp', 'timestamp[1] must match format "date-time", but is "yesterday"'],
      ['shape', 'd', 'model', 'model is missing'],
      ['shape', 'd', 'other', 'other is not a known field'],
    ],
  );
});

test('a level of warn warns, and a path without [] names no commit', () => {
  const text = schema({ required: ['title'] }, { each: 'change', rule: 'titled', level: 'warn' });
  const { policies } = compileSchemas([{ path: 'x.schema.json', text }]);
  const found = judgeBySchemas(policies, { ...input(), change: { base: 'x', head: 'y', files: [] } });
  assert.deepEqual(found, { deny: [], warn: [{ rule: 'titled', msg: 'title is missing', field: 'title' }] });
});

test('an error that only says that a condition failed is left out when its cause is told', () => {
  const text = schema({
    if: { required: ['model'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['approver'] },
  });
  const { deny } = judge(text, { model: ['one'] }, {});
  assert.deepEqual(
    deny.map(({ msg }) => msg),
    ['approver is missing'],
  );
});

test('a reference finds a schema of the same set by relative path, and nothing outside', () => {
  const policy = schema({ properties: { model: { $ref: 'parts/name.schema.json' } } });
  const part = JSON.stringify({ $schema: dialect, type: 'array', maxItems: 1 });
  const { policies, problems } = compileSchemas([
    { path: 'd/x.schema.json', text: policy },
    { path: 'd/parts/name.schema.json', text: part },
  ]);
  assert.deepEqual(problems, []);
  assert.equal(judgeBySchemas(policies, input({ model: ['one', 'two'] })).deny.length, 1);

  const outside = schema({ properties: { model: { $ref: 'https://example.com/name.json' } } });
  const broken = compileSchemas([{ path: 'x.schema.json', text: outside }]);
  assert.deepEqual(broken.policies, []);
  assert.match(broken.problems[0]?.message ?? '', /"https:\/\/example\.com\/name\.json" leads to no schema/);
  const line = outside.split('\n').findIndex((text) => text.includes('$ref'));
  assert.equal(broken.problems[0]?.range.start.line, line);
});

const wrong: [name: string, text: string, line: number, message: RegExp][] = [
  ['not JSON', '{\n  "type": \n}', 2, /./],
  ['not an object', '[]', 0, /one JSON object/],
  ['another dialect', '{\n"$schema": "http://json-schema.org/draft-07/schema#"}', 1, /2020-12/],
  ['an invalid schema', '{\n"type": "object",\n"required": "model"\n}', 2, /\/required must be array/],
  ['an unknown keyword', schema({ requird: ['model'] }), 0, /unknown keyword: "requird"/],
  ['an unknown format', schema({ format: 'rfc-3339' }), 0, /unknown format/],
  ['an annotation without each', schema({}, { rule: 'x' }), 2, /x-countersign\.each/],
  ['an annotation without rule', schema({}, { each: 'commits[]' }), 2, /x-countersign\.rule/],
  ['an unknown level', schema({}, { each: 'commits[]', rule: 'x', level: 'info' }), 2, /x-countersign\.level/],
  ['an unknown setting', schema({}, { each: 'commits[]', rule: 'x', levle: 'warn' }), 2, /"levle"/],
];
for (const [name, text, line, message] of wrong) {
  test(`a schema that cannot judge is told with its line: ${name}`, () => {
    const { policies, problems } = compileSchemas([{ path: 'x.schema.json', text }]);
    assert.deepEqual(policies, []);
    assert.equal(problems[0]?.path, 'x.schema.json');
    assert.match(problems[0]?.message ?? '', message);
    if (line > 0) assert.ok(Math.abs((problems[0]?.range.start.line ?? -1) - line) <= 1, JSON.stringify(problems[0]));
  });
}
