/** Evaluation of Rego in YAML, by the place of the cursor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type {
  CompilerStagesResult,
  EvaluatePartiallyResult,
  EvaluateResult,
  EvaluationTarget,
} from '../../../../server/protocol.ts';
import { startClient } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };
const rego = 'package k8sexample\n\nviolation[msg] { msg = data.lib.names.bad }\n\nsize = 2 { input.size }\n';
const lib = 'package lib.names\n\nbad = "bad" { true }\n\nleft { input.x > 1 }\n';

const quoted = (text: string) =>
  template({ rego: '' }).replace(
    'rego: |',
    `rego: ${JSON.stringify(text)}\n      libs:\n        - ${JSON.stringify(lib)}`,
  );

test('what is evaluated is the Rego at the cursor', limit, async (t) => {
  const client = await startClient(t, { folders: { w: {} } });
  await client.ready();
  for (const [name, text] of [
    ['block', template({ rego, libs: [lib] })],
    ['quoted', quoted(rego)],
  ] as const) {
    await t.test(name, async () => {
      const uri = await client.open(`w/${name}.yaml`, text);
      const lines = TextDocument.create('', '', 0, text);
      const at = (word: string): Position => lines.positionAt(text.indexOf(word));
      const evaluate = (target: EvaluationTarget, more: object = {}) =>
        client.connection.sendRequest<EvaluateResult>('countersign/evaluate', {
          ...{ uri, target, input: { from: 'text', name: 'it', text: '{"size": 1}' }, ...more },
        });
      const found = await evaluate({ kind: 'rule', position: at('size = 2') });
      assert.deepEqual([found.value, found.places.map((range) => lines.getText(range))], ['2', ['size']]);
      const range = { start: at('data.lib'), end: { ...at('data.lib') } };
      range.end.character += 'data.lib.names.bad'.length;
      assert.equal((await evaluate({ kind: 'selection', range })).value, '"bad"');
      const query = async (position: Position) => (await evaluate({ kind: 'query', query: 'bad', position })).value;
      assert.equal(await query(at('bad = ')), '"bad"');
      assert.notEqual(await query(at('size = 2')), '"bad"');
      const whole = await evaluate({ kind: 'package', position: at('bad = ') });
      assert.equal(whole.query, 'data.lib.names');
      const stages = (word: string) =>
        client.connection.sendRequest<CompilerStagesResult>('countersign/compilerStages', { uri, position: at(word) });
      assert.match((await stages('bad = ')).stages[0]?.text ?? '', /package lib\.names/);
      assert.match((await stages('size = ')).stages[0]?.text ?? '', /package k8sexample/);
      const left = await client.connection.sendRequest<EvaluatePartiallyResult>('countersign/evaluatePartially', {
        ...{ uri, target: { kind: 'rule', position: at('left {') } },
      });
      assert.match(left.queries.join(), /input\.x > 1/);
      const { coverage } = await evaluate({ kind: 'rule', position: at('size = 2') }, { coverage: true });
      for (const { covered, notCovered } of coverage?.files ?? []) {
        assert.deepEqual(
          covered.filter((line) => notCovered.includes(line)),
          [],
        );
      }
      const outside = { line: 2, character: 2 };
      const nowhere = /There is no Rego at this place of the file/;
      for (const target of [
        { kind: 'package', position: outside },
        { kind: 'query', query: '1', position: outside },
        { kind: 'selection', range: { start: outside, end: outside } },
      ] as EvaluationTarget[]) {
        await assert.rejects(evaluate(target), nowhere);
      }
    });
  }

  await t.test('a line without anything on it is part of a block', async () => {
    const text = template({ rego, libs: [lib] });
    const uri = await client.open('w/blank.yaml', text);
    const line = text.split('\n').findIndex((one) => one.includes('bad = ')) + 1;
    const target: EvaluationTarget = { kind: 'package', position: { line, character: 0 } };
    const found = await client.connection.sendRequest<EvaluateResult>('countersign/evaluate', { uri, target });
    assert.equal(found.query, 'data.lib.names');
  });
});
