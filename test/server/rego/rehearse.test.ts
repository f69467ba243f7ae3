/** What the server asks itself before anybody does: it must stand whatever is typed at the time. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startEngine } from '../../../engine/start.ts';
import { rehearse } from '../../../server/rego/rehearse.ts';
import { defaultSettings } from '../../../server/settings.ts';
import { nextSnapshot, type Snapshot } from '../../../server/snapshot.ts';

const uri = 'file:///work/p.rego';

const engine = await startEngine();
after(() => engine.dispose());

/** A snapshot with that one text open, and how often the engine was asked for its built-ins. */
function opened(texts: readonly (readonly [uri: string, text: string])[]) {
  const asked: string[] = [];
  const empty: Snapshot = {
    revision: 0,
    settings: defaultSettings,
    trusted: true,
    folders: [],
    open: new Map(),
    loose: new Map(),
    listed: new Map(),
    roots: new Map(),
    ask: {
      root: () => Promise.reject(new Error('no root is asked about')),
      plain: (method, params) => {
        asked.push(method);
        return engine.call(method, params);
      },
    },
  };
  const open = new Map(
    texts.map(([uri, text]) => [uri, { uri, languageId: uri.endsWith('.rego') ? 'rego' : 'json', version: 1, text }]),
  );
  return { asked, snapshot: nextSnapshot(empty, { open }) };
}

async function steps(texts: readonly (readonly [uri: string, text: string])[]): Promise<[number, string[]]> {
  const { snapshot, asked } = opened(texts);
  const logged: string[] = [];
  let count = 0;
  for await (const _ of rehearse(
    () => snapshot,
    (line) => logged.push(line),
  )) {
    count++;
  }
  assert.deepEqual(logged, []);
  return [count, asked];
}

test('each kind of question is asked at names of the module in hand, and the engine once', async () => {
  const text = 'package p\n\nallow if {\n\tsome role in input.roles\n\tcount(role) > limit\n}\n\nlimit := 3\n';
  assert.deepEqual(await steps([[uri, text]]), [4 * 48, ['capabilities']]);
});

for (const [what, text] of Object.entries({
  'a body that is not closed': 'package p\n\nallow if {\n\tinput.x.',
  'a text without a package': 'allow if input.x\n',
  'METADATA that is no YAML': 'package p\n\n# METADATA\n# title: [\nallow := "ü𝒳" in input.names\n',
  'a template string that is not closed': 'package p\n\nx := $"{input.a',
  'a rule that calls itself': 'package p\n\nf(x) := f(x)\n\ny := f(y)\n',
})) {
  test(`all questions have an answer in ${what}`, async () => assert.equal((await steps([[uri, text]]))[0], 4 * 48));
}

test('nothing is asked where no module is in hand, or none of its names', async () => {
  assert.deepEqual(await steps([]), [0, []]);
  assert.deepEqual(await steps([[uri, '']]), [0, []]);
  assert.deepEqual(await steps([[uri, '# only a comment\n']]), [0, []]);
});

test('open modules have their turn, whatever else is open', async () => {
  const module = [uri, 'package p\n\nx := 1\n'] as const;
  assert.deepEqual(await steps([module, ['file:///work/input.json', '{}']]), [4 * 48, ['capabilities']]);
  // One without names is passed over in its turn.
  const empty = ['file:///work/empty.rego', '# only a comment\n'] as const;
  assert.deepEqual(await steps([empty, module]), [4 * 24, ['capabilities']]);
});
