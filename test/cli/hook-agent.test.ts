/** Agents, which have no terminal: what they recorded is stamped, what is missing is refused with the way on. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type HookedRepository, hookedRepository } from './hook-support.ts';

const agent = { CLAUDECODE: '1' };

async function withFile(options?: Parameters<typeof hookedRepository>[0]): Promise<HookedRepository> {
  const repository = await hookedRepository(options);
  await repository.stage({ 'file.txt': 'one\n' });
  return repository;
}

describe('commits of agents', { concurrency: 2 }, () => {
  test('without a disclosure they are refused, with one complete command', async () => {
    const repository = await withFile();
    const refused = await repository.try(['commit', '-m', 'Add a file'], { env: agent });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /AI use without a disclosure: .*CLAUDECODE/);
    const command = /^ {2}git (commit -F \.git\/COMMIT_EDITMSG .*)$/m.exec(refused.stderr)?.[1] ?? '';
    const args = [...command.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    const filled = args.map((word) =>
      word
        .replace('AI-Model: MODEL', 'AI-Model: claude-opus-4-6')
        .replace('WHAT THE MODEL WAS ASKED AND DID', 'Wrote the file and the tests for it')
        .replace('NAME <EMAIL>', 'Bo Example <bo@example.com>'),
    );
    await repository.git(filled, { env: agent });
    assert.match(
      await repository.message(),
      /^Add a file\n\nAI-Model: claude-opus-4-6\nAI-Context: .*\nAI-Approver: .*\nAI-Timestamp: \S+Z\n$/,
    );
  });

  test('what was declared before is stamped, once, and only into the next commit', async () => {
    const repository = await withFile();
    const declared = await repository.countersign(
      ['declare', '--model', 'claude-opus-4-6', '--context', 'Wrote the file and the tests for it'],
      agent,
    );
    assert.equal(declared.code, 0, declared.stderr);
    const approver = ['--trailer', 'AI-Approver: Bo Example <bo@example.com>'];
    const ran = await repository.try(['commit', '-m', 'Add a file', ...approver], { env: agent });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(
      await repository.message(),
      /^Add a file\n\nAI-Approver: Bo Example <bo@example\.com>\nAI-Model: claude-opus-4-6\nAI-Timestamp: \S+Z\nAI-Context: Wrote the file and the tests for it\n$/,
    );
    await repository.stage({ 'other.txt': 'two\n' });
    assert.equal((await repository.try(['commit', '-m', 'Add another', ...approver], { env: agent })).code, 1);
  });

  test('a declaration that does not do is stamped in part, and the rest is asked for', async () => {
    const repository = await withFile();
    await repository.countersign(['declare', '--model', 'claude-opus-4-6'], agent);
    const refused = await repository.try(['commit', '-m', 'Add a file'], { env: agent });
    assert.equal(refused.code, 1);
    assert.doesNotMatch(refused.stderr, /--trailer "?AI-Model/);
    assert.match(refused.stderr, /--trailer "AI-Context: WHAT .*" --trailer "AI-Approver: NAME <EMAIL>"/);
  });

  test('a secret in the context is refused and not repeated', async () => {
    const repository = await withFile();
    const secret = `ghp_${'0123456789abcdefghijABCDEFGHIJ012345'}`;
    const refused = await repository.try([
      ...['commit', '-m', 'Add a file', '--trailer', 'AI-Model: claude-opus-4-6'],
      ...['--trailer', `AI-Context: Called the service with ${secret} and wrote the file`],
      ...['--trailer', 'AI-Approver: Bo Example <bo@example.com>'],
    ]);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /AI-Context: There is a secret in it/);
    assert.ok(!refused.stderr.includes(secret));
  });

  test('a fault of the hook lets the commit through and says so, unless the configuration says deny', async () => {
    const repository = await withFile();
    const policy = join(repository.folder, '.countersign', 'policies', 'broken.rego');
    writeFileSync(policy, 'package broken\n\ndeny contains "x" if {\n');
    const allowed = await repository.try(['commit', '-m', 'Add a file']);
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.match(allowed.stderr, /broken\.rego:\d+/);
    assert.match(allowed.stderr, /the commit was not judged; git goes on/);
    writeFileSync(join(repository.folder, '.countersign', 'config.yaml'), 'version: 1\nhook:\n  onError: deny\n');
    await repository.stage({ 'file.txt': 'two\n' });
    const denied = await repository.try(['commit', '-m', 'Change it']);
    assert.notEqual(denied.code, 0);
    assert.match(denied.stderr, /hook\.onError: deny[\s\S]*git commit --no-verify/);
    // Also when the configuration itself cannot be read.
    writeFileSync(
      join(repository.folder, '.countersign', 'config.yaml'),
      'version: 1\nhook: { onError: "deny" }\n: :\n',
    );
    assert.notEqual((await repository.try(['commit', '-m', 'Change it'])).code, 0);
    assert.equal((await repository.try(['commit', '-n', '-m', 'Change it'])).code, 0);
  });
});
