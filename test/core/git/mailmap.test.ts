import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { canonicalContacts } from '../../../core/git/mailmap.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { makeRepository } from '../../support/repository.ts';

const mailmap = `# comment
Ann Example <ann@example.com> <ann@home.example>
Bo Ünïcode <bo@example.com>
Cy Example <cy@example.com> Cy Old <shared@example.com>
`;

test('contacts are mapped as git check-mailmap maps them, in order, whatever their number', async (t) => {
  const made = await makeRepository(t);
  await made.write('.mailmap', mailmap);
  const repository = await openRepository(made.root, { environment: made.environment });
  const contacts = [
    { name: 'A.', email: 'ANN@home.example' },
    { name: 'bo', email: 'bo@example.com' },
    { name: 'Cy Old', email: 'shared@example.com' },
    { name: 'Di', email: 'shared@example.com' },
    { name: '', email: 'ann@home.example' },
    { name: 'Nobody', email: '' },
    { name: 'A.', email: 'ANN@home.example' },
    { name: 'Evil <x@y>\nBo', email: 'evil@example.com' },
    { name: 'Line', email: 'a@b\n<c@d>' },
  ];
  const found = await canonicalContacts(repository, contacts);
  const oracle = async (contact: string) => (await made.git('check-mailmap', contact)).trim();
  for (const at of [0, 1, 2, 3]) {
    const { name, email } = contacts[at]!;
    assert.equal(`${found[at]!.name} <${found[at]!.email}>`, await oracle(`${name} <${email}>`));
  }
  assert.deepEqual(found[4], { name: 'Ann Example', email: 'ann@example.com' });
  assert.deepEqual(found[5], contacts[5]);
  assert.deepEqual(found[6], found[0]);
  assert.equal(found[7]?.email, 'evil@example.com');
  assert.deepEqual(found[8], contacts[8]);
  assert.deepEqual(await canonicalContacts(repository, []), []);
});

test('at a revision, the work tree and the configuration have no say', async (t) => {
  const made = await makeRepository(t);
  const before = await made.commit('Before\n');
  await made.write('.mailmap', mailmap);
  const after = await made.commit('After\n');
  await made.write('.mailmap', 'Mallory <m@example.com> <ann@home.example>\n');
  await made.write('other', 'Oscar <o@example.com> <ann@home.example>\n');
  await made.git('config', 'mailmap.file', path.join(made.root, 'other'));
  const repository = await openRepository(made.root, { environment: made.environment });
  const ann = [{ name: 'A.', email: 'ann@home.example' }];
  assert.deepEqual(await canonicalContacts(repository, ann, { revision: after }), [
    { name: 'Ann Example', email: 'ann@example.com' },
  ]);
  assert.deepEqual(await canonicalContacts(repository, ann, { revision: before }), ann);
  assert.deepEqual((await canonicalContacts(repository, ann))[0]?.email, 'o@example.com', 'as the user’s git does');
  await made.git('worktree', 'add', '--quiet', '../linked');
  const linked = await openRepository(`${made.root}/../linked`, { environment: made.environment });
  assert.deepEqual((await canonicalContacts(linked, ann, { revision: after }))[0]?.email, 'ann@example.com');
});
