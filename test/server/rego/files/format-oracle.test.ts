/** Formatting of parts and while typing, held against what OPA's formatter makes of the whole: over the default pack. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Methods } from '../../../../engine/protocol.ts';
import { startEngine } from '../../../../engine/start.ts';
import { formatOnType } from '../../../../server/rego/format-on-type.ts';
import { formatRanges } from '../../../../server/rego/format-range.ts';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import type { Document, Root, Snapshot } from '../../../../server/snapshot.ts';
import { applied } from '../../support.ts';

const folder = join(import.meta.dirname, '../../../../policies');
const modules = readdirSync(folder)
  .filter((name) => name.endsWith('.rego'))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
const engine = await startEngine();
after(() => engine.dispose());

const plain = (params: Methods['format'][0]) => engine.call('format', params);
const snapshot = {
  ask: { plain: (_: 'format', params: Methods['format'][0]) => plain(params) },
} as unknown as Snapshot;

test('a rule that is formatted by itself is as it is in the formatted module, and nothing else changes', async () => {
  let compared = 0;
  for (const [at, { path, text: good }] of modules.entries()) {
    if (at % 4 !== 0) continue;
    const text = good.replace(/^\t+/gm, (tabs) => `${tabs}  `).replaceAll(' := ', '  :=   ');
    const whole = (await plain({ path, text })).text ?? '';
    const [items, formatted] = [parse(text).root.items, parse(whole).root.items];
    assert.equal(items.length, formatted.length, path);
    const document: Document = { uri: `file:///work/${path}`, languageId: 'rego', version: 1, text };
    const root: Root = {
      ...{ id: 'file:///work', kind: 'folder', base: 'file:///work', files: new Map([[path, document]]) },
      ...{ inherited: [], regoVersion: 'v1', trusted: true },
    };
    const lines = TextDocument.create('', '', 0, text);
    for (const [index, item] of items.entries()) {
      if (item.kind !== 'rule' || index % 3 !== 0) continue;
      const start = lines.positionAt(item.start);
      const { signal } = new AbortController();
      const edits = await formatRanges(snapshot, root, path, document, [{ start, end: start }], signal);
      const after = applied(text, edits ?? []);
      const now = parse(after).root.items.map(({ start, end }) => after.slice(start, end));
      const expected = items.map(({ start, end }) => text.slice(start, end));
      expected[index] = whole.slice(formatted[index]!.start, formatted[index]!.end);
      assert.deepEqual(now, expected, `${path}: ${start.line + 1}`);
      compared++;
    }
  }
  assert.ok(compared > 50, String(compared));
});

test('a line that is typed is indented as OPA indents it', () => {
  let [indented, left] = [0, 0];
  const others: string[] = [];
  for (const { path, text } of modules) {
    const lines = text.split('\n');
    for (let at = 1; at < lines.length; at += 5) {
      const line = lines[at]!;
      if (line.trim() === '') continue;
      const typed = [...lines.slice(0, at), `      ${line.trimStart()}`, ...lines.slice(at + 1)].join('\n');
      const document = { uri: 'file:///work/p.rego', languageId: 'rego', version: 1, text: typed };
      const edits = formatOnType(parse(typed), document, { line: at, character: 0 }, '\n', { tabSize: 4 });
      const edit = edits.find(({ range }) => range.start.line === at);
      if (!edit) left++;
      else if (edit.newText + line.trimStart() === line) indented++;
      else others.push(`${path}:${at + 1}`);
    }
  }
  assert.ok(indented > 500 && left < indented / 5, `${indented} ${left}`);
  // OPA sets comprehensions that begin in a list at the margin.
  assert.ok(others.length <= 3, others.join());
});
