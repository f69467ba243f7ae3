/** The languages of the versions, and what imports make of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParseOptions } from '../../../../server/rego/syntax/parse.ts';
import { problems, statements } from './outline.ts';

function check(name: string, text: string, options: ParseOptions, expected: string[], refused: string[] = []): void {
  test(name, () => {
    assert.deepEqual(statements(text, options), expected);
    assert.deepEqual(problems(`package p\n${text}`, options), refused);
  });
}

const v0: ParseOptions = { version: 'v0' };
const v0v1: ParseOptions = { version: 'v0v1' };

check('v0 has rules without `if`', 'p[x] { x }', v0, ['(rule (head (ref p (index x))) (body {} (expression x)))']);
check('v0 has names that are keywords in v1', 'if := 1\nevery[x] { in }', v0, [
  '(rule (head := if 1))',
  '(rule (head (ref every (index x))) (body {} (expression in)))',
]);
check('a keyword is one behind its import', 'in := 1\nimport future.keywords.in\nq { x in xs }', v0, [
  '(rule (head := in 1))',
  '(import (ref future .keywords .in))',
  '(rule (head q) (body {} (expression (membership x xs))))',
]);
check(
  '`import rego.v1` makes v0 strict',
  'import rego.v1\np { x }',
  v0,
  ['(import (ref rego .v1))', '(rule (head p) (body {} (expression x)))'],
  ['p: `if` is required before the body of a rule'],
);
check('v0v1 wants the keywords, imported', 'import rego.v1\np if x', v0v1, [
  '(import (ref rego .v1))',
  '(rule (head p) (body if (expression x)))',
]);
check('v1 takes `rego.v1` as given', 'import rego.v1\np if x', {}, [
  '(import (ref rego .v1))',
  '(rule (head p) (body if (expression x)))',
]);
check('`and` is a name until it is imported', 'p := and', {}, ['(rule (head := p and))']);
check(
  'an unknown keyword',
  'import future.keywords.xor',
  {},
  ['(import (ref future .keywords .xor))'],
  ['future.keywords.xor: unknown keyword: must be one of and, contains, every, if, in, not, or'],
);
check(
  'capabilities without template strings',
  'p := $"a"',
  { capabilities: { features: ['rego_v1'] } },
  ['(rule (head := p (template $"a")))'],
  ['$"a": template strings are not supported here'],
);
check(
  'capabilities without `and`',
  'import future.keywords.and',
  { capabilities: { future_keywords: ['not'] } },
  ['(import (ref future .keywords .and))'],
  ['future.keywords.and: unknown keyword: must be one of contains, every, if, in, not'],
);
