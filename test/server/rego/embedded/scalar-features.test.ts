/** The language's features where Rego in YAML is quoted, folded or plain, through the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  CompletionList,
  Diagnostic,
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
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Document, parse, Scalar } from 'yaml';
import { applied, type Client, pullingClient, startClient } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };
const styles = {
  double: Scalar.QUOTE_DOUBLE,
  single: Scalar.QUOTE_SINGLE,
  folded: Scalar.BLOCK_FOLDED,
  plain: Scalar.PLAIN,
} as const;
type Style = keyof typeof styles;
const options = { tabSize: 2, insertSpaces: true };

interface Values {
  rego: string;
  libs?: string[];
}

/** A template with its Rego in a style. */
function inStyle(style: Style, { rego, libs = [] }: Values): string {
  const document = new Document(parse(template({ rego: '', schema })));
  const scalar = (value: string) => Object.assign(new Scalar(own(style, value)), { type: styles[style] });
  document.setIn(['spec', 'targets', 0, 'rego'], scalar(rego));
  if (libs.length > 0) document.setIn(['spec', 'targets', 0, 'libs'], libs.map(scalar));
  const text = document.toString({ lineWidth: 60 });
  assert.match(
    text,
    { double: /rego: *\n? *"/, single: /rego: *\n? *'/, folded: /rego: >/, plain: /rego: *\n? *p/ }[style],
  );
  assert.deepEqual(valuesIn(text), { rego: own(style, rego), libs: libs.map((lib) => own(style, lib)) });
  return text;
}

/** A plain text has no line break at its end. */
function own(style: Style, value: string): string {
  return style === 'plain' ? value.trimEnd() : value;
}

function valuesIn(text: string): Values {
  const { rego, libs = [] } = (parse(text) as { spec: { targets: [Values] } }).spec.targets[0];
  return { rego, libs };
}

const schema = 'type: object\nproperties:\n  labels:\n    type: array\n    items:\n      type: string';
const rego = `package k8sexample
import data.lib.names
help(x) { x }
violation[msg] { names.bad("é𝒳'"); help(1); count(input.parameters.labels) > 1; msg = sprintf("%v", ["a"]) }
`;
const libs = ['package lib.names\nbad(x) = x { x }\n'];

async function opened(client: Client, path: string, text: string) {
  const uri = await client.open(path, text);
  const lines = TextDocument.create('', '', 0, text);
  const ask = <R>(method: string, params: object = {}) =>
    client.connection.sendRequest<R>(`textDocument/${method}`, { textDocument: { uri }, ...params });
  /** Within a word that the text has. */
  const place = (word: string, by = 1, from = 0): Position => {
    const index = text.indexOf(word, from);
    assert.ok(index >= 0, word);
    return lines.positionAt(index + by);
  };
  return { uri, text, lines, ask, place };
}

const targets = (found: (Location | LocationLink)[], lines: TextDocument) =>
  found.map((one) => lines.getText('range' in one ? one.range : one.targetSelectionRange)).sort();

async function editsOf(edit: WorkspaceEdit | undefined, uri: string): Promise<TextEdit[]> {
  const [change] = (edit?.documentChanges ?? []) as TextDocumentEdit[];
  assert.equal(edit?.documentChanges?.length, 1);
  assert.equal(change?.textDocument.uri, uri);
  return change?.edits as TextEdit[];
}

test('the features of Rego work in texts that are no blocks', limit, async (t) => {
  const client = await startClient(t);
  await client.ready();
  for (const style of Object.keys(styles) as Style[]) {
    await t.test(style, async () => {
      const text = inStyle(style, { rego, libs });
      const { uri, lines, ask, place } = await opened(client, `${style}.yaml`, text);
      assert.deepEqual(await client.pull(uri, 'syntax'), []);

      const bad = place('bad', 1);
      const inLib = place('bad', 0, text.lastIndexOf('bad'));
      const [definition] = await ask<(Location | LocationLink)[]>('definition', { position: bad });
      assert.deepEqual(
        definition && ('range' in definition ? definition.range : definition.targetSelectionRange).start,
        inLib,
      );
      const all = await ask<Location[]>('references', { position: bad, context: { includeDeclaration: true } });
      assert.deepEqual(targets(all, lines), ['bad', 'bad']);
      assert.equal((await ask<{ range: Range }[]>('documentHighlight', { position: bad })).length, 1);
      const edit = await ask<WorkspaceEdit>('rename', { position: bad, newName: 'worse' });
      const renamed = applied(text, await editsOf(edit, uri));
      assert.equal(renamed, text.replaceAll('bad', 'worse'));

      const hover = await ask<Hover>('hover', { position: place('count(') });
      assert.match(JSON.stringify(hover.contents), /count/);
      assert.equal(lines.getText(hover.range), 'count');
      assert.equal(await ask('hover', { position: { line: 2, character: 2 } }), null);
      const signature = await ask<SignatureHelp>('signatureHelp', { position: place('sprintf(', 8) });
      assert.match(signature.signatures[0]?.label ?? '', /sprintf/);

      const symbols = await ask<DocumentSymbol[]>('documentSymbol');
      const names = (some: DocumentSymbol[]): string[] =>
        some.flatMap((one) => [one.name, ...names(one.children ?? [])]);
      for (const name of ['help', 'violation', 'bad'])
        assert.ok(
          names(symbols).some((one) => one.includes(name)),
          name,
        );
      const { data } = await ask<SemanticTokens>('semanticTokens/full');
      const words: string[] = [];
      let [line, character] = [0, 0];
      for (let at = 0; at < data.length; at += 5) {
        const [down = 0, right = 0, length = 0] = data.slice(at, at + 3);
        character = down === 0 ? character + right : right;
        line += down;
        words.push(lines.getText({ start: { line, character }, end: { line, character: character + length } }));
      }
      for (const word of ['names', 'bad', 'help', 'msg', 'labels', 'sprintf'])
        assert.ok(words.includes(word), `${word} ${words}`);
      const whole = { start: { line: 0, character: 0 }, end: lines.positionAt(text.length) };
      const hints = await ask<InlayHint[]>('inlayHint', { range: whole });
      assert.ok(hints.some(({ position }) => text.slice(lines.offsetAt(position)).startsWith('1)')));
      const lenses = await ask<CodeLens[]>('codeLens');
      assert.ok(lenses.some(({ range }) => lines.getText(range).startsWith('violation')));
      const [selection] = await ask<SelectionRange[]>('selectionRange', { positions: [place('labels)', 2)] });
      assert.equal(selection && lines.getText(selection.range), 'labels');
      assert.ok(selection?.parent);
      const folds = await ask<FoldingRange[]>('foldingRange');
      assert.ok(folds.every(({ startLine, endLine }) => startLine < endLine));
    });

    await t.test(`${style}: problems stand where they are, at once and from the engine`, async () => {
      const compile = rego.replace('help(1)', 'nowhere(1)');
      const { uri, lines } = await opened(client, `${style}-problems.yaml`, inStyle(style, { rego: compile }));
      const found = await client.pull(uri);
      const own = found.filter(({ code }) => code === 'rego_type_error').map(({ range }) => lines.getText(range));
      assert.ok(
        own.some((word) => word.startsWith('nowhere')),
        own.join(),
      );
      const broken = await opened(
        client,
        `${style}-broken.yaml`,
        inStyle(style, { rego: rego.replace('> 1', '> > 1') }),
      );
      const [first, ...others] = await client.pull(broken.uri, 'syntax');
      assert.deepEqual([first?.code, others], ['rego_parse_error', []]);
      assert.match(broken.text.slice(broken.lines.offsetAt((first as Diagnostic).range.start)), /^(>|> 1)/);
    });

    await t.test(`${style}: what is completed reads back as Rego`, async () => {
      const typed = rego.replace('parameters.labels', 'parameters.la').replace('help(1)', 'hel');
      const { ask, place, text } = await opened(
        client,
        `${style}-complete.yaml`,
        inStyle(style, { rego: typed, libs }),
      );
      const complete = async (position: Position) => {
        const found = await ask<CompletionList | CompletionItem[]>('completion', { position });
        return 'items' in found ? found.items : found;
      };
      const take = (items: readonly CompletionItem[], label: string) => {
        const item = items.find((one) => one.label === label);
        assert.ok(item?.textEdit && 'range' in item.textEdit, label);
        return valuesIn(applied(text, [item.textEdit, ...(item.additionalTextEdits ?? [])])).rego;
      };
      assert.equal(take(await complete(place('.la)', 3)), 'labels'), own(style, typed).replace('.la)', '.labels)'));
      assert.equal(take(await complete(place('hel;', 3)), 'help'), own(style, typed).replace('hel;', 'help;'));
      for (const item of await complete(place('hel;', 3))) {
        if (item.insertTextFormat === 2 || !item.textEdit || !('range' in item.textEdit)) continue;
        const after = valuesIn(applied(text, [item.textEdit, ...(item.additionalTextEdits ?? [])]));
        assert.ok(after.rego.includes(`${item.label.split(' ')[0]}`), item.label);
        assert.deepEqual(after.libs, valuesIn(text).libs);
      }
    });

    await t.test(`${style}: quick fixes and refactorings read back as Rego`, async () => {
      const { uri, text, ask, place } = await opened(
        client,
        `${style}-fix.yaml`,
        inStyle(style, { rego: `${rego}size = 1\n` }),
      );
      const lint = await client.pull(uri, 'lint');
      const finding = lint.find(
        ({ code, range }) => code === 'style/use-assignment-operator' && range.start.line === place('size = 1').line,
      );
      assert.ok(finding, JSON.stringify(lint));
      const asked = { range: finding.range, context: { diagnostics: [finding] } };
      const fix = (await ask<CodeAction[]>('codeAction', asked)).find(
        ({ title }) => title === 'Replace = with := in assignment',
      );
      const fixed = applied(text, await editsOf(fix?.edit, uri));
      assert.equal(fixed, text.replace('size = 1', 'size := 1'));
      const context = { diagnostics: [], only: ['source.fixAll'] };
      const [all] = await ask<CodeAction[]>('codeAction', { range: finding.range, context });
      const { rego: mended } = valuesIn(applied(text, await editsOf(all?.edit, uri)));
      assert.match(mended, /^size := 1$/m);
      const position = place('size = 1', 0);
      const some = await ask<CodeAction[]>('codeAction', {
        range: { start: position, end: position },
        context: { diagnostics: [] },
      });
      const metadata = some.find(({ title }) => title === 'Add METADATA to size');
      const described = applied(text, await editsOf(metadata?.edit, uri));
      assert.equal(
        valuesIn(described).rego,
        own(style, `${rego}# METADATA\n# title: Size\n# description: What size is for\nsize = 1\n`),
      );
      assert.equal(described.includes('rego: |'), style !== 'double');
      const block = some.find(({ title }) => title === 'Write as a block scalar');
      const written = applied(text, await editsOf(block?.edit, uri));
      assert.match(written, /rego: \|-?\n/);
      assert.deepEqual(valuesIn(written), valuesIn(text));
    });

    await t.test(`${style}: formatting makes a block of what is to be formatted`, async () => {
      const { ask, text } = await opened(
        client,
        `${style}-format.yaml`,
        inStyle(style, { rego: 'package a\nx=1\n', libs }),
      );
      const after = applied(text, await ask<TextEdit[]>('formatting', { options }));
      assert.deepEqual(valuesIn(after), {
        rego: own(style, 'package a\n\nx = 1\n'),
        libs: [own(style, 'package lib.names\n\nbad(x) = x {\n  x\n}\n')],
      });
      assert.match(after, /rego: \|-?\n {8}package a\n\n {8}x = 1\n/);
      const formatted = await opened(
        client,
        `${style}-formatted.yaml`,
        inStyle(style, { rego: 'package a\n\nx = 1\n' }),
      );
      assert.deepEqual(await formatted.ask<TextEdit[]>('formatting', { options }), []);
      const part = await opened(client, `${style}-part.yaml`, inStyle(style, { rego: 'package a\n\nx=1\n\ny=1\n' }));
      const range = { start: part.place('y=1'), end: part.place('y=1', 2) };
      const partly = applied(part.text, await part.ask<TextEdit[]>('rangeFormatting', { range, options }));
      assert.equal(partly, part.text.replace('y=1', 'y = 1'));
      const typing = { position: part.place('y=1', 3), ch: '\n', options };
      assert.equal(await part.ask('onTypeFormatting', typing), null);
    });
  }
});

test('what YAML cannot hold is withheld', limit, async (t) => {
  const client = await startClient(t);
  await client.ready();
  const flow = template({ rego: '' }).replace(
    /- target: (.*)\n.*\n/,
    "- {target: $1, rego: 'package a  # é\n\n\n      x=1', libs: []} # end\n",
  );
  const { ask, place, text, uri } = await opened(client, 'flow.yaml', flow);
  assert.equal(valuesIn(text).rego, 'package a  # é\n\nx=1');
  assert.deepEqual(await ask<TextEdit[]>('formatting', { options }), []);
  const position = place('x=1', 0);
  const actions = await ask<CodeAction[]>('codeAction', {
    range: { start: position, end: position },
    context: { diagnostics: [] },
  });
  assert.deepEqual(
    actions.filter(({ title }) => /METADATA|block scalar/.test(title)),
    [],
  );
  const renamed = await ask<WorkspaceEdit>('rename', { position, newName: 'worse' });
  assert.equal(applied(text, await editsOf(renamed, uri)), text.replace('x=1', 'worse=1'));
});

test('what is completed behind an escape, and snippets, are written with escapes of their own', limit, async (t) => {
  const { textDocument = {}, ...others } = pullingClient;
  const completion = { dynamicRegistration: true, completionItem: { snippetSupport: true } };
  const client = await startClient(t, { capabilities: { ...others, textDocument: { ...textDocument, completion } } });
  await client.ready();
  const text = template({ rego: '' }).replace('rego: |', 'rego: "package a\\n\\nhelp = \\"x\\"\\nx { help }\\nhel"');
  const { ask, place, lines } = await opened(client, 'escapes.yaml', text);
  const { items } = await ask<CompletionList>('completion', { position: place('nhel"', 4) });
  const help = items.find(({ label }) => label === 'help')?.textEdit as TextEdit;
  assert.equal(lines.getText(help.range), 'hel');
  const snippets = items.filter(({ insertTextFormat }) => insertTextFormat === 2);
  assert.ok(snippets.some(({ textEdit }) => textEdit?.newText.includes('\\\\n')));
  for (const { textEdit, label } of snippets) {
    // As an editor inserts it.
    const inserted = (textEdit?.newText ?? '').replace(/\\([$}\\])|\$(?:\d|\{\d:?|\{\d\|)|\}/g, '$1');
    assert.doesNotThrow(() => parse(applied(text, [{ ...(textEdit as TextEdit), newText: inserted }])), label);
    assert.doesNotMatch(textEdit?.newText ?? '', /[\n\t]/, label);
  }
});
