/** Terms: values, operators, references, and what brackets hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problems, statements } from './outline.ts';

/** The value of a rule, and its outline. */
function check(text: string, expected: string): void {
  test(text, () => {
    assert.deepEqual(statements(`p := ${text}`), [`(rule (head := p ${expected}))`]);
    assert.deepEqual(problems(`package p\np := ${text}`), []);
  });
}

function refuse(text: string, expected: string): void {
  test(`refuses ${text}`, () => assert.equal(problems(`package p\np := ${text}`)[0], expected));
}

check('null', 'null');
check('-1.50E+3', '-1.50E+3');
check('.5', '.5');
check('- . 5', '- . 5');
check('"\\u00e9\\n"', '"\\u00e9\\n"');
check('`raw "text"\n\\`', '`raw "text"\n\\`');
check('-x', '(negative x)');
check('-f(x)', '(negative (call f x))');

check('a.b["c"][d].if', '(ref a .b (index "c") (index d) .if)');
check('f(x, [y],)', '(call f x (array y))');
check('f(x).y(z)', '(call (ref (call f x) .y) z)');
check('set()', '(call set)');
check('[1][0]', '(ref (array 1) (index 0))');
check('(a + b).c', '(ref (parens (infix + a b)) .c)');
check('contains(a, b)', '(call contains a b)');

// Operators bind as OPA has it, from the left.
check('a - b - c', '(infix - a b c)');
check('a - b + c', '(infix -,+ a b c)');
check('a | b & c + d * e == f', '(infix == (infix | a (infix & b (infix + c (infix * d e)))) f)');
check('a + 1 in b', '(membership (infix + a 1) b)');
check('a\n+ b', '(infix + a b)');
check('x, y in z', '(membership x y z)');
check('[x, y in z]', '(array x (membership y z))');

check('{}', '(object)');
check('{1, 2,}', '(set 1 2)');
check('{"a": 1, b.c: 2,}', '(object (entry "a" 1) (entry (ref b .c) 2))');
check('[,1]', '(array 1)');

// `|` begins a comprehension's body where it can, and is the union of sets where it cannot.
check('[a | b]', '(comprehension array a (body (expression b)))');
check('[a | b, c]', '(array (infix | a b) c)');
check('[a | b, c in d]', '(comprehension array a (body (expression (membership b c d))))');
check('{a | b; c}', '(comprehension set a (body (expression b) (expression c)))');
check('{a | b, c}', '(set (infix | a b) c)');
check('{,a | b}', '(set (infix | a b))');
check('{k: v | v}', '(comprehension object (entry k v) (body (expression v)))');
check('{k: a | b, l: c}', '(object (entry k (infix | a b)) (entry l c))');
check('{a + b | c}', '(set (infix | (infix + a b) c))');
check(
  '[[x | x] | [y | y, z], 1]',
  '(array (infix | (comprehension array x (body (expression x))) (array (infix | y y) z)) 1)',
);

check('$"plain"', '(template $"plain")');
check('$"a {x} b {y + 1}"', '(template $"a { (expression x) } b { (expression (infix + y 1)) }")');
check('$"\\{ {x}"', '(template $"\\{ { (expression x) }")');
check('$"{$"{x}"}"', '(template $"{ (expression (template $"{ (expression x) }")) }")');
check('$"{{1, 2}}"', '(template $"{ (expression (set 1 2)) }")');
check('$`a\n{\nx\n}`', '(template $`a\n{ (expression x) }`)');

refuse('01', '01: a number cannot begin with a zero');
refuse('1.', '1.: expected digits after the decimal point');
refuse('1e', '1e: expected digits in the exponent');
refuse('1a', '1a: illegal number format');
refuse('1e99999', '1e99999: the number is too big');
refuse('"\\x"', '\\x: illegal escape sequence');
refuse('"a', '"a: non-terminated string');
refuse('"a".b', '"a": a string cannot be referred into');
refuse('[1 2]', '2: unexpected number 2: expected `,` or `]`');
refuse('{"a" 1}', '1: unexpected number 1: expected `,` or `}`');
refuse('$"{x := 1}"', 'x := 1: assignment is not allowed in a template string');
