/** `countersign input`: what it prints is what the gate and the hook judge. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { Input } from '../../core/input.ts';
import { countersign, newRepository, temporaryFolder, writeFiles } from './harness.ts';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../core/schemas/input.schema.json'), 'utf8'));
const ajv = new Ajv2020({ strict: false });
ajvFormats.default(ajv);
const validate = ajv.compile(schema);

/** Outside of CI: what its variables say would be judged. */
const env = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(CI|GITHUB_|GITLAB_|CI_|TF_BUILD|BUILD_|SYSTEM_|JENKINS_|CHANGE_)/.test(name))
    .map((name) => [name, '']),
);

async function printed(args: string[], cwd: string, input?: string): Promise<Input> {
  const { code, stdout, stderr } = await countersign(['input', ...args], {
    cwd,
    env,
    ...(input !== undefined && { input }),
  });
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout) as Input;
  assert.ok(validate(document), JSON.stringify(validate.errors));
  return document;
}

test('a range is printed as the gate records that it judged it', async () => {
  const { folder, commit, git } = newRepository();
  git(['tag', 'base']);
  commit('Add a\n\nAI-Model: example-1\nAI-Approver: Bo <bo@example.com>\n', { files: { 'a b.txt': 'é\n' } });
  commit('Quote "this" \u2028 and \\ that\n', { files: { 'c.txt': '1\n' } });
  writeFiles(folder, { '.mailmap': 'Bo Example <bo@example.com>\n' });
  const log = join(temporaryFolder(), 'log.jsonl');
  const gate = await countersign(['gate', '--base', 'base', '--decision-log', log], { cwd: folder, env });
  assert.equal(gate.code, 1, gate.stderr);
  const [line = ''] = readFileSync(log, 'utf8').split('\n');
  const { input: judged } = JSON.parse(line) as { input: Input };
  const document = await printed(['--base', 'base'], folder);
  assert.deepEqual({ ...document, now: '' }, { ...judged, now: '' });
  assert.equal(document.commits.length, 2);
  assert.deepEqual(await printed(['--base', 'HEAD'], folder).then(({ commits }) => commits), []);
});

test('batches are what the engine gets, one a line', async () => {
  const { folder, git } = newRepository();
  let stream = '';
  for (let at = 0; at <= 1100; at++) {
    const message = `Change ${at}\n`;
    stream += `commit refs/heads/many\ncommitter Ada <ada@example.com> ${1_700_000_000 + at} +0000\ndata ${message.length}\n${message}\n`;
  }
  git(['fast-import', '--quiet'], stream);
  const args = ['--base', 'many~1100', '--head', 'many'];
  const { stdout } = await countersign(['input', ...args, '--batches'], { cwd: folder, env });
  const batches = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Input);
  assert.deepEqual(
    batches.map(({ commits }) => commits.length),
    [1000, 100],
  );
  const whole = await printed(args, folder);
  assert.deepEqual(
    whole.commits,
    batches.flatMap(({ commits }) => commits),
  );
  assert.deepEqual(whole.change, batches[1]?.change);
});

test('what would be committed now is printed as the hook judges it', async () => {
  const { folder, git } = newRepository();
  writeFiles(folder, { 'new.txt': 'new\n', '.countersign/config.yaml': 'version: 1\ntrailers: { model: LLM }\n' });
  git(['config', 'user.name', 'Ada']);
  git(['config', 'user.email', 'ada@example.com']);
  git(['add', 'new.txt']);
  const { phase, commits, change } = await printed(['--staged', '-m', 'Add it\n\nLLM: example-1'], folder);
  assert.deepEqual([phase, change, commits.length], ['commit', undefined, 1]);
  assert.equal(commits[0]?.sha, '');
  assert.deepEqual(commits[0]?.disclosure, { model: ['example-1'] });
  assert.deepEqual(commits[0]?.files, [{ path: 'new.txt', status: 'A' }]);
  const read = await printed(['--staged', '-F', '-'], folder, '# a comment\nAdd it\n');
  assert.equal(read.commits[0]?.subject, 'Add it');
});

test('a push is printed as what arrived', async () => {
  const { folder, commit, git } = newRepository();
  const before = git(['rev-parse', 'HEAD']);
  const pushed = commit('Add it\n', { files: { a: '1' } });
  const { phase, push, commits } = await printed(['--push', before, pushed, 'refs/heads/main'], folder);
  assert.deepEqual([phase, push?.ref, push?.after, commits.length], ['push', 'refs/heads/main', pushed, 1]);
});

test('what makes no sense is a mistake of the call', async () => {
  const { folder } = newRepository();
  for (const args of [
    ['--staged', '--base', 'HEAD'],
    ['--base', 'HEAD', '-m', 'x'],
    ['--base', 'no-such-revision'],
    ['--staged', '-F', 'no-such-file'],
    [],
  ]) {
    const { code, stdout } = await countersign(['input', ...args], { cwd: folder, env });
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
  }
});
