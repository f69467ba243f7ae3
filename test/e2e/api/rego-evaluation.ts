/** Code lenses and evaluation beside the code, as a person sees them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ui } from '../in-vscode.cjs';
import { type Tests, until } from '../suite.ts';
import { asked, discount, discountTest, open, place, sourceOf } from './rego-workspace.ts';
import { picture, press, asked as quickInput, replace, type, uriOf } from './window.ts';

/** What stands beside lines, drawn by the editor; not part of any text. */
async function beside(): Promise<string[]> {
  const drawn = `[...document.querySelectorAll('.editor-instance .view-line span')]
    .map((one) => getComputedStyle(one, '::after').content)
    .filter((text) => text.startsWith('"'))
    .map((text) => JSON.parse(text).replace(/\\u00a0/g, ' '))`;
  return (await ui('evaluate', drawn)) as string[];
}

const hovered = `[...document.querySelectorAll('.monaco-hover')].map((one) => one.innerText).join(' ')`;

async function drawn(text: string): Promise<void> {
  let last: string[] = [];
  try {
    await until(`${text} beside the code`, async () => {
      last = await beside();
      return last.includes(text);
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; drawn: ${JSON.stringify(last)}`);
  }
}

/** The text of one of our views once it is `wanted`. */
async function view(name: string, wanted: RegExp): Promise<string> {
  return until(`${name} with ${wanted}`, () => {
    const found = vscode.workspace.textDocuments.find(({ uri }) => uri.toString(true) === `countersign-view:/${name}`);
    const text = found?.getText() ?? '';
    return wanted.test(text) && text;
  });
}

function select(document: vscode.TextDocument, text: string): void {
  const start = place(document, text);
  const editor = vscode.window.activeTextEditor;
  assert.equal(editor?.document, document);
  editor.selection = new vscode.Selection(start, document.positionAt(document.offsetAt(start) + text.length));
}

const lenses = (uri: vscode.Uri, count: number) =>
  asked<vscode.CodeLens[]>('lenses', (list) => list.length >= count, 'vscode.executeCodeLensProvider', uri, 50);

function titles(found: readonly vscode.CodeLens[], line: number): (string | undefined)[] {
  return found.filter(({ range }) => range.start.line === line).map(({ command }) => command?.title);
}

export const regoEvaluation: Tests = {
  async 'has lenses that evaluate, run tests and count references'() {
    const document = await open(discount);
    const found = await lenses(document.uri, 8);
    assert.deepEqual(titles(found, 0), ['Evaluate', '2 references']);
    assert.deepEqual(titles(found, place(document, 'default allow').line), ['Evaluate', '1 reference']);
    const tests = await open(discountTest);
    const ofTests = await lenses(tests.uri, 4);
    assert.deepEqual(titles(ofTests, 4), ['Evaluate', 'Run Test']);
  },

  async 'draws the value beside the code, greyed after an edit, until it is cleared'() {
    const document = await open(discount);
    const line = place(document, 'default allow').line;
    const lens = (await lenses(document.uri, 8)).find(
      ({ range, command }) => range.start.line === line && command?.title === 'Evaluate',
    );
    await vscode.commands.executeCommand(lens?.command?.command ?? '', ...(lens?.command?.arguments ?? []));
    await drawn('= true  (shop/discount/input.json)');
    await picture('evaluation');
    select(document, 'allow := false');
    await vscode.commands.executeCommand('editor.action.showHover');
    await until('the hover with the whole value', async () =>
      ((await ui('evaluate', hovered)) as string).includes('Choose Another Input'),
    );
    await picture('evaluation-hover');
    const editor = vscode.window.activeTextEditor ?? assert.fail();
    assert.ok(await editor.edit((edit) => edit.insert(document.lineAt(1).range.start, '\n# edited\n')));
    await drawn('= true  (shop/discount/input.json) – before the last change');
    assert.ok(
      await editor.edit((edit) =>
        edit.replace(document.lineAt(place(document, 'line.price < 0').line).range, '\ttrue'),
      ),
    );
    await document.save();
    await drawn('= false  (shop/discount/input.json)');
    await vscode.commands.executeCommand('countersign.rego.clearEvaluation');
    await until('nothing beside the code', async () => !(await beside()).some((text) => text.includes('= false')));
    await replace(document, sourceOf(discount));
    await document.save();
  },

  async 'evaluates a selection, with all of it to the side'() {
    const document = await open(discount);
    select(document, 'some line in input.lines\n\tname := line.name');
    await vscode.commands.executeCommand('countersign.rego.evaluateSelection');
    const text = await view('Evaluation.jsonc', /"name": "tea"/);
    assert.match(text, /^\/\/ some line in input\.lines\n\/\/ \tname := line\.name\n/);
    assert.match(text, /Input: shop\/discount\/input\.json/);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    select(document, 'input.lines');
    await vscode.commands.executeCommand('countersign.rego.profileSelection');
    await view('Evaluation.jsonc', /Evaluated in/);
    await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
  },

  async 'takes the input that was chosen for the module'() {
    const document = await open(discount);
    select(document, 'allow if');
    const chosen = vscode.commands.executeCommand('countersign.rego.chooseInput');
    await quickInput('The Closest Sample');
    await type('Type JSON');
    await press('Enter');
    await quickInput('JSON, such as');
    await type('{"lines": [{"name": "tea", "price": -1, "pieces": 2}]}');
    await press('Enter');
    await chosen;
    await vscode.commands.executeCommand('countersign.rego.evaluateRule');
    await drawn('= false  (what was typed)');
    const again = vscode.commands.executeCommand('countersign.rego.chooseInput');
    await quickInput('The Closest Sample');
    await type('Closest');
    await press('Enter');
    await again;
    await vscode.commands.executeCommand('countersign.rego.clearEvaluation');
  },

  async 'shows what is left without the input, and what the compiler makes of it'() {
    const document = await open(discount);
    select(document, 'money.limit');
    await vscode.commands.executeCommand('countersign.rego.evaluatePartially');
    await view('Partially evaluated.rego', /It always holds/);
    const shownHere = vscode.Uri.parse('countersign-view:/Partially evaluated.rego');
    assert.deepEqual(vscode.languages.getDiagnostics(shownHere), []);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const stages = vscode.commands.executeCommand('countersign.rego.compilerStages');
    await quickInput('ParseModule');
    await type('ResolveRefs');
    await press('Enter');
    await stages;
    await view('ResolveRefs.rego', /data\.shop\.money\.total/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  },

  async 'marks the lines that the tests evaluate'() {
    await open(discount);
    const marks = () => ui('evaluate', `document.querySelectorAll('.view-overlays [class*="ced-"]').length`);
    const before = (await marks()) as number;
    await vscode.commands.executeCommand('countersign.rego.coverTests');
    await until('marks', async () => ((await marks()) as number) > before);
    await vscode.commands.executeCommand('countersign.rego.coverTests');
    await until('no marks', async () => ((await marks()) as number) <= before);
  },

  async 'runs a test by its lens, in the Test Explorer'() {
    const document = await open(discountTest);
    const lens = (await lenses(document.uri, 4)).find(({ command }) => command?.title === 'Run Test');
    await vscode.commands.executeCommand(lens?.command?.command ?? '', ...(lens?.command?.arguments ?? []));
    await until(
      'the test has passed',
      async () =>
        ((await ui('evaluate', `document.querySelectorAll('.codicon-testing-passed-icon').length`)) as number) > 0,
    );
  },

  async 'evaluates the input that policies judge of the last commit'() {
    const uri = uriOf('.countersign/policies/seen.rego');
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(uri, {
      overwrite: true,
      contents: new TextEncoder().encode('package seen\n\nphase := input.phase\n'),
    });
    assert.ok(await vscode.workspace.applyEdit(edit));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    select(document, 'phase :=');
    const chosen = vscode.commands.executeCommand('countersign.rego.chooseInput');
    await quickInput('The Closest Sample');
    await type('The Last Commit');
    await press('Enter');
    await chosen;
    await vscode.commands.executeCommand('countersign.rego.evaluateRule');
    await drawn('= "change"  (the last commit)');
    await vscode.commands.executeCommand('countersign.rego.clearEvaluation');
    const away = new vscode.WorkspaceEdit();
    away.deleteFile(uri);
    assert.ok(await vscode.workspace.applyEdit(away));
  },
};
