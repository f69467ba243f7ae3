/**
 * A rename never changes what is decided, on Regal's own bundle: its rules, packages, arguments and variables get other
 * names, and a slice of its tests must have the results that they had.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RenameFile, TextDocumentEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { OpenParams, WorkspaceFile } from '../../../engine/protocol.ts';
import { startEngine } from '../../../engine/start.ts';
import { follows } from '../../../server/patched.ts';
import { type Module, modulesOf, occurrencesIn } from '../../../server/rego/names/modules.ts';
import type { Meaning } from '../../../server/rego/names/occurrences.ts';
import { rangeOf } from '../../../server/rego/places.ts';
import { rename } from '../../../server/rego/rename.ts';
import { changedPaths } from '../../../server/roots.ts';
import type { Document, Root } from '../../../server/snapshot.ts';
import { SortedMap } from '../../../server/sorted-map.ts';
import { openRegalBundle, readRegalBundle } from '../../bench/regal-bundle.ts';
import { moduleFolder } from '../../conformance/cases.ts';
import { base } from './rego-support.ts';

/** Of the 900 tests those that look at most of the bundle in a second or two. */
const slice = 'regal\\.(ast|util|result|config|main|rules\\.(bugs|imports|testing))';

const regal = moduleFolder('github.com/open-policy-agent/regal');
const skip = 'absent' in regal && regal.absent;

function rootOf(files: SortedMap<Document>): Root {
  return { id: base, kind: 'folder', base, files, inherited: [], regoVersion: 'v1', trusted: true };
}

function documentOf(path: string, text: string): Document {
  return { uri: `${base}/${path}`, languageId: path.endsWith('.rego') ? 'rego' : 'yaml', version: null, text };
}

/** The files after the edit. */
function renamed(root: Root, module: Module, meaning: Meaning, name: string): Root {
  const at = occurrencesIn(modulesOf(root), module).find((one) => one.meaning === meaning);
  assert.ok(at);
  const changes = new Map<string, Document | undefined>();
  const text = (path: string) => (changes.get(path) ?? root.files.get(path))?.text ?? '';
  const pathOf = (uri: string) => uri.slice(base.length + 1);
  for (const change of rename(root, module.path, rangeOf(module.document, at).start, name).documentChanges ?? []) {
    if (TextDocumentEdit.is(change)) {
      const path = pathOf(change.textDocument.uri);
      const document = TextDocument.create('', '', 0, text(path));
      changes.set(path, documentOf(path, TextDocument.applyEdits(document, change.edits as never)));
    } else if (RenameFile.is(change)) {
      const [from, to] = [pathOf(change.oldUri), pathOf(change.newUri)];
      changes.set(to, documentOf(to, text(from)));
      changes.set(from, undefined);
    }
  }
  assert.ok(root.files instanceof SortedMap);
  const next = rootOf(root.files.edited(changes));
  follows(next, root);
  return next;
}

/** One name a turn that has not had its turn: rules, then packages, then what stands in one module. */
function* subjects(root: () => Root): Generator<{ module: Module; meaning: Meaning; old: string }> {
  const done = new Set<string>();
  for (const path of [...modulesOf(root()).byPath.keys()]) {
    for (let turn = 0; turn < 200; turn++) {
      const module = modulesOf(root()).byPath.get(path);
      const next = module && nextIn(modulesOf(root()), module, done);
      if (!module || !next) break;
      yield next;
    }
  }

  function nextIn(modules: ReturnType<typeof modulesOf>, module: Module, known: Set<string>) {
    for (const { meaning, declares } of occurrencesIn(modules, module)) {
      const old = declares ? nameOf(meaning) : undefined;
      if (old === undefined || old.startsWith('test_') || old.endsWith('_x')) continue;
      const key = meaning.kind === 'data' ? meaning.path.join('.') : `${module.path} ${old}`;
      // A thing that is found again under a path that was renamed has had its turn under its first name.
      if (known.has(key)) continue;
      known.add(key);
      return { module, meaning, old };
    }
    return undefined;
  }
}

function nameOf(meaning: Meaning): string | undefined {
  if (meaning.kind === 'local') return meaning.local.name;
  if (meaning.kind === 'alias') return meaning.import.alias?.name;
  if (meaning.kind !== 'data') return undefined;
  // Regal asks `rego.metadata.chain()` what the packages of its rules are named.
  const isOfLinter = meaning.path.length < 3 || meaning.path[2] === 'rules';
  return isOfLinter ? undefined : meaning.path.at(-1);
}

test('the bundle under other names', { skip }, async () => {
  const bundle = readRegalBundle();
  const engine = await startEngine();
  after(() => engine.dispose());
  const opened = await openRegalBundle(engine, bundle);
  const results = async (params: OpenParams) => {
    await engine.call('workspace/open', params);
    const { tests } = await engine.call('test', { workspace: params.workspace, filter: slice });
    await engine.call('workspace/close', { workspace: params.workspace });
    return tests.map(({ outcome }) => outcome).sort();
  };
  const before = await results(opened);
  assert.ok(before.length > 100, String(before.length));
  let root = rootOf(SortedMap.of(bundle.files.map(({ path, text }) => [path, documentOf(path, text)] as const)));
  const first = root;
  let renames = 0;
  const refused: string[] = [];
  for (const { module, meaning, old } of subjects(() => root)) {
    try {
      root = renamed(root, module, meaning, `${old}_x`);
      renames += 1;
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  // Regal's language server goes through its own packages by their names.
  assert.deepEqual(
    refused.filter((why) => !/ takes data\.regal\.lsp_x as a whole/.test(why)),
    [],
  );
  assert.ok(renames > 1000, String(renames));
  assert.ok(changedPaths(first, root).length > 300);
  const internal = opened.files.filter(({ path }) => path === 'internal.json');
  const texts = [...root.files].map(([path, { text }]): WorkspaceFile => {
    if (path.endsWith('.rego')) return { path, kind: 'module', text };
    return { path, kind: 'data', text, at: path.split('/').slice(0, -1) };
  });
  assert.deepEqual(await results({ ...opened, files: [...internal, ...texts] }), before);
});
