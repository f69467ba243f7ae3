/** What commits may look like: the gate sees in each what git itself sees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countersign, newRepository, type TestRepository, temporaryFolder, writeFiles } from './harness.ts';

/** A policy that denies nothing and tells all that it was given of each commit. */
const tell = `package tell

warn contains {"commit": commit.sha, "msg": json.marshal(told(commit))} if some commit in input.commits

told(commit) := {
	"trailers": [[trailer.key, trailer.value] | some trailer in commit.trailers],
	"disclosure": object.get(commit, "disclosure", {}),
	"merge": commit.merge,
	"parents": count(commit.parents),
	"files": [file.path | some file in commit.files],
	"body": commit.body,
}
`;

interface Told {
  trailers: [string, string][];
  disclosure: Record<string, string[]>;
  merge: boolean;
  parents: number;
  files: string[];
  body: string;
}

/** What the gate tells of each commit since a base, by id, with its subject. */
async function tellAll({ folder }: TestRepository, base: string) {
  const policy = temporaryFolder();
  writeFiles(policy, { 'tell.rego': tell });
  const ran = await countersign(['gate', '--base', base, '--policy', policy, '--format', 'json'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  const { commits } = JSON.parse(ran.stdout) as {
    commits: { sha: string; subject: string; warn: { msg: string }[] }[];
  };
  return new Map(
    commits.map(({ sha, subject, warn }) => [sha, { subject, ...(JSON.parse(warn[0]?.msg ?? '') as Told) }]),
  );
}

/** The trailers that real git sees in a commit. */
function gitTrailers({ git }: TestRepository, sha: string): [string, string][] {
  const format = '--format=%(trailers:only,unfold,separator=%x01,key_value_separator=%x02)';
  const text = git(['log', '-1', '--encoding=UTF-8', format, sha]);
  if (text === '') return [];
  return text.split('\u0001').map((line) => line.split('\u0002') as [string, string]);
}

const model = 'AI-Model: claude-opus-4-6';
const messages: [name: string, message: string | Uint8Array, declares: boolean, encoding?: string][] = [
  ['a block at the end', `Add\n\nText.\n\n${model}\n`, true],
  ['no line break at the end', `Add\n\nText.\n\n${model}`, true],
  ['a look-alike above the last block', `Add\n\n${model}\n\nMore text.\n`, false],
  ['a look-alike above a true block', `Add\n\n${model}\n\nText.\n\nSigned-off-by: A <a@example.com>\n`, false],
  ['prose that git takes for a trailer', 'Add\n\nText.\n\nfix: the parser\n', false],
  ['a mark without a blank line before it', `Add\n\nSome text.\n${model}\n`, false],
  ['HTML after the block', `Add\n\nText.\n\n${model}\n<!-- a robot was here -->\n`, false],
  ['HTML in a paragraph after the block', `Add\n\nText.\n\n${model}\n\n<img src="x">\n`, false],
  ['a folded value', `Add\n\nText.\n\n${model}\nAI-Context: a long\n  story that goes\n  on\n`, true],
  ['CRLF', `Add\r\n\r\nText.\r\n\r\n${model}\r\nAI-Context: some\r\n`, true],
  ['a key in another case', 'Add\n\nText.\n\nai-MODEL: claude-opus-4-6\n', true],
  ['a space before the colon', 'Add\n\nText.\n\nAI-Model : claude-opus-4-6\n', true],
  ['an empty value', 'Add\n\nText.\n\nAI-Model:\n', true],
  ['a key twice', `Add\n\nText.\n\n${model}\nAI-Model: gpt-5.5\n`, true],
  [
    'a block of mixed lines, one known to git',
    `Add\n\nText.\n\n(cherry picked from commit 1234567)\n${model}\nx\n`,
    true,
  ],
  ['a line of dashes', `Add\n\nText.\n\n---\n\n${model}\n`, true],
  ['a scissors line', `Add\n\nText.\n\n${model}\n# ------------------------ >8 ------------------------\ncut\n`, true],
  ['a comment within the block', `Add\n\nText.\n\n${model}\n# comment\nAI-Context: x\n`, true],
  ['only a trailer, as the subject', `${model}\n`, false],
  ['a trailer in the second paragraph', `Add\n\n${model}\n`, true],
  ['an empty message', '', false],
  ['a message of blank lines', '\n\n  \n', false],
  ['blank lines before the subject', `\n\n\nAdd\n\nText.\n\n${model}\n`, true],
  [
    'Latin-1 bytes with their encoding',
    Buffer.from(`Ärger\n\nGrüße.\n\n${model}\nAI-Context: größer\n`, 'latin1'),
    true,
    'ISO-8859-1',
  ],
  ['bytes that are no UTF-8', Buffer.from(`\xc4rger\n\nText.\n\n${model}\nAI-Context: gr\xf6\xdfer\n`, 'latin1'), true],
  ['another script', `增加\n\n正文。\n\n${model}\nAI-Context: 写了解析器\n`, true],
];

test('in every message the gate finds the trailers that git finds', async () => {
  const repository = newRepository();
  const base = repository.commit('Base\n');
  const ids = messages.map(([, message, , encoding]) => repository.commit(message, { encoding }));
  const told = await tellAll(repository, base);
  assert.equal(told.size, messages.length);
  messages.forEach(([name, , declares], index) => {
    const sha = ids[index] as string;
    const seen = told.get(sha);
    assert.equal('model' in (seen?.disclosure ?? {}), declares, name);
    // Where the bytes are no UTF-8, git prints them as they are and we cannot compare the text.
    if (name !== 'bytes that are no UTF-8') {
      assert.deepEqual(seen?.trailers, gitTrailers(repository, sha), name);
      assert.equal(seen?.subject, repository.git(['log', '-1', '--encoding=UTF-8', '--format=%s', sha]), name);
    }
  });
  const at = (name: string) => told.get(ids[messages.findIndex(([known]) => known === name)] as string);
  assert.deepEqual(at('a key twice')?.disclosure.model, ['claude-opus-4-6', 'gpt-5.5']);
  assert.deepEqual(at('a folded value')?.disclosure.context, ['a long story that goes on']);
  assert.deepEqual(at('CRLF')?.disclosure.context, ['some']);
  assert.deepEqual(at('Latin-1 bytes with their encoding')?.disclosure.context, ['größer']);
});

test('the built-in pack sees undisclosed marks that no trailer parser finds', async () => {
  const repository = newRepository();
  const base = repository.commit('Base\n');
  const mark = 'Co-authored-by: Claude <noreply@anthropic.com>';
  const marked = [
    `Squash\n\n* one\n\n${mark}\n\n* two\n`,
    `Text before\n\nSome text.\n${mark}\n`,
    `HTML after\n\nText.\n\n${mark}\n<!-- end -->\n`,
    'Robot\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n\nMore.\n',
    `CRLF\r\n\r\nText.\r\n${mark}\r\n`,
  ].map((message) => repository.commit(message));
  const quiet = repository.commit('Talk\n\nWe spoke of claude and copilot.\n');
  const ran = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: repository.folder });
  assert.equal(ran.code, 1, ran.stderr);
  const { commits } = JSON.parse(ran.stdout) as { commits: { sha: string; ai: boolean; deny: { rule: string }[] }[] };
  for (const { sha, ai, deny } of commits) {
    assert.equal(ai, sha !== quiet, sha);
    assert.equal(deny.length > 0, marked.includes(sha), JSON.stringify(deny));
  }
});

