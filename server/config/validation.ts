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

function problemsOf(root: Root, path: string, document: Document, kind: FileKind): readonly Problem[] {
  switch (kind) {
    case 'config':
      return readConfig(path, document.text).problems;
    case 'schema':
      return schemaProblems(root);
    case 'schema-test':
      return discoverSchemaTests({ path, text: document.text }).problems;
    default:
      return checkData(path, document.text);
  }
}

/** Schemas may refer to each other, so they are read together. */
const schemaProblems = derived((root: Root): readonly Problem[] => {
  // Elsewhere than in a `.countersign` folder a schema is anyone's, in any dialect.
  if (root.kind !== 'countersign') return [];
  const schemas = [...root.files].filter(([path]) => kindOf(path) === 'schema');
  return compileSchemas(schemas.map(([path, { text }]) => ({ path, text }))).problems;
});
