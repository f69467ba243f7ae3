/** Tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lex } from '../../../../server/rego/syntax/lexer.ts';
import { T } from '../../../../server/rego/syntax/tokens.ts';

const names = new Map<number, string>(Object.entries(T).map(([name, kind]) => [kind, name]));

/** Each token as its kind and its text. */
function tokens(text: string): string[] {
  const { count, kinds, starts, ends } = lex(text).tokens;
  return Array.from({ length: count }, (_, at) => `${names.get(kinds[at]!)} ${text.slice(starts[at], ends[at])}`);
}

function check(text: string, ...expected: string[]): void {
  test(JSON.stringify(text), () => {
    assert.deepEqual(tokens(text), expected);
    assert.deepEqual(lex(text).problems, []);
  });
}

function refuse(text: string, ...expected: string[]): void {
  test(`${JSON.stringify(text)} has a problem`, () => {
    const found = lex(text).problems.map(({ start, end, message }) => `${text.slice(start, end)}: ${message}`);
    assert.deepEqual(found, expected);
  });
}

check('', ...[]);
check('\ufeffa\r\n\tb', 'name a', 'name b');
check('package packages _a1 a٣', 'package package', 'name packages', 'name _a1', 'name a٣');
check('in if every contains and or', 'in in', 'if if', 'every every', 'contains contains', 'and and', 'or or');
check('1 1.5 2e-3 0', 'number 1', 'number 1.5', 'number 2e-3', 'number 0');
check(
  'a:=b==c=d!=e',
  'name a',
  'assign :=',
  'name b',
  'equal ==',
  'name c',
  'unify =',
  'name d',
  'notEqual !=',
  'name e',
);
check('<=<>=>|&', 'lessOrEqual <=', 'less <', 'greaterOrEqual >=', 'greater >', 'pipe |', 'ampersand &');
check('"a \\" b" `c\n"`', 'string "a \\" b"', 'rawString `c\n"`');
check('a # comment "\nb', 'name a', 'name b');
check('@ ! 😀', 'illegal @', 'illegal !', 'illegal 😀');
check('$"a"', 'template $"a"');
check('$"a{b}c{d}e"', 'templateHead $"a{', 'name b', 'templateMiddle }c{', 'name d', 'templateTail }e"');
check(
  '$"{{"a": $`{b}`}}"',
  'templateHead $"{',
  'leftBrace {',
  'string "a"',
  'colon :',
  'templateHead $`{',
  'name b',
  'templateTail }`',
  'rightBrace }',
  'templateTail }"',
);
check('$"\\{a"', 'template $"\\{a"');

refuse('"a', '"a: non-terminated string');
refuse('"a\n"', '"a: non-terminated string', '": non-terminated string');
refuse('"\\q"', '\\q: illegal escape sequence');
refuse('"\\u12"', '\\u: illegal escape sequence');
refuse('"\t\\n"', '"\t\\n": illegal string literal: control character beside an escape');
refuse('`a', '`: non-terminated string');
refuse('1.', '1.: expected digits after the decimal point');
refuse('1ab', '1ab: illegal number format');
refuse('a \ufeff', ...[]);
refuse('# \0', '\0: illegal null character');
refuse('$"{a', ': expected } to end the expression');

test('brackets know their partners; those without are told apart', () => {
  const { partners } = lex('{ ( ] [ ) }').tokens;
  assert.deepEqual([...partners.slice(0, 6)], [5, 4, -1, -1, 1, 0]);
});

test('comments are kept without their line breaks', () => {
  const text = '# a\r\nb # c';
  assert.deepEqual(
    lex(text).comments.map(({ start, end }) => text.slice(start, end)),
    ['# a', '# c'],
  );
});

test('a template string that is never closed ends with its line, and takes nothing of the next ones', () => {
  const text = 'a := $"x {y\nb := $"{\nc}"\nd := $"{\n}\n';
  assert.deepEqual(
    tokens(text).filter((token) => token.startsWith('name')),
    ['name a', 'name y', 'name b', 'name c', 'name d'],
  );
  assert.equal(tokens(text).at(-1), 'rightBrace }');
});