test('a line that was meant as disclosure and is none for git is told, with what to do', async () => {
  const repository = newRepository();
  const base = repository.commit('Base\n');
  const stray = repository.commit(`Add\n\n${model}\n\nMore text.\n`);
  const held = repository.commit(`Hold\n\nText.\n\n${model}\n`);
  const text = await countersign(['gate', '--base', base], { cwd: repository.folder });
  assert.match(text.stdout, /note "AI-Model: claude-opus-4-6" is no trailer\. .*move it to the end/);
  assert.equal(text.stdout.split(' is no trailer').length, 2, `only once, not for ${held}`);
  const json = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: repository.folder });
  assert.match(json.stderr, new RegExp(`note: ${stray.slice(0, 10)}: "AI-Model: claude-opus-4-6" is no trailer`));
});

test('merges, octopus merges and root commits are judged, each once', async () => {
  const repository = newRepository();
  const base = repository.commit('Base\n');
  const side = (name: string) =>
    repository.commit(`Side ${name}\n\n${model}\n`, { parents: [base], files: { [`${name}.txt`]: name } });
  const [one, two, three] = [side('one'), side('two'), side('three')];
  const merge = repository.commit('Merge one and two\n', { parents: [one, two] });
  const octopus = repository.commit(`Merge all\n\n${model}\n`, { parents: [merge, three, two] });
  const told = await tellAll(repository, base);
  assert.deepEqual(new Set(told.keys()), new Set([one, two, three, merge, octopus]));
  assert.deepEqual([told.get(merge)?.merge, told.get(merge)?.parents], [true, 2]);
  assert.deepEqual([told.get(octopus)?.merge, told.get(octopus)?.parents], [true, 3]);
  assert.deepEqual(told.get(octopus)?.disclosure, { model: ['claude-opus-4-6'] });

  const root = repository.commit(`Another root\n\n${model}\n`, { parents: [] });
  const joined = repository.commit('Join\n', { parents: [octopus, root] });
  const all = await tellAll(repository, octopus);
  assert.deepEqual(new Set(all.keys()), new Set([root, joined]));
  assert.equal(all.get(root)?.parents, 0);
  assert.ok((all.get(root)?.files.length ?? 0) > 0, 'a root commit adds its files');
});

