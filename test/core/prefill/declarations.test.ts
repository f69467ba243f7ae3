import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  clearDeclarations,
  type Declaration,
  DeclarationError,
  declare,
  type GivenDeclaration,
  readDeclarations,
  takeDeclarations,
} from '../../../core/prefill/declarations.ts';
import { openProject, project, type TestProject, told } from './support.ts';

const now = new Date('2026-06-01T12:00:00.500Z');

function declares(
  { repository, home }: TestProject,
  given: GivenDeclaration,
  environment: NodeJS.ProcessEnv = {},
  at = now,
): Promise<Declaration> {
  return declare(repository, home, given, { now: at, environment });
}

const model = { model: ['claude-opus-4-6'] };

test('a declaration is kept in the git folder, and prefill has it with who said so', async (t) => {
  const here = await project(t);
  const values = { ...model, context: ['Wrote the tests\nof the parser'] };
  const made = await declares(here, { values }, { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'abc-1' });
  assert.equal(made.tool, 'claude-code');
  assert.deepEqual((await readDeclarations(here.repository, now)).declarations, [made]);
  assert.equal((await here.git('status', '--porcelain', '--untracked-files=all', '--ignored')).trim(), 'A  src/a.ts');
  const known = await here.gather({ now });
  assert.deepEqual(told(known), [
    'model=claude-opus-4-6 declaration recorded',
    'timestamp=2026-06-01T12:00:00Z declaration recorded',
    'context=Wrote the tests of the parser declaration recorded',
  ]);
  const detail = 'declared by claude-code (session abc-1) at 2026-06-01T12:00:00Z';
  assert.deepEqual(known.evidence, [{ source: 'declaration', detail, model: 'claude-opus-4-6' }]);
});

test('where the disclosure has a field for the agent, who declared is in it', async (t) => {
  const here = await project(t);
  await here.write('.countersign/config.yaml', 'version: 1\ntrailers: { model: AI-Model, agent: AI-Agent }\n');
  const renewed = await openProject(here);
  await declares(renewed, { values: model }, { CLAUDECODE: '1' });
  const environment = { HOME: here.userHome, CODEX_THREAD_ID: 'x' };
  assert.deepEqual(told(await renewed.gather({ now, environment }), 'agent'), [
    'agent=Claude Code declaration recorded',
    'agent=OpenAI Codex environment inferred',
  ]);
});

test('a project that takes other forms, or no AI at all, can be declared to', async (t) => {
  const here = await project(t);
  for (const profile of ['kernel', 'forbid']) {
    await here.write('.countersign/config.yaml', `version: 1\ndisclosure: { profile: ${profile} }\n`);
    const renewed = await openProject(here);
    await declares(renewed, { values: { model: [profile] } });
    assert.ok(told(await renewed.gather({ now }), 'model').includes(`model=${profile} declaration recorded`));
  }
});

test('several agents declare at once; the same twice is one, with the newer time', async (t) => {
  const here = await project(t);
  await Promise.all(
    Array.from({ length: 30 }, (_, at) => declares(here, { values: model, tool: `agent-${at}`, session: 's' })),
  );
  const later = new Date(now.getTime() + 60_000);
  await declares(here, { values: model, tool: 'agent-7', session: 's' }, {}, later);
  const { declarations, problems } = await readDeclarations(here.repository, later);
  assert.equal(declarations.length, 30);
  assert.deepEqual(problems, []);
  assert.equal(declarations.at(-1)?.tool, 'agent-7');
  const names = await readdir(join(here.repository.gitDir, 'countersign', 'declarations'));
  assert.ok(
    names.every((name) => /^[0-9a-f-]{36}\.json$/.test(name)),
    names.join(),
  );
});

test('a declaration about files is about the commits that have them, and waits for the rest', async (t) => {
  const here = await project(t);
  await declares(here, { values: model, files: ['src/a.ts', '.\\src\\b.ts'] });
  await declares(here, { values: { model: ['gpt-5.2'] }, files: ['src/other.ts'] });
  assert.deepEqual(told(await here.gather({ now }), 'model'), ['model=claude-opus-4-6 declaration recorded']);
  const taken = await takeDeclarations(here.repository, { files: ['src/a.ts', 'src/more.ts'], now });
  assert.deepEqual(
    taken.map(({ values }) => values.model),
    [['claude-opus-4-6']],
  );
  const rest = async () => (await readDeclarations(here.repository, now)).declarations.map(({ files }) => files);
  assert.deepEqual((await rest()).sort(), [['src/b.ts'], ['src/other.ts']]);
  await takeDeclarations(here.repository, { files: ['src/b.ts'], now });
  assert.deepEqual(await rest(), [['src/other.ts']]);
  assert.equal(await clearDeclarations(here.repository), 1);
  assert.deepEqual(await rest(), []);
  assert.equal(await clearDeclarations(here.repository), 0);
});

