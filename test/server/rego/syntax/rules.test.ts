/** Statements: what a module consists of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problems, statements } from './outline.ts';

/** A module's text behind `package p`, and the outlines of its statements; it has no problems. */
function check(text: string, ...expected: string[]): void {
  test(text, () => {
    assert.deepEqual(statements(text), expected);
    assert.deepEqual(problems(`package p\n${text}`), []);
  });
}

function refuse(text: string, ...expected: string[]): void {
  test(`refuses ${text}`, () => assert.deepEqual(problems(text), expected));
}

check('import data.a.b\nimport input.x as y', '(import (ref data .a .b))', '(import (ref input .x) y)');
check('p := 1', '(rule (head := p 1))');
check('p = 1', '(rule (head = p 1))');
check('p := 1 q := 2', '(rule (head := p 1))', '(rule (head := q 2))');
check('default p := false', '(rule default (head := p false))');
check('default f(_) := 1', '(rule default (head /1 := f _ 1))');
check('p if input.x', '(rule (head p) (body if (expression (ref input .x))))');
check('p if { a; b }', '(rule (head p) (body if {} (expression a) (expression b)))');
check('p if {\n\ta\n\tb\n}', '(rule (head p) (body if {} (expression a) (expression b)))');
check('p contains x if some x in xs', '(rule (head contains p x) (body if (some (membership x xs))))');
check('p contains 1', '(rule (head contains p 1))');
check('f(x, y) := z if { z := x + y }', '(rule (head /2 := f x y z) (body if {} (expression := z (infix + x y))))');
check('p.q[x].r := 1 if a', '(rule (head := (ref p .q (index x) .r) 1) (body if (expression a)))');
check('p [1] if a', '(rule (head (ref p (index 1))) (body if (expression a)))');
check('p if { a }\n{ b }', '(rule (head p) (body if {} (expression a)) (body {} (expression b)))');
check(
  'p := 1 if a else := 2 if { b } else := 3',
  '(rule (head := p 1) (body if (expression a)) (else := 2 (body if {} (expression b))) (else := 3))',
);
check('if.x := 1', '(rule (head := (ref if .x) 1))');
check('1 + 2 = 3', '(expression = (infix + 1 2) 3)');

// Braces behind `if` hold a body, unless they are a value that can be false.
check('p if {"a": 1}', '(rule (head p) (body if (expression (object (entry "a" 1)))))');
check('p if {}', '(rule (head p) (body if (expression (object))))');
check('p if {x | x}', '(rule (head p) (body if (expression (comprehension set x (body (expression x))))))');
check('p if {x}', '(rule (head p) (body if {} (expression x)))');
check('p if {x} == y', '(rule (head p) (body if (expression (infix == (set x) y))))');
check('p if {x}.y', '(rule (head p) (body if (expression (ref (set x) .y))))');
check('p if {x; y | z}', '(rule (head p) (body if {} (expression x) (expression (infix | y z))))');

refuse('', ': the module is empty: it begins with `package`');
refuse('p := 1', 'p := 1: expected `package` first');
refuse('package p\npackage q', 'package q: a module has one `package`');
refuse('package p\n\np {\n\tinput.x\n}', 'p: `if` is required before the body of a rule');
refuse('package p[x]', 'x: expected a string in the path');
refuse('package p\nimport data.if', 'data.if: the import ends with a keyword, `if`: give it another name with `as`');
refuse('package p\np[input] := 1 if a else := 2', 'else: `else` cannot be used on a rule with many values');
