/** METADATA blocks by chance: maps of the fields that OPA knows, and heaps of what YAML is made of. */
import fc from 'fast-check';

type Text = fc.Arbitrary<string>;

const breaks = ['\u2028', '\u2029', '\u0085', '\r'];
const signs = [
  '? ',
  '?',
  ': ',
  ':',
  '- ',
  '-',
  '{',
  '}',
  '[',
  ']',
  ', ',
  ',',
  '"',
  "'",
  '|',
  '>',
  '|-',
  '>2',
  '~',
  '!',
  '%',
];
const spaces = [' ', '  ', '\t', '\n', '\n  ', '\n   ', '#', ' # c', '---', '...'];
const names = [
  'title',
  'custom:',
  'custom: ',
  'labels',
  'a',
  'x',
  '1',
  'true',
  '"b"',
  "'b'",
  '&a ',
  '*a',
  '!!str ',
  '<<: ',
];

const heap: Text = fc
  .array(fc.oneof(fc.constantFrom(...signs), fc.constantFrom(...spaces, ...breaks), fc.constantFrom(...names)), {
    minLength: 1,
    maxLength: 10,
  })
  .map((parts) => parts.join(''));

const scalar: Text = fc.oneof(
  fc.constantFrom('a', '"q"', "'s'", 'a b', 'x y: z', 'a #b', 'a#b', '', '~', 'null', 'true', 'yes', 'No', '[]', '{}'),
  fc.constantFrom('1', '-3', '017', '0o17', '0b101', '0x1F', '1_000', '1e3', '1.50', '.5', '.5_0', '0b-1', '+12', '08'),
  fc.constantFrom('9223372036854775808', '18446744073709551616', '1e999', '.inf', '2024-01-02', '2024-1-2T3:4:5Z'),
  fc.constantFrom('2024-01-02 03:04:05.120', '2024-01-02T03:04:05.5+01:30', '2024-02-30', '!!int 3', '!!int x'),
  fc.constantFrom('!!float 3', '!!str 5', '!!binary aGk=', '!!binary x', '!foo bar', '!!null ~', '&k v', '*k', '<<'),
  fc.constantFrom('"\\u00e9\\n\\x41"', '"\\q"', '"a\n    b"', '|\n    x\n\n     y', '>-\n    x\n    y', '- a', '? a'),
  fc.constantFrom('input.x', 'schema.y', 'data.z', 'http://a.b', 'Ann <a@b>', 'rule', 'document', ...breaks),
);
const key: Text = fc.oneof(
  fc.constantFrom('title', 'description', 'scope', 'entrypoint', 'organizations', 'related_resources', 'authors'),
  fc.constantFrom('schemas', 'compile', 'custom', 'labels', 'unknowns', 'mask_rule', 'name', 'email', 'ref', 'x'),
  fc.constantFrom('1', '"title"', '? a\n', '? ', '?\n', '*k', '&a custom', '<<', '!!str b', 'true', 'null', '[a]'),
);

/** A value in the place of one that is indented so far. */
function value(depth: number): Text {
  if (depth === 0) return scalar;
  const inner = value(depth - 1);
  const flow = inner.map((text) => text.replaceAll('\n', ' '));
  const indent = `\n${'  '.repeat(4 - depth)}`;
  const entry = fc.tuple(key, inner).map(([name, text]) => `${indent}${name}: ${text}`);
  return fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(flow, { maxLength: 2 }).map((items) => `[${items.join(', ')}]`) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(key, flow), { maxLength: 2 })
        .map((items) => `{${items.map(([name, text]) => `${name}: ${text}`).join(', ')}}`),
    },
    { weight: 2, arbitrary: fc.array(entry, { minLength: 1, maxLength: 2 }).map((entries) => entries.join('')) },
    {
      weight: 2,
      arbitrary: fc
        .array(inner, { minLength: 1, maxLength: 2 })
        .map((items) => items.map((text) => `${indent}- ${text}`).join('')),
    },
  );
}

const map: Text = fc
  .array(fc.tuple(key, value(3)), { minLength: 1, maxLength: 3 })
  .map((entries) => entries.map(([name, text]) => `${name}: ${text}`).join('\n'));

/** Modules with a block above a rule. */
export const annotated: Text = fc
  .oneof(heap, map)
  .map(
    (yaml) =>
      `package p\n# METADATA\n${yaml.replaceAll(/^/gm, '# ').replaceAll(/([\r\u2028\u2029])# /g, '$1')}\np := 1\n`,
  );
