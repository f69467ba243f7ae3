import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import fc from 'fast-check';
import { findSecrets, secretProblem } from '../../../core/disclosure/secrets.ts';

// Put together here, so that no scanner takes this file for a leak.
const npm = `npm_${'a1B2'.repeat(9)}`;
const github = `ghp_${'aB3dE6'.repeat(6)}`;
const slack = `xoxb-${'1234567890'}12-1234567890123-${'aBcDeF'.repeat(4)}`;
const anthropic = `sk-ant-api03-${'a1'.repeat(46)}aAA`;
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
  .trim();
const connection = 'postgres://ann:s3cretpw@db.example.com/x';
const secrets: [rule: string, secret: string][] = [
  ['npm', npm],
  ['github', github],
  ['slack', slack],
  ['anthropic', anthropic],
  ['privatekey', privateKey],
  // As a trailer's value has it: in one line.
  ['privatekey', privateKey.replaceAll('\n', ' ')],
  ['database-connection-string', connection],
];

for (const [at, [rule, secret]] of secrets.entries()) {
  test(`a secret is found where it stands and not repeated: ${rule} (${at})`, async () => {
    const text = `Größe 😀 asked with ${secret} for tests`;
    const found = await findSecrets(text);
    const one = found.find((each) => each.rule === rule);
    assert.ok(one, JSON.stringify(found));
    assert.ok(text.slice(one.start, one.end).includes(secret));
    assert.match(one.message, /^[A-Za-z0-9 /_-]+$/);
    assert.ok(!(await secretProblem(text))?.includes(secret));
  });
}

test('what people write of their work is no secret', async () => {
  const texts = [
    '',
    'Wrote the first version of the parser; asked it to keep the API',
    'see https://example.com/a?b=c and ann@example.com, sha256:'.concat('0f3c1b2a9d64'.repeat(5)),
    'reverted 4c1d9e0b7a3f5d6e8c9b0a1f2e3d4c5b6a798081, set API_KEY= from the environment',
    'npm_config_registry, ghp_short, sk-ant-, -----BEGIN CERTIFICATE-----',
  ];
  for (const text of texts) {
    assert.deepEqual(await findSecrets(text), [], text);
    assert.equal(await secretProblem(text), undefined);
  }
});

test('a comment does not switch the check off', async () => {
  for (const comment of ['<!-- secretlint-disable -->', '// secretlint-disable\n', '# secretlint-disable-line']) {
    assert.equal((await findSecrets(`${comment} ${npm}`)).length, 1, comment);
  }
});

test('several secrets come in the order of the text', async () => {
  const found = await findSecrets(`${slack} ${npm}, ${github}`);
  assert.deepEqual(
    found.map(({ rule }) => rule),
    ['slack', 'npm', 'github'],
  );
  assert.match((await secretProblem(`${slack} ${npm} ${npm}`)) ?? '', /^There is a secret in it \([^,]+, [^,]+\)\./);
});

test('no message ever repeats a secret, whatever stands around it', async () => {
  const around = fc.string({
    unit: fc.constantFrom('a', ' ', '\n', ':', '"', '=', 'é', '😀', '/', '*'),
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(around, fc.constantFrom(...secrets)), { maxLength: 4 }), async (parts) => {
      const text = parts.map(([before, [, secret]]) => `${before} ${secret} `).join('');
      for (const { start, end, message } of await findSecrets(text)) {
        const secret = text.slice(start, end).trim();
        assert.ok(secret.length > 3);
        assert.ok(!message.includes(secret));
        // Nor a telling part of it.
        for (const word of secret.split(/[^A-Za-z0-9]+/).filter((part) => part.length >= 12)) {
          assert.ok(!message.includes(word), message);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('what is taken for prose without asking the rules is nothing to them either', async () => {
  const letters = fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'),
    minLength: 1,
    maxLength: 60,
  });
  const alphanumerics = fc.string({ unit: fc.constantFrom(...'abcxyzABCXYZ0189_'), minLength: 20, maxLength: 120 });
  const prefixes = [
    'npm_',
    'ghp_',
    'github_pat_',
    'xoxb-',
    'xapp-',
    'SG.',
    'shpat_',
    'sk-',
    'sk-proj-',
    'sk-ant-api03-',
    'lin_api_',
    'ops_',
    'AKIA',
    'aws_secret_access_key=',
    'https://hooks.slack.com/services/',
    '-----BEGIN PRIVATE KEY-----',
  ];
  const part = fc.oneof(
    fc.constantFrom(
      'Wrote',
      'the',
      'parser’s',
      'tests,',
      'in',
      'src/parser.ts',
      '(commit-message)',
      '—',
      'Größe',
      ...prefixes,
    ),
    fc.constantFrom(...secrets.map(([, secret]) => secret)),
    letters,
    fc.tuple(fc.constantFrom(...prefixes), fc.oneof(letters, alphanumerics)).map((both) => both.join('')),
    fc
      .tuple(fc.constantFrom('http', 'https', 'postgres', 'mysql', 'mongodb'), letters, letters, letters)
      .map(([scheme, user, password, host]) => `${scheme}://${user}:${password}@${host}/x`),
    fc.tuple(letters, letters).map((both) => both.join('.')),
    fc.constantFrom('Bo Example <bo.example@example.com>', '<12345+ann@users.noreply.github.com>'),
    fc
      .tuple(fc.constantFrom('', ...prefixes), fc.oneof(letters, alphanumerics), fc.oneof(letters, alphanumerics))
      .map(([prefix, local, host]) => `<${prefix}${local}@${host}.com>`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.constantFrom(' ', '\n', '', ', '), async (parts, between) => {
      const text = parts.join(between);
      const { messages } = await lintSource({
        source: { content: text, filePath: 'context.txt', ext: '.txt', contentType: 'text' },
        options: { noPhysicFilePath: true, config: { rules: rules.map((rule) => ({ id: rule.meta.id, rule })) } },
      });
      assert.equal((await findSecrets(text)).length, messages.length, text);
    }),
    { numRuns: 150 },
  );
});
