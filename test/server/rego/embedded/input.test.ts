/** What Gatekeeper gives a template: its input by the schema of the parameters, its own built-in; and code actions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  CompletionList,
  Diagnostic,
  Hover,
  Location,
  LocationLink,
  Position,
  TextDocumentEdit,
  TextEdit,
} from 'vscode-languageserver/node';
import { parse } from 'yaml';
import type { EvaluateParams, EvaluateResult } from '../../../../server/protocol.ts';
import { marked } from '../../marks.ts';
import { applied, type ClientOptions, pullingClient, startClient } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };

const schema = `type: object
properties:
  allowed:
    type: array
    description: Repositories that are trusted
    items:
      type: object
      properties:
        host:
          type: string
`;

/** A client that takes literals and resolves edits, as VS Code. */
const options: ClientOptions = {
  folders: { w: { '.regal/config.yaml': 'rules:\n  style:\n    line-length:\n      max-line-length: 90\n' } },
  capabilities: {
    ...pullingClient,
    textDocument: {
      ...pullingClient.textDocument,
      codeAction: {
        codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'refactor', 'source'] } },
        resolveSupport: { properties: ['edit'] },
        dataSupport: true,
        isPreferredSupport: true,
      },
    },
  },
};

test("a template's own schema is the type of its parameters", limit, async (t) => {
  const client = await startClient(t, options);
  await client.ready();
  const rego = `package k8sexample

violation[{"msg": msg}] {
  some i
  host := input.parameters.all<|>owed[i].host
  input.parameters.allowed[i].[|hots|]
  input.parameters.[|alowed|]
  input.review.object.anything.goes
  data.inventory.cluster
  answer := external_data({"provider": "p", "keys": [host]})
  count(answer.errors) > 0
  msg := host
}
`;
  const { text, cursors, ranges } = marked(template({ rego, schema }));
  const uri = await client.open('w/x.yaml', `# first\n---\n${text}`);
  const down = (position = { line: 0, character: 0 }) => ({ ...position, line: position.line + 2 });
  const found = await client.pull(uri);
  assert.deepEqual(
    found.map(({ code, range }) => [code, range.start]),
    ranges.map(({ start }) => ['unknown-field', down(start)]),
  );
  const at = { textDocument: { uri }, position: down(cursors[0]) };
  const hover = await client.connection.sendRequest<Hover>('textDocument/hover', at);
  assert.match(JSON.stringify(hover.contents), /Repositories that are trusted/);
  const places = await client.connection.sendRequest<(Location | LocationLink)[]>('textDocument/typeDefinition', at);
  const [place] = places.map((one) => ('range' in one ? one.range : one.targetSelectionRange));
  assert.equal(`# first\n---\n${text}`.split('\n')[place?.start.line ?? 0]?.trim(), 'allowed:');

  const lines = text.split('\n');
  const line = lines.findIndex((one) => one.includes('external_data'));
  const known = await client.connection.sendRequest<Hover>('textDocument/hover', {
    ...{ textDocument: { uri }, position: down({ line, character: (lines[line] ?? '').indexOf('external_data') + 2 }) },
  });
  assert.match(JSON.stringify(known.contents), /provider of external data/);

  // Templates of the old kind keep what their schema does not name.
  const old = await client.open(
    'w/old.yaml',
    text.replace('templates.gatekeeper.sh/v1', 'templates.gatekeeper.sh/v1beta1'),
  );
  assert.deepEqual(await client.pull(old), []);
});

test('built-ins that the configuration declares are known in templates, too', limit, async (t) => {
  const own = { name: 'ldap.query', decl: { type: 'function', args: [{ type: 'string' }], result: { type: 'any' } } };
  const client = await startClient(t, {
    folders: {
      w: {
        '.regal/config.yaml': 'capabilities:\n  from:\n    file: build/capabilities.json\n',
        'build/capabilities.json': JSON.stringify({ builtins: [own] }),
        'a.rego': 'package a\n\nx := ldap.query("x")\n',
      },
    },
  });
  await client.ready();
  const module = await client.open('w/a.rego', 'package a\n\nx := ldap.query("x")\n');
  await client.until(async () => (await client.pull(module)).length === 0);
  const rego =
    'package k8sexample\n\nviolation[{"msg": ldap.query("x")}] { external_data({}) }\n\nx = abs(1) { true }\n';
  const uri = await client.open('w/x.yaml', template({ rego }));
  assert.deepEqual(
    (await client.pull(uri)).map(({ message }) => /\babs\b/.test(JSON.stringify(message))),
    [true],
  );
});

