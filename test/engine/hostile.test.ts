/** What wants to hurt the engine gets an error, and the engine goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Engine, EngineError } from '../../engine/engine.ts';
import { errorCodes, type Problem } from '../../engine/protocol.ts';
import { describeBuilds, engineError, rego } from './builds.ts';

const limit = { deadlineMs: 60_000 };

/** Opens and checks one module; its problems, or those of the error. */
async function check(engine: Engine, text: string): Promise<Problem[]> {
  const workspace = 'hostile';
  const { problems } = await engine.call('workspace/open', { workspace, files: [rego('h.rego', text)] }, limit);
  const checked = await engine.call('check', { workspace }, limit);
  return [...problems, ...checked.problems];
}

async function answers(engine: Engine): Promise<void> {
  assert.equal((await engine.call('version', {}, limit)).build, engine.build);
}

describeBuilds('hostile input', (use) => {
  const deep = 200_000;
  for (const [name, text] of Object.entries({
    'deep arrays': `package h\n\np := ${'['.repeat(deep)}${']'.repeat(deep)}\n`,
    'deep parentheses': `package h\n\np := ${'('.repeat(deep)}1${')'.repeat(deep)}\n`,
    'deep references': `package h\n\np := input${'[input'.repeat(deep)}${']'.repeat(deep)}\n`,
    'deep comprehensions': `package h\n\np := ${'[x | x := '.repeat(deep)}1${']'.repeat(deep)}\n`,
    'open brackets': `package h\n\np := ${'{['.repeat(deep)}\n`,
    'a chain of operators': `package h\n\np := 1${' + 1'.repeat(deep)}\n`,
    'many nots': `package h\n\np if ${'not '.repeat(deep)}true\n`,
  })) {
    test(name, async () => {
      const problems = await check(use(), text);
      assert.ok(problems.length > 0, 'it is refused');
      assert.ok(
        problems.every(({ message }) => message.length < 10_000),
        'messages do not repeat the text',
      );
      await answers(use());
    });
  }

  test('a module of 10 MB', async () => {
    const rules = Array.from({ length: 2_000 }, (_, index) => `r${index} := "${'x'.repeat(5_000)}"`).join('\n\n');
    await check(use(), `package h\n\n${rules}\n`);
    await answers(use());
  });

  test('a string of 10 MB, and a name of 1 MB', async () => {
    assert.deepEqual(await check(use(), `package h\n\np := "${'x'.repeat(10_000_000)}"\n`), []);
    await check(use(), `package h\n\n${'x'.repeat(1_000_000)} := 1\n`);
    await answers(use());
  });

  test('bytes that are no text, and no text at all', async () => {
    assert.ok((await check(use(), 'package h\0\u{FFFF}\x01')).length > 0);
    assert.ok((await check(use(), '')).length > 0);
    assert.ok((await check(use(), '\uFEFF\r\n\t')).length > 0);
    assert.equal((await use().call('parse', { path: 'x.rego', text: '\uD800' }, limit)).problems.length > 0, true);
    await answers(use());
  });

  test('deep data', async () => {
    const workspace = 'deep data';
    const text = `{"a": ${'['.repeat(deep)}${']'.repeat(deep)}}`;
    const { problems } = await use().call(
      'workspace/open',
      { workspace, files: [{ path: 'd.json', kind: 'data', text }] },
      limit,
    );
    assert.equal(problems.length, 1);
    await answers(use());
  });

  test('YAML that expands without end', async () => {
    const workspace = 'billion laughs';
    const levels = Array.from(
      { length: 12 },
      (_, index) =>
        `a${index}: &a${index} [${Array(10)
          .fill(index ? `*a${index - 1}` : 'x')
          .join(', ')}]`,
    );
    const text = `${levels.join('\n')}\n`;
    const { problems } = await use().call(
      'workspace/open',
      { workspace, files: [{ path: 'd.yaml', kind: 'data', text }] },
      limit,
    );
    assert.equal(problems.length, 1);
    await answers(use());
  });

  test('deep input', async () => {
    const workspace = 'deep input';
    await use().call('workspace/open', { workspace, files: [] });
    const inputTerm = `${'['.repeat(deep)}${']'.repeat(deep)}`;
    await assert.rejects(use().call('eval', { workspace, query: 'input', inputTerm }, limit), EngineError);
    await assert.rejects(use().call('eval', { workspace, query: inputTerm }, limit), EngineError);
    await answers(use());
  });

  test('an evaluation that eats memory ends with its deadline', async () => {
    const workspace = 'greedy';
    const text =
      'package g\n\np := [x | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); x := sprintf("%d-%d", [a, b])]\n';
    await use().call('workspace/open', { workspace, files: [rego('g.rego', text)] });
    await assert.rejects(
      use().call('eval', { workspace, query: 'data.g.p' }, { deadlineMs: 500 }),
      engineError(errorCodes.deadline),
    );
    await answers(use());
  });

  test('a regular expression and a glob that explode elsewhere', async () => {
    const workspace = 'regex';
    await use().call('workspace/open', { workspace, files: [] });
    const query = `regex.match("(a+)+$", "${'a'.repeat(10_000)}b")`;
    const { evaluations } = await use().call('eval', { workspace, query }, limit);
    assert.equal(evaluations[0]?.result[0]?.expressions[0]?.value, false);
    await answers(use());
  });
});
