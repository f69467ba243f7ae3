/**
 * Tests of JSON Schema policies: `x.schema_test.yaml` (or `.json`) beside `x.schema.json`.
 *
 * ```yaml
 * tests:
 *   - name: a placeholder is no context
 *     value: { context: ["todo"] }
 *     valid: false
 *     fields: [context]   # optional: the fields that must be among those at fault
 * ```
 *
 * Results have the shape of the engine's, so that one report, and one Test Explorer, shows both.
 */
import type { Problem, Range, TestResult } from '../../engine/protocol.ts';
import { type LocatedDocument, problem, readDocument } from '../yaml-document.ts';
import { compileSchemas, type SchemaFile } from './schema-policy.ts';

/** One entry of a test file. */
export interface SchemaTestCase {
  /** `<schema's path>/<entry's name>`: how `--filter` and the Test Explorer know it. */
  name: string;
  title: string;
  path: string;
  range: Range;
  /** The path of the schema it tests. */
  schema: string;
  value: unknown;
  valid: boolean;
  fields: string[];
}

const ending = /\.schema_test\.(ya?ml|json)$/;

/** Whether a path is that of a schema test file. */
export function isSchemaTest(path: string): boolean {
  return ending.test(path);
}

/** The tests of one file, and what is wrong with it. */
export function discoverSchemaTests(file: SchemaFile): { tests: SchemaTestCase[]; problems: Problem[] } {
  const read = readDocument(file.path, file.text);
  if (read.problems.length > 0) return { tests: [], problems: read.problems };
  const entries = (read.value as { tests?: unknown } | null)?.tests;
  if (!Array.isArray(entries) || entries.length === 0) {
    return { tests: [], problems: [problem(file.path, undefined, 'schema-test', 'The file has no list "tests".')] };
  }
  const tests: SchemaTestCase[] = [];
  const problems: Problem[] = [];
  const names = new Set<string>();
  entries.forEach((entry: unknown, index) => {
    const wrong = entryProblem(entry, names);
    if (wrong) {
      problems.push(problem(file.path, read.rangeOf(['tests', index]), 'schema-test', wrong));
      return;
    }
    tests.push(testCase(file.path, entry as Entry, index, read));
  });
  return { tests, problems };
}

interface Entry {
  name: string;
  value: unknown;
  valid: boolean;
  fields?: string[];
}

/** Why an entry is no test; remembers its name. */
function entryProblem(entry: unknown, names: Set<string>): string | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'A test is an object.';
  const { name, valid, fields, ...rest } = entry as Partial<Entry>;
  if (typeof name !== 'string' || name === '') return 'A test needs a "name".';
  if (names.has(name)) return `There is already a test named ${JSON.stringify(name)}.`;
  names.add(name);
  if (!('value' in entry)) return 'A test needs a "value" to judge.';
  if (typeof valid !== 'boolean') return 'A test says whether the value is "valid": true or false.';
  if (fields !== undefined && !(Array.isArray(fields) && fields.every((field) => typeof field === 'string'))) {
    return '"fields" is a list of field names.';
  }
  if (valid && fields !== undefined && fields.length > 0) return 'A valid value has no "fields" at fault.';
  const unknown = Object.keys(rest).find((key) => key !== 'value');
  return unknown === undefined ? undefined : `A test has no setting ${JSON.stringify(unknown)}.`;
}

function testCase(path: string, entry: Entry, index: number, read: LocatedDocument): SchemaTestCase {
  const schema = path.replace(ending, '.schema.json');
  return {
    name: `${schema}/${entry.name}`,
    title: entry.name,
    path,
    range: read.rangeOf(['tests', index, 'name']),
    schema,
    value: entry.value,
    valid: entry.valid,
    fields: entry.fields ?? [],
  };
}

/**
 * Runs the tests of schema test files against the schemas of their policy set.
 *
 * @param filter only tests whose name it matches
 */
export function runSchemaTests(
  testFiles: readonly SchemaFile[],
  schemaFiles: readonly SchemaFile[],
  filter?: RegExp,
): { tests: TestResult[]; problems: Problem[] } {
  const { policies, problems } = compileSchemas(schemaFiles);
  const broken = new Map(problems.map((found) => [found.path, found.message]));
  const bySchema = new Map(policies.map((policy) => [policy.path, policy]));
  const results: TestResult[] = [];
  for (const file of testFiles) {
    const discovered = discoverSchemaTests(file);
    problems.push(...discovered.problems);
    for (const test of discovered.tests) {
      if (filter && !filter.test(test.name)) continue;
      const policy = bySchema.get(test.schema);
      const started = performance.now();
      const outcome: Pick<TestResult, 'outcome' | 'error' | 'failure'> = policy
        ? verify(test, policy.validate(test.value))
        : { outcome: 'error', error: broken.get(test.schema) ?? `There is no schema policy ${test.schema}.` };
      results.push({
        name: test.name,
        package: test.schema,
        location: { path: test.path, range: test.range },
        durationMs: performance.now() - started,
        ...outcome,
      });
    }
  }
  return { tests: results, problems };
}

function verify(
  test: SchemaTestCase,
  errors: readonly { field?: string; message: string }[],
): Pick<TestResult, 'outcome' | 'failure'> {
  const fail = (text: string): Pick<TestResult, 'outcome' | 'failure'> => ({
    outcome: 'fail',
    failure: {
      location: { path: test.path, range: test.range },
      text,
      locals: { value: test.value, errors: errors.map((error) => error.message) },
    },
  });
  if (test.valid && errors.length > 0) return fail('expected a valid value, but it has errors');
  if (!test.valid && errors.length === 0) return fail('expected an invalid value, but it has no errors');
  const missing = test.fields.filter((field) => !errors.some((error) => error.field === field));
  if (missing.length > 0) return fail(`expected errors in ${missing.join(', ')}`);
  return { outcome: 'pass' };
}
