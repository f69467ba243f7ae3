/** Regal's bundle, whose packages follow its folders, with folders and files elsewhere: OPA still finds all that it calls. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TextDocumentEdit, TextEdit } from 'vscode-languageserver';
import { startEngine } from '../../engine/start.ts';
import { renameFiles } from '../../server/rego/files/file-renames.ts';
import type { Document, Root, Snapshot } from '../../server/snapshot.ts';
import { applied } from '../server/support.ts';
import { moduleFolder } from './cases.ts';

const regal = moduleFolder('github.com/open-policy-agent/regal');
const base = 'file:///work';
const engine = await startEngine();
after(() => engine.dispose());

/** What OPA finds, but for functions of Regal's own that it does not have. */
async function problems(texts: ReadonlyMap<string, string>): Promise<string[]> {
  const files = [...texts].map(([path, text]) => ({ path, kind: 'module' as const, text }));
  await engine.call('workspace/open', { workspace: 'moves', files });
  const found = await engine.call('check', { workspace: 'moves' });
  const told = found.problems.map(({ path, message }) => `${path}: ${message.split('\n', 1)[0]}`);
  return told.filter((one) => !/ function regal\.\w+$/.test(one));
}

for (const [from, to] of [
  ['regal/util', 'regal/tools'],
  ['regal/ast', 'syntax'],
  ['regal/lsp/completion', 'regal/lsp/complete/items'],
  ['regal/ast/search.rego', 'regal/find/search.rego'],
  ['regal', 'rule'],
] as const) {
  test(`${from} as ${to}`, async (t) => {
    if ('absent' in regal) return t.skip(regal.absent);
    const folder = join(regal.folder, 'bundle');
    const files = new Map<string, Document>();
    for (const path of globSync('**/*.rego', { cwd: folder }).map((name) => name.replaceAll('\\', '/'))) {
      const text = readFileSync(join(folder, path), 'utf8');
      files.set(path, { uri: `${base}/${path}`, languageId: 'rego', version: null, text });
    }
    const root: Root = { id: base, kind: 'folder', base, files, inherited: [], regoVersion: 'v1', trusted: true };
    const edit = renameFiles({ roots: new Map([[base, root]]) } as Partial<Snapshot> as Snapshot, [
      { oldUri: `${base}/${from}`, newUri: `${base}/${to}` },
    ]);
    const texts = new Map([...files].map(([path, { text }]) => [path, text]));
    const changes = (edit?.documentChanges ?? []) as TextDocumentEdit[];
    assert.ok(changes.length > 5, String(changes.length));
    for (const { textDocument, edits } of changes) {
      const path = textDocument.uri.slice(base.length + 1);
      texts.set(path, applied(texts.get(path) ?? '', edits as TextEdit[]));
    }
    const isIn = (path: string) => path === from || path.startsWith(`${from}/`);
    const moved = new Map([...texts].map(([path, text]) => [isIn(path) ? to + path.slice(from.length) : path, text]));
    assert.deepEqual(await problems(moved), []);
  });
}
