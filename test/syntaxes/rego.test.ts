import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { IGrammar, IOnigLib } from 'vscode-textmate';

// Both packages are CommonJS bundles without named exports that Node can see.
const require = createRequire(import.meta.url);
const { Registry, INITIAL, parseRawGrammar } = require('vscode-textmate') as typeof import('vscode-textmate');
const oniguruma = require('vscode-oniguruma') as typeof import('vscode-oniguruma');

const root = join(import.meta.dirname, '..', '..');
const files: Record<string, string> = {
  'source.rego': 'rego.tmLanguage.json',
  'markdown.rego.codeblock': 'rego.markdown.tmLanguage.json',
};

let rego: IGrammar;
let markdown: IGrammar;

before(async () => {
  await oniguruma.loadWASM(await readFile(require.resolve('vscode-oniguruma/release/onig.wasm')));
  const onigLib: Promise<IOnigLib> = Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  });
  const registry = new Registry({
    onigLib,
    async loadGrammar(scope) {
      const file = files[scope];
      return file ? parseRawGrammar(await readFile(join(root, 'syntaxes', file), 'utf8'), file) : null;
    },
  });
  rego = (await registry.loadGrammar('source.rego')) ?? assert.fail('no grammar');
  markdown = (await registry.loadGrammar('markdown.rego.codeblock')) ?? assert.fail('no grammar');
});

/** Each token that has a scope of its own, as `text scope`, the innermost one without its `.rego`. */
function tokens(text: string, grammar = rego): string[] {
  let state = INITIAL;
  return text.split('\n').flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens
      .filter(({ scopes }) => scopes.length > 1)
      .map(({ startIndex, endIndex, scopes }) => [line.slice(startIndex, endIndex), scopes.at(-1)] as const)
      .filter(([piece]) => piece.trim() !== '')
      .map(([piece, scope]) => `${piece} ${scope?.replace(/\.rego$/, '')}`);
  });
}

function has(text: string, ...wanted: string[]): void {
  const got = tokens(text);
  for (const token of wanted) assert.ok(got.includes(token), `no “${token}” in:\n${got.join('\n')}`);
}

describe('the Rego grammar', () => {
  test('names packages and imports', () => {
    has('package a.b["c"]', 'package keyword.control.package', 'a entity.name.namespace', 'b entity.name.namespace');
    has(
      'import data.x.y as z # why',
      'import keyword.control.import',
      'data variable.language',
      'y entity.name.namespace',
      'as keyword.control.import',
      'z entity.name.namespace',
      '# punctuation.definition.comment',
    );
  });

  test('tells a rule’s head from its body', () => {
    has(
      'deny contains msg if {\n\tcount(input.commits) > 1e3\n}',
      'deny entity.name.function',
      'contains keyword.operator.word',
      'msg variable.other',
      'if keyword.control',
      'count support.function',
      'input variable.language',
      'commits variable.other.property',
      '> keyword.operator.comparison',
      '1e3 constant.numeric',
    );
    has(
      'default allow := false',
      'default keyword.control.default',
      'allow entity.name.function',
      'false constant.language',
    );
    has('a.b.c := 1', 'a entity.name.function', 'c entity.name.function', ':= keyword.operator.assignment');
    has('f(x) := y if y := x', 'f entity.name.function', 'x variable.other');
  });

  test('knows keywords from names that contain them', () => {
    has('x if {\n\tnot ifs\n\tsome i, v in input.as\n\tevery e in v { e != null }\n}', 'not keyword.operator.word');
    has('\tnot ifs', 'ifs variable.other');
    has('\tinput.as', 'as variable.other.property');
    has('\tcontains("ab", "a")', 'contains support.function');
    has('\tx with input as y', 'with keyword.control', 'as keyword.control');
    has('\tdata.lib.f(1)', 'data variable.language', 'lib support.class', 'f support.function');
    has('\txs[_].name', '_ variable.language.wildcard', 'name variable.other.property');
  });

  test('reads strings, escapes, raw strings and what is interpolated', () => {
    has(
      'x := "a # b\\n\\u00e9"',
      'a # b string.quoted.double',
      '\\n constant.character.escape',
      '\\u00e9 constant.character.escape',
    );
    has('x := "bad \\q"', '\\q invalid.illegal.escape');
    has('x := `raw\n# no comment\n"`\ny := 1', '# no comment string.quoted.other.raw', 'y entity.name.function');
    has(
      'x := $"a {f(y, {1})} \\{ b"\nz := 1',
      'f support.function',
      '1 constant.numeric',
      '\\{ constant.character.escape',
      ' b string.interpolated',
      'z entity.name.function',
    );
    // A string that is still being typed does not swallow the rest of the file.
    has('x := "open\ny := 1', 'y entity.name.function');
  });

  test('reads METADATA as documentation, to its end', () => {
    has(
      '# METADATA\n# title: Models\n# custom:\n#   a: 1\ndeny contains 1',
      'METADATA keyword.other.documentation',
      'deny entity.name.function',
    );
    assert.ok(!tokens('# METADATA is a word').includes('METADATA keyword.other.documentation'));
  });

  test('colours Rego in Markdown, and stops at the fence', () => {
    const got = tokens('```rego\nallow if true\n```\nallow if true', markdown);
    assert.ok(got.includes('if keyword.control'), got.join('\n'));
    assert.equal(got.filter((token) => token === 'if keyword.control').length, 1);
  });
});
