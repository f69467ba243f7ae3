/** The published schemas of what a `.countersign` folder holds, and which file has which. */
import approvedModels from '../../core/schemas/approved-models.schema.json' with { type: 'json' };
import approvers from '../../core/schemas/approvers.schema.json' with { type: 'json' };
import config from '../../core/schemas/config.schema.json' with { type: 'json' };
import evidence from '../../core/schemas/evidence.schema.json' with { type: 'json' };
import exception from '../../core/schemas/exception.schema.json' with { type: 'json' };
import placeholders from '../../core/schemas/placeholders.schema.json' with { type: 'json' };
import rules from '../../core/schemas/rules.schema.json' with { type: 'json' };
import scope from '../../core/schemas/scope.schema.json' with { type: 'json' };
import { kindOf } from '../file-kinds.ts';
import { regalConfigSchema } from './regal-config-schema.ts';
import { schemaTestSchema } from './schema-test-schema.ts';

/** Data files by name, as core checks them. */
const data: Record<string, object> = {
  'approved-models': approvedModels,
  approvers,
  evidence,
  placeholders,
  rules,
  scope,
};

/** The schema of a file, by its path; undefined for files that have none. */
export function schemaFor(path: string): object | undefined {
  switch (kindOf(path)) {
    case 'config':
      return config;
    case 'exception':
      return exception;
    case 'schema-test':
      return schemaTestSchema;
    case 'lint-config':
      return regalConfigSchema;
    case 'data':
      return data[/([^/]+)\.(?:ya?ml|json)$/.exec(path)?.[1] ?? ''];
    default:
      return undefined;
  }
}
