/** The gate's reports as a build gets them: on stdout and in files, of real changes. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Log } from 'sarif';
import { countersign, newRepository, type TestRepository, temporaryFolder } from './harness.ts';

const marked = 'Marked\n\nText.\n\nCo-authored-by: Claude <noreply@anthropic.com>\n';

/** A repository with policies of its own and one denied commit, one with a warning, and one that passes. */
function change(): TestRepository & { base: string; denied: string } {
  const repository = newRepository();
  const policy = `package team

# METADATA
# description: |
#   A commit says why. More is in the handbook.
# related_resources:
#   - https://example.com/handbook#why
deny contains {"rule": "no-marks", "commit": commit.sha, "msg": "a mark", "fix": "take it away"} if {
	some commit in input.commits
	contains(commit.body, "Claude")
}

warn contains {"rule": "short", "commit": commit.sha, "path": "src/a%20b,c:d.ts", "msg": "short"} if {
	some commit in input.commits
	commit.subject == "Short"
}
`;
  const base = repository.commit('Base\n', { files: { '.countersign/policies/team.rego': policy } });
  const denied = repository.commit(marked, { files: { 'src/x.ts': '1' } });
  repository.commit('Short\n');
  repository.commit('Plain\n');
  return { ...repository, base, denied };
}

test('several formats at once: each to its file, whole, and text to stdout', async () => {
  const { folder, base, denied } = change();
  const out = temporaryFolder();
  writeFileSync(join(out, 'gate.sarif'), 'old');
  const formats = [
    'sarif=gate.sarif',
    'junit=ü report.xml',
    'markdown=note.md',
    'gitlab-code-quality=gl.json',
    'json=v.json',
  ];
  const args = ['gate', '-C', folder, '--base', base, ...formats.flatMap((format) => ['--format', format])];
  const ran = await countersign(args, { cwd: out });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, new RegExp(`✗ ${denied.slice(0, 10)} Marked`));
  const read = (name: string): string => readFileSync(join(out, name), 'utf8');
  assert.deepEqual(readdirSync(out).sort(), ['gate.sarif', 'gl.json', 'note.md', 'v.json', 'ü report.xml']);
  assert.equal(JSON.parse(read('v.json')).result, 'deny');
  assert.match(
    read('ü report.xml'),
    /<testcase [^>]*name="[0-9a-f]{10} Marked"[^>]*>\s*<failure type="no-marks" message="a mark">/,
  );
  assert.match(read('note.md'), /^<!-- countersign:gate -->\n## ❌ Countersign: denied\n/);
  assert.equal(JSON.parse(read('gl.json')).length, 2);

  const [run] = (JSON.parse(read('gate.sarif')) as Log).runs;
  const [first, second] = run?.results ?? [];
  assert.equal(first?.ruleId, 'countersign/no-marks');
  assert.deepEqual(first?.locations?.[0]?.logicalLocations?.[0]?.fullyQualifiedName, denied);
  const place = first?.locations?.[0]?.physicalLocation;
  assert.deepEqual([place?.artifactLocation?.uri, place?.region?.startLine], ['.countersign/policies/team.rego', 8]);
  assert.equal(second?.level, 'warning');
  assert.equal(second?.locations?.[0]?.physicalLocation?.artifactLocation?.uri, 'src/a%2520b%2Cc%3Ad.ts');
  const rule = run?.tool.driver.rules?.find(({ id }) => id === 'countersign/no-marks');
  assert.equal(rule?.shortDescription?.text, 'A commit says why.');
  assert.equal(rule?.fullDescription?.text, 'A commit says why. More is in the handbook.');
  assert.equal(rule?.helpUri, 'https://example.com/handbook#why');
});

test('a rebase leaves the fingerprints as they are; another subject does not', async () => {
  const repository = change();
  const { folder, base } = repository;
  const fingerprints = async (): Promise<unknown> => {
    const ran = await countersign(['gate', '--base', base, '--format', 'sarif'], { cwd: folder });
    return (JSON.parse(ran.stdout) as Log).runs[0]?.results?.map(({ partialFingerprints }) => partialFingerprints);
  };
  const before = await fingerprints();
  const head = repository.git(['rev-parse', 'HEAD']);
  repository.git(['checkout', '--quiet', '-f', '--detach', base]);
  repository.git(['commit', '--quiet', '--allow-empty', '-m', 'In between']);
  repository.git(['cherry-pick', '--allow-empty', '--keep-redundant-commits', `${base}..${head}`]);
  assert.notEqual(repository.git(['rev-parse', 'HEAD']), head);
  assert.deepEqual(await fingerprints(), before);
  repository.git(['commit', '--quiet', '--amend', '--allow-empty', '-m', 'Short']);
  assert.notDeepEqual(await fingerprints(), before);
});

