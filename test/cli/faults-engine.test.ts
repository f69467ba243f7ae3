/** The policy engine fails: no decision, never a pass. docs/faults.md lists these tests. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertUndecided, judgedRepository, nativeEngine, onLinux, onWindows, writeProgram } from './faults.ts';
import { countersign, temporaryFolder } from './harness.ts';

const repository = judgedRepository();
const { folder: cwd, base, good, bad } = repository;
const gate = ['gate', '--base', base, '--head', good];
const tools = temporaryFolder();
const skip = onWindows || !existsSync(nativeEngine);

/** The native engine behind a program that does something else when a method is asked for. */
function faultyEngine(method: string, how: 'kill' | 'hang' | 'garbage' | 'kill once'): string {
  const name = `${method.replace('/', '-')}-${how.replace(' ', '-')}`;
  const program = join(tools, `${name}.mjs`);
  writeFileSync(
    program,
    `import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
const real = spawn(${JSON.stringify(nativeEngine)}, { stdio: ['pipe', 'pipe', 'inherit'] });
real.stdout.pipe(process.stdout);
const done = ${JSON.stringify(join(tools, `${name}.done`))};
process.stdin.on('data', (bytes) => {
  if (bytes.includes(${JSON.stringify(`"method":"${method}"`)})) {
    const how = ${JSON.stringify(how)};
    if (how === 'hang') return;
    if (how === 'garbage') return void process.stdout.write('Content-Length: 5\\r\\n\\r\\n{{{{{');
    if (how === 'kill' || !existsSync(done)) {
      writeFileSync(done, '');
      real.kill('SIGKILL');
      process.kill(process.pid, 'SIGKILL');
    }
  }
  real.stdin.write(bytes);
});
process.stdin.on('end', () => real.stdin.end());
real.on('exit', () => process.exit());
`,
  );
  return writeProgram(tools, `${name}.sh`, `#!/bin/sh\nexec "${process.execPath}" "${program}"\n`);
}

const deaths: [when: string, method: string, message: RegExp][] = [
  ['at its start', 'version', /does not start .*SIGKILL/],
  ['while it reads the policies', 'workspace/open', /could not decide: .*before it answered workspace\/open.*SIGKILL/],
  ['while it lists the rules', 'outline', /could not decide: .*ended before it answered.*SIGKILL/],
  ['while it evaluates', 'eval', /could not decide: .*before it answered eval.*SIGKILL/],
];
for (const [when, method, message] of deaths) {
  test(`the engine is killed ${when}`, { skip }, async () => {
    const env = { COUNTERSIGN_ENGINE: faultyEngine(method, 'kill') };
    assertUndecided(await countersign(gate, { cwd, env }), message);
  });
}

test('an engine that was lost in one run decides as ever in the next', { skip }, async () => {
  const env = { COUNTERSIGN_ENGINE: faultyEngine('outline', 'kill once') };
  // The first run loses its engine in the middle; the second finds it well.
  assertUndecided(await countersign(gate, { cwd, env }), /SIGKILL/);
  assert.equal((await countersign(gate, { cwd, env })).code, 0);
  assert.equal((await countersign(['gate', '--base', base, '--head', bad], { cwd, env })).code, 1);
});

for (const [how, does] of [
  ['hang', 'hangs while it evaluates'],
  ['garbage', 'answers garbage'],
] as const) {
  test(`the engine ${does}`, { skip }, async () => {
    const env = { COUNTERSIGN_ENGINE: faultyEngine('eval', how) };
    assertUndecided(await countersign([...gate, '--timeout', '0.2'], { cwd, env }), /did not answer eval within/);
  });
}

test('the engine is no program', { skip: onWindows }, async () => {
  const env = { COUNTERSIGN_ENGINE: writeProgram(tools, 'broken', '\u007fELF and nothing more') };
  assertUndecided(await countersign(gate, { cwd, env }), /engine does not start/);
});

const hungry = `package main

deny contains "x" if {
	all := [pair | some i in numbers.range(1, 100000); some j in numbers.range(1, 100000); pair := [i, j]]
	count(all) == 0
}
`;

test('a policy eats the memory that the engine has', { skip: !onLinux || skip }, async () => {
  const { folder, base, good } = judgedRepository({ '.countersign/policies/hungry.rego': hungry });
  const limited = writeProgram(tools, 'limited.sh', `#!/bin/sh\nulimit -v 900000\nexec "${nativeEngine}"\n`);
  const env = { COUNTERSIGN_ENGINE: limited };
  const ran = await countersign(['gate', '--base', base, '--head', good], { cwd: folder, env });
  assertUndecided(ran, /could not decide: .*ended before it answered eval.*memory/);
});

test('a policy that would eat all memory is stopped when its time is up', { skip }, async () => {
  const { folder, base, good } = judgedRepository({ '.countersign/policies/hungry.rego': hungry });
  const ran = await countersign(['gate', '--base', base, '--head', good, '--timeout', '0.3'], { cwd: folder });
  assertUndecided(ran, /took too long/);
});

const trap = `package main

deny contains "x" if {
	some depth in numbers.range(1, 100000)
	json.marshal(walk_down) == ""
	depth < 0
}

walk_down contains x if walk(input, [_, x])
`;

test('the wasm engine is stopped in time as well', async () => {
  const { folder, base, good } = judgedRepository({ '.countersign/policies/trap.rego': trap });
  const env = { COUNTERSIGN_ENGINE: 'wasm' };
  const ran = await countersign(['gate', '--base', base, '--head', good, '--timeout', '0.3'], { cwd: folder, env });
  assertUndecided(ran, /took too long/);
});
