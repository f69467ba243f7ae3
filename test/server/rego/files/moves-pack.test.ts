/**
 * Moving files and folders never changes what is decided: the default pack, in folders that its packages follow, is
 * moved about file by file and folder by folder, and its own tests must have the results that they had.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TextDocumentEdit, TextEdit } from 'vscode-languageserver';
import { startEngine } from '../../../../engine/start.ts';
import { renameFiles } from '../../../../server/rego/files/file-renames.ts';
import { modulesOf } from '../../../../server/rego/names/modules.ts';
import type { Document, Root, Snapshot } from '../../../../server/snapshot.ts';
import { applied } from '../../support.ts';
import { base } from '../rego-support.ts';

const engine = await startEngine();
after(() => engine.dispose());

const documents = new Map<string, Document>();

function rootOf(texts: ReadonlyMap<string, string>): Root {
  const files = new Map<string, Document>();
  for (const [path, text] of texts) {
    const key = `${path}\n${text}`;
    const document = documents.get(key) ?? { uri: `${base}/${path}`, languageId: 'rego', version: 1, text };
    documents.set(key, document);
    files.set(path, document);
  }
  return { id: base, kind: 'folder', base, files, inherited: [], regoVersion: 'v1', trusted: true };
}

function moved(texts: ReadonlyMap<string, string>, from: string, to: string): Map<string, string> {
  const root = rootOf(texts);
  const edit = renameFiles({ roots: new Map([[root.id, root]]) } as Partial<Snapshot> as Snapshot, [
    { oldUri: `${base}/${from}`, newUri: `${base}/${to}` },
  ]);
  const edited = new Map(texts);
  for (const { textDocument, edits } of (edit?.documentChanges ?? []) as TextDocumentEdit[]) {
    const path = textDocument.uri.slice(base.length + 1);
    edited.set(path, applied(texts.get(path) ?? '', edits as TextEdit[]));
  }
  const isIn = (path: string) => path === from || path.startsWith(`${from}/`);
  return new Map([...edited].map(([path, text]) => [isIn(path) ? to + path.slice(from.length) : path, text]));
}

async function outcomes(workspace: string, texts: ReadonlyMap<string, string>): Promise<string[]> {
  const files = [...texts].map(([path, text]) => ({ path, kind: 'module' as const, text }));
  await engine.call('workspace/open', { workspace, files });
  // A part of them: all take 8 s of a processor, and there is rename-pack.test.ts.
  const { tests, problems } = await engine.call('test', { workspace, filter: '[.]test_[a-f]' });
  assert.deepEqual(problems, []);
  return tests.map(({ name, outcome }) => `${name.split('.').at(-1)} ${outcome}`).sort();
}

test('the pack in other places', async () => {
  const policies = join(import.meta.dirname, '../../../../policies');
  let texts = new Map(
    readdirSync(policies)
      .filter((name) => name.endsWith('.rego'))
      .map((name): [string, string] => {
        const folder = name.replace(/(_test)?\.rego$/, '');
        return [`countersign/${folder}/${name}`, readFileSync(join(policies, name), 'utf8')];
      }),
  );
  const before = await outcomes('before', texts);
  assert.ok(before.length > 40, String(before.length));
  const packages = () => [...modulesOf(rootOf(texts)).byPath.values()].map((one) => one.package.join('.')).sort();
  const old = packages();

  // Every ninth file by itself, every fifth folder, then all of them.
  const files = [...texts.keys()].sort();
  const folders = [...new Set(files.map((path) => path.split('/').slice(0, 2).join('/')))];
  for (const [at, path] of files.entries()) {
    if (at % 9 === 0) texts = moved(texts, path, path.replace('countersign/', at % 2 === 0 ? 'apart/' : 'deep/er/'));
  }
  for (const [at, path] of folders.entries()) {
    if (at % 5 === 1) texts = moved(texts, path, `${path}-more`);
  }
  texts = moved(texts, 'countersign', 'company/rules');
  const now = packages();
  assert.equal(now.filter((name) => old.includes(name)).length, 0, 'every package has gone');
  assert.deepEqual(await outcomes('after', texts), before);
});
