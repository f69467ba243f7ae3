/** Quick fixes: what they make, and that git reads it as meant. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { configuration, fixesFor, openBench } from './message-support.ts';

const untrusted = { trusted: false };

/** Git's own reading of a message. */
function trailersOf(message: string): string[] {
  const printed = execFileSync('git', ['interpret-trailers', '--parse', '--no-divider'], {
    input: message,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  });
  return printed.split('\n').filter((line) => line !== '');
}

const context = 'AI-Context: wrote the tests by hand';

test('each fix makes what it says, and git reads it', async (t) => {
  const bench = await openBench(t, configuration, untrusted);
  const cases: [code: string, title: RegExp, before: string, after: string, trailers: string[]][] = [
    [
      'ignored-trailer',
      /^Move the line/,
      `Fix it\n\nAI-Model: example-1\n\nBody.\n\n${context}\n`,
      `Fix it\n\nBody.\n\n${context}\nAI-Model: example-1\n`,
      [context, 'AI-Model: example-1'],
    ],
    [
      'ignored-trailer',
      /^Move the line/,
      `Fix it\r\n\r\n- ai_model = example-1\r\n  more\r\n\r\n${context}\r\n\r\n`,
      `Fix it\r\n\r\n  more\r\n\r\n${context}\r\nAI-Model: example-1\r\n\r\n`,
      [context, 'AI-Model: example-1'],
    ],
    [
      'ignored-trailer',
      /^Write it as AI-Model/,
      `Fix it\n\n* ai_model = example-1\n${context}\n`,
      `Fix it\n\nAI-Model: example-1\n${context}\n`,
      ['AI-Model: example-1', context],
    ],
    [
      'trailer-in-title',
      /^Move the line/,
      `Fix it\nAI-Model: example-1\n\n${context}`,
      `Fix it\n\n${context}\nAI-Model: example-1`,
      [context, 'AI-Model: example-1'],
    ],
    [
      'trailer-in-title',
      /^Move the line/,
      'AI-Model: example-1\n',
      '\n\nAI-Model: example-1\n',
      ['AI-Model: example-1'],
    ],
    [
      'broken-block',
      /^Put the trailers/,
      `Fix it\n\nSome prose\nover two lines.\nAI-Model: example-1\nAI-Context: wrote the\n tests\n`,
      `Fix it\n\nSome prose\nover two lines.\n\nAI-Model: example-1\nAI-Context: wrote the\n tests\n`,
      ['AI-Model: example-1', 'AI-Context: wrote the tests'],
    ],
    [
      'broken-block',
      /^Put the trailers/,
      `Fix it\n\nAI-Model: example-1\nThanks to all.\n${context}`,
      `Fix it\n\nThanks to all.\n\nAI-Model: example-1\n${context}\n`,
      ['AI-Model: example-1', context],
    ],
    [
      'broken-block',
      /^Make this line part of AI-Context/,
      `Fix it\n\nAI-Model: example-1\nAI-Context: wrote the tests\nby hand\n`,
      `Fix it\n\nAI-Model: example-1\nAI-Context: wrote the tests\n by hand\n`,
      ['AI-Model: example-1', context],
    ],
    [
      'duplicate-trailer',
      /^Remove/,
      `Fix it\n\nAI-Model: example-1\n${context}\nai-model: Example-1\n`,
      `Fix it\n\nAI-Model: example-1\n${context}\n`,
      ['AI-Model: example-1', context],
    ],
    [
      'unknown-key',
      /^Change the key to AI-Model/,
      `Fix it\n\nAI-Modell: example-1\n${context}\n`,
      `Fix it\n\nAI-Model: example-1\n${context}\n`,
      ['AI-Model: example-1', context],
    ],
    [
      'key-case',
      /^Change the key to AI-Model/,
      `Fix it\n\nAi-mODEL : example-1\n${context}\n`,
      `Fix it\n\nAI-Model : example-1\n${context}\n`,
      ['AI-Model: example-1', context],
    ],
    [
      'other-form',
      /^Say it as AI-Model$/,
      'Fix it\n\nBody.\n\nAssisted-by: Example:example-2\nSigned-off-by: Ann Example <ann@example.com>\n',
      'Fix it\n\nBody.\n\nSigned-off-by: Ann Example <ann@example.com>\nAI-Model: example-2\n',
      ['Signed-off-by: Ann Example <ann@example.com>', 'AI-Model: example-2'],
    ],
    [
      'value',
      /^Change it to example-2/,
      `Fix 🚀\n\n${context}\nAI-Model:  exampel-2  \n`,
      `Fix 🚀\n\n${context}\nAI-Model:  example-2  \n`,
      [context, 'AI-Model: example-2'],
    ],
    [
      'missing-field',
      /^Add AI-Model: example-1$/,
      `Fix it\n\n${context}`,
      `Fix it\n\n${context}\nAI-Model: example-1`,
      [context, 'AI-Model: example-1'],
    ],
    [
      'missing-field',
      /^Add AI-Model: example-2$/,
      `Fix it\n\nAI-Model:\n${context}\n`,
      `Fix it\n\nAI-Model: example-2\n${context}\n`,
      ['AI-Model: example-2', context],
    ],
  ];
  for (const [code, title, before, after, trailers] of cases) {
    const found = await bench.type(before, (diagnostics) => diagnostics.some((one) => one.code === code));
    const fixes = await fixesFor(bench, before, found.find((one) => one.code === code)!);
    const fix = fixes.find((one) => title.test(one.title));
    assert.ok(fix, `${JSON.stringify(before)}: ${title} is not among ${JSON.stringify(fixes)}`);
    assert.equal(fix.after, after);
    assert.deepEqual(trailersOf(fix.after), trailers, JSON.stringify(fix.after));
    await bench.type('');
  }
});

