/** What is read and found in Rego, through VS Code's own commands. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Tests } from '../suite.ts';
import { teamPolicy } from '../workspace.ts';
import { asked, discount, money, open, place, shownPlaces } from './rego-workspace.ts';

type Places = (vscode.Location | vscode.LocationLink)[];
const some = (list: readonly unknown[]) => list.length > 0;

/** All Markdown of hovers. */
function text(hovers: readonly vscode.Hover[]): string {
  return hovers
    .flatMap(({ contents }) => contents.map((one) => (typeof one === 'string' ? one : one.value)))
    .join('\n');
}

function labels({ items }: vscode.CompletionList): string[] {
  return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

export const regoNavigation: Tests = {
  async 'goes to the definition, the declaration and all implementations'() {
    const document = await open(discount);
    const definition = await asked<Places>(
      'a definition',
      some,
      'vscode.executeDefinitionProvider',
      document.uri,
      place(document, 'money.to|tal'),
    );
    assert.deepEqual(shownPlaces(definition), ['money.rego:8']);
    const declaration = await asked<Places>(
      'a declaration',
      some,
      'vscode.executeDeclarationProvider',
      document.uri,
      place(document, 'mo|ney.total'),
    );
    assert.deepEqual(shownPlaces(declaration), ['discount.rego:3']);
    const implementation = await asked<Places>(
      'implementations',
      some,
      'vscode.executeImplementationProvider',
      document.uri,
      place(document, 'default al|low'),
    );
    assert.deepEqual(shownPlaces(implementation), ['discount.rego:5', 'discount.rego:7']);
  },

  async 'goes to the type of a field: in the sample beside the module, and in the schema that comes along'() {
    const types = async (path: string, at: string) => {
      const document = await open(path);
      const found = await asked<Places>(
        `the type of ${at}`,
        some,
        'vscode.executeTypeDefinitionProvider',
        document.uri,
        place(document, at),
      );
      const [uri] = found.map((one) => ('targetUri' in one ? one.targetUri : one.uri));
      return uri ?? assert.fail(JSON.stringify(found));
    };
    assert.match((await types(discount, 'line.pri|ce, line')).path, /discount\/input\.json$/);
    const schema = await types(teamPolicy, 'commit.disclosure.mo|del');
    assert.match(schema.path, /schemas\/input\.schema\.json$/);
    assert.match((await vscode.workspace.openTextDocument(schema)).getText(), /"disclosure"/);
  },

  async 'finds references in all modules, highlights, and who calls'() {
    const document = await open(money);
    const references = await asked<vscode.Location[]>(
      'references',
      (list) => list.length > 1,
      'vscode.executeReferenceProvider',
      document.uri,
      place(document, 'to|tal('),
    );
    assert.deepEqual(shownPlaces(references), ['discount.rego:9', 'money.rego:8']);
    const marks = await asked<vscode.DocumentHighlight[]>(
      'highlights',
      some,
      'vscode.executeDocumentHighlights',
      document.uri,
      place(document, 'pri|ce, pieces'),
    );
    assert.equal(marks.length, 2);
    const [item] = await asked<vscode.CallHierarchyItem[]>(
      'a call hierarchy',
      some,
      'vscode.prepareCallHierarchy',
      document.uri,
      place(document, 'to|tal('),
    );
    const incoming = await asked<vscode.CallHierarchyIncomingCall[]>(
      'callers',
      some,
      'vscode.provideIncomingCalls',
      item,
    );
    assert.deepEqual(
      incoming.map(({ from }) => from.name),
      ['allow'],
    );
  },

  async 'tells in a hover what a rule, a built-in and the input are'() {
    const document = await open(discount);
    const hover = async (at: string, wanted: RegExp) => {
      await asked<vscode.Hover[]>(
        `${wanted} over ${at}`,
        (found) => wanted.test(text(found)),
        'vscode.executeHoverProvider',
        document.uri,
        place(document, at),
      );
    };
    await hover('money.to|tal', /The price of some pieces/);
    await hover('up|per(', /upper/);
    await hover('ev|ery line', /every/);
    // The sample beside the module says what its fields are.
    await hover('line.pri|ce, line', /number/);
  },

  async 'completes rules of other packages and fields of the input, with help on what is chosen'() {
    const document = await open(discount);
    const complete = async (after: string, wanted: string) => {
      const list = await asked<vscode.CompletionList>(
        `${wanted} after ${after}`,
        (found) => labels(found).includes(wanted),
        'vscode.executeCompletionItemProvider',
        document.uri,
        place(document, after),
        undefined,
        10,
      );
      return list.items.find(({ label }) => (typeof label === 'string' ? label : label.label) === wanted);
    };
    const total = await complete('money.|total', 'total');
    const documentation = total?.documentation;
    const help = typeof documentation === 'string' ? documentation : (documentation?.value ?? '');
    assert.match(help, /The price of some pieces/);
    await complete('input.|lines', 'lines');
    await complete('up|per(name)', 'upper');
  },

  async 'helps with the arguments of a call'() {
    const document = await open(discount);
    const help = await asked<vscode.SignatureHelp>(
      'a signature',
      ({ signatures }) => some(signatures),
      'vscode.executeSignatureHelpProvider',
      document.uri,
      place(document, 'money.total(line.price, |line'),
    );
    assert.match(help.signatures[0]?.label ?? '', /total\(price.*, pieces/);
    assert.equal(help.activeParameter, 1);
  },

  async 'outlines, folds, selects, and finds symbols of the workspace'() {
    const document = await open(discount);
    const symbols = await asked<vscode.DocumentSymbol[]>(
      'an outline',
      some,
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    const names = JSON.stringify(symbols.map(({ name, children }) => [name, children.map((child) => child.name)]));
    for (const name of ['allow', 'refused', 'names']) assert.ok(names.includes(name), names);
    const folds = await asked<vscode.FoldingRange[]>(
      'folding ranges',
      some,
      'vscode.executeFoldingRangeProvider',
      document.uri,
    );
    assert.ok(
      folds.some(({ start }) => start === place(document, 'refused if').line),
      JSON.stringify(folds),
    );
    const [selection] = await asked<vscode.SelectionRange[]>(
      'selections',
      some,
      'vscode.executeSelectionRangeProvider',
      document.uri,
      [place(document, 'line.pri|ce < 0')],
    );
    const grown: string[] = [];
    for (let range = selection; range; range = range.parent as vscode.SelectionRange) {
      grown.push(document.getText(range.range));
    }
    assert.ok(grown.includes('line.price < 0'), grown.join(' | '));
    const found = await asked<vscode.SymbolInformation[]>(
      'a symbol of the workspace',
      some,
      'vscode.executeWorkspaceSymbolProvider',
      'refused',
    );
    assert.ok(found.some(({ location }) => location.uri.path.endsWith(discount)));
  },

  async 'colours names by what they are, in the whole document and in a part'() {
    const document = await open(discount);
    const legend = await asked<vscode.SemanticTokensLegend>(
      'a legend',
      () => true,
      'vscode.provideDocumentSemanticTokensLegend',
      document.uri,
    );
    const kinds = (tokens: vscode.SemanticTokens) =>
      new Set([...tokens.data].flatMap((value, at) => (at % 5 === 3 ? (legend.tokenTypes[value] ?? []) : [])));
    const all = await asked<vscode.SemanticTokens>(
      'tokens',
      ({ data }) => data.length > 0,
      'vscode.provideDocumentSemanticTokens',
      document.uri,
    );
    assert.ok(kinds(all).has('namespace') && kinds(all).has('function'), [...kinds(all)].join(', '));
    const line = document.lineAt(place(document, 'package shop').line).range;
    const part = await asked<vscode.SemanticTokens>(
      'tokens of a line',
      ({ data }) => data.length > 0,
      'vscode.provideDocumentRangeSemanticTokens',
      document.uri,
      line,
    );
    assert.ok(part.data.length < all.data.length);
  },

  async 'names the parameters of a call in front of its values'() {
    const document = await open(discount);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(document.getText().length), '\nfree := money.total(0, 1)\n');
    await vscode.workspace.applyEdit(edit);
    const hints = await asked<vscode.InlayHint[]>(
      'inlay hints',
      some,
      'vscode.executeInlayHintProvider',
      document.uri,
      new vscode.Range(0, 0, document.lineCount, 0),
    );
    const shown = hints.map(({ label }) =>
      typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
    );
    assert.ok(
      shown.some((label) => label.startsWith('price')),
      shown.join(', '),
    );
    await vscode.commands.executeCommand('undo');
  },
};
