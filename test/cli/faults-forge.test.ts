/** The code host fails: no decision, never a pass. docs/faults.md lists these tests. */
import { after, test } from 'node:test';
import { startGithub } from '../support/forge-servers/github.ts';
import { type Fault, faults } from '../support/forge-servers/server.ts';
import { assertUndecided, judgedRepository } from './faults.ts';
import { countersign } from './harness.ts';

const repository = judgedRepository();
const { folder: cwd, base, good } = repository;
repository.git(['remote', 'add', 'origin', 'https://github.com/example/app.git']);
const github = await startGithub({
  owner: 'example',
  name: 'app',
  users: { 'ann-example': { role: 'write' } },
  branches: { main: {} },
  pulls: {
    7: { title: 'One', author: 'ann-example', base: { ref: 'main', sha: base }, head: { ref: 'topic', sha: good } },
  },
});
after(() => github.close());
const env = { GITHUB_API_URL: github.url, GITHUB_TOKEN: 'good' };

async function assertNothingDecided(fault: Fault, message: RegExp): Promise<void> {
  const args = ['gate', '--base', base, '--head', good, '--facts', 'github', '--change', '7', '--facts-wait', '3'];
  github.faults.push(fault);
  const ran = await countersign(args, { cwd, env });
  github.faults.length = 0;
  assertUndecided(ran, message);
}

const pull = /pulls\/7/;
const answers: [what: string, fault: Fault, message: RegExp][] = [
  ['garbage', faults.garbage(pull), /127\.0\.0\.1|github/i],
  ['half of what it promises', faults.truncated(pull), /127\.0\.0\.1|github/i],
  ['with a web page', faults.html(pull), /127\.0\.0\.1|github/i],
  ['something else than documented', faults.otherShape(pull, { message: 'x' }), /127\.0\.0\.1|github/i],
  ['that the limit is reached', faults.rateLimit(pull, 3600), /limit/i],
  ['503', faults.status(pull, 503), /503/],
];
for (const [what, fault, message] of answers) {
  test(`the code host answers ${what}`, () => assertNothingDecided(fault, message));
}

test('the code host hangs', () => assertNothingDecided(faults.hang(pull), /127\.0\.0\.1|time|wait/i));
