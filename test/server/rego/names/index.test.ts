/** The index of names: what is patched equals what is made anew, and what is packed equals what the trees say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  areRead,
  catchUp,
  findExports,
  inputNamesAt,
  isPackage,
  packagesBelow,
  packagesStartingWith,
  readLookups,
} from '../../../../server/rego/names/lookups.ts';
import { namesOf } from '../../../../server/rego/names/module-names.ts';
import {
  definitionsOf,
  exportsOf,
  isGlobal,
  type Modules,
  modulesOf,
  occurrencesIn,
  rulesBelow,
} from '../../../../server/rego/names/modules.ts';
import { keyOf, type Occurrence } from '../../../../server/rego/names/occurrences.ts';
import { plainPackage } from '../../../../server/rego/names/package-name.ts';
import { everywhere } from '../../../../server/rego/references.ts';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import { defaultSettings } from '../../../../server/settings.ts';
import { type Document, nextSnapshot, type Root, type Snapshot } from '../../../../server/snapshot.ts';
import { SortedMap } from '../../../../server/sorted-map.ts';
import { fixture } from '../rego-support.ts';

const base = 'file:///w';
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

function document(path: string, text: string, version: number | null): Document {
  return { uri: `${base}/${path}`, languageId: 'rego', version, text };
}

function snapshotOf(before: Snapshot, disk: ReadonlyMap<string, string>, open: ReadonlyMap<string, string>): Snapshot {
  const onDisk = [...disk].map(([path, text]) => [path, document(path, text, null)] as const);
  const opened = [...open].map(([path, text]) => [`${base}/${path}`, document(path, text, 1)] as const);
  const folders = [{ uri: base, disk: SortedMap.of(onDisk), inherited: [], ignored: () => false }];
  return nextSnapshot(before, { folders, open: new Map(opened) });
}

/** Everything that the index answers, in plain data. */
function dump(root: Root): unknown {
  const modules = modulesOf(root);
  const packages = [...modules.byPackage.keys()].map((key) => key.split('\n'));
  const rules = [...modules.byPath.values()].flatMap((module) =>
    module.outline.rules.map(({ path }) => [...module.package, ...path]),
  );
  const prefixes = [['data'], ...packages, ...rules].flatMap((path) => path.map((_, at) => path.slice(0, at + 1)));
  const paths = [...new Map(prefixes.map((path) => [path.join('\n'), path] as const)).entries()].sort();
  return {
    byPath: [...modules.byPath].map(([path, module]) => [path, module.package, module.document.text]),
    byPackage: [...modules.byPackage].map(([key, of]) => [key, of.map(({ path }) => path)]),
    exports: packages.map((path) => [path, [...exportsOf(modules, path)]]),
    definitions: paths.map(([key, path]) => [
      key,
      definitionsOf(modules, path).map(({ module, outline, rule }) => [module.path, outline.start, rule.node.end]),
      [...rulesBelow(modules, path)].map(([name, all]) => [name, all.length]).sort(),
      [...packagesBelow(modules, path)].sort(),
      isPackage(modules, path),
    ]),
    found: ['', 'a', 'L'].map((prefix) => ({
      ...findExports(modules, prefix, 1000),
      found: findExports(modules, prefix, 1000)
        .found.map((one) => JSON.stringify(one))
        .sort(),
      packages: packagesStartingWith(modules, prefix, 1000),
    })),
    inputs: [['input'], ['input', 'user']].map((path) => [...inputNamesAt(modules, path)].sort()),
    mentions: mentionsBy(modules, (occurrence, module) =>
      everywhere(modules, module, occurrence.meaning).map(
        ({ module: { path }, occurrence: { meaning: _, ...one } }) => [path, one],
      ),
    ),
  };
}

/** For each thing that is named in any module. */
function mentionsBy(
  modules: Modules,
  find: (occurrence: Occurrence, module: Parameters<typeof everywhere>[1]) => unknown,
): unknown[] {
  const seen = new Map<string, unknown>();
  for (const module of modules.byPath.values()) {
    for (const one of occurrencesIn(modules, module)) {
      const key = keyOf(one.meaning);
      if (isGlobal(one.meaning) && !seen.has(key)) seen.set(key, find(one, module));
    }
  }
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1));
}

const pieces = [
  'import data.lib',
  'import data.lib.roles as r',
  'import data.lib.allow',
  'import input.user as u',
  'allow if lib.allow',
  'allow if data.lib.roles["admin"]',
  'roles.admin contains u.name if u.name',
  'roles.viewer := 1',
  'f(x, [y]) := x + y + count(input.user.groups)',
  'deny contains msg if { some msg in data.lib; r.admin[msg]; f(1, [2]) }',
  'default allow := false',
  'x := data[input.tenant].allow',
  'count(x) := x',
  'Allowed if allow with data.lib as {"a": 1}',
  'broken if {',
  'p := "a" if { not',
  'n := { k | some k; input["user"].name[k] } ',
  'test_it if allow',
];
const text = fc
  .tuple(
    fc.constantFrom('package lib', 'package lib.roles', 'package p', 'package p["q r"]', '# c\n\npackage lib # c', ''),
    fc.array(fc.constantFrom(...pieces), { maxLength: 6 }),
  )
  .map(([head, rules]) => `${head}\n\n${rules.join('\n\n')}\n`);
const edit = fc.record({
  path: fc.constantFrom('a.rego', 'b.rego', 'lib/c.rego', 'lib/d.rego', 'z/e.rego'),
  text: fc.option(text, { nil: undefined }),
  open: fc.boolean(),
});

