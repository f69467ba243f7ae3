/** What is kept of a module without its tree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modulesOf } from '../../../../server/rego/names/modules.ts';
import { isTest } from '../../../../server/rego/names/outline.ts';
import { treeOf } from '../../../../server/rego/names/trees.ts';
import type { Document, Root } from '../../../../server/snapshot.ts';
import { fixture } from '../rego-support.ts';

test('rules, imports, paths of the input, tests', () => {
  const { root } = fixture({
    'p.rego': `# METADATA
# scope: subpackages
# title: All of it
package p

import data.lib.roles as r
import input.user["full name"] as named

# METADATA
# title: Who may
# description: Not told here
allow if r.admin[input.user.id]

default f(_, _) := 1

f(x, [y]) := x + y

list["a b"].c := named

deny contains "x" if input["user"][_].groups

test_allow if allow

todo_test_deny if deny
`,
  });
  const module = modulesOf(root).byPath.get('p.rego');
  assert.ok(module);
  const { outline, document } = module;
  const textOf = ({ start, end }: { start: number; end: number }) => document.text.slice(start, end);
  assert.deepEqual(
    outline.rules.map((rule) => [rule.path.join(' / '), rule.kind, rule.args, textOf(rule.name), rule.constant]),
    [
      ['allow', 'rule', undefined, 'allow', false],
      ['f', 'default', [undefined, undefined], 'f', true],
      ['f', 'function', ['x', undefined], 'f', true],
      ['list / a b / c', 'rule', undefined, 'list["a b"].c', true],
      ['deny', 'set', undefined, 'deny', false],
      ['test_allow', 'rule', undefined, 'test_allow', false],
      ['todo_test_deny', 'rule', undefined, 'todo_test_deny', false],
    ],
  );
  assert.deepEqual(
    outline.rules.filter(isTest).map(({ path }) => path[0]),
    ['test_allow', 'todo_test_deny'],
  );
  assert.deepEqual(outline.imports, [
    { path: ['data', 'lib', 'roles'], alias: 'r' },
    { path: ['input', 'user', 'full name'], alias: 'named' },
  ]);
  assert.deepEqual(outline.inputs.map((path) => path.join('.')).sort(), [
    'input.user',
    'input.user.full name',
    'input.user.id',
  ]);
  assert.deepEqual(
    module.names.tree.metadata.map(({ scope }) => scope),
    ['subpackages', 'rule'],
    'METADATA is read where it is asked for',
  );
  assert.equal(outline.broken, false);
});

test('trees of files are kept for a while only, those of open documents as long as they are open', () => {
  const document = (at: number, version: number | null): Document => ({
    uri: `file:///work/m${at}.rego`,
    languageId: 'rego',
    version,
    text: `package m${at}\n\n# ${'x'.repeat(300_000)}\nr := 1\n`,
  });
  const [file, open] = [document(0, null), document(1, 1)];
  const [tree, kept] = [treeOf(file, 'v1'), treeOf(open, 'v1')];
  assert.equal(treeOf(file, 'v1'), tree, 'what was looked at last is at hand');
  for (let at = 2; at < 8; at++) treeOf(document(at, null), 'v1');
  assert.notEqual(treeOf(file, 'v1'), tree);
  assert.equal(treeOf(open, 'v1'), kept);
  const root: Root = {
    id: 'file:///work',
    kind: 'folder',
    base: 'file:///work',
    files: new Map([['m0.rego', file]]),
    inherited: [],
    regoVersion: 'v1',
    trusted: true,
  };
  const module = modulesOf(root).byPath.get('m0.rego');
  assert.equal(module?.isRead, false, 'its package is known without reading it');
  assert.deepEqual(module?.package, ['data', 'm0']);
  assert.deepEqual(
    module?.outline.rules.map(({ path }) => path),
    [['r']],
  );
  assert.equal(module?.isRead, true);
});
