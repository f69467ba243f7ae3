/**
 * The language configuration, read as VS Code documents it:
 * https://code.visualstudio.com/api/language-extensions/language-configuration-guide
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import configuration from '../../syntaxes/rego.language-configuration.json' with { type: 'json' };

interface EnterRule {
  beforeText: string;
  afterText?: string;
  previousLineText?: string;
  action: { indent: string; appendText: string };
}

const rules: EnterRule[] = configuration.onEnterRules;
const { increaseIndentPattern, decreaseIndentPattern, indentNextLinePattern } = configuration.indentationRules;
const increase = new RegExp(increaseIndentPattern);
const decrease = new RegExp(decreaseIndentPattern);
const indentNext = new RegExp(indentNextLinePattern);

/** What Enter puts before the cursor in the new line; undefined where only the indentation is kept. `|` is the cursor. */
function enter(text: string): string | undefined {
  const [before = '', after = ''] = text.split('|');
  const lines = before.split('\n');
  const rule = rules.find(
    ({ beforeText, afterText, previousLineText }) =>
      new RegExp(beforeText).test(lines.at(-1)!) &&
      (afterText === undefined || new RegExp(afterText).test(after.split('\n')[0]!)) &&
      (previousLineText === undefined || new RegExp(previousLineText).test(lines.at(-2) ?? '')),
  );
  return rule?.action.appendText;
}

test('Enter goes on with METADATA as the line above suggests', () => {
  assert.equal(enter('# METADATA|'), '# ');
  assert.equal(enter('# METADATA\n# title: A|'), '# ');
  assert.equal(enter('# METADATA\n# authors:|'), '# - ');
  assert.equal(enter('# METADATA\n# authors:\n# - Ann Example|'), '# - ');
  assert.equal(enter('# METADATA\n# description: ||'.replace('||', '>|')), '#   ');
  assert.equal(enter('# METADATA\n# custom:|'), '#   ');
  assert.equal(enter('# METADATA\n# custom:\n#   severity: high|'), '#   ');
  assert.equal(enter('# METADATA\n# custom:\n#   nested:|'), '#     ');
  assert.equal(enter('# METADATA\n# custom:\n#   nested:\n#     a: 1|'), '#     ');
});

test('Enter in the middle of a comment makes a second comment of the rest, and none at its end', () => {
  assert.equal(enter('\t# one | two'), '# ');
  assert.equal(enter('# a comment|'), undefined);
  assert.equal(enter('# title: of a comment that is no METADATA|'), undefined);
  assert.equal(enter('x := 1 |# why'), undefined);
  assert.equal(enter('x := "a | b"'), undefined);
});

describe('indentation', () => {
  test('a line that opens a bracket indents what follows', () => {
    for (const line of [
      'x if {',
      'x := [',
      'x := {"a": [1], # why',
      '\tf(g(x),',
      'x := {y | # }',
      '} else := 1 if {',
      'x := ["{", "}",',
    ]) {
      assert.match(line, increase);
    }
    for (const line of [
      'x if { y }',
      'x := "{"',
      '# {',
      'x := 1 # {',
      'x := `[`',
      'x := {1: [2]}',
      '}',
      'x := $"{y}"',
    ]) {
      assert.doesNotMatch(line, increase);
    }
  });

  test('a line that ends in an operator indents the next one', () => {
    for (const line of ['x :=', 'x := y ==', '\ta or', 'allow if', '\tx = a |', 'y := 1 +'])
      assert.match(line, indentNext);
    for (const line of ['x := 1', '# a -', 'x := 1 # a or', 'x := factor', 'x if {', 'endif']) {
      assert.doesNotMatch(line, indentNext);
    }
  });

  test('gives formatted policies the indentation that they have', (t) => {
    const folder = join(import.meta.dirname, '..', '..', 'policies');
    const misfits: string[] = [];
    let count = 0;
    for (const file of globSync('**/*.rego', { cwd: folder })) {
      const depths = [0];
      for (const [index, line] of readFileSync(join(folder, file), 'utf8').split('\n').entries()) {
        if (line.trim() === '') continue;
        count++;
        const depth = /^\t*/.exec(line)![0].length;
        const closes = decrease.test(line);
        if (closes) depths.pop();
        // The formatter hangs a modifier below its expression.
        else if (depth !== depths.at(-1)! + (/^\s*with /.test(line) ? 1 : 0))
          misfits.push(`${file}:${index + 1}: ${line}`);
        if (increase.test(line)) depths.push(depth + 1);
      }
      assert.deepEqual(depths, [0], file);
    }
    t.diagnostic(`${misfits.length} of ${count} lines are elsewhere, such as ${misfits[0]}`);
    // The formatter leaves some lines of comprehensions in the first column.
    assert.ok(count > 2_000 && misfits.length < count / 200, misfits.join('\n'));
  });

  test('takes no time for a long line', () => {
    // Were it exponential, or cubic, this would not come to an end.
    for (const piece of ['"', '(', '[{(', '()', '"a" ', '([{}', '{}}', 'a[]) ', '\\', 'x = ', '`']) {
      increase.test(piece.repeat(5_000));
      indentNext.test(piece.repeat(5_000));
    }
  });
});

test('words are names and numbers, in comments those of any language', () => {
  const word = new RegExp(configuration.wordPattern.pattern, `g${configuration.wordPattern.flags}`);
  assert.deepEqual('input.commits[_1].naïve_é-1.5e3'.match(word), ['input', 'commits', '_1', 'naïve_é', '1.5e3']);
});

test('brackets and quotes close themselves, but not in comments, and quotes not in strings', () => {
  const pairs = new Map(configuration.autoClosingPairs.map(({ open, notIn }) => [open, notIn]));
  assert.deepEqual([...pairs.keys()], ['{', '[', '(', '"', '`']);
  for (const [open, notIn] of pairs) {
    // In a string, { begins the expression of a template.
    assert.deepEqual(notIn, open === '{' ? ['comment'] : ['string', 'comment']);
  }
  assert.ok(configuration.autoCloseBefore.includes('"'), 'an expression closes before the quote of its template');
});

test('regions fold', () => {
  const { start, end } = configuration.folding.markers;
  assert.match('# region Helpers', new RegExp(start));
  assert.match('\t#endregion', new RegExp(end));
});