test('patched by files it is as made anew, whatever is edited, opened, closed and deleted', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
      const disk = new Map<string, string>();
      const open = new Map<string, string>();
      let snapshot = snapshotOf(empty, disk, open);
      for (const { path, text: now, open: isOpen } of edits) {
        const texts = isOpen ? open : disk;
        if (now === undefined) texts.delete(path);
        else texts.set(path, now);
        snapshot = snapshotOf(snapshot, disk, open);
        const [root] = snapshot.roots.values();
        const [fresh] = snapshotOf(empty, disk, open).roots.values();
        // Asking now and then only leaves versions out.
        if (isOpen && root && fresh) assert.deepEqual(dump(root), dump(fresh));
      }
      const [root] = snapshot.roots.values();
      const [fresh] = snapshotOf(empty, disk, open).roots.values();
      assert.ok(root && fresh);
      assert.deepEqual(dump(root), dump(fresh));
    }),
    { numRuns: 60 },
  );
});

test('where everything is named, as the trees have it', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
      const { root } = fixture(Object.fromEntries(texts.map((one, at) => [`${at}.rego`, one])), { broken: true });
      const modules = modulesOf(root);
      const packed = () =>
        mentionsBy(modules, (one, module) =>
          everywhere(modules, module, one.meaning).map(
            ({ module: { path }, occurrence: { meaning: _, ...place } }) => ({ path, ...place }),
          ),
        );
      const inTrees = mentionsBy(modules, ({ meaning }) =>
        [...modules.byPath.values()].flatMap((module) =>
          occurrencesIn(modules, module)
            .filter((one) => one.meaning.kind === meaning.kind && keyOf(one.meaning) === keyOf(meaning))
            .map(({ meaning: _, ...place }) => ({ path: module.path, ...place })),
        ),
      );
      assert.deepEqual(packed(), inTrees);
      for (const _ of readLookups(modules));
      assert.deepEqual(packed(), inTrees, 'looked for where it is known to be');
    }),
    { numRuns: 150 },
  );
});

test('the package is known without parsing, or left to the parser', () => {
  const cases: [string, string[] | undefined][] = [
    ['package a.b\n', ['a', 'b']],
    ['# x\r\n\r\npackage  a\r\n', ['a']],
    ['package a # why', ['a']],
    ['package a', ['a']],
    ['package a["b"]\n', undefined],
    ['package a\n.b\n', undefined],
    ['package a.\n', undefined],
    ['x := 1\npackage a\n', undefined],
    ['packages\n', undefined],
  ];
  for (const [source, expected] of cases) {
    const plain = plainPackage(source);
    assert.deepEqual(plain, expected, source);
    if (plain)
      assert.deepEqual(
        namesOf(parse(source)).package.map(({ name }) => name),
        plain,
        source,
      );
  }
});

test('names that stay the same leave what other modules make of them as it is', () => {
  const disk = new Map([
    ['a.rego', 'package p\n\nallow if input.ok\n'],
    ['b.rego', 'package p\n\ndeny if not allow\n'],
  ]);
  const before = snapshotOf(empty, disk, new Map());
  const [first] = [...before.roots.values()].map(modulesOf);
  assert.ok(first);
  const beside = occurrencesIn(first, first.byPath.get('b.rego')!);
  const typed = nextSnapshot(before, {
    open: new Map([[`${base}/a.rego`, document('a.rego', 'package p\n\nallow if input.okay\n', 1)]]),
  });
  const [second] = [...typed.roots.values()].map(modulesOf);
  assert.ok(second);
  assert.equal(second.byPath.get('b.rego'), first.byPath.get('b.rego'));
  assert.equal(exportsOf(second, ['data', 'p']), exportsOf(first, ['data', 'p']));
  assert.equal(occurrencesIn(second, second.byPath.get('b.rego')!), beside);
});

test('who types while the modules are read does not put it off', () => {
  const disk = new Map(
    Array.from({ length: 80 }, (_, at) => [`m${at}.rego`, `package m${at}\n\nr${at} := input.i${at}\n`]),
  );
  const before = snapshotOf(empty, disk, new Map());
  const [first] = [...before.roots.values()].map(modulesOf);
  assert.ok(first);
  assert.deepEqual(findExports(first, 'r7', 100), { found: [], complete: false }, 'nobody waits for 80 modules');
  const reading = readLookups(first);
  for (let at = 0; at < 40; at++) reading.next();
  const typed = nextSnapshot(before, {
    open: new Map([[`${base}/m7.rego`, document('m7.rego', 'package m7\n\nr7a := 1\n\nr7b(x) := x\n', 1)]]),
  });
  const [second] = [...typed.roots.values()].map(modulesOf);
  assert.ok(second && !areRead(second));
  for (const _ of reading);
  catchUp(first, second);
  assert.ok(areRead(second));
  assert.deepEqual(
    findExports(second, 'R7', 100).found.map(({ name, isFunction }) => [name, isFunction]),
    [
      ['r70', false],
      ['r71', false],
      ['r72', false],
      ['r73', false],
      ['r74', false],
      ['r75', false],
      ['r76', false],
      ['r77', false],
      ['r78', false],
      ['r79', false],
      ['r7a', false],
      ['r7b', true],
    ],
  );
  assert.equal(inputNamesAt(second, ['input']).has('i7'), false);
  const some = findExports(second, '', 5);
  assert.deepEqual([some.found.length, some.complete], [5, false]);
});
