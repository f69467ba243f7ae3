/** Installing and uninstalling the hooks, beside all that may be there already. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hookNames, hookScript } from '../../core/hook/script.ts';
import { entry } from './harness.ts';
import { coAuthor, type HookedRepository, hookedRepository } from './hook-support.ts';

const names = hookNames;

/** The files below a folder, with their modes and bytes. */
function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    found[file] = `${statSync(file).mode.toString(8)} ${readFileSync(file).toString('base64')}`;
  }
  return found;
}

function script(file: string, text: string, mode = 0o755): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** Whether a commit that the policy denies is refused: the hooks are called. */
async function judges(repository: HookedRepository): Promise<boolean> {
  const ran = await repository.try(['commit', '--allow-empty', '-m', 'Made by an agent', '-m', coAuthor]);
  return ran.code === 1 && /commit refused/.test(ran.stderr);
}

async function hook(repository: HookedRepository, ...args: string[]): Promise<string> {
  const ran = await repository.countersign(['hook', ...args]);
  assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

describe('countersign hook', { concurrency: 2 }, () => {
  // Node before 22.8 keeps nothing, and what runs from its source has other files.
  const keeps = enableCompileCache !== undefined && entry.endsWith('cli.js');
  test('has the hooks compiled before the first commit', { skip: !keeps && 'nothing is kept here' }, async () => {
    const repository = await hookedRepository({ hooks: false });
    const compiled = join(repository.env.HOME ?? '', '.cache', 'countersign', 'compiled');
    rmSync(compiled, { recursive: true, force: true });
    await hook(repository, 'install');
    const kept = () => readdirSync(compiled, { recursive: true }).map(String).sort();
    assert.ok(kept().length > 1, 'nothing was kept');
    const before = kept();
    await repository.stage({ 'a.txt': 'a\n' });
    await repository.git(['commit', '-m', 'Add a']);
    assert.deepEqual(kept(), before);
  });

  test('installs, twice as once, and uninstalls to what was there', async () => {
    const repository = await hookedRepository({ hooks: false });
    const folder = join(repository.folder, '.git', 'hooks');
    const before = snapshot(folder);
    assert.equal((await repository.countersign(['hook', 'status'])).code, 1);
    assert.match(
      await hook(repository, 'install'),
      /written +\S.*prepare-commit-msg\nwritten +.*commit-msg\nwritten +.*post-rewrite\n$/,
    );
    const installed = snapshot(folder);
    assert.match(await hook(repository, 'install'), /^(?:unchanged .*\n){3}$/);
    assert.deepEqual(snapshot(folder), installed);
    for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o111, 0o111);
    const status = JSON.parse(await hook(repository, 'status', '--format', 'json'));
    assert.equal(status.installed, true);
    assert.deepEqual(
      status.hooks.map(({ hook: name, state }: { hook: string; state: string }) => [name, state]),
      names.map((name) => [name, 'installed']),
    );
    assert.ok(await judges(repository));
    assert.match(await hook(repository, 'uninstall'), /^(?:removed .*\n){3}$/);
    assert.deepEqual(snapshot(folder), before);
    assert.match(await hook(repository, 'uninstall'), /no hooks of Countersign/);
  });

  test('calls the hooks that were there first, whatever they are written in', async () => {
    const repository = await hookedRepository({ hooks: false });
    const folder = join(repository.folder, '.git', 'hooks');
    script(
      join(folder, 'prepare-commit-msg'),
      `#!${process.execPath}\nrequire('fs').appendFileSync(process.argv[2], 'From node\\n');`,
    );
    // No line break at its end, CRLF, and it refuses some.
    script(join(folder, 'commit-msg'), '#!/bin/sh\n# earlier\r\ngrep -q refuse "$1" && exit 7\nexit 0');
    const before = snapshot(folder);
    assert.match(await hook(repository, 'install'), /^chained .*\nchained .*\nwritten .*post-rewrite\n$/);
    assert.match(await hook(repository, 'status'), /calls the earlier hook/);
    await repository.git(['commit', '--allow-empty', '-m', 'One']);
    assert.equal(await repository.message(), 'One\nFrom node\n');
    assert.notEqual((await repository.try(['commit', '--allow-empty', '-m', 'refuse'])).code, 0);
    assert.ok(await judges(repository));
    assert.match(await hook(repository, 'uninstall'), /^restored .*\nrestored .*\nremoved .*\n$/);
    assert.deepEqual(snapshot(folder), before);
  });

  test('a hook that git did not run for want of permission stays so', async () => {
    const repository = await hookedRepository({ hooks: false });
    const folder = join(repository.folder, '.git', 'hooks');
    script(join(folder, 'commit-msg'), '#!/bin/sh\nexit 1\n', 0o644);
    const before = snapshot(folder);
    await hook(repository, 'install');
    await repository.git(['commit', '--allow-empty', '-m', 'One']);
    await hook(repository, 'uninstall');
    assert.deepEqual(snapshot(folder), before);
  });

  test('a link is kept as a link', async () => {
    const repository = await hookedRepository({ hooks: false });
    const folder = join(repository.folder, '.git', 'hooks');
    script(join(repository.folder, 'tools', 'check'), '#!/bin/sh\necho linked >&2\n');
    mkdirSync(folder, { recursive: true });
    symlinkSync('../../tools/check', join(folder, 'commit-msg'));
    await hook(repository, 'install');
    assert.match((await repository.try(['commit', '--allow-empty', '-m', 'One'])).stderr, /linked/);
    await hook(repository, 'uninstall');
    assert.equal(readFileSync(join(repository.folder, 'tools', 'check'), 'utf8'), '#!/bin/sh\necho linked >&2\n');
    assert.match((await repository.try(['commit', '--allow-empty', '-m', 'One'])).stderr, /linked/);
  });

  test('refuses to undo what was changed since, and to take over what is in the way', async () => {
    const repository = await hookedRepository();
    const file = join(repository.folder, '.git', 'hooks', 'commit-msg');
    writeFileSync(file, readFileSync(file, 'utf8').replace('exit 0', 'exit 0 # mine'));
    const before = snapshot(join(repository.folder, '.git', 'hooks'));
    for (const command of ['uninstall', 'install']) {
      const ran = await repository.countersign(['hook', command]);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /commit-msg .*was changed since/);
    }
    assert.deepEqual(snapshot(join(repository.folder, '.git', 'hooks')), before);

    const other = await hookedRepository({ hooks: false });
    const hooks = join(other.folder, '.git', 'hooks');
    script(join(hooks, 'commit-msg'), '#!/bin/sh\nexit 0\n');
    script(join(hooks, 'commit-msg.before-countersign'), '#!/bin/sh\nexit 0\n');
    const ran = await other.countersign(['hook', 'install']);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /before-countersign is in the way/);
    assert.ok(!existsSync(join(hooks, 'prepare-commit-msg')), 'nothing was written');
  });

  test('core.hooksPath: a folder of the repository, one outside, and one for all repositories', async () => {
    const repository = await hookedRepository({ hooks: false });
    await repository.git(['config', 'core.hooksPath', '.githooks']);
    const shared = join(repository.folder, '.githooks');
    script(join(shared, 'commit-msg'), '#!/bin/sh\nset -e\ntrue');
    const before = snapshot(shared);
    await hook(repository, 'install');
    const text = readFileSync(join(shared, 'commit-msg'), 'utf8');
    assert.match(text, /^#!\/bin\/sh\nset -e\ntrue\n/);
    // Others get this file: it names no place of this machine.
    assert.ok(
      !text.includes(process.execPath) &&
        !readFileSync(join(shared, 'prepare-commit-msg'), 'utf8').includes(process.execPath),
    );
    await hook(repository, 'uninstall');
    assert.deepEqual(snapshot(shared), before);

    await repository.git(['config', '--unset', 'core.hooksPath']);
    const all = join(repository.folder, '..', 'all hooks');
    mkdirSync(all);
    await repository.git(['config', '--global', 'core.hooksPath', all]);
    const refused = await repository.countersign(['hook', 'install']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--global/);
    assert.deepEqual(readdirSync(all), []);
    await hook(repository, 'install', '--global');
    assert.deepEqual(readdirSync(all).sort(), [...names].sort());
    assert.ok(await judges(repository));
    assert.match(await hook(repository, 'uninstall'), /no hooks/);
    await hook(repository, 'uninstall', '--global');
    assert.deepEqual(readdirSync(all), []);
  });

  test('work trees and submodules', async () => {
    const repository = await hookedRepository();
    await repository.git(['worktree', 'add', '--quiet', '../second tree', '-b', 'second']);
    const second = join(repository.folder, '..', 'second tree');
    const ran = await repository.try(['-C', second, 'commit', '--allow-empty', '-m', 'Agent', '-m', coAuthor]);
    assert.match(ran.stderr, /commit refused/);
    assert.match(ran.stderr, /COMMIT_EDITMSG/);
    assert.equal((await repository.countersign(['hook', 'status', '--repo', second])).code, 0);

    const outer = await hookedRepository({ hooks: false, home: false });
    await outer.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository.folder, 'sub']);
    const sub = join(outer.folder, 'sub');
    await hook(outer, 'install', '--repo', sub);
    const inside = await outer.try(['-C', sub, 'commit', '--allow-empty', '-m', 'Agent', '-m', coAuthor]);
    assert.match(inside.stderr, /commit refused/);
    assert.ok(existsSync(join(outer.folder, '.git', 'modules', 'sub', 'hooks', 'commit-msg')));
  });

  test('husky: a block in its scripts, under sh -e', async () => {
    const repository = await hookedRepository({ hooks: false });
    // What husky 9 makes: https://github.com/typicode/husky/blob/v9.1.7/husky, in essence.
    const underscore = join(repository.folder, '.husky', '_');
    script(
      join(underscore, 'h'),
      '#!/usr/bin/env sh\ns=$(dirname "$(dirname "$0")")/$(basename "$0")\n[ ! -f "$s" ] && exit 0\nsh -e "$s" "$@"\n',
    );
    for (const name of names) script(join(underscore, name), '#!/usr/bin/env sh\n. "$(dirname "$0")/h"');
    await repository.git(['config', 'core.hooksPath', '.husky/_']);
    script(join(repository.folder, '.husky', 'commit-msg'), 'echo theirs >&2', 0o644);
    const before = snapshot(join(repository.folder, '.husky'));
    assert.match(
      await hook(repository, 'install'),
      /written .*\.husky\/prepare-commit-msg\nblock added .*\.husky\/commit-msg\n/,
    );
    assert.match(await hook(repository, 'status'), /Git calls[\s\S]*manager +husky/);
    const env = { PATH: await withCommand(repository) };
    const ran = await repository.try(['commit', '--allow-empty', '-m', 'Agent', '-m', coAuthor], { env });
    assert.match(ran.stderr, /theirs[\s\S]*commit refused/);
    assert.equal((await repository.try(['commit', '--allow-empty', '-m', 'By hand'], { env })).code, 0);
    // Where it is not installed, the commit goes on, and how to get it is said.
    const without = await repository.try(['commit', '--allow-empty', '-m', 'Agent', '-m', coAuthor]);
    assert.equal(without.code, 0);
    assert.match(without.stderr, /cannot be found[\s\S]*npm install --global countersign/);
    await hook(repository, 'uninstall');
    assert.deepEqual(snapshot(join(repository.folder, '.husky')), before);
  });

  test('lefthook and pre-commit: entries in their configuration', async () => {
    const repository = await hookedRepository({ hooks: false });
    const lefthook =
      '# ours\ncommit-msg:\n  parallel: true\n  commands:\n    lint: { run: "lint {1}" } # keep\n\n# end\npre-push:\n  jobs: []\n';
    const file = join(repository.folder, 'lefthook.yml');
    writeFileSync(file, lefthook);
    assert.match(await hook(repository, 'install'), /lefthook install/);
    const text = readFileSync(file, 'utf8');
    assert.match(
      text,
      /lint: \{ run: "lint \{1\}" \} # keep\n {4}# >>> countersign >>>\n {4}countersign:\n {6}run: countersign hook run commit-msg "\{1\}"\n/,
    );
    await hook(repository, 'install');
    assert.equal(readFileSync(file, 'utf8'), text);
    // As an earlier version left it, without post-rewrite.
    const rewrite = text.lastIndexOf('# >>> countersign >>>\npost-rewrite:');
    assert.ok(rewrite > 0);
    writeFileSync(file, text.slice(0, rewrite));
    assert.match(await hook(repository, 'install'), /^updated/m);
    assert.equal(readFileSync(file, 'utf8'), text);
    await hook(repository, 'uninstall');
    assert.equal(readFileSync(file, 'utf8'), lefthook);

    const preCommit = await hookedRepository({ hooks: false });
    const config =
      'repos:\n-   repo: local\n    hooks:\n    -   id: x\n        name: x\n        entry: "true"\n        language: system\n';
    writeFileSync(join(preCommit.folder, '.pre-commit-config.yaml'), config);
    assert.match(
      await hook(preCommit, 'install'),
      /pre-commit install --hook-type prepare-commit-msg --hook-type commit-msg --hook-type post-rewrite/,
    );
    assert.ok(readFileSync(join(preCommit.folder, '.pre-commit-config.yaml'), 'utf8').startsWith(config));
    await hook(preCommit, 'uninstall');
    assert.equal(readFileSync(join(preCommit.folder, '.pre-commit-config.yaml'), 'utf8'), config);
    assert.match(await hook(preCommit, 'install', '--print'), /id: countersign-commit-msg/);

    writeFileSync(join(preCommit.folder, 'lefthook.toml'), '');
    const refused = await preCommit.countersign(['hook', 'install']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /\[commit-msg\.commands\.countersign\]/);
  });

  test('a hook of the VS Code extension finds its newest version, and the Node that there is', async () => {
    const repository = await hookedRepository({ hooks: false });
    const extensions = join(repository.folder, '..', 'extensions');
    const version = (name: string, text: string) => {
      const folder = join(extensions, `countersign.countersign-${name}`);
      mkdirSync(join(folder, 'dist'), { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
      writeFileSync(join(folder, 'dist', 'cli.js'), text);
      return join(folder, 'dist', 'cli.js');
    };
    const good = `await import(${JSON.stringify(pathToFileURL(resolve(entry)).href)});\n`;
    const installer = version('0.9.0-linux-x64', good);
    const ran = spawnSync(process.execPath, [installer, 'hook', 'install'], {
      cwd: repository.folder,
      env: repository.env,
    });
    assert.equal(ran.status, 0, ran.stderr.toString());
    assert.ok(await judges(repository));
    rmSync(join(extensions, 'countersign.countersign-0.9.0-linux-x64'), { recursive: true });
    version('0.9.5-linux-x64', 'process.exit(9);\n');
    version('0.10.0-linux-x64', good);
    mkdirSync(join(extensions, 'countersign.countersign-0.11.0-linux-x64', 'dist'), { recursive: true });
    assert.ok(await judges(repository));

    // The server of VS Code was updated, too, and its Node with it.
    const commits = ['1', '2'].map((digit) => join(extensions, '..', 'bin', digit.repeat(40)));
    mkdirSync(commits[1] ?? '', { recursive: true });
    symlinkSync(process.execPath, join(commits[1] ?? '', 'node'));
    const pinned = { node: join(commits[0] ?? '', 'node'), cli: installer };
    for (const name of names) {
      const text = hookScript(name, { pinned, useNodeModules: false, plain: false });
      writeFileSync(join(repository.folder, '.git', 'hooks', name), text);
    }
    const path = join(extensions, '..', 'path');
    mkdirSync(path);
    for (const tool of ['git', 'sh', 'grep', 'sort', 'tail', 'cat']) {
      const found = spawnSync('sh', ['-c', `command -v ${tool}`])
        .stdout.toString()
        .trim();
      symlinkSync(found, join(path, tool));
    }
    assert.ok(
      await judges({ ...repository, try: (args, run) => repository.try(args, { ...run, env: { PATH: path } }) }),
    );
  });

  test('without the program the commit goes on with a word, or not, as the configuration says', async () => {
    const repository = await hookedRepository();
    for (const name of names) {
      const file = join(repository.folder, '.git', 'hooks', name);
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^cli=.*$/m, "cli='/nowhere/cli.js'"));
    }
    const ran = await repository.try(['commit', '--allow-empty', '-m', 'One']);
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /cannot be found[\s\S]*countersign hook uninstall/);
    for (const config of ['hook:\n  onError: deny', 'hook: { ask: always, "onError" : "deny" }']) {
      writeFileSync(join(repository.folder, '.countersign', 'config.yaml'), `version: 1\n${config}\n`);
      const denied = await repository.try(['commit', '--allow-empty', '-m', 'Two']);
      assert.equal(denied.code, 1);
      assert.match(denied.stderr, /git commit --no-verify/);
    }
    writeFileSync(join(repository.folder, '.countersign', 'config.yaml'), 'version: 1\n# hook: { onError: deny }\n');
    assert.equal((await repository.try(['commit', '--allow-empty', '-m', 'Three'])).code, 0);
  });

  test('what breaks before it can judge is a fault, not a refusal', async () => {
    const repository = await hookedRepository();
    for (const name of names) {
      const file = join(repository.folder, '.git', 'hooks', name);
      writeFileSync(join(repository.folder, '..', 'broken.js'), 'throw new Error("broken");\n');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^cli=.*$/m, "cli='../broken.js'"));
    }
    const ran = await repository.try(['commit', '--allow-empty', '-m', 'One']);
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /failed \(1\)/);
  });
});

/** A PATH with the command in it, as `npm install --global` makes it. */
async function withCommand(repository: HookedRepository): Promise<string> {
  const { entry } = await import('./harness.ts');
  const bin = join(repository.folder, '..', 'bin');
  script(join(bin, 'countersign'), `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  return `${bin}:${process.env.PATH}`;
}
