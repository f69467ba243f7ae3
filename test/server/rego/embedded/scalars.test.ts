/** Where the Rego is in a YAML file, and what becomes of edits: the `yaml` package says what the file holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseAllDocuments } from 'yaml';
import { dedented, masked, toYaml } from '../../../../server/rego/embedded/block-scalar.ts';
import { readTargets } from '../../../../server/rego/embedded/documents.ts';
import { indentedEdits, replacement } from '../../../../server/rego/embedded/edits.ts';
import { reread } from '../../../../server/rego/embedded/reread.ts';
import { targetsIn } from '../../../../server/rego/embedded/templates.ts';
import { yamlFolding } from '../../../../server/rego/embedded/yaml-folding.ts';
import { applied } from '../../support.ts';

const line = fc.constantFrom(
  'package a',
  'x := 1',
  '\ty',
  '  z',
  '',
  ' ',
  '# é𝒳 #',
  '"|"',
  '- a: b',
  'a: |',
  '---x',
  '}',
);
const rego = fc.array(line, { maxLength: 8 }).map((lines) => ['package k', ...lines, 'end'].join('\n'));
const chomping = fc.constantFrom('', '-', '+');
const ending = fc.constantFrom('\n', '\r\n');

interface File {
  text: string;
  /** What is in it, as the yaml package reads it. */
  values: string[];
}

/** Two blocks in one of two documents, with all the ways in which a block can begin and end. */
const file = fc
  .record({
    ...{ main: rego, lib: rego, chomping, ending, more: fc.nat(3), explicit: fc.boolean(), comment: fc.boolean() },
    ...{ tail: fc.constantFrom('', '\n', '\n\n', '  \n'), last: fc.boolean() },
  })
  .map(({ main, lib, chomping: chomp, ending: end, more, explicit, comment, tail, last }): File => {
    const block = (value: string, at: number) =>
      value
        .split('\n')
        .map((one) => (one.trim() === '' ? one : ' '.repeat(at + more + 1) + one))
        .join('\n');
    const header = `|${explicit ? more + 1 : ''}${chomp}${comment ? ' # Rego' : ''}`;
    const target = `  targets:\n  - target: t\n    rego: ${header}\n${block(main, 4)}\n    libs:\n    - ${header}\n${block(lib, 4)}`;
    const text = `a: b\n---\napiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nspec:\n${target}${last ? tail : `\n${tail}---\nc: d\n`}`;
    const ended = text.replaceAll('\n', end);
    const spec = parseAllDocuments(ended)[1]?.toJS() as { spec: { targets: [{ rego: string; libs: [string] }] } };
    const [{ rego: own, libs }] = spec.spec.targets;
    return { text: ended, values: [own, ...libs] };
  });

const atEnd = (text: string) => `${text.trimEnd()}\n`;
const textsOf = ({ text }: Pick<File, 'text'>) => readTargets(text).flatMap(({ texts }) => texts);

test('a block is what YAML says, at the places of the file', () => {
  fc.assert(
    fc.property(file, ({ text, values }) => {
      const texts = textsOf({ text });
      assert.deepEqual(
        texts.map(({ value }) => value),
        values,
      );
      const yaml = TextDocument.create('', '', 0, text);
      for (const { block, value } of texts) {
        assert.ok(block);
        const view = masked(text, block);
        assert.equal(view.length, text.length);
        assert.equal(view.slice(block.start, block.end), text.slice(block.start, block.end));
        assert.equal(view.slice(0, block.start).trim() + view.slice(block.end).trim(), '');
        const read = dedented(view, block);
        assert.equal(atEnd(read), atEnd(value));
        const inside = TextDocument.create('', '', 0, read);
        for (let at = 0; at < read.length; at++) {
          if (read[at]?.trim()) assert.equal(text[yaml.offsetAt(toYaml(block, inside.positionAt(at)))], read[at]);
        }
      }
    }),
  );
});

