/**
 * A rename never changes what is decided: every rule and function of the default pack gets another name, one after
 * the other, and the pack's own tests must have the results that they had.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TextDocumentEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { WorkspaceFile } from '../../../engine/protocol.ts';
import { startEngine } from '../../../engine/start.ts';
import { modulesOf } from '../../../server/rego/names/modules.ts';
import { rangeOf } from '../../../server/rego/places.ts';
import { rename } from '../../../server/rego/rename.ts';
import type { Document, Root } from '../../../server/snapshot.ts';
import { base } from './rego-support.ts';

const policies = join(import.meta.dirname, '../../../policies');
const engine = await startEngine();
after(() => engine.dispose());

const documents = new Map<string, Document>();

/** Texts that stay the same stay the same documents, as in the server. */
function rootOf(texts: ReadonlyMap<string, string>): Root {
  const files = new Map<string, Document>();
  for (const [path, text] of texts) {
    const known = documents.get(path);
    const document = known?.text === text ? known : { uri: `${base}/${path}`, languageId: 'rego', version: 1, text };
    documents.set(path, document);
    files.set(path, document);
  }
  return { id: base, kind: 'folder', base, files, inherited: [], regoVersion: 'v1', trusted: true };
}

async function results(workspace: string, texts: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const files: WorkspaceFile[] = [...texts].map(([path, text]) => ({ path, kind: 'module', text }));
  await engine.call('workspace/open', { workspace, files });
  const { tests } = await engine.call('test', { workspace });
  // A test may have another name afterwards; its place among the others stays.
  const sums = tests.map(({ outcome }) => outcome).sort();
  await engine.call('workspace/close', { workspace });
  return new Map(sums.map((outcome, at) => [String(at), outcome]));
}

test('every rule of the pack under another name', async () => {
  const texts = new Map(
    readdirSync(policies)
      .filter((name) => name.endsWith('.rego'))
      .map((name) => [name, readFileSync(join(policies, name), 'utf8')] as const),
  );
  const before = await results('before', texts);
  assert.ok(before.size > 200, String(before.size));

  let renamed = 0;
  const refused: string[] = [];
  const done = new Set<string>();
  for (;;) {
    const root = rootOf(texts);
    const next = [...modulesOf(root).byPath.values()]
      .flatMap((module) => module.names.rules.map((rule) => ({ module, rule, first: rule.path[0] })))
      .find(
        ({ module, first }) =>
          first && !first.name.startsWith('test_') && !done.has(`${module.package.join('.')} ${first.name}`),
      );
    if (!next?.first) break;
    const { module, first } = next;
    const name = `${first.name}_x`;
    done.add(`${module.package.join('.')} ${first.name}`).add(`${module.package.join('.')} ${name}`);
    try {
      const edit = rename(root, module.path, rangeOf(module.document, first).start, name);
      for (const change of edit.documentChanges ?? []) {
        if (!TextDocumentEdit.is(change)) continue;
        const path = change.textDocument.uri.slice(base.length + 1);
        const document = TextDocument.create('', '', 0, texts.get(path) ?? '');
        texts.set(path, TextDocument.applyEdits(document, change.edits as never));
      }
      renamed += 1;
    } catch (error) {
      refused.push(`${module.path}: ${first.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  // Tests replace the settings as a whole: their names are keys there.
  assert.deepEqual(
    refused.filter((why) => !/settings\.rego: .* as a whole/.test(why)),
    [],
  );
  assert.ok(renamed > 100, String(renamed));
  assert.deepEqual(await results('after', texts), before);
});
