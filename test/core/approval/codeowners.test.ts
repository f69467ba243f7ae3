import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOwners, isTeam, ownersOfPath, readCodeowners } from '../../../core/approval/codeowners.ts';

/** The cases of the example file in GitHub's documentation (about-code-owners), and what it says of them. */
const example = `# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
`;

test("GitHub's own example: the last match wins, and no owners is an answer", () => {
  const codeowners = readCodeowners(example);
  const cases: [string, string[]][] = [
    ['README.md', ['@global-owner1', '@global-owner2']],
    ['src/a.js', ['@js-owner']],
    ['a/b/c.go', ['docs@example.com']],
    ['notes.txt', ['@octo-org/octocats']],
    ['lib/docs/a.md', ['@global-owner1', '@global-owner2']],
    ['docs/build-app/troubleshooting.md', ['@doctocat']],
    ['build/logs/x', ['@octocat']],
    ['deeply/nested/logs/x', ['@octocat']],
    ['apps/x/y', ['@octocat']],
    ['apps/github/x', []],
    ['scripts/x', ['@doctocat', '@octocat']],
  ];
  for (const [path, owners] of cases) assert.deepEqual(ownersOfPath(codeowners, path), owners, path);
  const docs = readCodeowners('docs/* docs@example.com\n');
  assert.deepEqual(ownersOfPath(docs, 'docs/getting-started.md'), ['docs@example.com']);
  assert.deepEqual(ownersOfPath(docs, 'docs/build-app/troubleshooting.md'), [], 'not in folders below');
});

test("GitLab's sections each have their owners, with defaults; names continue a section", () => {
  const codeowners = readCodeowners(`* @all

[Docs] @docs-team
*.md
README.md @readme

^[Data][2] @data @example/team
/data/
[docs]
*.rst @rst
`);
  assert.deepEqual(ownersOfPath(codeowners, 'a.md'), ['@all', '@docs-team']);
  assert.deepEqual(ownersOfPath(codeowners, 'README.md'), ['@all', '@readme']);
  assert.deepEqual(ownersOfPath(codeowners, 'data/x'), ['@all', '@data', '@example/team']);
  assert.deepEqual(ownersOfPath(codeowners, 'x.rst'), ['@all', '@rst']);
});

test('spaces, Unicode, CRLF, and lines that say nothing', () => {
  const codeowners = readCodeowners('\ufeff/a\\ b/ @one\r\n/größe/* @two\r\n!x @three\r\nplain words\r\n\r\n# c\r\n');
  assert.deepEqual(ownersOfPath(codeowners, 'a b/c'), ['@one']);
  assert.deepEqual(ownersOfPath(codeowners, 'größe/日本'), ['@two']);
  assert.deepEqual(ownersOfPath(codeowners, 'x'), []);
  assert.deepEqual(ownersOfPath(codeowners, '../x'), [], 'no path of a repository');
  assert.deepEqual(allOwners(codeowners), ['@one', '@two']);
  assert.deepEqual([isTeam('@o/t'), isTeam('@o'), isTeam('a/b@example.com')], [true, false, false]);
  assert.deepEqual(allOwners(readCodeowners('')), []);
});
