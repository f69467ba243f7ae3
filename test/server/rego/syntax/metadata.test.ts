/** METADATA blocks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotationOf } from '../../../../server/rego/syntax/metadata.ts';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import type { Metadata } from '../../../../server/rego/syntax/tree.ts';
import { problems } from './outline.ts';

/** The blocks of a module that has no problems. */
function blocks(text: string): readonly Metadata[] {
  const { metadata, errors } = parse(text);
  assert.deepEqual(errors, []);
  return metadata;
}

test('a block says what the statement below it is about', () => {
  const text =
    '# METADATA\n# title: The package\npackage p\n\n# METADATA\n# title: A rule\n# custom:\n#   level: 3\np := 1\n';
  const [first, second] = blocks(text);
  assert.deepEqual([first?.value, first?.target?.kind, first?.scope], [{ title: 'The package' }, 'package', 'package']);
  assert.deepEqual([second?.value, second?.scope], [{ title: 'A rule', custom: { level: 3 } }, 'rule']);
  assert.equal(text.slice(second!.start, second!.end), '# METADATA\n# title: A rule\n# custom:\n#   level: 3');
});

test('the keys and what they hold have their places, CRLF and other scripts included', () => {
  const text = 'package p\r\n# METADATA\r\n# title: "😀 é"\r\n# authors:\r\n# - Ann Example\r\np := 1\r\n';
  const [block] = blocks(text);
  const shown = block!.entries.map(({ name, key, value }) => [
    name,
    text.slice(key.start, key.end),
    text.slice(value!.start, value!.end).trim(),
  ]);
  assert.deepEqual(shown, [
    ['title', 'title', '"😀 é"'],
    ['authors', 'authors', '- Ann Example'],
  ]);
});

test('a block ends where its lines do, and where the next one begins', () => {
  const text = 'package p\n# METADATA\n# title: a\n\n# title: b\n# METADATA\n# scope: document\np := 1\n';
  assert.deepEqual(
    blocks(text).map(({ value, scope }) => [value, scope]),
    [
      [{ title: 'a' }, 'rule'],
      [{ scope: 'document' }, 'document'],
    ],
  );
});

test('an entrypoint is about the document', () => {
  assert.equal(blocks('package p\n# METADATA\n# entrypoint: yes\np := 1')[0]?.scope, 'document');
});

test('what only looks like a block is none', () => {
  assert.deepEqual(blocks('package p\n  # METADATA\n  # title: [\n# Metadata\np := "\\\\ # METADATA"'), []);
});

for (const [name, block, expected] of [
  ['nothing in it', '', '# METADATA: METADATA is empty'],
  ['text instead of YAML', '# words', '# METADATA: METADATA must be a map of YAML'],
  ['a title that is a list', '# title: [a]', '[a]: title must be a string'],
  ['a key twice', '# title: a\n# title: b', "title: the key 'title' is repeated"],
  ['an entrypoint that is no truth', '# entrypoint: maybe', 'maybe: entrypoint must be true or false'],
  [
    'an unknown scope',
    '# scope: file',
    "scope: file: invalid annotation scope 'file': use one of 'rule', 'document', 'package' or 'subpackages'",
  ],
  [
    'the scope of a package',
    '# scope: package',
    "scope: package: the annotation scope 'package' must be applied to a package, not to a rule",
  ],
  [
    'an entrypoint of one rule',
    '# scope: rule\n# entrypoint: true',
    "scope: rule: an entrypoint must have the scope 'document' or 'package', not 'rule'",
  ],
  [
    'an author without a name',
    '# authors: [{email: ""}]',
    "{email: \"\"}: invalid author: it must have 'name' or 'email'",
  ],
  ['a resource that is no URL', '# related_resources: [":x"]', '":x": invalid related resource: the scheme is missing'],
  ['an alias of nothing', '# custom: *a', "*a: unknown anchor 'a'"],
  ['keys that are no strings', '# custom: {a: {1: b}}', '{1: b}: the keys must be strings'],
  ['a control character', '# title: a\u0001', '\u0001: control characters are not allowed'],
  ['two maps on a line', '# title: a: b', ":: a value cannot begin here: put text with ': ' in quotes"],
  ['a value without a key', '# : a', ':: expected a key'],
  ['a second value behind U+2028', '# title: a\u2028b: c\u2028- d', '-: expected a key'],
  ['a merge of what is no map', '# <<: a', 'a: only maps can be merged'],
  ['YAML of another version', '# %YAML 1.2\n# ---\n# title: a', '%YAML 1.2: YAML 1.2 is not supported'],
  ['nesting without end', `# custom: ${'['.repeat(1001)}`, '[: nested more than 1000 deep'],
  ['a schema of a name', '# schemas: [x: schema.a]', 'x: invalid document reference'],
  ['a schema from elsewhere', '# schemas: [input: data.a]', 'data.a: invalid schema reference'],
] as const) {
  test(`refuses ${name}`, () => {
    const text = `package p\n# METADATA\n${block === '' ? '' : `${block}\n`}p := 1\n`;
    assert.deepEqual(problems(text), [expected]);
    assert.deepEqual(problems(text, { annotations: false }), []);
  });
}

test('values are those that OPA reads, of YAML 1.1 and later', () => {
  const custom = '{octal: 017, int: 1_000, day: 2024-01-02, text: 1e999, float: 1.50}';
  const [block] = blocks(`package p\n# METADATA\n# title: 1.50\n# custom: ${custom}\np := 1\n`);
  const expected = { octal: 15, int: 1000, day: '2024-01-02T00:00:00Z', text: '1e999', float: 1.5 };
  assert.deepEqual(block?.value?.custom, expected);
  assert.equal(annotationOf(block!).title, '1.50');
});

test('an explicit key may be empty, and U+0085, U+2028 and U+2029 break lines, as OPA has it', () => {
  const read = (yaml: string) => blocks(`package p\n# METADATA\n${yaml}\np := 1\n`)[0]!;
  assert.deepEqual(annotationOf(read('# ?\n# : value\n# title: a')), { title: 'a' });
  assert.deepEqual(annotationOf(read('# title: a\u2028scope: document')), { title: 'a', scope: 'document' });
  assert.deepEqual(annotationOf(read('# title: a\u2029  b')), { title: 'a\u2029b' });
  assert.deepEqual(annotationOf(read('# title: a\u0085  b\r\n# description: "c\u2028  d"')), {
    title: 'a b',
    description: 'c\u2028d',
  });
});

test('merged maps, aliases and tags', () => {
  const yaml = '# labels: &l {a: 1, b: 2}\n# custom:\n#   <<: [*l, {c: 3, b: 4}]\n#   a: !!str 5\n#   d: !!binary aGk=';
  const [block] = blocks(`package p\n# METADATA\n${yaml}\np := 1\n`);
  assert.deepEqual(annotationOf(block!).custom, { a: '5', b: 2, c: 3, d: 'hi' });
});

test('a block with nothing below it', () => {
  assert.deepEqual(problems('package p\n# METADATA\n# title: a\n'), [
    '# METADATA: METADATA must be followed by a package or a rule',
  ]);
});

test('blocks are read in damaged modules, too', () => {
  const { metadata } = parse('package p\n# METADATA\n# title: a\np := [\n# METADATA\n# title: b\nq := 1\n');
  assert.deepEqual(
    metadata.map(({ value, target }) => [value?.title, target?.kind]),
    [
      ['a', 'rule'],
      ['b', 'rule'],
    ],
  );
});
