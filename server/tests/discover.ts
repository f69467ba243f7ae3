/** Finds policy tests: Rego `test_` rules, and the entries of JSON Schema test files. */
import { discoverSchemaTests } from '../../core/policies/schema-test.ts';
import { kindOf } from '../file-kinds.ts';
import type { PolicyTest } from '../protocol.ts';
import { isModule } from '../rego/engine-files.ts';
import { type Document, locate, type Root, type Snapshot, uriOf } from '../snapshot.ts';

/** A test with what is needed to run it. */
export interface FoundTest extends PolicyTest {
  root: Root;
  path: string;
  /** As the runner calls it: `data.package.test_name`, or a schema test's title. */
  name: string;
}

/** The tests of one document, or of all. A file with syntax errors has none until they are mended. */
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
  const outline = await snapshot.ask.root(root, 'outline', { paths }, { signal });
  return outline.modules.flatMap(({ path, package: packageName, rules }) => {
    const uri = uriOf(root, path);
    const times = new Map<string, number>();
    return rules
      .filter(({ test }) => test)
      .map((rule) => {
        const before = times.get(rule.name) ?? 0;
        times.set(rule.name, before + 1);
        const name = `data.${packageName}.${rule.name}`;
        return {
          // Rules of the same name are tests of their own.
          id: `${uri}#${name}${before > 0 ? `#${before}` : ''}`,
          label: rule.name,
          uri,
          range: rule.nameRange,
          kind: 'rego' as const,
          root,
          path,
          name,
        };
      });
  });
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