test('code actions fit into the block', limit, async (t) => {
  const client = await startClient(t, options);
  await client.ready();
  const rego = `package k8sexample

violation[{"msg": msg}] {
  msg := "no"
}

x [|=|] 1
`;
  const { text, ranges } = marked(template({ rego, libs: ['package lib.names\n\nbad(x) { x }\n'] }));
  const uri = await client.open('w/x.yaml', text);
  const diagnostics = (await client.pull(uri, 'lint')).filter(({ code }) => code === 'style/use-assignment-operator');
  const [range] = ranges;
  assert.deepEqual(
    diagnostics.map((one) => one.range),
    [range],
  );
  const actions = async (all: Diagnostic[], only?: string[]) =>
    (await client.connection.sendRequest<CodeAction[] | null>('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics: all, ...(only && { only }) },
    })) ?? [];
  const apply = async (action: CodeAction | undefined) => {
    assert.ok(action);
    const { edit } = action.edit
      ? action
      : await client.connection.sendRequest<CodeAction>('codeAction/resolve', action);
    const edits =
      edit?.documentChanges?.flatMap((change) =>
        'edits' in change && change.textDocument.uri === uri ? (change as TextDocumentEdit).edits : [],
      ) ?? edit?.changes?.[uri];
    return applied(text, (edits ?? []) as TextEdit[]);
  };
  const found = await actions(diagnostics);
  const fix = found.find(({ title }) => /:=/.test(title));
  assert.equal(await apply(fix), text.replace('x = 1', 'x := 1'));
  const ignore = found.find(
    ({ title, kind }) => kind === 'quickfix' && /[Ii]gnore/.test(title) && !/config/.test(title),
  );
  assert.match(await apply(ignore), /\n {8}# regal ignore:use-assignment-operator\n {8}x = 1\n/);
  const metadata = found.find(({ title }) => title.startsWith('Add METADATA'));
  assert.match(await apply(metadata), /\n\n {8}# METADATA\n(?: {8}# .*\n)+ {8}x = 1\n {6}libs:\n/);
  const [all] = await actions([], ['source.fixAll']);
  assert.equal(await apply(all), text.replace('x = 1', 'x := 1'));
  const others = await actions([], ['source', 'refactor']);
  assert.deepEqual(
    others.filter(({ title }) => /test|Migrate/.test(title)),
    [],
  );
});

test('what a library has is completed with its import', limit, async (t) => {
  const client = await startClient(t, options);
  await client.ready();
  const rego = 'package k8sexample\n\nviolation[{"msg": msg}] {\n  msg := forbidd<|>\n}\n';
  const { text, cursors } = marked(template({ rego, libs: ['package lib.names\n\nforbidden = "x" { true }\n'] }));
  const uri = await client.open('w/x.yaml', text);
  const answer = await client.connection.sendRequest<CompletionList | CompletionItem[]>('textDocument/completion', {
    textDocument: { uri },
    position: cursors[0],
  });
  const item = ('items' in answer ? answer.items : answer).find(({ label }) => label.includes('forbidden'));
  assert.match(
    applied(text, item?.additionalTextEdits ?? []),
    /\n {8}package k8sexample\n\n {8}import data\.lib\.names\n\n {8}violation/,
  );
});

test('code lenses count references in a block', limit, async (t) => {
  const client = await startClient(t, options);
  await client.ready();
  const rego = 'package k8sexample\n\nviolation[{"msg": "no"}] { a; a }\n\na { true }\n';
  const uri = await client.open('w/x.yaml', template({ rego }));
  const lenses =
    (await client.connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } })) ?? [];
  const titles = await Promise.all(
    lenses.map(async (lens) =>
      lens.command
        ? lens.command.title
        : (await client.connection.sendRequest<CodeLens>('codeLens/resolve', lens)).command?.title,
    ),
  );
  assert.ok(titles.includes('2 references'), titles.join());
});

test('rules of a template are evaluated', limit, async (t) => {
  const client = await startClient(t, options);
  await client.ready();
  const rego =
    'package k8sexample\n\nviolation[{"msg": msg}] {\n  msg := data.lib.names.bad\n}\n\n<|>x = 2 {\n  input.parameters\n}\n';
  const { text, cursors } = marked(template({ rego, libs: ['package lib.names\n\nb<|>ad = "bad" {\n  true\n}\n'] }));
  const uri = await client.open('w/x.yaml', text);
  const [position, inLib] = cursors;
  const run = (target: EvaluateParams['target']) =>
    client.connection.sendRequest<EvaluateResult>('countersign/evaluate', {
      ...{ uri, target, coverage: true },
      input: { from: 'text', name: 'it', text: '{"parameters": {}}' },
    });
  const found = await run({ kind: 'rule', position: position as Position });
  assert.deepEqual([found.outcome, found.value], ['value', '2']);
  assert.deepEqual((await run({ kind: 'rule', position: inLib as Position })).value, '"bad"');
  const covered = found.coverage?.files.flatMap((file) => file.covered) ?? [];
  assert.ok(covered.includes((position?.line ?? 0) + 1), covered.join());
});

test('Rego in another text becomes a block', limit, async (t) => {
  const client = await startClient(t, options);
  await client.ready();
  const block = 'package a\n\nviolation[{"msg": "\\t"}] {\n  true\n}\n\n';
  for (const [name, written, chomping] of [
    ['double', JSON.stringify(block), '+'],
    ['single', '\'package a\n\n\n        violation[{"msg": "\\t"}] { true }\'', '-'],
    ['folded', '>\n        package a\n\n        violation[{"msg": "\\t"}] { true }', ''],
  ] as const) {
    const text = template({ rego: '' }).replace(
      'rego: |\n',
      `rego: ${written}\n      libs:\n        - 'package lib.a'\n`,
    );
    const uri = await client.open(`w/${name}.yaml`, text);
    const line = text.split('\n').findIndex((one) => one.includes(' rego: '));
    assert.deepEqual(
      (await client.pull(uri, 'syntax')).filter(({ code }) => code === 'no-block'),
      [],
    );
    const at = (number: number) => ({ start: { line: number, character: 0 }, end: { line: number, character: 0 } });
    const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      ...{ textDocument: { uri }, range: at(line), context: { diagnostics: [], only: ['refactor.rewrite'] } },
    });
    assert.deepEqual(
      actions.map(({ title }) => title).filter((title) => title.includes('block')),
      ['Write as a block scalar'],
    );
    const write = actions.find(({ title }) => title === 'Write as a block scalar');
    const change = write?.edit?.documentChanges?.[0] as TextDocumentEdit;
    const after = applied(text, change.edits as TextEdit[]);
    assert.ok(after.includes(`rego: |${chomping}\n        package a\n`), after);
    const values = [text, after].map(
      (one) => (parse(one) as { spec: { targets: [{ rego: string }] } }).spec.targets[0].rego,
    );
    assert.equal(values[0], values[1]);
  }
});
