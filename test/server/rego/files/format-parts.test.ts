/** Formatting of a part of a module, and while one types, through LSP. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Position, Range, TextEdit } from 'vscode-languageserver/node';
import { marked } from '../../marks.ts';
import { applied, pushedClient, startClient } from '../../support.ts';

const client = await startClient({ after } as unknown as TestContext, {
  folders: { policy: {} },
  capabilities: pushedClient,
});
const options = { tabSize: 2, insertSpaces: true };
let count = 0;

async function formatted(source: string): Promise<string | null> {
  const { text, ranges } = marked(source);
  const uri = await client.open(`policy/${++count}.rego`, text);
  const params = ranges.length === 1 ? { range: ranges[0] as Range } : { ranges };
  const method = ranges.length === 1 ? 'textDocument/rangeFormatting' : 'textDocument/rangesFormatting';
  const edits: TextEdit[] | null = await client.connection.sendRequest(method, {
    ...{ textDocument: { uri }, options },
    ...params,
  });
  return edits && applied(text, edits);
}

test('the rules that a range touches are formatted, with the comments above them; nothing else is', async () => {
  assert.equal(
    await formatted(
      'package p\n\nimport   data.b\n\na   :=   1\n\n  # about b\nb  if   {\n  in[||]put.x\n}   # end\n\n\n\nc   :=   1\n',
    ),
    'package p\n\nimport   data.b\n\na   :=   1\n\n# about b\nb if {\n\tinput.x\n} # end\n\n\n\nc   :=   1\n',
  );
});

test('rules that follow each other are formatted together, a line that is not in the range is not', async () => {
  assert.equal(
    await formatted('package p\n\n[|a   :=   1\n\n\n\nb   :=   2\n|]c   :=   3\n'),
    'package p\n\na := 1\n\nb := 2\nc   :=   3\n',
  );
});

test('several ranges; the package and the imports are one', async () => {
  assert.equal(
    await formatted('# x\npackage   p\n\nimport   data.b\nimport [||]data.a\n\na   :=   1\n\nb   :=   [||]2'),
    '# x\npackage p\n\nimport data.a\nimport data.b\n\na   :=   1\n\nb := 2',
  );
});

test('a module that is broken elsewhere is formatted; where it is broken, it is not', async () => {
  assert.equal(
    await formatted('package p\n\na := [\n\nb   :=   {[||]"x":1}\n\nc := )\n'),
    'package p\n\na := [\n\nb := {"x": 1}\n\nc := )\n',
  );
  assert.equal(await formatted('package p\n\na   := )[||]\n\nb := 1\n'), null);
});

test('line ends, a byte order mark and letters beyond the basic plane stay', async () => {
  assert.equal(
    await formatted('\uFEFFpackage p\r\n\r\na := "😀"\r\n\r\nb   :=   "👩‍💻"   [||]\r\n'),
    '\uFEFFpackage p\r\n\r\na := "😀"\r\n\r\nb := "👩‍💻"\r\n',
  );
});

test('v0 stays v0', async () => {
  assert.equal(
    await formatted('package p\n\nallow   {   [||]\n  input.x\n}\n\ndeny   {\n  input.y\n}\n'),
    'package p\n\nallow {\n\tinput.x\n}\n\ndeny   {\n  input.y\n}\n',
  );
});

test('the whole of a module as its formatting is', async () => {
  assert.equal(await formatted('[|package   p\n\n\n\na   :=   1\n|]'), 'package p\n\na := 1\n');
});

/** What is there after the character before the cursor was typed. */
async function typed(source: string): Promise<string> {
  const { text, cursors } = marked(source);
  const position = cursors[0] as Position;
  const uri = await client.open(`policy/${++count}.rego`, text);
  const lines = text.split('\n');
  const ch = position.character === 0 ? '\n' : (lines[position.line]?.[position.character - 1] ?? '');
  const edits: TextEdit[] = await client.connection.sendRequest('textDocument/onTypeFormatting', {
    ...{ textDocument: { uri }, position, options },
    ch: /\s/.test(ch) ? '\n' : ch,
  });
  return applied(text, edits);
}

test('a new line is indented as deep as brackets are open on lines above', async () => {
  assert.equal(await typed('package p\n\nallow if {\n<|>\n}\n'), 'package p\n\nallow if {\n\t\n}\n');
  assert.equal(await typed('package p\n\nx := f({\n\t"a": [\n<|>'), 'package p\n\nx := f({\n\t"a": [\n\t\t');
  assert.equal(await typed('package p\n\nx := {"a": [1,\n<|>2]}\n'), 'package p\n\nx := {"a": [1,\n\t2]}\n');
  assert.equal(await typed('package p\n\nallow if {\n\ttrue\n}\n    <|>'), 'package p\n\nallow if {\n\ttrue\n}\n');
});

test('in a rule that is not closed, and below one', async () => {
  assert.equal(
    await typed('package p\n\na if {\n\tx := [1, 2\n\nb if {\n<|>'),
    'package p\n\na if {\n\tx := [1, 2\n\nb if {\n\t',
  );
});

test('a bracket that closes what was opened above stands where that line begins', async () => {
  assert.equal(await typed('package p\n\nallow if {\n\ttrue\n\t}<|>\n'), 'package p\n\nallow if {\n\ttrue\n}\n');
  assert.equal(await typed('package p\n\nx := {\n\t"a": [\n1,\n]<|>\n'), 'package p\n\nx := {\n\t"a": [\n1,\n\t]\n');
  assert.equal(await typed('package p\n\nallow if {\n\t<|>}\n'), 'package p\n\nallow if {\n}\n');
});

test('what stands elsewhere stays as it is', async () => {
  for (const source of [
    'package p\n\nx := {"a": 1}<|>\n',
    'package p\n\nx := `\n  <|>\n`\n',
    'package p\n\nx :=\n    <|>1\n',
    'package p\n\nallow if\n  <|>input.x\n',
    'package p\n\nx := a |\n\t<|>b\n',
    'package p\n\nx if {\n\ty\n\t\t<|>with input as 1\n}\n',
    'package p\n\nx := 1 }<|>\n',
  ]) {
    assert.equal(await typed(source), marked(source).text);
  }
});

test('a line that a new one leaves blank is emptied; CRLF stays', async () => {
  assert.equal(
    await typed('package p\r\n\r\nx if {\r\n\t\r\n<|>\r\n}\r\n'),
    'package p\r\n\r\nx if {\r\n\r\n\t\r\n}\r\n',
  );
});

test('a module that is written with spaces goes on so', async () => {
  assert.equal(await typed('package p\n\nx if {\n  a\n}\n\ny if {\n<|>'), 'package p\n\nx if {\n  a\n}\n\ny if {\n  ');
});