test('a block that is replaced holds the new text, and nothing else changes', () => {
  fc.assert(
    fc.property(file, fc.nat(1), rego, (before, which, now) => {
      const block = textsOf(before)[which]?.block;
      assert.ok(block);
      const after = applied(before.text, replacement(before.text, block, `${now}\n`));
      const values = textsOf({ text: after }).map(({ value }) => value);
      assert.equal(atEnd(values[which] ?? ''), atEnd(now));
      assert.equal(values[1 - which], before.values[1 - which]);
      const { start, end } = textsOf({ text: after })[which]?.block ?? { start: 0, end: 0 };
      assert.equal(after.slice(0, start), before.text.slice(0, block.start));
      assert.equal(after.slice(end).trim(), before.text.slice(block.end).trim());
      assert.equal(/[^\r]\n/.test(after), /[^\r]\n/.test(before.text));
    }),
  );
});

test('edits of lines go to the lines of the block', () => {
  fc.assert(
    fc.property(file, fc.nat(1), fc.nat(), fc.constantFrom('new\n', 'a\n\tb\n', ''), (before, which, at, newText) => {
      const source = textsOf(before)[which];
      assert.ok(source?.block);
      const { block } = source;
      const lines = dedented(before.text.slice(0, block.end), block).trimEnd().split('\n');
      // In the masked text a line begins at column 0; it goes as a whole, or one comes before it.
      const index = at % lines.length;
      const first = block.firstLine + index;
      const end = { line: newText === '' && index < lines.length - 1 ? first + 1 : first, character: 0 };
      const edits = indentedEdits(masked(before.text, block), block, [
        { range: { start: { line: first, character: 0 }, end }, newText },
      ]);
      const after = applied(before.text, edits);
      const expected = lines.toSpliced(
        index,
        end.line - first,
        ...(newText === '' ? [] : newText.trimEnd().split('\n')),
      );
      // The first line gives up an indentation that would be taken for the block's.
      assert.equal(atEnd(textsOf({ text: after })[which]?.value ?? '').trim(), expected.join('\n').trim());
    }),
  );
});

test('an edit within a block leaves what a new reading would find', () => {
  const typed = fc.constantFrom(
    'x',
    '',
    ' ',
    '\n',
    '\n     ',
    '\n          y := 1',
    '\r\n',
    '\r',
    '\t',
    '---',
    '\n---\n',
    '}\n\n',
    '|',
    '# ',
  );
  let fast = 0;
  fc.assert(
    fc.property(file, fc.nat(), fc.nat(6), typed, ({ text: all }, from, gone, put) => {
      const [, text = ''] = all.split(/^---\r?\n/m);
      const targets = targetsIn(text);
      const at = from % text.length;
      const now = text.slice(0, at) + put + text.slice(at + gone);
      const found = reread(text, targets, now);
      if (!found) return;
      fast++;
      assert.deepEqual(found, targetsIn(now));
    }),
    { numRuns: 400 },
  );
  assert.ok(fast > 0);
});

test('lists, several targets, both engines and aliases are read as Gatekeeper reads them', () => {
  const text = `apiVersion: v1
kind: List
items:
- apiVersion: templates.gatekeeper.sh/v1
  kind: ConstraintTemplate
  spec:
    crd:
      spec:
        validation:
          openAPIV3Schema: {type: object}
    targets:
    - target: one
      code:
      - engine: K8sNativeValidation
        source: {validations: []}
      - engine: Rego
        source:
          version: "v1"
          rego: &rego |
            package one
    - target: two
      rego: *rego
      libs:
      - |
        package lib.two
- kind: ConstraintTemplate
  spec:
    targets:
    - target: three
      code:
      - engine: K8sNativeValidation
        source: {validations: []}
`;
  const targets = readTargets(text);
  assert.deepEqual(
    targets.map(({ target, version, texts, missing }) => [target, version, texts.map(({ name }) => name), missing]),
    [
      ['one', 'v1', ['rego'], undefined],
      ['two', 'v0', ['libs[0]'], undefined],
    ],
  );
  assert.deepEqual(targets[0]?.parameters?.pointer.slice(0, 4), ['items', 0, 'spec', 'crd']);
});

test('YAML around blocks folds by indentation', () => {
  const text = 'a:\n  b:\n    - c: |\n        x\n          y\n\n    - d: 1\ne: 2\n';
  const folds = yamlFolding(text, [{ lines: { start: 3, end: 6 } }]);
  assert.deepEqual(
    folds.map(({ startLine, endLine }) => [startLine, endLine]).sort(),
    [
      [0, 6],
      [1, 6],
      [2, 4],
    ].sort(),
  );
});
