/** The outline, symbols of the workspace, folding, and growing selections. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentSymbol, SelectionRange } from 'vscode-languageserver';
import { foldingRanges } from '../../../server/rego/folding.ts';
import { modulesOf } from '../../../server/rego/names/modules.ts';
import { selectionRanges } from '../../../server/rego/selection.ts';
import { documentSymbols } from '../../../server/rego/symbols.ts';
import { workspaceSymbols } from '../../../server/rego/workspace-symbols.ts';
import { fixture } from './rego-support.ts';

const source = `# METADATA
# title: All
package example.authz

import data.lib.roles as r
import rego.v1

default allow := false

allow if input.admin

allow if {
	r.admin
}

f(x) := x + 1

roles[name] := value if {
	some name, value in {
		"a": 1,
	}
}

test_f if f(1) == 2
`;

const lines = (symbols: readonly DocumentSymbol[], indent = ''): string[] =>
  symbols.flatMap(({ name, range, children }) => [
    `${indent}${name} ${range.start.line}-${range.end.line}`,
    ...lines(children ?? [], `${indent}  `),
  ]);

test('the outline groups the definitions of a rule', () => {
  const { root, path } = fixture({ 'p.rego': source });
  const module = modulesOf(root).byPath.get(path) ?? assert.fail();
  assert.deepEqual(lines(documentSymbols(module)), [
    'example.authz 2-2',
    'r 4-4',
    'allow 7-13',
    '  allow := false 7-7',
    '  allow 9-9',
    '  allow 11-13',
    'f 15-15',
    'roles 17-21',
    'test_f 23-23',
  ]);
});

test('the outline of a broken module has what is whole', () => {
  const { root, path } = fixture({ 'p.rego': 'package p\n\na := 1\n\nb := {\n\nc := 3\n' }, { broken: true });
  const module = modulesOf(root).byPath.get(path) ?? assert.fail();
  const names = documentSymbols(module).map(({ name }) => name);
  assert.ok(names.includes('a') && names.includes('c'), names.join());
});

test('symbols of the workspace by letters in their order', () => {
  const { root } = fixture({ 'p.rego': source, 'q.rego': 'package q\n\nother := 1\n' });
  const found = (query: string) =>
    workspaceSymbols([root], query).map(({ name, containerName }) => `${containerName ?? ''}:${name}`);
  assert.deepEqual(found('authzalw'), ['example.authz:allow']);
  assert.deepEqual(found('OTHER'), ['q:other']);
  assert.deepEqual(found('nothing'), []);
});

test('folds rules, bodies, comments and imports', () => {
  const { root, path } = fixture({ 'p.rego': source });
  const module = modulesOf(root).byPath.get(path) ?? assert.fail();
  const found = foldingRanges(module.document, module.names.tree).map(
    ({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind ? ` ${kind}` : ''}`,
  );
  assert.deepEqual(found, ['0-1 comment', '4-5 imports', '11-12', '17-20', '18-19']);
});

test('grows a selection from the name to the module', () => {
  const { root, path, cursor } = fixture({ 'p.rego': 'package p\n\na if {\n\tinput.us<|>er.name == "x"\n}\n' });
  const module = modulesOf(root).byPath.get(path) ?? assert.fail();
  const { text } = module.document;
  const found: string[] = [];
  const split = text.split('\n');
  const [first] = selectionRanges(module.document, module.names.tree, [cursor]);
  for (let at: SelectionRange | undefined = first; at; at = at.parent) {
    const { start, end } = at.range;
    found.push(
      start.line === end.line
        ? (split[start.line] ?? '').slice(start.character, end.character)
        : `lines ${start.line}-${end.line}`,
    );
  }
  assert.deepEqual(
    found,
    ['user', '.user', 'input.user.name', 'input.user.name == "x"', 'lines 2-4', 'lines 2-4', 'lines 0-5'].filter(
      (one, index, all) => index < 4 || all.indexOf(one) <= index,
    ),
  );
});
