/** Snapshots and what they are made of, without a connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shiftRanges } from '../../server/diagnostics/shift.ts';
import { engineFiles } from '../../server/rego/engine-files.ts';
import { defaultSettings } from '../../server/settings.ts';
import { type Document, type Folder, locate, nextSnapshot, type Snapshot } from '../../server/snapshot.ts';
import { SortedMap } from '../../server/sorted-map.ts';
import { normalizeUri, pathWithin, uriWithin } from '../../server/uris.ts';
import { createWorld } from '../../server/world.ts';

const unasked = () => Promise.reject(new Error('nothing is asked here'));

const empty: Snapshot = {
  revision: 0,
  settings: defaultSettings,
  trusted: true,
  folders: [],
  open: new Map(),
  loose: new Map(),
  listed: new Map(),
  roots: new Map(),
  ask: { root: unasked, plain: unasked },
};

function document(uri: string, text = ''): Document {
  return { uri, languageId: uri.endsWith('.rego') ? 'rego' : 'yaml', version: null, text };
}

function folder(uri: string, files: Record<string, string>): Folder {
  const disk = SortedMap.of(Object.entries(files).map(([path, text]) => [path, document(uriWithin(uri, path), text)]));
  return { uri, disk, inherited: [], ignored: (path) => path.startsWith('ignored/') };
}

function opened(uri: string, text = ''): Pick<Snapshot, 'open'> {
  return { open: new Map([[normalizeUri(uri), document(uri, text)]]) };
}

test('a write leaves what it does not concern the same object', () => {
  const folders = [folder('file:///one', { 'a.rego': 'a' }), folder('file:///two', { 'b.rego': 'b' })];
  const before = nextSnapshot(empty, { folders });
  const after = nextSnapshot(before, opened('file:///one/a.rego', 'other'));
  assert.equal(after.roots.get('file:///two'), before.roots.get('file:///two'));
  assert.notEqual(after.roots.get('file:///one'), before.roots.get('file:///one'));
  assert.equal(before.roots.get('file:///one')?.files.get('a.rego')?.text, 'a', 'the old snapshot is as it was');
});

test('typing in a commit message is no matter of any root, and its file belongs to none', () => {
  const before = nextSnapshot(empty, { folders: [folder('file:///one', { 'a.rego': 'a' })] });
  const uri = 'file:///one/.git/COMMIT_EDITMSG';
  const message = (text: string) => ({ open: new Map([[uri, { uri, languageId: 'git-commit', version: 1, text }]]) });
  const typed = nextSnapshot(nextSnapshot(before, message('F')), message('Fi'));
  assert.equal(typed.roots, before.roots);
  assert.equal(typed.open.get(uri)?.text, 'Fi');
  assert.equal(locate(typed, uri), undefined);
  assert.equal(nextSnapshot(typed, { open: new Map() }).roots, before.roots);
  const rego = opened('file:///one/a.rego', 'other').open;
  assert.notEqual(nextSnapshot(typed, { open: rego }).roots, before.roots);
});

test('a .countersign folder is a root of its own, with paths as the repository has them', () => {
  const files = { 'a.rego': '', '.countersign/config.yaml': '', '.countersign/policies/p.rego': '' };
  const { roots } = nextSnapshot(empty, { folders: [folder('file:///r', files)] });
  assert.deepEqual([...roots.keys()], ['file:///r', 'file:///r/.countersign']);
  assert.deepEqual([...(roots.get('file:///r')?.files.keys() ?? [])], ['a.rego']);
  const own = roots.get('file:///r/.countersign');
  assert.deepEqual([...(own?.files.keys() ?? [])], ['.countersign/config.yaml', '.countersign/policies/p.rego']);
});

test('the innermost folder has a file; ignored and foreign documents stand alone', () => {
  const folders = [folder('file:///r/inner', {}), folder('file:///r', {})];
  const where = (uri: string) => locate(nextSnapshot(empty, { folders, ...opened(uri) }), uri)?.root.id;
  assert.equal(where('file:///r/inner/a.rego'), 'file:///r/inner');
  assert.equal(where('file:///r/innermost/a.rego'), 'file:///r');
  assert.equal(where('file:///r/ignored/a.rego'), 'file:///r/ignored/a.rego');
  assert.equal(where('file:///elsewhere/a.rego'), 'file:///elsewhere/a.rego');
  assert.equal(where('untitled:Untitled-1.rego'), 'untitled:Untitled-1.rego');
  assert.equal(where('file:///r/notes.txt'), undefined, 'what is none of ours is not looked after');
});

test("Windows' drives are known in any spelling", () => {
  const folders = [folder(normalizeUri('file:///C:/Users/Ann%20Example/r'), { 'a b.rego': '' })];
  const snapshot = nextSnapshot(empty, { folders });
  for (const uri of ['file:///c%3A/Users/Ann%20Example/r/a%20b.rego', 'file:///C:/Users/Ann Example/r/a b.rego']) {
    assert.equal(locate(snapshot, uri)?.path, 'a b.rego', uri);
  }
});

const segment = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', '%', 'é', '#', '?', '[', '🚀'),
  minLength: 1,
  maxLength: 5,
});

test('a path below a folder is found again, whatever is in its name', () => {
  fc.assert(
    fc.property(segment, fc.array(segment, { minLength: 1, maxLength: 3 }), (name, path) => {
      const base = uriWithin('file:///r', name);
      assert.equal(pathWithin(base, normalizeUri(uriWithin(base, path.join('/')))), path.join('/'));
    }),
  );
});

test('data is mounted as in a bundle, and at the root in .countersign', () => {
  const files = {
    'one/.manifest': '{}',
    'one/a/data.json': '{}',
    'b/c/data.yaml': '{}',
    '.countersign/config.yaml': 'version: 1\n',
    '.countersign/data/scope.yaml': '{}',
    '.countersign/exceptions/e.yaml': '{}',
  };
  const { roots } = nextSnapshot(empty, { folders: [folder('file:///r', files)] });
  const mounts = [...roots.values()].flatMap((root) =>
    [...engineFiles(root).values()].map(({ file }) => [file.path, file.kind, file.at]),
  );
  assert.deepEqual(mounts, [
    ['b/c/data.yaml', 'data', ['b', 'c']],
    ['one/a/data.json', 'data', ['a']],
    ['.countersign/data/scope.yaml', 'data', []],
  ]);
});

test('work on a root is aborted by the write that changes it, and by no other', () => {
  const world = createWorld(empty);
  const folders = [folder('file:///one', { 'a.rego': 'a' }), folder('file:///two', { 'b.rego': 'b' })];
  world.write(() => ({ folders }));
  const signals = [...world.current().roots.values()].map((root) => world.signalOf(root));
  const old = world.current().roots.get('file:///one');
  world.write(() => opened('file:///one/a.rego', 'new'));
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
  assert.ok(old && world.signalOf(old).aborted);
});

test('one waits for the next write, not for one that was', async () => {
  const world = createWorld(empty);
  const never = new AbortController();
  world.write(() => ({}));
  await world.changed(0, never.signal);
  const waiting = world.changed(1, never.signal);
  world.write(() => ({}));
  await waiting;
  const given = world.changed(2, never.signal);
  never.abort(new Error('enough'));
  await assert.rejects(given, /enough/);
});

test('ranges move with the text around a change, and go with the text in it', () => {
  const range = (line: number, from: number, to: number) => ({
    range: { start: { line, character: from }, end: { line, character: to } },
  });
  const items = [range(0, 0, 3), range(1, 0, 3), range(2, 0, 3)];
  assert.deepEqual(shiftRanges(items, 'one\ntwo\nsix\n', 'one\n2\n2b\nsix\n'), [range(0, 0, 3), range(3, 0, 3)]);
});

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '🚀'), maxLength: 12 });

test('a moved range still has its text', () => {
  fc.assert(
    fc.property(text, text, text, text, fc.nat(11), fc.nat(11), (start, end, old, now, a, b) => {
      const before = start + old + end;
      const after = start + now + end;
      const [from, to] = [Math.min(a, b, before.length), Math.min(Math.max(a, b), before.length)];
      const position = (of: string, offset: number) => {
        const lines = of.slice(0, offset).split('\n');
        return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      };
      const offset = (of: string, { line, character }: { line: number; character: number }) =>
        of.split('\n').slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character;
      const item = { range: { start: position(before, from), end: position(before, to) } };
      for (const { range } of shiftRanges([item], before, after)) {
        assert.equal(after.slice(offset(after, range.start), offset(after, range.end)), before.slice(from, to));
      }
    }),
  );
});