test("GitHub: annotations in the log beside the text, and the job's summary grows", async () => {
  const { folder, base, denied } = change();
  const summary = join(temporaryFolder(), 'summary.md');
  writeFileSync(summary, '# Before\n');
  const args = ['gate', '--base', base, '--format', 'text', '--format', 'github', '--format', 'github-summary'];
  const ran = await countersign(args, { cwd: folder, env: { GITHUB_STEP_SUMMARY: summary } });
  assert.equal(ran.code, 1, ran.stderr);
  const commands = ran.stdout.split('\n').filter((line) => line.startsWith('::'));
  assert.deepEqual(commands, [
    `::error file=.countersign/policies/team.rego,line=8,title=countersign%3A no-marks::${denied.slice(0, 10)} Marked%0Aa mark%0AFix: take it away`,
    commands[1],
  ]);
  assert.match(commands[1] as string, /^::warning file=src\/a%2520b%2Cc%3Ad\.ts,line=1,title=countersign%3A short::/);
  assert.match(ran.stdout, /Denied: 1 denied/);
  assert.match(readFileSync(summary, 'utf8'), /^# Before\n<!-- countersign:gate -->\n## ❌/);
});

test('Azure and TAP, each alone on stdout', async () => {
  const { folder, base } = change();
  const azure = await countersign(['gate', '--base', base, '--format', 'azure'], { cwd: folder });
  assert.equal(azure.stdout.trimEnd().split('\n').length, 2);
  assert.match(
    azure.stdout,
    /^##vso\[task\.logissue type=error;sourcepath=\.countersign\/policies\/team\.rego;linenumber=8;code=countersign\/no-marks;\]/,
  );
  assert.match(azure.stdout, /sourcepath=src\/a%AZP2520b,c:d\.ts;/);
  const tap = await countersign(['gate', '--base', base, '--format', 'tap'], { cwd: folder });
  assert.match(
    tap.stdout,
    /^TAP version 14\n1\.\.4\nok 1 - The change as a whole\nnot ok 2 - [0-9a-f]{10} Marked\n {2}---\n/,
  );
});

test('with --explain passes are explained, too', async () => {
  const repository = newRepository();
  const base = repository.commit('Base\n');
  const declared = repository.commit(`With AI\n\nAI-Model: gpt-5.5\nAI-Approver: Dee Reviewer <dee@example.com>\n`, {
    files: { 'docs/a.md': '1' },
  });
  const plain = repository.commit('By hand\n');
  const args = ['gate', '--base', base, '--explain'];
  const text = await countersign(args, { cwd: repository.folder });
  assert.match(text.stdout, /rules: .*approved-model, .*undisclosed-ai/);
  assert.match(
    text.stdout,
    new RegExp(
      `✓ ${plain.slice(0, 10)} By hand\n +why {2}It declares no AI use, and nothing suggests any: none of \\d+ rules denies it\\.`,
    ),
  );
  assert.match(text.stdout, / why {2}model: gpt-5\.5\n/);
  const json = JSON.parse((await countersign([...args, '--format', 'json'], { cwd: repository.folder })).stdout);
  const [first, second] = json.explanation.commits;
  assert.deepEqual([first.sha, first.disclosure_source, first.files], [declared, 'message', 1]);
  assert.deepEqual(first.disclosure.model, ['gpt-5.5']);
  assert.deepEqual([second.evidence, second.disclosure], [[], undefined]);
  const rule = json.explanation.rules.find(({ rule }: { rule: string }) => rule === 'forbidden-path');
  assert.deepEqual(rule.description, 'A path that commits with AI use must not touch.');
});

const refused: [name: string, formats: string[], message: RegExp][] = [
  ['two documents on stdout', ['json', 'sarif'], /json and sarif cannot both go to stdout.*json=FILE/],
  ['a document among the lines of a log', ['text', 'junit'], /cannot both go to stdout/],
  ['one file twice', ['json=x', 'sarif=x'], /Two formats go to x/],
  ['no file', ['json='], /names no file/],
  ['an unknown format', ['xml'], /"xml" is none of: text, json, junit/],
  ['a summary outside of GitHub', ['github-summary'], /GITHUB_STEP_SUMMARY is not set/],
];
for (const [name, formats, message] of refused) {
  test(`misuse: ${name}`, async () => {
    const { folder } = newRepository();
    const args = ['gate', '--base', 'HEAD', ...formats.flatMap((format) => ['--format', format])];
    const ran = await countersign(args, { cwd: folder, env: { GITHUB_STEP_SUMMARY: '' } });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, message);
    assert.equal(ran.stdout, '');
    assert.ok(!existsSync(join(folder, 'x')));
  });
}

test('a report that cannot be written is no verdict', async () => {
  const { folder, base } = change();
  const ran = await countersign(['gate', '--base', base, '--format', 'sarif=no/such/folder.sarif'], { cwd: folder });
  assert.equal(ran.code, 3, ran.stderr);
  assert.match(ran.stderr, /no.such.folder|ENOENT/);
  assert.equal(ran.stdout, '');
});
