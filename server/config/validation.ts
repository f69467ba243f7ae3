/** What is wrong with configuration, data, schemas and their tests: by core's own readers, so that the editor and the gate agree. */
import type { Diagnostic } from 'vscode-languageserver';
import { readConfig } from '../../core/config.ts';
import { checkData } from '../../core/policies/data-schema.ts';
import { compileSchemas } from '../../core/policies/schema-policy.ts';
import { discoverSchemaTests } from '../../core/policies/schema-test.ts';
import type { Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { toDiagnostic } from '../diagnostics/to-diagnostic.ts';
import { type FileKind, kindOf } from '../file-kinds.ts';
import type { Document, Root } from '../snapshot.ts';

export function validate(root: Root, path: string, document: Document, kind: FileKind): Diagnostic[] {
  return problemsOf(root, path, document, kind)
    .filter((problem) => problem.path === path)
    .map((problem) => toDiagnostic(root, problem));
}

/** By kind and path. A root is looked at after each edit anywhere in it; what is read of one text is read once. */
const read = derived((_: Document) => new Map<string, readonly Problem[]>());

function problemsOf(root: Root, path: string, document: Document, kind: FileKind): readonly Problem[] {
  if (kind === 'schema') return schemaProblems(root);
  const kept = read(document);
  const key = `${kind} ${path}`;
  const problems = kept.get(key) ?? readProblems(path, document, kind);
  kept.set(key, problems);
  return problems;
}

function readProblems(path: string, { text }: Document, kind: FileKind): readonly Problem[] {
  switch (kind) {
    case 'config':
      return readConfig(path, text).problems;
    case 'schema-test':
      return discoverSchemaTests({ path, text }).problems;
    default:
      return checkData(path, text);
  }
}

/** Schemas may refer to each other, so they are read together. */
const schemaProblems = derived((root: Root): readonly Problem[] => {
  // Elsewhere than in a `.countersign` folder a schema is anyone's, in any dialect.
  if (root.kind !== 'countersign') return [];
  const schemas = [...root.files].filter(([path]) => kindOf(path) === 'schema');
  return compileSchemas(schemas.map(([path, { text }]) => ({ path, text }))).problems;
});
