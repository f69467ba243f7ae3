/** Finds policy tests: Rego `test_` rules, and the entries of JSON Schema test files. */
import type { Range } from 'vscode-languageserver';
import { discoverSchemaTests } from '../../core/policies/schema-test.ts';
import { kindOf } from '../file-kinds.ts';
import type { PolicyTest } from '../protocol.ts';
import { isModule } from '../rego/engine-files.ts';
import { modulesOf } from '../rego/names/modules.ts';
import { isTest } from '../rego/names/outline.ts';
import { rangeOf } from '../rego/places.ts';
import { nameOf } from '../rego/symbols.ts';
import { type Document, locate, type Root, type Snapshot, uriOf } from '../snapshot.ts';

/** A test with what is needed to run it. */
export interface FoundTest extends PolicyTest {
  root: Root;
  path: string;
  /** As the runner calls it: `data.package.test_name`, or a schema test's title. */
  name: string;
}

/** The tests of one document, or of all. A module that OPA's parser refuses keeps those that can still be read in it. */
export async function findTests(snapshot: Snapshot, signal: AbortSignal, uri?: string): Promise<FoundTest[]> {
  if (uri !== undefined) {
    const place = locate(snapshot, uri);
    return place ? testsIn(snapshot, place.root, [place.path], signal) : [];
  }
  const found: FoundTest[] = [];
  for (const root of snapshot.roots.values())
    found.push(...(await testsIn(snapshot, root, [...root.files.keys()], signal)));
  return found;
}

async function testsIn(
  snapshot: Snapshot,
  root: Root,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<FoundTest[]> {
  const modules: string[] = [];
  const found: FoundTest[] = [];
  for (const path of paths) {
    const document = root.files.get(path) as Document;
    if (mayHoldRegoTests(path, document)) modules.push(path);
    else if (kindOf(path) === 'schema-test') found.push(...schemaTests(root, path, document));
  }
  if (modules.length > 0) found.push(...(await regoTests(snapshot, root, modules, signal)));
  return found;
}

/** Whether a document can hold tests at all; spares the engine the others. */
export function mayHoldRegoTests(path: string, document: Document): boolean {
  return isModule(path, document) && document.text.includes('test_');
}

async function regoTests(snapshot: Snapshot, root: Root, paths: string[], signal: AbortSignal): Promise<FoundTest[]> {
  const { modules } = await snapshot.ask.root(root, 'outline', { paths }, { signal });
  const read = new Map(modules.map((module) => [module.path, module]));
  return paths.flatMap((path) => {
    const module = read.get(path);
    if (!module) return testsInBroken(root, path);
    const tests = module.rules.filter(({ test }) => test);
    return named(root, path, `data.${module.package}`, tests);
  });
}

/** As our own parser has them, which goes on behind an error: a test does not vanish while the next one is typed. */
function testsInBroken(root: Root, path: string): FoundTest[] {
  const module = modulesOf(root).byPath.get(path);
  if (!module) return [];
  const tests = module.outline.rules.filter(isTest).map((rule) => ({
    name: nameOf(rule),
    nameRange: rangeOf(module.document, rule.name),
  }));
  return named(root, path, nameOf({ path: module.package }), tests);
}

function named(root: Root, path: string, packageName: string, tests: readonly NamedTest[]): FoundTest[] {
  const uri = uriOf(root, path);
  const times = new Map<string, number>();
  return tests.map(({ name: label, nameRange: range }) => {
    const before = times.get(label) ?? 0;
    times.set(label, before + 1);
    const name = `${packageName}.${label}`;
    // Rules of the same name are tests of their own.
    const id = `${uri}#${name}${before > 0 ? `#${before}` : ''}`;
    return { id, label, uri, range, kind: 'rego' as const, root, path, name };
  });
}

interface NamedTest {
  name: string;
  nameRange: Range;
}

function schemaTests(root: Root, path: string, { text }: Document): FoundTest[] {
  const uri = uriOf(root, path);
  return discoverSchemaTests({ path, text }).tests.map(({ title, range }) => ({
    id: `${uri}#${title}`,
    label: title,
    uri,
    range,
    kind: 'schema',
    root,
    path,
    name: title,
  }));
}
