/**
 * The templates beside what others say a pipeline is: GitHub's own parser, the JSON Schemas of SchemaStore
 * (as the Python package check-jsonschema carries them), and Groovy for Jenkins. All fetched once, never part
 * of the project.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { build } from 'esbuild';
import { parse, parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const peers = join(root, 'dist', 'peers', 'ci');
const workflows = globSync('templates/github/*.yml', { cwd: root }).sort();
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

interface Parser {
  NoOperationTraceWriter: new () => object;
  parseWorkflow: Parse;
  parseAction: Parse;
}
type Parse = (
  file: { name: string; content: string },
  trace: object,
) => { context: { errors: { getErrors(): unknown[] } } };

/** https://www.npmjs.com/package/@actions/workflow-parser: what GitHub's editor for workflows parses with. */
async function githubParser(): Promise<Parser> {
  const folder = join(peers, 'workflow-parser-0.3.61');
  const file = join(folder, 'parser.cjs');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '@actions/workflow-parser@0.3.61'];
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe', shell: process.platform === 'win32' });
    const contents = `export * from '@actions/workflow-parser';
      export { parseAction } from './node_modules/@actions/workflow-parser/dist/actions/index.js';`;
    const stdin = { contents, resolveDir: folder };
    await build({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile: file, logLevel: 'silent' });
  }
  return (await import(pathToFileURL(file).href)) as Parser;
}

test("GitHub's parser takes the action and the workflows", async () => {
  const { NoOperationTraceWriter, parseWorkflow, parseAction } = await githubParser();
  const errors = (read: Parse, name: string, content: string): string[] =>
    read({ name, content }, new NoOperationTraceWriter()).context.errors.getErrors().map(String);
  assert.deepEqual(errors(parseAction, 'action.yml', text('action.yml')), []);
  assert.notEqual(errors(parseAction, 'action.yml', text('action.yml').replace('  using:', '  usng:')).length, 0);
  for (const file of workflows) {
    assert.deepEqual(errors(parseWorkflow, file, text(file)), [], file);
    assert.notEqual(errors(parseWorkflow, file, text(file).replace('runs-on:', 'run-on:')).length, 0);
  }
});

const schemaVersion = '0.39.0';

