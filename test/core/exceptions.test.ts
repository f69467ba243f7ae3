import assert from 'node:assert/strict';
import test from 'node:test';
import { readException, readExceptions } from '../../core/exceptions.ts';
import { placeOf } from '../../core/yaml-document.ts';

const good = `rules: [approved-model]
paths: ["vendor/**"]
reason: Vendored code
approved_by: ada@example.com
opened: 2026-01-01T00:00:00Z
expires: 2026-02-01T00:00:00+01:00
`;

test('reads an exception, named by its file', () => {
  const expected = {
    id: 'vendored code',
    rules: ['approved-model'],
    paths: ['vendor/**'],
    reason: 'Vendored code',
    approved_by: 'ada@example.com',
    opened: '2026-01-01T00:00:00Z',
    expires: '2026-02-01T00:00:00+01:00',
  };
  assert.deepEqual(readException('exceptions/vendored code.yaml', good), { exception: expected, problems: [] });
  const json = JSON.stringify({ ...expected, id: undefined });
  assert.deepEqual(readException('vendored code.json', json).exception, expected);
});

const mistakes: { name: string; text: string; says: RegExp }[] = [
  { name: 'an empty file', text: '', says: /e\.yaml:1:1 / },
  { name: 'broken YAML', text: 'rules: [', says: /e\.yaml:1:/ },
  { name: 'no rules', text: good.replace('[approved-model]', '[]'), says: /e\.yaml:1:\d `rules`/ },
  { name: 'no expiry', text: good.replace(/expires.*\n/, ''), says: /lacks `expires`/ },
  {
    name: 'a date without a time',
    text: good.replace('2026-02-01T00:00:00+01:00', '2026-02-01'),
    says: /e\.yaml:6:10 .*RFC 3339/,
  },
  { name: 'no such day', text: good.replace('2026-02-01T00', '2026-02-30T00'), says: /e\.yaml:6:10 .*RFC 3339/ },
  {
    name: 'an end before the start',
    text: good.replace('2026-02-01', '2025-02-01'),
    says: /e\.yaml:6:10 .*after `opened`/,
  },
  { name: 'an id of its own', text: `id: x\n${good}`, says: /e\.yaml:1:1 There is no setting `id`/ },
  { name: 'a commit too short to name one', text: `${good}commits: [abc12]\n`, says: /e\.yaml:7:11 / },
];

for (const { name, text, says } of mistakes) {
  test(`no exception with ${name}`, () => {
    const { exception, problems } = readException('e.yaml', text);
    assert.equal(exception, undefined);
    assert.match(problems.map((found) => `${placeOf(found)} ${found.message}`).join('\n'), says);
    assert.ok(problems.every(({ severity }) => severity === 'error'));
  });
}

test('good ones count beside bad ones, whose problems are told', () => {
  const { exceptions, problems } = readExceptions([
    { path: 'x/a.yaml', text: good },
    { path: 'x/b.yaml', text: 'nonsense' },
  ]);
  assert.deepEqual(
    exceptions.map(({ id }) => id),
    ['a'],
  );
  assert.deepEqual(
    problems.map(({ path }) => path),
    ['x/b.yaml'],
  );
});

test('two files of one name are a problem', () => {
  const { problems } = readExceptions([
    { path: 'x/a.yaml', text: good },
    { path: 'x/a.yml', text: good },
  ]);
  assert.match(
    problems.map(({ path, message }) => `${path} ${message}`).join(),
    /x\/a\.yml x\/a\.yaml has the same name/,
  );
});
