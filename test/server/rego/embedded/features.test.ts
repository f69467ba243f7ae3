/** The language's features in blocks of Rego in YAML, through the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CompletionItem,
  CompletionList,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  LocationLink,
  Position,
  Range,
  SelectionRange,
  SemanticTokens,
  SignatureHelp,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
  WorkspaceSymbol,
} from 'vscode-languageserver/node';
import { marked } from '../../marks.ts';
import { applied, type Client, startClient } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };

async function opened(client: Client, path: string, source: string) {
  const { text, cursors, ranges } = marked(source);
  const uri = await client.open(path, text);
  const ask = <R>(method: string, params: object = {}) =>
    client.connection.sendRequest<R>(`textDocument/${method}`, { textDocument: { uri }, ...params });
  const at = <R>(method: string, rest: object = {}, position: Position | undefined = cursors[0]) =>
    ask<R>(method, { position, ...rest });
  return { uri, text, cursors, ranges, ask, at };
}

const shown = ({ start, end }: Range) => `${start.line}:${start.character}-${end.line}:${end.character}`;
const targets = (found: (Location | LocationLink)[]) =>
  found.map((one) => shown('range' in one ? one.range : one.targetSelectionRange)).sort();

test('the features of Rego work in blocks of YAML', limit, async (t) => {
  const client = await startClient(t);
  await client.ready();

  await t.test('definition, references, highlights and rename go from block to block', async () => {
    const rego = `package k8sexample

import data.lib.names

# METADATA
# schemas:
#   - data.lib.names.[|bad|]: {type: boolean}
violation[{"msg": msg}] {
  names.[|b<|>ad|](input.review.object.metadata.name)
  msg := names.[|bad|]("é𝒳")
}
`;
    const { ranges, at, uri, text } = await opened(
      client,
      'go.yaml',
      template({ rego, libs: ['package lib.names\n\n[|bad|](x) = x { x }\n'] }),
    );
    assert.deepEqual(targets(await at('definition')), [shown(ranges.at(-1) as Range)]);
    const all = ranges.map(shown).sort();
    assert.deepEqual(targets(await at<Location[]>('references', { context: { includeDeclaration: true } })), all);
    assert.deepEqual(
      (await at<Location[]>('documentHighlight')).map(({ range }) => shown(range)).sort(),
      ranges.slice(0, 3).map(shown).sort(),
    );
    // A name that is there already: each name must mean what it did.
    const edit = await at<WorkspaceEdit>('rename', { newName: 'review' });
    assert.equal(edit.documentChanges?.length, 1);
    const change = edit.documentChanges?.[0] as TextDocumentEdit;
    assert.equal(change.textDocument.uri, uri);
    assert.equal(applied(text, change.edits as TextEdit[]), text.replaceAll('bad', 'review'));
  });

  await t.test('hover, completion and signature help know what the block sees', async () => {
    const rego = `package k8sexample

# METADATA
# title: Helps
help(x) { x }

violation[{"msg": msg}] {
  h<|>elp("a")
  input.parameters.<|>
  msg := sprintf(<|>
}
`;
    const schema =
      'type: object\nproperties:\n  labels:\n    type: array\n    description: Names of labels\n    items:\n      type: string';
    const { at, cursors, ask } = await opened(client, 'know.yaml', template({ rego, schema }));
    assert.match(JSON.stringify((await at<Hover>('hover')).contents), /Helps/);
    const items = await at<CompletionList | CompletionItem[]>('completion', {}, cursors[1]);
    const labels = ('items' in items ? items.items : items).map(({ label }) => label);
    assert.ok(labels.includes('labels'), labels.join());
    assert.match((await at<SignatureHelp>('signatureHelp', {}, cursors[2])).signatures[0]?.label ?? '', /sprintf/);
    const outside = { line: 2, character: 2 };
    assert.equal(await ask('completion', { position: outside }), null);
    assert.equal(await ask('hover', { position: outside }), null);
    assert.equal(await ask('definition', { position: outside }), null);
  });

  await t.test('a block goes on in the blank lines behind it, and nowhere else', async () => {
    const start = template({ rego: 'package k8sexample\n\nviolation[{"msg": "no"}] { true }\n' });
    for (const [path, end, inside] of [
      ['end.yaml', '\n        <|>', true],
      ['next.yaml', '        <|>\n\n      libs: []\n', true],
      ['key.yaml', '      <|>', false],
      ['after.yaml', '      libs: []\n        <|>\n', false],
    ] as const) {
      const { at } = await opened(client, path, start + end);
      assert.equal((await at('completion')) !== null, inside, path);
    }
  });

  await t.test('symbols, tokens, folding, selection and hints are those of all blocks', async () => {
    const rego = 'package k8sexample\n\nviolation[{"msg": "no"}] {\n  count([1]) == data.lib.a.b\n}\n';
    const { ask, text } = await opened(
      client,
      'all.yaml',
      `${template({ rego, libs: ['package lib.a\n\nb = 1 {\n  true\n}\n'] })}---\n${template({ rego })}`,
    );
    const symbols = await ask<DocumentSymbol[]>('documentSymbol');
    const names = (all: DocumentSymbol[]): string[] =>
      all.flatMap(({ name, children }) => [name, ...names(children ?? [])]);
    assert.deepEqual(
      names(symbols).filter((name) => /violation|^b$/.test(name)),
      ['violation', 'b', 'violation'],
    );
    const { data } = await ask<SemanticTokens>('semanticTokens/full');
    const again = await ask<SemanticTokens>('semanticTokens/full/delta', { previousResultId: '1' });
    assert.deepEqual(again.data, data);
    const words: string[] = [];
    let [line, character] = [0, 0];
    for (let n = 0; n < data.length; n += 5) {
      character = data[n] ? (data[n + 1] as number) : character + (data[n + 1] as number);
      line += data[n] as number;
      words.push(text.split('\n')[line]?.slice(character, character + (data[n + 2] as number)) ?? '');
    }
    assert.deepEqual(
      words.filter((word) => ['k8sexample', 'violation', 'b', 'count'].includes(word)),
      [...['k8sexample', 'violation', 'count', 'b', 'b'], ...['k8sexample', 'violation', 'count', 'b']],
    );
    const folds = (await ask<FoldingRange[]>('foldingRange')).map(
      ({ startLine, endLine }) => `${startLine}-${endLine}`,
    );
    const lines = text.split('\n');
    const block = lines.findIndex((one) => one.includes('violation['));
    assert.ok(folds.includes(`${block}-${block + 2}`) || folds.includes(`${block}-${block + 1}`), folds.join());
    assert.ok(folds.includes(`4-${lines.indexOf('---') - 1}`), folds.join());
    const inside = { line: block + 1, character: 11 };
    const selections = await ask<SelectionRange[]>('selectionRange', {
      positions: [inside, { line: 0, character: 0 }],
    });
    assert.equal(selections.length, 2);
    assert.ok(selections[0]?.parent);
    const hints = await ask<InlayHint[]>('inlayHint', { range: { start: inside, end: inside } });
    assert.ok(Array.isArray(hints));
    const found = await client.connection.sendRequest<WorkspaceSymbol[]>('workspace/symbol', { query: 'violation' });
    assert.ok(found.length >= 4);
  });

  await t.test('formatting keeps the block in its place', async () => {
    const rego = 'package k8sexample\n\n\nviolation[{"msg": msg}] {\n    msg := `raw\n\tstring`\n}\nx=1\n';
    const formattedRego = (tab: string) =>
      `package k8sexample\n\nviolation[{"msg": msg}] {\n${tab}msg := \`raw\n\tstring\`\n}\n\nx = 1\n`;
    for (const [name, ending] of [
      ['lf', '\n'],
      ['crlf', '\r\n'],
    ] as const) {
      const make = (own: string) =>
        template({ rego: own, libs: ['package lib.a\n\nx = 1\n'] }).replaceAll('\n', ending);
      const { ask, text } = await opened(client, `format-${name}.yaml`, make(rego));
      for (const [tab, options] of [
        ['  ', { tabSize: 2, insertSpaces: true }],
        ['\t', { tabSize: 8, insertSpaces: false }],
      ] as const) {
        const edits = await ask<TextEdit[]>('formatting', { options });
        assert.equal(applied(text, edits), make(formattedRego(tab)));
      }
    }
    for (const chomping of ['-', '+', '']) {
      const tail = chomping === '+' ? '\n\n' : '\n';
      const make = (own: string) =>
        `${template({ rego: own }).replace('rego: |', `rego: |${chomping}`) + tail.slice(1)}    - other: 1\n`;
      const { ask, text } = await opened(client, `format-chomp${chomping}.yaml`, make(rego));
      const edits = await ask<TextEdit[]>('formatting', { options: { tabSize: 2, insertSpaces: true } });
      assert.equal(applied(text, edits), make(formattedRego('  ')));
    }
    const { ask, text } = await opened(client, 'format-range.yaml', template({ rego }));
    const line = text.split('\n').findIndex((one) => one.includes('x=1'));
    const range = { start: { line, character: 0 }, end: { line, character: 5 } };
    const edits = await ask<TextEdit[]>('rangeFormatting', { range, options: { tabSize: 2, insertSpaces: true } });
    assert.equal(applied(text, edits), text.replace('x=1', 'x = 1'));
    const above = { start: { line: line - 2, character: 9 }, end: { line: line - 2, character: 9 } };
    const others = await ask<TextEdit[]>('rangeFormatting', {
      range: above,
      options: { tabSize: 2, insertSpaces: true },
    });
    assert.equal(applied(text, others), text.replace('    msg :=', '  msg :='));
    const broken = await opened(client, 'format-broken.yaml', template({ rego: 'package a\n\nx {\n' }));
    assert.equal(await broken.ask('formatting', { options: { tabSize: 2, insertSpaces: true } }), null);
  });

  await t.test('a new line is indented within the block', async () => {
    const rego = 'package k8sexample\n\nviolation[{"msg": "no"}] {\n<|>\n}\n';
    for (const spaces of ['', '        ']) {
      const { at, text } = await opened(
        client,
        `type-${spaces.length}.yaml`,
        template({ rego }).replace(/ *<\|>/, `${spaces}<|>`),
      );
      for (const insertSpaces of [true, false]) {
        const options = { tabSize: 2, insertSpaces };
        const edits = await at<TextEdit[]>('onTypeFormatting', { ch: '\n', options });
        const line = applied(text, edits)
          .split('\n')
          .find((_, n, all) => all[n - 1]?.includes('violation['));
        assert.equal(line, insertSpaces ? '          ' : '        \t');
      }
    }
  });
});