/** https://pypi.org/project/check-jsonschema, which takes them from https://www.schemastore.org and from GitLab. */
function schema(name: string): (document: unknown) => string[] {
  const folder = join(peers, `check-jsonschema-${schemaVersion}`);
  const file = join(folder, 'check_jsonschema', 'builtin_schemas', 'vendor', `${name}.json`);
  if (!existsSync(file)) {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder];
    execFileSync('python3', [...args, `check-jsonschema==${schemaVersion}`], { stdio: 'pipe' });
  }
  // Patterns were written for engines that read them without Unicode's strictness.
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, unicodeRegExp: false });
  ajvFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
  return (document) => {
    validate(document);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

test('the JSON Schemas of the build servers hold', { skip: !has('python3') && 'there is no Python' }, () => {
  const github = schema('github-workflows');
  for (const file of workflows) assert.deepEqual(github(parse(text(file))), [], file);
  assert.deepEqual(schema('github-actions')(parse(text('action.yml'))), []);

  const gitlab = schema('gitlab-ci');
  const [head, jobs] = parseAllDocuments(text('templates/countersign/template.yml')).map((one) => one.toJS());
  assert.deepEqual(gitlab({ spec: head.spec }), []);
  assert.deepEqual(gitlab(jobs), []);
  assert.notEqual(gitlab({ ...jobs, countersign: { ...jobs.countersign, script: 1 } }).length, 0);

  const azure = schema('azure-pipelines');
  // All scalars are texts there.
  const [pipeline, steps] = ['azure-pipelines', 'countersign'].map((name) =>
    parse(text(`templates/azure-pipelines/${name}.yml`), { schema: 'failsafe' }),
  );
  assert.deepEqual(azure(pipeline), []);
  // Steps that are there on a condition.
  const unfolded = (list: object[]): object[] =>
    list.flatMap((step) =>
      Object.entries(step).flatMap(([key, value]) => (key.startsWith('${{ if ') ? value : [step])),
    );
  const whole = { ...steps, steps: [...new Set(unfolded(steps.steps))] };
  assert.equal(whole.steps.length, 4);
  assert.deepEqual(azure(whole), []);
  assert.notEqual(azure({ ...whole, steps: [{ bash: 'true', displayNam: 'x' }] }).length, 0);
});

/** Tells of each step that a pipeline calls; closures are run. */
const jenkins = `
abstract class Steps extends Script {
  def methodMissing(String name, given) {
    def told = given.findAll { !(it instanceof Closure) }
    println 'CALL ' + name + ' ' + told.inspect().replace('\\n', '\\\\n')
    if (name == 'error') throw new RuntimeException(told[0].toString())
    def last = given ? given[-1] : null
    if (!(last instanceof Closure)) return name
    last.delegate = this
    last.resolveStrategy = Closure.DELEGATE_FIRST
    return last()
  }
  def propertyMissing(String name) { name == 'env' ? [:] : name }
}
def configuration = new org.codehaus.groovy.control.CompilerConfiguration()
configuration.scriptBaseClass = 'Steps'
def shell = new GroovyShell(this.class.classLoader, new Binding(), configuration)
def script = shell.parse(new File(args[0]))
if (args.length > 1) script.invokeMethod('call', [Eval.me(args[1])] as Object[]) else script.run()
`;

const groovyVersion = '4.0.28';

/** The calls of steps that Groovy makes of a file. */
function groovy(file: string, options?: string): { calls: string[]; status: number | null; said: string } {
  const jar = join(peers, `groovy-${groovyVersion}.jar`);
  if (!existsSync(jar)) {
    const artifact = `-Dartifact=org.apache.groovy:groovy:${groovyVersion}`;
    execFileSync('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${peers}`], { stdio: 'pipe' });
  }
  const script = join(peers, 'steps.groovy');
  writeFileSync(script, jenkins);
  const args = ['-cp', jar, 'groovy.ui.GroovyMain', script, join(root, file), ...(options ? [options] : [])];
  const ran = spawnSync('java', args, { encoding: 'utf8' });
  const calls = ran.stdout.split('\n').flatMap((line) => (line.startsWith('CALL ') ? [line.slice(5)] : []));
  return { calls, status: ran.status, said: ran.stderr };
}

test('Groovy reads the Jenkins templates', {
  skip: !(has('java') && has('mvn')) && 'there is no Java or Maven',
}, () => {
  const file = groovy('templates/jenkins/Jenkinsfile');
  assert.equal(file.status, 0, file.said);
  assert.equal(file.calls.filter((call) => call.startsWith('stage ')).length, 2);
  const scripts = file.calls.filter((call) => call.startsWith('sh '));
  assert.equal(scripts.length, 2);
  // What Groovy would take for itself in such a text.
  for (const file of ['Jenkinsfile', 'vars/countersign.groovy']) {
    assert.ok(!/sh '''[^']*\\/.test(text(`templates/jenkins/${file}`)), file);
  }

  const step = groovy(
    'templates/jenkins/vars/countersign.groovy',
    `[forge: 'gitlab', credentialsId: 'id', comment: true, arguments: ['--timeout', '$(touch pwned)'], before: 'abc']`,
  );
  assert.equal(step.status, 0, step.said);
  const written = step.calls.find((call) => call.startsWith('writeFile '));
  for (const word of ['--facts\\ngitlab\\n--comment\\ngitlab\\n--timeout\\n$(touch pwned)\\n']) {
    assert.ok(written?.replaceAll('\\\\n', '\\n').includes(word), written);
  }
  assert.ok(step.calls.some((call) => call.includes("'variable':'GITLAB_TOKEN'")));
  assert.ok(step.calls.some((call) => call.includes('GIT_PREVIOUS_SUCCESSFUL_COMMIT=abc')));
  const names = step.calls.map((call) => call.replace(/ .*/, ''));
  assert.deepEqual(names.slice(-3), ['sh', 'junit', 'archiveArtifacts']);
  assert.ok(step.calls.filter((call) => call.startsWith('sh ')).every((call) => !call.includes('touch pwned')));

  const wrong = groovy('templates/jenkins/vars/countersign.groovy', "[command: 'x']");
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.calls.at(-1) ?? '', /^error .*command is/);
});
