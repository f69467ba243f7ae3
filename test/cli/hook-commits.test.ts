/** Every way to make a commit by hand, with the hooks installed: trailers end up right, and once. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { coAuthor, disclosure, type HookedRepository, hookedRepository, time } from './hook-support.ts';

const trailerArgs = disclosure.flatMap((line) => ['--trailer', line]);
const disclosed = (subject: string) => `${subject}\n\n${disclosure.join('\n')}\n`;

/** The disclosure is read by git: each line once, the time beside it, nothing else. */
async function assertDisclosed(repository: HookedRepository, revision = 'HEAD', more: string[] = []): Promise<void> {
  const lines = await repository.trailers(revision);
  const expected = [...disclosure, ...more];
  assert.deepEqual(
    lines.filter((line) => !time.test(line)).sort(),
    [...expected].sort(),
    `${await repository.message(revision)}`,
  );
  assert.equal(lines.filter((line) => time.test(line)).length, 1, lines.join('\n'));
  const message = await repository.message(revision);
  for (const line of expected) assert.equal(message.split('\n').filter((other) => other === line).length, 1, message);
}

describe('commits by hand', { concurrency: 2 }, () => {
  test("a person's commit is what it would be without the hooks", async () => {
    const repository = await hookedRepository();
    const messages: [args: string[], editor?: string][] = [
      [['-m', 'One', '-m', 'Body.']],
      [['-F', '-']],
      [[], 'printf "Written\\n\\nBody of it.\\n" > "$1.new"; cat "$1" >> "$1.new"; mv "$1.new" "$1"'],
      [['-s', '-m', 'Signed off']],
    ];
    for (const [args, editor] of messages) {
      await repository.stage({ 'file.txt': `${args.join()}\n` });
      const ran = await repository.try(['commit', ...args], { editor, input: 'From a file\n\nBody.\n' });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.stderr, '');
      const message = await repository.message();
      assert.doesNotMatch(message, /AI-/);
      const before = await repository.git(['rev-parse', 'HEAD^']);
      await repository.git(['reset', '--quiet', '--soft', before]);
      await repository.git(['commit', '-n', ...args], { editor, input: 'From a file\n\nBody.\n' });
      assert.equal(await repository.message(), message);
    }
  });

  test('a disclosure by -m, -F, --trailer, a template and an editor gets its time, and nothing twice', async () => {
    const repository = await hookedRepository();
    writeFileSync(join(repository.folder, '..', 'message'), disclosed('From a file'));
    writeFileSync(join(repository.folder, '..', 'template'), `\n\n${disclosure.join('\n')}\n`);
    const write = (text: string) =>
      `printf '%s\\n' '${text.replaceAll('\n', "' '")}' | cat - "$1" > "$1.new"; mv "$1.new" "$1"`;
    const ways: [name: string, args: string[], editor?: string][] = [
      ['-m', ['-m', disclosed('By -m')]],
      ['-F', ['-F', '../message']],
      ['-F -', ['-F', '-']],
      ['--trailer', ['-m', 'By --trailer', ...trailerArgs]],
      ['-t', ['-t', '../template'], 'sed "1s/.*/By a template/" "$1" > "$1.new"; mv "$1.new" "$1"'],
      ['an editor', [], write(disclosed('By an editor'))],
      ['-v', ['-v'], write(disclosed('With the diff below'))],
    ];
    for (const [name, args, editor] of ways) {
      await repository.stage({ 'file.txt': `${name}\n` });
      const ran = await repository.try(['commit', ...args], { editor, input: disclosed('From standard input') });
      assert.equal(ran.code, 0, `${name}: ${ran.stderr}`);
      await assertDisclosed(repository);
      assert.doesNotMatch(await repository.message(), /^(#|diff)/m);
    }
  });

  test('-C, -c and --amend keep a disclosure as it is', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    await repository.git(['commit', '-m', disclosed('One')]);
    const message = await repository.message();
    await assertDisclosed(repository);
    await repository.stage({ 'file.txt': 'two\n' });
    await repository.git(['commit', '-C', 'HEAD']);
    assert.equal(await repository.message(), message);
    await repository.stage({ 'file.txt': 'three\n' });
    await repository.git(['commit', '-c', 'HEAD'], { editor: 'true' });
    assert.equal(await repository.message(), message);
    await repository.stage({ 'file.txt': 'four\n' });
    await repository.git(['commit', '--amend', '--no-edit']);
    assert.equal(await repository.message(), message);
    await repository.git(['commit', '--amend'], { editor: 'sed "1s/.*/Reworded/" "$1" > "$1.new"; mv "$1.new" "$1"' });
    assert.equal(await repository.message(), message.replace('One', 'Reworded'));
    await repository.git(['commit', '--amend', '-m', disclosed('Said anew')]);
    await assertDisclosed(repository);
  });

  test('evidence without a disclosure is refused, by any way, and the message is kept', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const head = await repository.git(['rev-parse', 'HEAD']);
    const ran = await repository.try(['commit', '-m', 'Made by an agent', '-m', coAuthor]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /commit refused, 1 violation/);
    assert.match(ran.stderr, /undisclosed-ai, \.countersign\/policies\/evidence\.rego:\d+/);
    assert.match(ran.stderr, /kept in \.git\/COMMIT_EDITMSG/);
    // Nobody sits at a terminal: a program would take the shortest way that it is shown.
    assert.doesNotMatch(ran.stderr, /--no-verify/);
    assert.equal(await repository.git(['rev-parse', 'HEAD']), head);
    assert.equal(
      readFileSync(join(repository.folder, '.git', 'COMMIT_EDITMSG'), 'utf8'),
      `Made by an agent\n\n${coAuthor}\n`,
    );

    // The command that was printed does it, once what is true is filled in.
    const [command = ''] = /^ {2}git commit -F .*$/m.exec(ran.stderr) ?? [];
    assert.match(command, /--trailer "AI-Model: claude-opus-4\.6"/);
    const filled = command
      .trim()
      .replace('WHAT THE MODEL WAS ASKED AND DID', 'Wrote the parser and its tests')
      .replace('NAME <EMAIL>', 'Bo Example <bo@example.com>')
      .replace('claude-opus-4.6', 'claude-opus-4-6');
    writeFileSync(join(repository.folder, '..', 'again.sh'), filled);
    await repository.git(['config', 'alias.again', '!sh ../again.sh']);
    await repository.git(['again']);
    await assertDisclosed(repository, 'HEAD', [coAuthor]);
  });

  test('a disclosure that the policy denies is refused, and --no-verify goes past it', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const ran = await repository.try(['commit', '-m', 'One', '--trailer', 'AI-Model: claude-opus-4-6']);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /deny approver: .*\n\s+required-field/);
    assert.match(ran.stderr, /deny context: /);
    assert.match(ran.stderr, /git commit -F \.git\/COMMIT_EDITMSG --trailer "AI-Context: WHAT/);
    assert.equal((await repository.try(['commit', '-n', '-m', 'One', '--trailer', 'AI-Model: x'])).code, 0);
  });

  test('warnings are said and do not stop a commit', async () => {
    const repository = await hookedRepository();
    const scope = join(repository.folder, '.countersign', 'data', 'scope.yaml');
    writeFileSync(
      scope,
      readFileSync(scope, 'utf8').replaceAll(/^( +)- name: (\w+)$/gm, '$1- name: $2\n$1  undisclosed: warn'),
    );
    await repository.stage({ 'file.txt': 'one\n' });
    const ran = await repository.try(['commit', '-m', 'One', '-m', coAuthor]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /countersign: 1 warning\n\s+warn .*undisclosed|AI use without a disclosure/);
  });

  test('an empty message and an untouched template abort as git aborts them', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const head = await repository.git(['rev-parse', 'HEAD']);
    writeFileSync(join(repository.folder, '..', 'template'), 'Subject here\n\nAI-Model: claude-opus-4-6\n');
    const empty = await repository.try(['commit'], { editor: 'true' });
    assert.match(empty.stderr, /Aborting commit due to empty commit message/);
    const untouched = await repository.try(['commit', '-t', '../template'], { editor: 'true' });
    assert.match(untouched.stderr, /you did not edit the message/);
    const failed = await repository.try(['commit'], { editor: 'exit 1' });
    assert.notEqual(failed.code, 0);
    assert.equal(await repository.git(['rev-parse', 'HEAD']), head);
  });

  test('sign-offs, ours and other trailers are one block', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    await repository.git(['commit', '-s', '-m', 'One', '-m', 'Body.', ...trailerArgs]);
    const signOff = 'Signed-off-by: Ada Example <ada@example.com>';
    await assertDisclosed(repository, 'HEAD', [signOff]);
    assert.equal((await repository.message()).split('\n\n').length, 3);
    await repository.git(['commit', '--amend', '-s', '--no-edit']);
    await assertDisclosed(repository, 'HEAD', [signOff]);
  });

  test('a repository or branch without a configuration is left alone', async () => {
    const repository = await hookedRepository({ home: false });
    await repository.stage({ 'file.txt': 'one\n' });
    // Not even looked for: there is nothing to run.
    const ran = await repository.try(['commit', '-m', 'One', '-m', coAuthor], { env: { PATH: '/usr/bin:/bin' } });
    assert.equal(ran.code, 0);
    assert.equal(ran.stderr, '');
  });
});

