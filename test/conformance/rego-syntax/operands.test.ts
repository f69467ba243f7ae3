/** Braces as operands of `and` and `or`, as values and as bodies, whole and damaged: all neighbours of a few texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moduleFolder } from '../cases.ts';
import { compare } from './compare.ts';
import { isMisread } from './misread.ts';
import { type Answer, ask } from './oracle.ts';
import { parseUnlimited } from './ours.ts';

const opa = moduleFolder('github.com/open-policy-agent/opa');

const imports = ['future.keywords.or', 'future.keywords.not\nimport future.keywords.or', 'future.keywords'];
const rules = ['y if _', 'y := _', 'y := 1 if { _ }', 'y if not _', 'y if z := _'];
const around = [
  '{_}',
  '({_})',
  '[a | {_}, c]',
  '[a | {_}]',
  '{a | {_}}',
  '{a: {_} | b, c: d}',
  '{{_} or 3}',
  '{_} and 3',
];
const left = ['1 | ', '{1} & ', 'x in ', 'x, y in ', 'a := 1 + ', ''];
const damaged = ['{x\nf}', '{x;f}', '{x, f}', '[x\nf]', '{in.x}', '{x: in.y}', '{}', '{x}', 'f(x\ny)'];
const right = ['', ' or 2', ' or {2}', ', 2', ' | in.y, 2'];

test('are read as OPA reads them', { skip: 'absent' in opa && opa.absent }, async (t) => {
  const texts = imports.flatMap((path) =>
    rules.flatMap((rule) =>
      around.flatMap((outer) =>
        left.flatMap((before) =>
          damaged.flatMap((inner) =>
            right.map((behind) => {
              const braces = outer.replace('_', before + inner + behind);
              return `package p\nimport ${path}\n${rule.replace('_', braces)}\n`;
            }),
          ),
        ),
      ),
    ),
  );
  const answers = (await ask(
    'operands',
    texts.map((text) => ({ text, version: 'v1', tree: true })),
  )) as Answer[];
  const accepted = answers.filter(({ errors }) => errors.length === 0).length;
  t.diagnostic(`OPA accepts ${accepted} of ${texts.length}`);
  assert.ok(accepted > texts.length / 20);
  const failures = texts.flatMap((text, index) =>
    (isMisread(text) ? [] : compare(text, answers[index]!, parseUnlimited(text, 'v1')))
      .filter(({ kind }) => kind !== 'row')
      .map(({ kind, detail }) => `${kind}: ${detail} in ${JSON.stringify(text)}`),
  );
  assert.equal(failures.length, 0, `${failures.length} failures, such as\n${failures.slice(0, 10).join('\n')}`);
});