test('a folder is about all that is in it; the top folder about everything', async (t) => {
  const here = await project(t);
  await declares(here, { values: model, files: ['src/', 'docs'] });
  assert.deepEqual(told(await here.gather({ now }), 'model').length, 1);
  await takeDeclarations(here.repository, { files: ['src/a.ts'], now });
  const [left] = (await readDeclarations(here.repository, now)).declarations;
  assert.deepEqual(left?.files, ['docs']);
  assert.deepEqual(await takeDeclarations(here.repository, { files: ['docs.md', 'other/docs'], now }), []);
  assert.equal((await declares(here, { values: { model: ['x'] }, files: ['./', 'src'] })).files, undefined);
});

test('one without files is about the next commit, whatever it has, and about no other', async (t) => {
  const here = await project(t);
  await declares(here, { values: model });
  assert.equal((await takeDeclarations(here.repository, { files: ['any.ts'], now })).length, 1);
  assert.deepEqual(told(await here.gather({ now }), 'model'), []);
});

test('each work tree has its own', async (t) => {
  const here = await project(t);
  const linked = join(here.userHome, 'linked tree');
  await here.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const side = await openProject({ ...here, root: linked });
  await declares(side, { values: model });
  assert.deepEqual(told(await here.gather({ now }), 'model'), []);
  assert.equal(told(await side.gather({ now }), 'model').length, 1);
});

test('after seven days it is gone', async (t) => {
  const here = await project(t);
  await declares(here, { values: model });
  const after = (days: number) => readDeclarations(here.repository, new Date(now.getTime() + days * 86_400_000));
  assert.equal((await after(6.9)).declarations.length, 1);
  assert.equal((await after(7.1)).declarations.length, 0);
});

test('files that are no declaration are told of and left alone', async (t) => {
  const here = await project(t);
  await declares(here, { values: model });
  const folder = join(here.repository.gitDir, 'countersign', 'declarations');
  const strange: Record<string, string> = {
    'cut.json': '{"version":1,"decl',
    'other.json': '{"version":2,"declared":"2026-06-01T12:00:00Z","values":{}}',
    'list.json': '[]',
    'large.json': `"${'x'.repeat(40_000)}"`,
    'notes.txt': 'no',
  };
  for (const [name, text] of Object.entries(strange)) await writeFile(join(folder, name), text);
  const { declarations, problems } = await readDeclarations(here.repository, now);
  assert.equal(declarations.length, 1);
  assert.deepEqual(problems.sort(), [
    'cut.json: is no JSON',
    'large.json: is too large (40002 bytes)',
    'list.json: is no declaration',
    'other.json: is no declaration',
  ]);
  assert.equal((await takeDeclarations(here.repository, { files: ['src/a.ts'], now })).length, 1);
  assert.deepEqual((await readdir(folder)).sort(), Object.keys(strange).sort());
});

const secret = `npm_${'a1B2'.repeat(9)}`;
const refused: [name: string, given: GivenDeclaration, message: RegExp][] = [
  ['nothing', { values: {} }, /nothing to declare/],
  ['no values', { values: { model: [] } }, /nothing to declare/],
  ['an approver', { values: { ...model, approver: ['Ann <ann@example.com>'] } }, /approver is not declared/],
  ['an unknown field', { values: { modle: ['x'] } }, /no disclosure field "modle".*model, timestamp/],
  ['an empty value', { values: { model: [' '] } }, /model is empty/],
  ['a control character', { values: { model: ['a\u001b[1m'] } }, /control character U\+001B/],
  ['a secret', { values: { ...model, context: [`used ${secret}`] } }, /context is refused.*npm access token/],
  ['a secret as session', { values: model, session: secret }, /session is refused/],
  ['a long value', { values: { ...model, context: ['x'.repeat(2001)] } }, /too long: 2001 of at most 2000/],
  ['a tool of several lines', { values: model, tool: 'a\nb' }, /tool is a name/],
  ['a path outside', { values: model, files: ['../x'] }, /no path within the repository/],
  ['an absolute path', { values: model, files: ['C:\\x'] }, /no path within the repository/],
];
for (const [name, given, message] of refused) {
  test(`refused, and nothing is written: ${name}`, async (t) => {
    const here = await project(t);
    await assert.rejects(declares(here, given), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes(secret));
      return true;
    });
    assert.deepEqual((await readDeclarations(here.repository, now)).declarations, []);
  });
}

test('more than a hundred do not pile up', async (t) => {
  const here = await project(t);
  for (let at = 0; at < 100; at++) await declares(here, { values: { model: [`m-${at}`] } });
  await assert.rejects(declares(here, { values: model }), (error) => {
    assert.ok(error instanceof DeclarationError);
    assert.match(error.message, /declare --clear/);
    return true;
  });
  await declares(here, { values: { model: ['m-5'] } });
});