describe('signed commits', { concurrency: 2 }, () => {
  test('by SSH: the signature is of the stamped message', async (t) => {
    if (spawnSync('ssh-keygen', ['-?']).error) return t.skip('there is no ssh-keygen here');
    const repository = await hookedRepository();
    const key = join(repository.folder, '..', 'key');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@example.com', '-f', key]);
    writeFileSync(join(repository.folder, '..', 'signers'), `ada@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
    for (const [name, value] of [
      ['gpg.format', 'ssh'],
      ['user.signingKey', `${key}.pub`],
      ['gpg.ssh.allowedSignersFile', join(repository.folder, '..', 'signers')],
    ] as const) {
      await repository.git(['config', name, value]);
    }
    await repository.stage({ 'file.txt': 'one\n' });
    await repository.git(['commit', '-S', '-m', 'Signed', ...trailerArgs]);
    await assertDisclosed(repository);
    assert.equal((await repository.try(['verify-commit', 'HEAD'])).code, 0);
    await repository.git(['commit', '-S', '--amend', '--no-edit']);
    await assertDisclosed(repository);
    assert.equal((await repository.try(['verify-commit', 'HEAD'])).code, 0);
  });

  test('by GPG', async (t) => {
    const repository = await hookedRepository();
    const home = join(repository.folder, '..', 'gpg');
    mkdirSync(home, { mode: 0o700 });
    const env = { GNUPGHOME: home };
    const made = spawnSync(
      'gpg',
      ['--batch', '--passphrase', '', '--quick-gen-key', 'Ada Example <ada@example.com>', 'ed25519', 'sign'],
      {
        env: { ...process.env, ...env },
      },
    );
    t.after(() => spawnSync('gpgconf', ['--kill', 'all'], { env: { ...process.env, ...env } }));
    if (made.status !== 0) return t.skip(`gpg makes no key here: ${made.stderr}`);
    await repository.stage({ 'file.txt': 'one\n' });
    const signed = ['-c', 'user.signingKey=ada@example.com', 'commit', '-S', '-m', 'Signed', ...trailerArgs];
    await repository.git(signed, { env });
    await assertDisclosed(repository);
    assert.equal((await repository.try(['verify-commit', 'HEAD'], { env })).code, 0);
  });
});
