/** Types from JSON Schemas. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeOfSchema } from '../../../../server/rego/types/json-schema.ts';
import { fieldOf, fieldsOf, select } from '../../../../server/rego/types/parts.ts';
import { showType } from '../../../../server/rego/types/show.ts';
import { typeText } from '../../../../server/rego/types/text.ts';

const read = (value: unknown) => typeOfSchema({ value, origin: { source: 'schema', name: 's.json', pointer: [] } });
const shown = (value: unknown) => showType(read(value));
/** Whether a field may be there. */
const has = (value: unknown, name: string) => select(read(value), name) !== undefined;

test('kinds, enumerations and constants', () => {
  assert.equal(shown({ type: 'integer' }), 'number');
  assert.equal(shown({ type: ['string', 'null'] }), 'string | null');
  assert.equal(shown({ type: 'string', nullable: true }), 'string | null');
  assert.equal(shown({ enum: ['a', 'b', 1, null] }), '"a" | "b" | 1 | null');
  assert.equal(shown({ const: 'a' }), '"a"');
  assert.equal(shown({}), 'any');
  assert.equal(shown(true), 'any');
  assert.equal(shown(7), 'any');
});

test('objects: closed, open, by pattern, of one kind', () => {
  const properties = { a: { type: 'string' } };
  assert.equal(shown({ properties }), 'object{"a": string}');
  assert.ok(has({ properties }, 'b'));
  assert.ok(!has({ properties, additionalProperties: false }, 'b'));
  assert.ok(has({ properties, additionalProperties: false, 'x-kubernetes-preserve-unknown-fields': true }, 'b'));
  assert.ok(!has({ properties, unevaluatedProperties: false }, 'b'));
  assert.equal(
    showType(select(read({ properties, additionalProperties: { type: 'number' } }), 'b') ?? assert.fail()),
    'number',
  );
  const patterned = { properties, patternProperties: { '^x-': { type: 'number' } }, additionalProperties: false };
  assert.ok(has(patterned, 'x-b'));
  assert.ok(!has(patterned, 'b'));
  assert.ok(has({ patternProperties: { '(?<': {} }, properties }, 'b'), 'no pattern of JavaScript');
  assert.ok(!has({ properties: { a: false }, additionalProperties: false }, 'a'));
});

test('arrays: items, tuples of both drafts', () => {
  const [s, n] = [{ type: 'string' }, { type: 'number' }];
  assert.equal(shown({ type: 'array', items: s }), 'array[string]');
  assert.equal(shown({ items: s }), 'array[string]');
  assert.equal(shown({ prefixItems: [s, n], items: false }), '[string, number]');
  assert.equal(shown({ type: 'array', items: [s], additionalItems: n }), '[string, …number]');
  assert.equal(shown({ type: 'array' }), 'array[any]');
});

test('references, also recursive ones, by pointer and anchor; others are not followed', () => {
  const tree = {
    $ref: '#/$defs/node',
    $defs: {
      node: { type: 'object', properties: { value: { $ref: '#v' }, next: { $ref: '#/$defs/node' } } },
      v: { $anchor: 'v', type: 'number' },
    },
  };
  const type = read(tree);
  assert.equal(showType(type), 'object{"value": number, "next": object{"value": number, "next": object}}');
  assert.equal(shown({ $ref: 'https://example.com/s.json' }), 'any');
  assert.equal(shown({ $ref: '#/$defs/none' }), 'any');
  assert.equal(shown({ $ref: '#' }), 'any');
  assert.equal(shown({ anyOf: [{ $ref: '#' }, { allOf: [{ $ref: '#' }, { $ref: '#' }] }] }), 'any');
  const list = (name: string) => ({ type: 'array', items: { $ref: `#/$defs/${name}` } });
  assert.match(shown({ anyOf: [list('l'), list('m')], $defs: { l: list('l'), m: list('m') } }), /^array\[array\[.*…/);
  assert.equal(shown({ $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { type: 'null' } } }), 'null');
});

test('allOf is all, anyOf and oneOf are any, of fields of conditions none is demanded', () => {
  const a = { properties: { a: { type: 'string' } }, required: ['a'] };
  const b = { properties: { b: { type: 'number' } }, additionalProperties: false };
  assert.deepEqual([...fieldsOf(read({ allOf: [a, b] })).keys()], ['a', 'b']);
  assert.ok(!has({ allOf: [a, b] }, 'c'));
  assert.equal(fieldOf(read({ allOf: [{ properties: a.properties }, a] }), 'a')?.required, true);
  assert.ok(has({ anyOf: [a, b] }, 'c'), 'one of them is open');
  assert.ok(!has({ oneOf: [{ ...a, additionalProperties: false }, b] }, 'c'));
  assert.equal(
    shown({ anyOf: [{ type: 'string' }, { type: 'array', items: { enum: ['x'] } }] }),
    'string | array["x"]',
  );
  assert.equal(shown({ type: 'object', anyOf: [a, { type: 'string' }] }), 'object{"a": string}');
  const conditional = read({ ...a, if: {}, else: b });
  assert.equal(fieldOf(conditional, 'a')?.required, true);
  assert.equal(fieldOf(conditional, 'b')?.required, false);
});

test('what is said of a field: by it before what it refers to, with where it stands', () => {
  const type = read({
    properties: {
      at: { $ref: '#/$defs/time', description: 'When it was made.' },
      kind: { enum: ['a', 'b'], deprecated: true },
    },
    required: ['at'],
    $defs: { time: { type: 'string', format: 'date-time', description: 'A time.' } },
  });
  const at = fieldOf(type, 'at') ?? assert.fail();
  assert.equal(
    typeText(at.type, at.about, at),
    'When it was made.\n\nRequired. Format `date-time`.\n\nBy the schema s.json.',
  );
  assert.deepEqual(at.about?.origin?.pointer, ['properties', 'at']);
  const kind = fieldOf(type, 'kind') ?? assert.fail();
  assert.match(typeText(kind.type, kind.about, kind), /\*\*Deprecated\.\*\*/);
});
