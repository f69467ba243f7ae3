/** What bodies consist of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problems, statements } from './outline.ts';

const future = 'import future.keywords\n';

/** A literal behind `if`, with all keywords imported, and its outline. */
function check(text: string, expected: string): void {
  test(text, () => {
    const source = `${future}p if ${text}`;
    assert.deepEqual(statements(source)[1], `(rule (head p) (body if ${expected}))`);
    assert.deepEqual(problems(`package p\n${source}`), []);
  });
}

function refuse(text: string, expected: string): void {
  test(`refuses ${text}`, () => assert.equal(problems(`package p\n${future}p if ${text}`)[0], expected));
}

check('x := y', '(expression := x y)');
check(
  'x = f(y) with input as {} with data.a.b as c',
  '(expression = x (call f y) (with input (object)) (with (ref data .a .b) c))',
);
check('some x, y', '(some x y)');
check('some x in xs', '(some (membership x xs))');
check('some {"a": x}, y in xs with input as 1', '(some (membership (object (entry "a" x)) y xs) (with input 1))');
check('every x in xs { x > 1 }', '(every (membership x xs) (body {} (expression (infix > x 1))))');
check('every k, v in xs { k; v }', '(every (membership k v xs) (body {} (expression k) (expression v)))');
check('not.x', '(expression (ref not .x))');
check('not x', '(not (expression x))');
check('not { x; y }', '(not (body {} (expression x) (expression y)))');
check('not (a or b)', '(not (group (logical or (expression a) (expression b))))');
check('a and b and c', '(logical and (expression a) (expression b) (expression c))');
check('a or b and c', '(logical or (expression a) (logical and (expression b) (expression c)))');
check('{ a; b } or c', '(logical or (body {} (expression a) (expression b)) (expression c))');
check('(a or b) and not c', '(logical and (group (logical or (expression a) (expression b))) (not (expression c)))');
check('a and b with input as 1', '(logical and (expression a) (expression b) (with input 1))');
check('(a == b) and c', '(logical and (expression (parens (infix == a b))) (expression c))');
check('or(a, b) == and(c, d)', '(expression (infix == (call or a b) (call and c d)))');

refuse('not some x', 'not some: `some` cannot be negated');
refuse('every x { y }', 'x: expected `x in xs { … }` behind `every`');
refuse(
  'a with input as 1 and b',
  'with input as 1: `with` on an operand of `and`: put the operand in parentheses, or `with` last',
);
// OPA reads on behind an operator without a right side, and so takes the braces for an operand.
refuse('{1 | {x\nf} or 2}', 'f: unexpected `f`: expected `,` or `}`');
refuse('({1 | {x;f} or 2})', ';: unexpected `;`: expected `,` or `}`');
refuse('{a | {1 | {x\nf} or 2}}', 'f: unexpected `f`: expected `,` or `}`');
// What OPA has read as a name at the beginning of a literal is one wherever it reads it again.
check('[x | in.y, 2]', '(expression (array (infix | x (ref in .y)) 2))');
refuse('[2, in.y]', 'in: unexpected keyword `in`: expected a value, a variable or an expression');
refuse('a with 1 as 2', '1: unexpected number 1: expected a path');

test('without the import, `not` negates an expression, and braces behind it are a value', () => {
  assert.deepEqual(statements('p if not {x}'), ['(rule (head p) (body if (expression not (set x))))']);
});
