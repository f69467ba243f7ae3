/** The files of exceptions: made, and added to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Asked, ExceptionError, newException } from '../../../core/exceptions/open.ts';
import { recorded } from '../../../core/exceptions/record.ts';
import { readException } from '../../../core/exceptions.ts';
import type { Exception } from '../../../core/input.ts';

const now = new Date('2026-06-01T12:00:00.123Z');
const asked: Asked = {
  rules: ['approved-model'],
  paths: ['vendor/**'],
  reason: 'Vendored code.',
  approvedBy: 'Bo Example <bo@example.com>',
};

const make = (fields: Partial<Asked> = {}, taken: string[] = []) =>
  newException({ ...asked, ...fields }, new Set(taken), now);

test('a new exception has what was asked for, and a week', async () => {
  const { exception, name } = await make({ ticket: 'https://example.com/1', rules: ['b', 'a', 'b'] });
  assert.equal(name, '2026-06-01-b-a-b.yaml');
  assert.deepEqual(exception, {
    id: '2026-06-01-b-a-b',
    rules: ['b', 'a'],
    paths: ['vendor/**'],
    reason: 'Vendored code.',
    approved_by: 'Bo Example <bo@example.com>',
    opened: '2026-06-01T12:00:00Z',
    expires: '2026-06-08T12:00:00Z',
    ticket: 'https://example.com/1',
  });
});

test('whatever is said in it reads back as it was said', async () => {
  const said = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== '');
  const text = fc.oneof(
    said,
    fc.constantFrom('- a: b', '"', "it's # so", '|\n x', 'yes', '~', '1.0', '*x', '&y', '%', '@z'),
  );
  await fc.assert(
    fc.asyncProperty(text, text, async (reason, rule) => {
      fc.pre(!/\p{Surrogate}/u.test(reason + rule));
      const made = await make({ reason, rules: [rule] });
      const read = readException(made.name, made.text);
      assert.deepEqual(read.problems, []);
      assert.equal(read.exception?.reason, reason.trim());
      assert.deepEqual(read.exception?.rules, [rule]);
    }),
    { numRuns: 60 },
  );
});

test('one without a limit has to be asked for', async () => {
  for (const paths of [undefined, [], ['**'], ['src/**', '**/*']]) {
    await assert.rejects(make({ paths }), /every commit.*--any-commit/);
    assert.ok(await make({ paths, anyCommit: true }));
  }
  assert.ok(await make({ paths: undefined, commits: ['1a2b3c4d5e6f'] }));
});

test('paths are from the top, with slashes; a folder is what is in it', async () => {
  const { exception } = await make({ paths: ['./docs/', 'src\\a\\*.ts', 'src/a/*.ts'] });
  assert.deepEqual(exception.paths, ['docs/**', 'src/a/*.ts']);
  for (const path of ['/etc/passwd', '../x', 'a/../../b', 'C:\\x', '']) {
    await assert.rejects(make({ paths: [path] }), ExceptionError, path);
  }
});

test('when it expires can be said in several ways, and lies ahead', async () => {
  const expires = async (text: string): Promise<string> => (await make({ expires: text })).exception.expires;
  assert.equal(await expires('12h'), '2026-06-02T00:00:00Z');
  assert.equal(await expires('30d'), '2026-07-01T12:00:00Z');
  assert.equal(await expires('2w'), '2026-06-15T12:00:00Z');
  assert.equal(await expires('2026-12-31'), '2026-12-31T00:00:00Z');
  assert.equal(await expires('2026-12-31T10:00:00+02:00'), '2026-12-31T10:00:00+02:00');
  for (const text of [
    '',
    'soon',
    '0d',
    '7',
    '2026-13-01',
    '2026-06-31T00:00:00',
    'Dec 31 2026',
    '2026-06-01',
    '2025-01-01',
  ]) {
    await assert.rejects(expires(text), ExceptionError, text);
  }
});