test('the closest approved model comes first, and is preferred', async (t) => {
  const bench = await openBench(t, configuration, untrusted);
  const text = `Fix it\n\n${context}\nAI-Model: Exampl 2\n`;
  const [found] = await bench.type(text, (diagnostics) => diagnostics.length === 1);
  const fixes = await fixesFor(bench, text, found!);
  assert.deepEqual(
    fixes.map(({ title, preferred }) => [title, preferred]),
    [
      ['Change it to example-2', true],
      ['Change it to example-1', false],
    ],
  );
});

test('a time that is none becomes now', async (t) => {
  const now = new Date('2026-03-01T12:00:00Z');
  const options = { ...untrusted, runtime: { now: () => now } };
  const files = {
    ...configuration,
    '.countersign/data/scope.yaml':
      'scope:\n  tiers:\n    - name: all\n      required: [timestamp, model]\n  default: all\n  rules: []\n',
  };
  const bench = await openBench(t, files, options);
  const text = 'Fix it\n\nAI-Timestamp: yesterday\nAI-Model: example-1\n';
  const [found] = await bench.type(text, (diagnostics) => diagnostics.length === 1);
  const [fix] = await fixesFor(bench, text, found!);
  assert.equal(fix?.after, 'Fix it\n\nAI-Timestamp: 2026-03-01T12:00:00Z\nAI-Model: example-1\n');
  const missing = 'Fix it\n\nAI-Context: x y z\n';
  const reports = await bench.type(missing, (diagnostics) => diagnostics.length === 2);
  const all = (await fixesFor(bench, missing, reports[0]!)).find(({ title }) => title.startsWith('Add the disclosure'));
  assert.equal(all?.after, `${missing}AI-Model: \nAI-Timestamp: 2026-03-01T12:00:00Z\n`);
});

test('nothing is offered where nothing is wrong, nor to who asks for other kinds', async (t) => {
  const bench = await openBench(t, configuration, untrusted);
  const text = `Fix it\n\n${context}\n`;
  const [found] = await bench.type(text, (diagnostics) => diagnostics.length === 1);
  const elsewhere = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  assert.deepEqual(await fixesFor(bench, text, { ...found!, range: elsewhere }), []);
  const params = {
    textDocument: { uri: bench.input },
    range: found!.range,
    context: { diagnostics: [], only: ['refactor'] },
  };
  assert.equal(await bench.client.connection.sendRequest('textDocument/codeAction', params), null);
});
