/** Policy data against the schemas that are published for it, by the files' names. */
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem } from '../../engine/protocol.ts';
import { compileSchema, validateDocument } from '../document-schema.ts';
import approvedModels from '../schemas/approved-models.schema.json' with { type: 'json' };
import approvers from '../schemas/approvers.schema.json' with { type: 'json' };
import evidence from '../schemas/evidence.schema.json' with { type: 'json' };
import placeholders from '../schemas/placeholders.schema.json' with { type: 'json' };
import rules from '../schemas/rules.schema.json' with { type: 'json' };
import scope from '../schemas/scope.schema.json' with { type: 'json' };
import { readDocument } from '../yaml-document.ts';

const schemas = new Map<string, object>([
  ['approved-models', approvedModels],
  ['approvers', approvers],
  ['evidence', evidence],
  ['placeholders', placeholders],
  ['rules', rules],
  ['scope', scope],
]);
const compiled = new Map<string, ValidateFunction>();

/**
 * What is wrong with a data file, by the schema that its name calls for; of a file that has none,
 * only what keeps it from being read.
 */
export function checkData(path: string, text: string): Problem[] {
  const document = readDocument(path, text);
  const name = /([^/]+)\.(?:ya?ml|json)$/.exec(path)?.[1] ?? '';
  const schema = schemas.get(name);
  if (document.problems.length > 0 || !schema) return document.problems;
  const validate = compiled.get(name) ?? compileSchema(schema);
  compiled.set(name, validate);
  return validateDocument(document, validate);
}