test('a repository with SHA-256 ids is judged', async () => {
  const repository = newRepository({ objectFormat: 'sha256' });
  const base = repository.commit('Base\n');
  const sha = repository.commit(`With AI\n\n${model}\n`);
  assert.equal(sha.length, 64);
  assert.deepEqual((await tellAll(repository, base)).get(sha)?.disclosure, { model: ['claude-opus-4-6'] });
});

test('a large range is judged whole, in batches whose findings come together', async () => {
  const repository = newRepository();
  const base = repository.commit('Base\n');
  const count = 2500;
  let stream = '';
  for (let at = 0; at < count; at++) {
    const message =
      at % 500 === 7 ? `Change ${at}\n\nCo-authored-by: Claude <noreply@anthropic.com>\n` : `Change ${at}\n`;
    stream += `commit refs/heads/main\ncommitter Ada <ada@example.com> ${1_790_000_000 + at} +0000\n`;
    stream += `data ${Buffer.byteLength(message)}\n${message}${at === 0 ? `from ${base}\n` : ''}\n`;
  }
  repository.git(['fast-import', '--quiet', '--force'], stream);
  const policy = temporaryFolder();
  writeFiles(policy, {
    'p.rego': `package main

deny contains {"msg": "marked", "commit": commit.sha} if {
	some commit in input.commits
	contains(commit.body, "Claude")
}

warn contains "one for the change"

warn contains sprintf("a batch of %d", [count(input.commits)])
`,
  });
  const args = ['gate', '--base', base, '--head', 'main', '--policy', policy, '--format', 'json'];
  const ran = await countersign(args, { cwd: repository.folder });
  assert.equal(ran.code, 1, ran.stderr);
  const { change, commits } = JSON.parse(ran.stdout) as {
    change: { warn: { msg: string }[] };
    commits: { subject: string; deny: unknown[] }[];
  };
  assert.deepEqual(
    commits.map(({ subject }) => subject),
    Array.from({ length: count }, (_, at) => `Change ${at}`),
  );
  assert.deepEqual(
    commits.flatMap(({ deny }, at) => (deny.length > 0 ? [at] : [])),
    [7, 507, 1007, 1507, 2007],
  );
  assert.deepEqual(
    change.warn.map(({ msg }) => msg),
    ['a batch of 1000', 'a batch of 500', 'one for the change'],
  );
});