test('an id is a file name of its own', async () => {
  assert.equal((await make({}, ['2026-06-01-approved-model'])).name, '2026-06-01-approved-model-2.yaml');
  assert.equal((await make({ id: 'Vendored.2026_ü' })).name, 'Vendored.2026_ü.yaml');
  await assert.rejects(make({ id: 'Vendored' }, ['vendored']), /There is an exception Vendored already/);
  for (const id of ['', '.', '../x', 'a/b', 'a\\b', 'a:b', '-x', 'x.', 'a b', 'x'.repeat(101)]) {
    await assert.rejects(make({ id }), ExceptionError, id);
  }
});

test('no secret gets in, and no empty reason', async () => {
  const token = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
  await assert.rejects(
    make({ reason: `It is ${token}` }),
    (error: Error) => error instanceof ExceptionError && !error.message.includes(token),
  );
  await assert.rejects(make({ reason: ' ' }), /reason/);
  await assert.rejects(make({ rules: [''] }), /rules/);
});

const text = `# Reviewed with the upstream project.
rules: [approved-model]   # just this one
paths: ["vendor/**"]
reason: 'It''s vendored'
approved_by: Bo Example <bo@example.com>
opened: 2026-06-01T00:00:00Z
expires: 2026-07-01T00:00:00Z
`;
const given = (path: string, source: string): { exception: Exception; path: string; text: string } => ({
  exception: readException(path, source).exception as Exception,
  path,
  text: source,
});
const said = { at: '2026-06-02T00:00:00Z', by: 'Ann Example <ann@example.com>', note: 'Upstream: "fixed" #12\nMore.' };

test('what is recorded leaves the rest of the file as it is', async () => {
  const once = await recorded(given('e.yaml', text), 'follow-up', said);
  assert.ok(once.startsWith(text), once);
  const twice = await recorded(given('e.yaml', once), 'follow-up', { ...said, note: 'Again' });
  assert.ok(twice.startsWith(once), twice);
  const closed = await recorded(given('e.yaml', twice), 'close', { at: said.at, note: 'Over.' });
  assert.ok(closed.startsWith(twice), closed);
  const { exception } = readException('e.yaml', closed);
  assert.deepEqual(exception?.follow_ups, [said, { ...said, note: 'Again' }]);
  assert.deepEqual(exception?.closed, { at: said.at, note: 'Over.' });
  await assert.rejects(recorded(given('e.yaml', closed), 'close', said), /was closed on 2026-06-02T00:00:00Z: Over\./);
  await assert.rejects(recorded(given('e.yaml', text), 'follow-up', { ...said, note: '  ' }), /--note/);
});

test('line breaks stay what they are, and JSON stays JSON', async () => {
  const crlf = await recorded(given('e.yaml', text.replaceAll('\n', '\r\n')), 'follow-up', said);
  assert.doesNotMatch(crlf, /[^\r]\n/);
  assert.equal(readException('e.yaml', crlf).exception?.follow_ups?.[0]?.note, said.note);
  const { id: _, ...fields } = given('e.yaml', text).exception;
  const json = await recorded(given('e.json', JSON.stringify(fields)), 'follow-up', said);
  assert.deepEqual(JSON.parse(json), { ...fields, follow_ups: [said] });
});

test('lists in any form are added to, and comments after them kept', async () => {
  const item = `{ at: ${said.at}, note: First }`;
  const lists = [
    `follow_ups: [${item}]\n`,
    `follow_ups:\n- ${item}\n# The end.\n`,
    `follow_ups:\n    - at: ${said.at}\n      note: First # one\n\n# The end.\n`,
    `follow_ups:\n  - at: ${said.at}\n    note: |\n      First\nticket: x\n`,
  ];
  for (const list of lists) {
    const changed = await recorded(given('e.yaml', text + list), 'follow-up', said);
    const { exception, problems } = readException('e.yaml', changed);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      exception?.follow_ups?.map(({ note }) => note.trim()),
      ['First', said.note],
      changed,
    );
    assert.equal(changed.includes('# The end.'), list.includes('# The end.'));
    assert.equal(exception?.ticket, list.includes('ticket') ? 'x' : undefined);
  }
});
