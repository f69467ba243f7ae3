import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { IGrammar, IRawGrammar } from 'vscode-textmate';
import { loadGrammar, tokenize } from './grammars.ts';

let rego: IGrammar;
let markdown: IGrammar;
let yaml: IGrammar;

before(async () => {
  rego = await loadGrammar('source.rego');
  markdown = await loadGrammar('markdown.rego.codeblock');
  // In VS Code it is injected to the grammar of YAML; here, to one that takes away indentation as that does.
  const host: IRawGrammar = {
    scopeName: 'source.yaml',
    patterns: [{ include: '#entry' }],
    repository: {
      entry: {
        begin: '(?:^|\\G)( *)([\\w-]+:)',
        while: '^(?:\\1(?= |- )| *$)',
        contentName: 'meta.map.value.yaml',
        patterns: [{ include: '#entry' }],
      },
      $self: {},
      $base: {},
    },
  };
  yaml = await loadGrammar('source.yaml', host, ['yaml.rego.block']);
});

/** Each token that has a scope of its own, as `text scope`, the innermost one without its `.rego`. */
function tokens(text: string, grammar = rego): string[] {
  return tokenize(grammar, text)
    .filter(({ scopes, text }) => scopes.length > 1 && text.trim() !== '')
    .map(({ scopes, text }) => `${text} ${scopes.at(-1)?.replace(/\.rego$/, '')}`);
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
    has(
      'a.b[c.d]["e"].g contains x if x := 1',
      ...['a', 'b', 'g'].map((name) => `${name} entity.name.function`),
      'c variable.other',
      'd variable.other.property',
      'contains keyword.operator.word',
    );
    // A keyword may be part of a reference, its first, too.
    has(
      'if.contains[x].not := 1',
      'if entity.name.function',
      'contains entity.name.function',
      'not entity.name.function',
    );
    // The index that is still being typed ends where the next rule begins.
    has('deny[x\nallow if true', 'allow entity.name.function', 'if keyword.control');
  });

  test('knows every, some … in, not { … } and, where they stand between operands, and and or', () => {
    has('x if {\n\tevery k, v in xs { v }', 'every keyword.control', 'in keyword.operator.word');
    has('\tsome k, v in xs', 'some keyword.control', 'k variable.other', 'in keyword.operator.word');
    has('\tnot {\n\t\ta\n\t}', 'not keyword.operator.word');
    has('\tnot(x)', 'not keyword.operator.word');
    has('\ta or b\n\tand c', 'or keyword.operator.logical', 'and keyword.operator.logical');
    has('\ta and # why\n\t\tb', 'and keyword.operator.logical');
    has('\tor := and', 'or variable.other', 'and variable.other');
    has('\tor({1}, {2})', 'or support.function');
    has('\tsome or in xs', 'or variable.other');
  });

  test('tells operators and brackets apart', () => {
    for (const [sign, scope] of Object.entries({
      ':=': 'keyword.operator.assignment',
      '=': 'keyword.operator.assignment',
      '==': 'keyword.operator.comparison',
      '<=': 'keyword.operator.comparison',
      '%': 'keyword.operator.arithmetic',
      '&': 'keyword.operator.set',
      '|': 'keyword.operator.set',
      ',': 'punctuation.separator.comma',
      ';': 'punctuation.separator.statement',
      ':': 'punctuation.separator.key-value',
      '{': 'punctuation.section.braces',
      '[': 'punctuation.section.brackets',
      '(': 'punctuation.section.parens',
    })) {
      has(`\ta ${sign} b`, `${sign} ${scope}`);
    }
    has('\tdata.a["b"].c(1)', '. punctuation.accessor', 'a variable.other.property', 'c support.function');
    has('\tdata.f(1)', 'data variable.language', '. punctuation.accessor', 'f support.function');
    has('\tdata.a\n\t\t.b', 'b variable.other.property');
    assert.deepEqual(tokens('a[b[0]][{"c": 1}].d if true').slice(1, 5), [
      '[ punctuation.section.brackets.begin',
      'b variable.other',
      '[ punctuation.section.brackets.begin',
      '0 constant.numeric',
    ]);
    has('a[b[0]][{"c": 1}].d if true', '] punctuation.section.brackets.end', 'd entity.name.function');
    has('import data["a"].b', '[ punctuation.section.brackets', 'a string.quoted.double', '. punctuation.accessor');
    has('package a["b"]', '[ punctuation.section.brackets', 'b string.quoted.double');
    has('package a.b', '. punctuation.accessor');
  });

  test('reads numbers as they are written', () => {
    for (const number of ['0', '42', '1.50', '1e10', '1E+2', '2.5e-3', '.5']) {
      has(`x := ${number}`, `${number} constant.numeric`);
    }
    has('x := -1', '- keyword.operator.arithmetic', '1 constant.numeric');
    for (const wrong of ['007', '0a2b', '1.', '12e', '0x1F']) {
      has(`x := ${wrong}`, `${wrong} invalid.illegal.numeric`);
    }
    has('x1 := y2', 'x1 entity.name.function', 'y2 variable.other');
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
    has('x := "no \\{"', '\\{ invalid.illegal.escape');
    // A string that is still being typed does not swallow the rest of the file.
    has('x := "open\ny := 1', 'y entity.name.function');
    has('x := $"open {f(\ny := 1', 'f support.function', 'y entity.name.function');
  });

  test('reads what is interpolated as Rego, to any depth', () => {
    const scoped = tokenize(rego, 'x := $"a {f($`b {input.c} "`, {"k": 1})} {# why\ny\n} d"\nz := 1');
    const scopes = (text: string) => scoped.find((token) => token.text === text)?.scopes ?? assert.fail(`no ${text}`);
    // All that belongs to the string itself is the string's, its delimiters included.
    const delimiters = scoped.filter(({ scopes }) =>
      scopes.some((scope) => /definition\.(string|template)/.test(scope)),
    );
    assert.equal(delimiters.map(({ text }) => text).join(' '), '$" { $` { } ` " " } { } "');
    assert.ok(delimiters.every(({ scopes }) => scopes.includes('string.interpolated.rego')));
    // A brace within the expression does not end it.
    has(
      'x := $"{ {1: {2}} } "',
      '} punctuation.definition.template-expression.end',
      '} punctuation.section.braces.end',
    );
    assert.ok(!tokens('x := $"{ {1: {2}}').includes('} punctuation.definition.template-expression.end'));
    has('x := $`\\{a} \\n{b}`', '\\{ constant.character.escape', 'b variable.other', 'a} \\n string.interpolated');
    has('x := $"\\n \\q"', '\\n constant.character.escape', '\\q invalid.illegal.escape');
    const depth = (text: string) => scopes(text).filter((scope) => scope === 'meta.embedded.line.rego').length;
    assert.deepEqual(['f', 'b ', 'input', 'k', '1', 'y', ' d', 'z'].map(depth), [1, 1, 2, 1, 1, 1, 0, 0]);
    assert.equal(scopes('input').at(-1), 'variable.language.rego');
    assert.equal(scopes(' "').at(-1), 'string.interpolated.rego');
    assert.equal(scopes(' why').at(-1), 'comment.line.number-sign.rego');
    assert.equal(scopes(' d').at(-1), 'string.interpolated.rego');
    assert.equal(scopes('z').at(-1), 'entity.name.function.rego');
  });

  test('reads METADATA as documentation, to its end', () => {
    has(
      '# METADATA\n# title: Models\n# custom:\n#   a: 1\ndeny contains 1',
      'METADATA keyword.other.documentation',
      'title entity.name.tag.yaml',
      'a entity.name.tag.yaml',
      '1 constant.numeric.yaml',
      'deny entity.name.function',
    );
    // As OPA: in the first column, whatever follows the word.
    has('#METADATA here', 'METADATA keyword.other.documentation');
    assert.equal(tokens('# METADATA\n# title: a')[0], '# punctuation.definition.comment');
    assert.equal(tokens('# METADATA\n# title: a')[2], '# punctuation.definition.comment');
    assert.ok(
      tokenize(rego, '# METADATA\n# title: a').every(({ scopes }) => scopes[1] === 'comment.block.documentation.rego'),
    );
    assert.ok(!tokens('  # METADATA').includes('METADATA keyword.other.documentation'));
    assert.ok(!tokens('# No METADATA').includes('METADATA keyword.other.documentation'));
    // Only the lines right below belong to it.
    assert.ok(!tokens('# METADATA\n# title: a\n\n# note: b').includes('note entity.name.tag.yaml'));
    assert.ok(!tokens('# METADATA\n# title: a\nx if {\n\t# note: b').includes('note entity.name.tag.yaml'));
    has('# METADATA\n# title: a\n# METADATA\n# scope: package', 'package constant.language.scope.yaml');
  });

  test('reads the YAML in METADATA', () => {
    has(
      [
        '# METADATA',
        '# scope: document',
        '# title: "A: \\"title\\"" # why',
        '# entrypoint: true',
        '# authors:',
        "# - name: 'Ann Example'",
        '#   email: ann@example.com',
        '# related_resources:',
        '# - https://example.com/a#b',
        '# schemas:',
        '#   - input.request: schema["admission"]',
        '#   - data.acl: {type: object, "x": null}',
        '# custom:',
        '#   severity: 1.5e3',
        '#   tags: [a, 2, false]',
        '#   text: |-',
        '#     scope of it all',
      ].join('\n'),
      'scope entity.name.tag.yaml',
      'document constant.language.scope.yaml',
      '"A: \\"title\\"" string.quoted.double.yaml',
      '# why comment.line.number-sign.yaml',
      'true constant.language.yaml',
      '- punctuation.definition.block.sequence.item.yaml',
      'name entity.name.tag.yaml',
      "'Ann Example' string.quoted.single.yaml",
      'email entity.name.tag.yaml',
      'input.request entity.name.tag.yaml',
      'data.acl entity.name.tag.yaml',
      'type entity.name.tag.yaml',
      '1.5e3 constant.numeric.yaml',
      '2 constant.numeric.yaml',
      'false constant.language.yaml',
      '|- keyword.control.flow.block-scalar.yaml',
      ': punctuation.separator.key-value',
      '{ punctuation.definition.flow.yaml',
    );
    const block = tokens('# METADATA\n# title: data 1 true https://example.com\n# scope: rules\n#     scope of it');
    assert.deepEqual(
      block.filter((token) => /constant|string|scope of it entity/.test(token)),
      [],
    );
  });

  test('colours Rego in Markdown, and stops at the fence', () => {
    const got = tokens('```rego\nallow if true\n```\nallow if true', markdown);
    assert.ok(got.includes('if keyword.control'), got.join('\n'));
    assert.equal(got.filter((token) => token === 'if keyword.control').length, 1);
  });

  test('colours Rego in YAML, to the end of its block', () => {
    const template = [
      'target: a',
      'source:',
      '  rego: | # why',
      '    package a',
      '',
      '    # METADATA',
      '    violation[{"msg": msg}] { not input.x; msg := $"{1}" }',
      '  libs:',
      '    - |',
      '      package lib.b',
      '      import data.c',
      '    - not Rego',
      '  if: not Rego',
      'libs:',
      '- |-',
      '  package d',
      'text: |',
      '  package e',
      'rego: package f',
    ].join('\n');
    const bare = (texts: string[]) => texts.map((text) => text.replaceAll(' ', '')).filter((text) => text !== '');
    const inRego = tokenize(yaml, template).filter(({ scopes }) => scopes.includes('meta.embedded.block.rego'));
    const scopes = tokens(template, yaml);
    for (const scoped of [
      '| keyword.control.flow.block-scalar.yaml',
      '# why comment.line.number-sign.yaml',
      '- punctuation.definition.block.sequence.item.yaml',
      'package keyword.control.package',
      'b entity.name.namespace',
      'violation variable.other',
      '1 constant.numeric',
    ]) {
      assert.ok(scopes.includes(scoped), scoped);
    }
    const written = template.split('\n').filter((_, index) => [3, 5, 6, 9, 10, 15].includes(index));
    assert.equal(bare(inRego.map(({ text }) => text)).join(''), bare(written).join(''));
  });
});
