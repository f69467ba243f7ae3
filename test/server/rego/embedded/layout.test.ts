/** Regal's `opa-fmt` for Rego in YAML: a finding where formatting would change something, and its fixes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeAction, TextDocumentEdit, TextEdit } from 'vscode-languageserver/node';
import { applied, startClient } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };

/** With a tab for each level. */
const formatted =
  'package k8sexample\n\nviolation contains {"msg": msg} if {\n\tsome x in input.xs\n\tx == {\n\t\t"a": 1,\n\t\t"b": 2,\n\t}\n\tmsg := `raw\n\tstring`\n}\n';

const indented = (tab: string) => formatted.replace(/^\t+(?!string)/gm, (tabs) => tab.repeat(tabs.length));

test('what is formatted but for the width of its indentation is no finding', limit, async (t) => {
  const client = await startClient(t, { folders: { w: {} } });
  await client.ready();
  const findings = async (name: string, text: string) => {
    const uri = await client.open(`w/${name}.yaml`, text);
    const found = await client.pull(uri, 'lint');
    return { uri, found: found.filter(({ code }) => code === 'style/opa-fmt') };
  };

  await t.test('tabs, and spaces of any width', async () => {
    for (const tab of ['\t', '  ', '    ', '   ']) {
      const { found } = await findings(`fine-${tab.length}`, template({ rego: indented(tab), version: 'v1' }));
      assert.deepEqual(found, [], JSON.stringify(tab));
    }
    const quoted = template({ rego: '', version: 'v1' }).replace(
      'rego: |',
      `rego: ${JSON.stringify(indented('  ').trimEnd())}`,
    );
    assert.deepEqual((await findings('quoted', quoted)).found, []);
    const old = 'package k8sexample\n\nviolation[{"msg": msg}] {\n  msg := "no"\n}\n';
    assert.deepEqual((await findings('old', template({ rego: old }))).found, []);
    assert.equal((await findings('old-wrong', template({ rego: old.replace(' :=', '  :=') }))).found.length, 1);
  });

  for (const [name, tab, ending] of [
    ['spaces', '  ', '\n'],
    ['wide', '    ', '\r\n'],
    ['tabs', '\t', '\n'],
  ] as const) {
    await t.test(`anything else is, with its fix: ${name}`, async () => {
      const make = (rego: string) =>
        template({ rego, libs: ['package lib.a\n'], version: 'v1' }).replaceAll('\n', ending);
      const wrong = indented(tab).replace('x == {', 'x=={').replace(`${tab}msg :=`, `${tab}${tab}msg    :=`);
      const text = make(wrong);
      const { uri, found } = await findings(name, text);
      assert.equal(found.length, 1);
      const at = text.split(ending).findIndex((line) => line.includes('package k8sexample'));
      assert.equal(found[0]?.range.start.line, at);
      const ask = (context: object) =>
        client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
          ...{ textDocument: { uri }, range: found[0]?.range, context },
        });
      const after = (action: CodeAction | undefined) => {
        const [change] = (action?.edit?.documentChanges ?? []) as TextDocumentEdit[];
        return applied(text, change?.edits as TextEdit[]);
      };
      const fix = (await ask({ diagnostics: found })).find(({ title }) => title === 'Format as opa fmt does');
      assert.equal(after(fix), make(indented(tab)));
      const [all] = await ask({ diagnostics: [], only: ['source.fixAll'] });
      assert.equal(after(all), make(indented(tab)));
      const options = { tabSize: tab.length, insertSpaces: tab !== '\t' };
      const edits = await client.connection.sendRequest<TextEdit[]>('textDocument/formatting', {
        textDocument: { uri },
        options,
      });
      assert.equal(applied(text, edits), make(indented(tab)));
      const next = await client.edit(uri, make(indented(tab)));
      assert.equal(next, undefined);
      assert.deepEqual(
        (await client.pull(uri, 'lint')).filter(({ code }) => code === 'style/opa-fmt'),
        [],
      );
    });
  }

  await t.test("Regal's configuration holds for it", async () => {
    const other = await startClient(t, {
      folders: { w: { '.regal/config.yaml': 'rules:\n  style:\n    opa-fmt:\n      level: ignore\n' } },
    });
    await other.ready();
    const uri = await other.open('w/x.yaml', template({ rego: 'package k8sexample\n\nx:=1\n', version: 'v1' }));
    assert.ok(!(await other.pull(uri, 'lint')).some(({ code }) => code === 'style/opa-fmt'));
  });
});
