/** The gate with disclosures in the forms of other projects. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, writeFiles } from './harness.ts';

/** A repository whose policy asks for the model alone, with settings for the disclosure. */
async function repositoryWith(disclosure: string) {
  const repository = newRepository();
  const init = await countersign(['init', '--yes'], { cwd: repository.folder });
  assert.equal(init.code, 0, init.stderr);
  writeFiles(repository.folder, { '.countersign/config.yaml': `version: 1\ndisclosure: ${disclosure}\n` });
  const scope = join(repository.folder, '.countersign/data/scope.yaml');
  writeFileSync(scope, readFileSync(scope, 'utf8').replaceAll(/required: \[.*\]/g, 'required: [model]'));
  const base = repository.commit('Set up\n', { files: { x: '1' } });
  const judge = async (message: string) => {
    repository.git(['reset', '--quiet', '--hard', base]);
    repository.commit(message, { files: { 'src/a.ts': message } });
    const ran = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: repository.folder });
    const { commits } = JSON.parse(ran.stdout) as { commits: { ai: boolean; deny: { rule: string }[] }[] };
    return { ai: commits[0]?.ai, deny: commits[0]?.deny.map(({ rule }) => rule) };
  };
  return { ...repository, base, judge };
}

test('the kernel’s line is a disclosure where it is the profile, and is judged', async () => {
  const { folder, git, base, judge } = await repositoryWith('{ profile: kernel }');
  assert.deepEqual(await judge('A\n\nAssisted-by: Claude:claude-opus-4-6 sparse\n'), { ai: true, deny: [] });
  assert.deepEqual(await judge('A\n\nAssisted-by: Claude:nobody-1\n'), { ai: true, deny: ['approved-model'] });
  assert.deepEqual(await judge('A\n\nCo-authored-by: Claude <noreply@anthropic.com>\n'), {
    ai: true,
    deny: ['undisclosed-ai'],
  });
  const stamped = await countersign(['stamp', '--model', 'claude-opus-4-6'], { cwd: folder });
  assert.equal(stamped.code, 0, stamped.stderr);
  assert.match(git(['log', '-1', '--format=%(trailers:only)']), /^Assisted-by: Claude:claude-opus-4-6$/m);
  const gated = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(gated.code, 0, gated.stdout);
});

test('agents’ co-author lines count where they are accepted; one that names no model does not pass', async () => {
  const { judge } = await repositoryWith('{ accept: [co-authored-by, generated-by] }');
  assert.deepEqual(await judge('A\n\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\n'), {
    ai: true,
    deny: [],
  });
  assert.deepEqual(await judge('A\n\nGenerated-by: claude-opus-4-6\n'), { ai: true, deny: [] });
  assert.deepEqual((await judge('A\n\nCo-authored-by: Claude <noreply@anthropic.com>\n')).deny, ['approved-model']);
  assert.deepEqual((await judge('A\n\nCo-authored-by: Bo Example <bo@example.com>\n')).ai, false);
});

test('where AI is forbidden, each form of it is denied by one rule, and a person’s work passes', async () => {
  const { judge } = await repositoryWith('{ profile: forbid }');
  for (const line of [
    'AI-Model: claude-opus-4-6',
    'Assisted-by: Claude:x',
    'Generated-by: y',
    'Co-authored-by: Copilot <copilot@github.com>',
  ]) {
    assert.deepEqual(await judge(`A\n\n${line}\n`), { ai: true, deny: ['ai-forbidden'] }, line);
  }
  assert.deepEqual(await judge('A\n\nSigned-off-by: Bo Example <bo@example.com>\n'), { ai: false, deny: [] });
});
