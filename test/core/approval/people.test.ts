import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { approverSuggestions, mayApprove, readDirectory, resolvePerson } from '../../../core/approval/people.ts';
import { makeRepository } from '../../support/repository.ts';
import { opened } from './support.ts';

const people = [
  { name: 'Bo Example', email: 'bo@example.com', login: 'bo', aliases: ['bo@home.example', '@bo-at-home'] },
  { name: 'Dee Example', email: 'dee@example.com' },
];

async function team(t: TestContext) {
  const made = await makeRepository(t);
  await made.write('.mailmap', 'Cy Example <cy@example.com> <cy@old.example>\n');
  await made.write('.github/CODEOWNERS', '/src/ @dee-unknown dee@example.com\n/docs/ @example/writers @bo\n');
  await made.commit('One\n', { author: 'Cy <cy@old.example>' });
  await made.commit('Two\n', { author: 'Cy Example <cy@example.com>' });
  await made.commit('Three\n\nWhy.\n\nReviewed-by: Eve Example <eve@example.com>\n', {
    author: 'Ann Example <ann@example.com>',
  });
  await made.commit('Four\n\nWhy.\n\nAI-Approver: Eve Example <eve@example.com>\nReviewed-by: @bo\n', {
    author: 'Ann Example <7+ann@users.noreply.github.com>',
  });
  return { made, repository: await opened(made) };
}

test('people are known under all their names', async (t) => {
  const { repository } = await team(t);
  const directory = await readDirectory(repository, { approvers: { people } });
  const find = (text: string) => resolvePerson(directory, text).person;
  const bo = find('@bo');
  assert.equal(bo?.text, 'Bo Example <bo@example.com>');
  for (const text of [
    'bo@example.com',
    'B. <BO@home.example>',
    '@Bo-At-Home',
    '3+bo@users.noreply.github.com',
    'Bo  EXAMPLE',
  ]) {
    assert.equal(find(text), bo, text);
  }
  assert.deepEqual([bo?.listed, bo?.reviews], [true, 1]);
  const cy = find('cy@old.example');
  assert.deepEqual([cy?.text, cy?.commits], ['Cy Example <cy@example.com>', 2]);
  assert.ok(cy?.aliases.includes('email:cy@example.com'));
  assert.deepEqual([find('eve@example.com')?.reviews, find('eve@example.com')?.listed], [2, false]);
  // An unknown person is one, too.
  assert.deepEqual(find('New Example <new@example.com>')?.text, 'New Example <new@example.com>');
});

test('a name that two people have is ambiguous, an address is not', async (t) => {
  const { made, repository } = await team(t);
  await made.commit('Five\n', { author: 'Ann Example <ann@other.example>' });
  const directory = await readDirectory(repository, {});
  const { person, candidates } = resolvePerson(directory, 'Ann Example');
  assert.equal(person, undefined);
  assert.deepEqual(candidates.map(({ email }) => email).sort(), [
    '7+ann@users.noreply.github.com',
    'ann@example.com',
    'ann@other.example',
  ]);
  assert.equal(resolvePerson(directory, 'ann@other.example').person?.email, 'ann@other.example');
});

test('who may approve: people, listed where anyone is, and no bots or teams', async (t) => {
  const { repository } = await team(t);
  const listing = await readDirectory(repository, { approvers: { people, bots: ['\\[bot\\]', '('] } });
  const open = await readDirectory(repository, { approvers: { people: [], bots: ['\\[bot\\]'] } });
  const may = (directory: typeof open, text: string) => mayApprove(directory, resolvePerson(directory, text).person!);
  assert.deepEqual([may(listing, '@bo'), may(listing, 'eve@example.com')], [true, false]);
  assert.deepEqual([may(open, '@bo'), may(open, 'eve@example.com')], [true, true]);
  assert.equal(may(open, 'Helper[bot] <h@example.com>'), false);
  assert.equal(may(open, '@example/writers'), false);
});

test('suggestions: owners of the files, then those listed, then reviewers; never oneself', async (t) => {
  const { made, repository } = await team(t);
  const values = async (data: Record<string, unknown>, files?: string[]) =>
    (await approverSuggestions(repository, { data }, files ? { files } : {})).map(({ value }) => value);
  const [bo, dee] = ['Bo Example <bo@example.com>', 'Dee Example <dee@example.com>'];
  assert.deepEqual(await values({ approvers: { people } }, ['src/a']), [dee, bo]);
  assert.deepEqual(await values({ approvers: { people } }, ['docs/a']), [bo, dee]);
  await made.write('src/x', '1');
  await made.git('add', '--all');
  assert.deepEqual(await values({ approvers: { people } }), [dee, bo], 'the staged files count');
  const open = await values({}, ['README']);
  assert.equal(open[0], 'Eve Example <eve@example.com>');
  assert.ok(open.includes('Cy Example <cy@example.com>') && !open.some((value) => value.includes('writers')));
  const own = await opened(made, { GIT_COMMITTER_NAME: 'B.', GIT_COMMITTER_EMAIL: 'bo@home.example' });
  const others = await approverSuggestions(own, { data: { approvers: { people } } }, { files: [] });
  assert.deepEqual(others, [{ value: dee, detail: 'listed approver' }]);
  assert.equal((await approverSuggestions(repository, { data: {} }, { files: [], limit: 1 })).length, 1);
});

test('an empty repository, and one without any of the files', async (t) => {
  const made = await makeRepository(t);
  const repository = await opened(made);
  assert.deepEqual(await approverSuggestions(repository, { data: {} }), []);
  const listed = await approverSuggestions(repository, {
    data: { approvers: { people: [{ login: '@bo', name: 'Bo' }] } },
  });
  assert.deepEqual(listed, [{ value: '@bo', detail: 'Bo, listed approver' }]);
});

test('CODEOWNERS and .mailmap of a revision, whatever lies in the work tree', async (t) => {
  const { made, repository } = await team(t);
  const head = (await made.git('rev-parse', 'HEAD')).trim();
  await made.write('.github/CODEOWNERS', '* @mallory\n');
  const options = { files: ['src/a'], revision: head };
  const [first] = await approverSuggestions(repository, { data: { approvers: { people } } }, options);
  assert.deepEqual(first, { value: 'Dee Example <dee@example.com>', detail: 'owns these files, listed approver' });
});
