import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Entrypoint,
  EntrypointError,
  entrypointQuery,
  findEntrypoints,
  readFindings,
} from '../../../core/decision/entrypoints.ts';

const range = { start: { line: 4, character: 0 }, end: { line: 4, character: 4 } };

function module(path: string, packagePath: string, ...names: string[]) {
  const location = { path, range };
  const rules = names.map((name) => ({ name, location, nameRange: range, test: name.startsWith('test_') }));
  return { path, package: packagePath, rules };
}

function entrypoint(kind: Entrypoint['kind'], rule = 'topic'): Entrypoint {
  return { ref: `data.p.${kind}`, kind, rule, location: { path: 'p.rego', range } };
}

test("deny, violation, warn and ai decide, also with conftest's suffixes; helpers and tests do not", () => {
  const found = findEntrypoints([
    module('b.rego', 'countersign.topic', 'deny', 'deny', 'helper', 'test_deny', 'denylist', 'ai'),
    module('a.rego', 'main', 'violation', 'warn_old_api', 'deny_root'),
    module('c.rego', 'odd["name-d"]', 'warn'),
  ]);
  assert.deepEqual(
    found.map(({ ref, kind, rule }) => [ref, kind, rule]),
    [
      ['data.countersign.topic.ai', 'ai', 'topic'],
      ['data.countersign.topic.deny', 'deny', 'topic'],
      ['data.main.deny_root', 'deny', 'root'],
      ['data.main.violation', 'deny', 'main'],
      ['data.main.warn_old_api', 'warn', 'old_api'],
      ['data.odd["name-d"].warn', 'warn', 'name-d'],
    ],
  );
});

test('a name around or within a deciding one hides no rule', () => {
  const found = findEntrypoints([
    module('a.rego', 'main', 'deny.x', 'warn["y z"]', 'b.deny', 'deny_root.c', 'denial.x'),
  ]);
  assert.deepEqual(
    found.map(({ ref, kind, rule }) => [ref, kind, rule]),
    [
      ['data.main.b.deny', 'deny', 'b'],
      ['data.main.deny', 'deny', 'main'],
      ['data.main.deny_root', 'deny', 'root'],
      ['data.main.warn', 'warn', 'main'],
    ],
  );
});

test('one query asks for all', () => {
  assert.equal(
    entrypointQuery([entrypoint('deny'), entrypoint('warn')]),
    '{"data.p.deny": [x | x := data.p.deny], "data.p.warn": [x | x := data.p.warn]}',
  );
});

test('strings and objects are violations, whatever else an object holds', () => {
  const found = readFindings([entrypoint('deny'), entrypoint('warn')], {
    'data.p.deny': [['plain', { msg: 'full', rule: 'r', commit: 'c', field: 'f', path: 'p', fix: 'x', details: [1] }]],
    'data.p.warn': [[{ msg: 'unnamed', commit: null }]],
  });
  assert.deepEqual(found, {
    deny: [
      { rule: 'policy', msg: 'plain' },
      { rule: 'r', msg: 'full', commit: 'c', field: 'f', path: 'p', fix: 'x' },
    ],
    warn: [{ rule: 'topic', msg: 'unnamed' }],
    excused: [],
  });
});

test("conftest's metadata may be of any kind, and a path in parts is one with dots", () => {
  const object = { msg: 'm', field: ['spec', 'containers', 0], path: { a: 1 }, fix: 7 };
  const { deny } = readFindings([entrypoint('deny')], { 'data.p.deny': [[object]] });
  assert.deepEqual(deny, [{ rule: 'topic', msg: 'm', field: 'spec.containers.0', path: '{"a":1}', fix: '7' }]);
});

test("conftest's exceptions excuse rules of their package by their suffix, and are told", () => {
  const found = findEntrypoints([
    module('a.rego', 'a', 'exception', 'deny_root', 'deny', 'warn_root'),
    module('b.rego', 'b', 'deny_root'),
    module('c.rego', 'c', 'exception', 'helper'),
  ]);
  assert.deepEqual(
    found.map(({ ref }) => ref),
    ['data.a.deny', 'data.a.deny_root', 'data.a.exception', 'data.a.warn_root', 'data.b.deny_root'],
  );
  const answer = (exception: unknown[]) => ({
    ...{
      'data.a.deny': [['x']],
      'data.a.deny_root': [['y', 'z']],
      'data.a.warn_root': [[]],
      'data.b.deny_root': [['w']],
    },
    'data.a.exception': exception,
  });
  const messages = (exception: unknown[]) => {
    const { deny, excused } = readFindings(found, answer(exception));
    return [deny.map(({ msg }) => msg), excused];
  };
  const two = 'data.a.exception excuses 2 violations of data.a.deny_root.';
  assert.deepEqual(messages([[['root', 'other']]]), [['x', 'w'], [two]]);
  assert.deepEqual(messages([[['other'], ['']]]), [
    ['y', 'z', 'w'],
    ['data.a.exception excuses one violation of data.a.deny.'],
  ]);
  for (const none of [[], [[]], [true], ['root'], [['root']], [{ root: 1 }]]) {
    assert.deepEqual(messages(none), [['x', 'y', 'z', 'w'], []], JSON.stringify(none));
  }
});

test('the commits that show AI use are absent when no rule tells them, and empty when one tells none', () => {
  assert.equal(readFindings([], {}).ai, undefined);
  assert.deepEqual(readFindings([entrypoint('ai')], { 'data.p.ai': [[]] }).ai, []);
});

const wrong: [name: string, kind: Entrypoint['kind'], value: unknown, message: RegExp][] = [
  ['undefined', 'deny', [], /undefined/],
  ['absent', 'deny', undefined, /undefined/],
  ['a boolean', 'deny', [true], /must be a set, but is the boolean true/],
  ['an object, as `deny[msg] if` makes it in Rego v1', 'deny', [{ text: true }], /must be a set.*deny contains/],
  ['a string', 'warn', ['text'], /must be a set/],
  ['a set of numbers', 'deny', [[1]], /has the number 1/],
  ['a set of sets', 'deny', [[['text']]], /has a list/],
  ['an object without msg', 'deny', [[{ rule: 'r' }]], /"msg" is no string/],
  ['a commit that is no string', 'deny', [[{ msg: 'm', commit: 5 }]], /"commit" is no string/],
  ['ai with objects', 'ai', [[{}]], /commit ids/],
];
for (const [name, kind, value, message] of wrong) {
  test(`what a gate cannot read is an error, never a pass: ${name}`, () => {
    assert.throws(
      () => readFindings([entrypoint(kind)], { [`data.p.${kind}`]: value }),
      (error) => error instanceof EntrypointError && message.test(error.message),
    );
  });
}
