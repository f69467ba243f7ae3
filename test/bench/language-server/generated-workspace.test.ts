import assert from 'node:assert/strict';
import test from 'node:test';
import { startEngine } from '../../../engine/start.ts';
import { generateWorkspace } from './generated-workspace.ts';

test('generated modules compile, their tests pass, and the same numbers give the same bytes', async () => {
  const files = generateWorkspace(60, 7);
  assert.deepEqual(generateWorkspace(60, 7), files);
  assert.notDeepEqual(generateWorkspace(60, 8), files);
  assert.ok(files.length >= 60);
  assert.equal(new Set(files.map(({ path }) => path)).size, files.length);
  const engine = await startEngine({ build: 'auto' });
  try {
    const modules = files.map(({ path, text }) => ({ path, kind: 'module' as const, text }));
    await engine.call('workspace/open', { workspace: 'generated', files: modules, regoVersion: 'v1' });
    assert.deepEqual((await engine.call('check', { workspace: 'generated' })).problems, []);
    const { tests } = await engine.call('test', { workspace: 'generated' });
    assert.ok(tests.length > 50);
    assert.deepEqual(
      tests.filter(({ outcome }) => outcome !== 'pass').map(({ name }) => name),
      [],
    );
    for (const { path, text } of modules.slice(0, 5)) {
      assert.equal((await engine.call('format', { path, text })).text, text);
    }
  } finally {
    await engine.dispose();
  }
});
