import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { placeOf, pointerKeys, readDocument } from '../../core/yaml-document.ts';

const complaints = (text: string) => {
  const { problems, value } = readDocument('x.yaml', text);
  if (problems.length > 0) assert.equal(value, undefined, 'a broken document has no value');
  return problems.map((found) => `${placeOf(found)} ${found.message}`);
};

test('reads YAML and JSON, with the place of each value', () => {
  const text = 'a:\n  - one\n  - bé: 🚀 two\n\nc: "x"\n';
  const document = readDocument('x.yaml', text);
  assert.deepEqual(document.problems, []);
  assert.deepEqual(document.value, { a: ['one', { bé: '🚀 two' }], c: 'x' });
  assert.deepEqual(document.rangeOf(['a', 0]), { start: { line: 1, character: 4 }, end: { line: 1, character: 7 } });
  assert.deepEqual(document.rangeOf(['a', 1, 'bé']), {
    start: { line: 2, character: 8 },
    end: { line: 2, character: 14 },
  });
  assert.deepEqual(document.keyRangeOf(['a', 1, 'bé']), {
    start: { line: 2, character: 4 },
    end: { line: 2, character: 6 },
  });
  assert.deepEqual(document.rangeOf(['a']).start, { line: 0, character: 0 });
  assert.deepEqual(document.rangeOf(['a', 7]).start, { line: 0, character: 0 }, 'the closest parent');
  assert.deepEqual(document.rangeOf(['c']), { start: { line: 4, character: 3 }, end: { line: 4, character: 6 } });
  assert.deepEqual(readDocument('x.json', '{"a": [1, null, true, "b"]}').value, { a: [1, null, true, 'b'] });
  assert.deepEqual(readDocument('x.yaml', 'a: 1\r\nb: 2\r\n').rangeOf(['b']).start, { line: 1, character: 3 });
  assert.equal(readDocument('x.yaml', '').value, null);
});

test('words stay words', () => {
  // YAML 1.2: no, on and dates are strings, and 0x1f is the only odd number.
  assert.deepEqual(readDocument('x.yaml', 'a: no\nb: on\nc: 2026-01-01\nd: 1e3\n').value, {
    a: 'no',
    b: 'on',
    c: '2026-01-01',
    d: 1000,
  });
});

test('complains about what is careless, with line and column', () => {
  assert.match(complaints('a: 1\nb: 2\na: 3\n').join(), /^x\.yaml:3:1 .*twice/);
  assert.match(complaints('a:\n\tb: 1\n').join(), /x\.yaml:2:1 .*tab/);
  assert.match(complaints('a: 1\n---\nb: 2\n').join(), /several YAML documents/);
  assert.match(complaints('a: [1, 2\nb: 3\n').join(), /^x\.yaml:\d:\d /);
  assert.match(complaints('a: "open\n').join(), /^x\.yaml:2:1|^x\.yaml:1:4/);
  assert.match(complaints('a: *nowhere\n').join(), /nowhere|alias/i);
});

test('complains about what is hostile, quickly', () => {
  assert.match(complaints('a: !!js/function "function(){}"\n').join(), /tag/);
  assert.match(complaints('a: !custom x\n').join(), /^x\.yaml:1:4 .*without a tag/);
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (let at = 1; at < 12; at++)
    bomb.push(
      `b${at}: &b${at} [${Array(9)
        .fill(at === 1 ? '*a' : `*b${at - 1}`)
        .join(',')}]`,
    );
  assert.match(complaints(bomb.join('\n')).join(), /Aliases repeat too much/);
  assert.match(complaints('['.repeat(100_000)).join(), /deeper than 200/);
  assert.match(complaints('{a: '.repeat(100_000)).join(), /deeper than 200/);
  assert.match(complaints('- '.repeat(100_000)).join(), /deep/);
  assert.match(complaints(Array.from({ length: 1500 }, (_, at) => `${' '.repeat(at)}k:`).join('\n')).join(), /deep/);
  assert.match(complaints('x'.repeat(5 * 1024 * 1024)).join(), /larger than 4 MB/);
  assert.match(complaints('? [a, b]\n: c\n').join(), /string/i);
  assert.match(complaints('a: &a\n  b: *a\n').join(), /what it lies in/);
});

test('a map cannot reach an object’s prototype', () => {
  const { value } = readDocument('x.yaml', '__proto__:\n  polluted: yes\nconstructor: x\n');
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
  assert.equal(({} as { polluted?: string }).polluted, undefined);
});

test('whatever the text, there is a value or a problem, and no exception', () => {
  const unit = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '-',
    '[',
    '{',
    ']',
    '}',
    '&',
    '*',
    '!',
    '|',
    '>',
    '"',
    "'",
    '#',
    '\t',
    '?',
    '%',
    '\r',
    '0',
    ',',
    '\0',
    '🚀',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      const { value, problems } = readDocument('x.yaml', text);
      assert.ok(problems.length > 0 || value !== undefined);
      for (const { range } of problems) assert.ok(range.start.line >= 0 && range.start.character >= 0);
    }),
    { numRuns: 2000 },
  );
});

test('what yaml writes is read back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const expected = JSON.parse(JSON.stringify(value).replaceAll('-0', '0'));
      const document = readDocument('x.yaml', stringify(expected, { aliasDuplicateObjects: false }));
      assert.deepEqual([document.problems, document.value], [[], expected]);
    }),
    { numRuns: 300 },
  );
});

test('pointers', () => {
  assert.deepEqual(pointerKeys(''), []);
  assert.deepEqual(pointerKeys('/a~1b/~0c/0'), ['a/b', '~c', '0']);
});
