import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesByName } from '../../../core/git/messages-by-name.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { makeRepository } from '../../support/repository.ts';

test('messages by full and short ids; what names no commit is left out', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a.txt', 'a');
  const one = await repository.commit('One ü\n\nAI-Model: example-1\n');
  const two = await repository.commit('fixup! One ü\n', { author: 'Bo Example <bo@example.com>' });
  const tree = (await repository.git('rev-parse', 'HEAD^{tree}')).trim();
  const names = [one, two.slice(0, 7), tree, 'ffffffff', 'HEAD', '--all', 'dead\nbeef', one];
  const found = await messagesByName(await openRepository(repository.root), names);
  assert.deepEqual([...found.keys()], [one, two.slice(0, 7)]);
  assert.deepEqual(found.get(one)?.trailers, [{ key: 'AI-Model', value: 'example-1' }]);
  assert.equal(found.get(two.slice(0, 7))?.author.name, 'Bo Example');
  assert.equal(found.get(two.slice(0, 7))?.fixup, true);
  assert.equal((await messagesByName(await openRepository(repository.root), [])).size, 0);
});
