import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from 'yaml';
import { hasEntries, printedEntry, withEntries, withoutEntries } from '../../../core/hook/manager-entries.ts';

const commitMsg = { run: 'countersign hook run commit-msg "{1}"', interactive: true };
const prepare = { run: 'countersign hook run prepare-commit-msg "{1}" "{2}" "{3}"', interactive: true };

const rewrite = { run: 'countersign hook run post-rewrite "{1}"', use_stdin: true };

const lefthook: { name: string; text: string; commit: unknown; prepare?: unknown }[] = [
  { name: 'an empty file', text: '', commit: { commands: { countersign: commitMsg } } },
  { name: 'comments alone', text: '# nothing yet\n', commit: { commands: { countersign: commitMsg } } },
  {
    name: 'other hooks, no line break at the end',
    text: 'pre-push:\n  commands:\n    test:\n      run: test',
    commit: { commands: { countersign: commitMsg } },
  },
  {
    name: 'commands of the same hook',
    text: 'commit-msg:\n    commands:\n        lint:\n            run: |\n              lint {1}\n              more\n\n# below\npre-push: {}\n',
    commit: { commands: { lint: { run: 'lint {1}\nmore\n' }, countersign: commitMsg } },
  },
  {
    name: 'jobs of the same hook',
    text: 'commit-msg:\n  jobs:\n    - run: lint {1} # c\n    - name: two\n      run: x\n',
    commit: { jobs: [{ run: 'lint {1}' }, { name: 'two', run: 'x' }, { name: 'countersign', ...commitMsg }] },
  },
  {
    name: 'a hook with settings alone, and CRLF',
    text: 'commit-msg:\r\n  parallel: true\r\nx: 1\r\n',
    commit: { parallel: true, commands: { countersign: commitMsg } },
  },
];

for (const { name, text, commit } of lefthook) {
  test(`lefthook: ${name}`, () => {
    const changed = withEntries('lefthook', text);
    assert.ok(changed !== undefined && hasEntries(changed));
    const read = parse(changed);
    assert.deepEqual(read['commit-msg'], commit);
    assert.deepEqual(read['prepare-commit-msg'], { commands: { countersign: prepare } });
    assert.deepEqual(read['post-rewrite'], { commands: { countersign: rewrite } });
    assert.equal(withoutEntries(changed), text);
    if (text.includes('\r\n')) assert.doesNotMatch(changed, /[^\r]\n/);
  });
}

test('pre-commit: behind the other repositories, however they are indented', () => {
  for (const text of [
    'repos:\n- repo: https://example.com/a\n  rev: v1\n  hooks:\n  - id: a\n',
    'repos:\n  - repo: local\n    hooks:\n      - id: a # last\n# end\nci:\n  skip: []\n',
  ]) {
    const changed = withEntries('pre-commit', text);
    assert.ok(changed !== undefined);
    const read = parse(changed);
    assert.equal(read.repos.length, 2);
    assert.deepEqual(
      read.repos[1].hooks.map(({ id, stages, language, always_run }: Record<string, unknown>) => [
        id,
        stages,
        language,
        always_run,
      ]),
      [
        ['countersign-prepare-commit-msg', ['prepare-commit-msg'], 'system', true],
        ['countersign-commit-msg', ['commit-msg'], 'system', true],
        ['countersign-post-rewrite', ['post-rewrite'], 'system', true],
      ],
    );
    assert.equal(withoutEntries(changed), text);
  }
});

test('what cannot be changed as text is left alone', () => {
  assert.equal(withEntries('lefthook', '{ commit-msg: { commands: { a: { run: b } } } }\n'), undefined);
  assert.equal(withEntries('lefthook', 'commit-msg: { commands: {} }\n'), undefined);
  assert.equal(withEntries('lefthook', 'a: [\n'), undefined);
  assert.equal(withEntries('pre-commit', 'repos: []\n'), undefined);
  assert.equal(withEntries('pre-commit', ''), undefined);
  assert.equal(withoutEntries('# >>> countersign >>>\nx: 1\n'), undefined);
});

test('what is printed is right in its language', () => {
  assert.deepEqual(parse(printedEntry('lefthook')), {
    'prepare-commit-msg': { commands: { countersign: prepare } },
    'commit-msg': { commands: { countersign: commitMsg } },
    'post-rewrite': { commands: { countersign: rewrite } },
  });
  assert.deepEqual(JSON.parse(printedEntry('lefthook', 'json')), parse(printedEntry('lefthook')));
  assert.match(
    printedEntry('lefthook', 'toml'),
    /^\[commit-msg\.commands\.countersign\]\nrun = 'countersign hook run commit-msg "\{1\}"'$/m,
  );
  assert.equal(parse(printedEntry('pre-commit')).repos[0].hooks.length, 3);
});
