import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import fc from 'fast-check';
import {
  type Finding,
  hookBlock,
  hookNames,
  hookScript,
  readHookFile,
  withBlock,
  withoutBlock,
} from '../../../core/hook/script.ts';

const finding: Finding = {
  pinned: { node: "/opt/o'node/bin/node", cli: '/opt/a b/cli.js' },
  useNodeModules: true,
  plain: false,
};
const shared: Finding = { useNodeModules: false, plain: true };

test('the scripts are read back as ours, and a change in them is seen', () => {
  for (const name of hookNames) {
    const script = hookScript(name, finding);
    assert.deepEqual(readHookFile(name, script), { kind: 'ours' });
    assert.deepEqual(readHookFile(name, script.replaceAll('\n', '\r\n')), { kind: 'ours' });
    assert.deepEqual(readHookFile(name, `${script}# more\n`), { kind: 'changed' });
    assert.deepEqual(readHookFile(name, `#!/bin/sh\n# mine\n${script.slice(script.indexOf('\n') + 1)}`), {
      kind: 'changed',
    });
    const block = hookBlock(name, shared);
    assert.equal(readHookFile(name, `a\n${block}b\n`).kind, 'block');
    assert.equal(readHookFile(name, `a\n${block.replace('exit 0', 'exit 1')}b\n`).kind, 'changed');
    assert.equal(readHookFile(name, block.slice(0, -10)).kind, 'changed');
    assert.deepEqual(readHookFile(name, '#!/bin/sh\nexit 0\n'), { kind: 'foreign' });
  }
});

test('every shell that there is takes the scripts, also with CRLF in a block', (t) => {
  const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['sh']].filter(
    ([shell, ...args]) => spawnSync(shell!, [...args, '-c', 'true']).status === 0,
  );
  t.diagnostic(`shells: ${shells.map((shell) => shell.join(' ')).join(', ')}`);
  assert.ok(shells.length > 0);
  for (const [shell, ...args] of shells) {
    for (const name of hookNames) {
      for (const text of [
        hookScript(name, finding),
        hookBlock(name, shared),
        hookBlock(name, shared).replaceAll('\n', '\r\n'),
      ]) {
        const checked = spawnSync(shell!, [...args, '-n'], { input: text });
        assert.equal(checked.status, 0, `${shell}: ${checked.stderr}\n${text}`);
        // Where there is no configuration nothing is run, and what comes below the block is.
        const ran = spawnSync(shell!, [...args, '-e', '-s', 'file'], { input: `${text}echo after\n`, cwd: '/' });
        assert.equal(ran.status, 0, ran.stderr.toString());
        assert.equal(ran.stderr.toString(), '');
        assert.equal(ran.stdout.toString(), text.startsWith('#!') ? '' : 'after\n');
      }
    }
  }
});

test('a block goes to the end, or before the end for good, and comes out without a trace', () => {
  const block = hookBlock('commit-msg', shared);
  assert.equal(withBlock('#!/bin/sh\nlint "$1"\n', block), `#!/bin/sh\nlint "$1"\n${block}`);
  assert.ok(withBlock('#!/bin/sh\nlint "$1"', block).endsWith(block));
  assert.equal(
    withBlock('#!/bin/sh\n# why\n\nexec lint "$1"\n', block),
    `#!/bin/sh\n# why\n\n${block}exec lint "$1"\n`,
  );
  assert.equal(withBlock('exit 0\n', block), `${block}exit 0\n`);
  assert.equal(withBlock('if x; then\n  exit 1\nfi\n', block), `if x; then\n  exit 1\nfi\n${block}`);
  const scripts = fc
    .array(
      fc.constantFrom(
        '#!/bin/sh',
        '# a',
        '',
        'lint "$1"',
        'exit 0',
        '  exit 1',
        'exec x',
        '. "$(dirname "$0")/_/husky.sh"',
        'ü\r',
      ),
    )
    .chain((lines) => fc.boolean().map((closed) => lines.join('\n') + (closed && lines.length > 0 ? '\n' : '')));
  fc.assert(
    fc.property(scripts, (text) => {
      const found = readHookFile('commit-msg', withBlock(text, block));
      assert.equal(found.kind, 'block');
      if (found.kind === 'block') assert.equal(withoutBlock(found), text);
    }),
  );
});
