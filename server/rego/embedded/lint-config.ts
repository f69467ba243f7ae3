/** Regal's configuration for Rego in a template: the one that applies around it, and what a block cannot heed. */
import { isMap, isSeq, parseDocument, type Document as Yaml } from 'yaml';
import { derived } from '../../derived.ts';
import type { Document } from '../../snapshot.ts';

/**
 * Rules about files, which a block is not; and `import rego.v1`, which Gatekeeper refuses:
 * https://github.com/open-policy-agent/frameworks/blob/master/constraint/pkg/regorewriter/regorewriter.go (checkImport)
 */
const senseless: readonly [category: string, rule: string][] = [
  ['idiomatic', 'directory-package-mismatch'],
  ['idiomatic', 'no-defined-entrypoint'],
  ['imports', 'use-rego-v1'],
];

/**
 * Gatekeeper's own built-in:
 * https://github.com/open-policy-agent/frameworks/blob/master/constraint/pkg/client/drivers/rego/args.go
 */
const externalData = {
  name: 'external_data',
  description: 'Asks a provider of external data, which the cluster knows by name.',
  decl: { type: 'function', args: [{ type: 'any' }], result: { type: 'any' } },
};

/** The configuration for a block; of none, what a block needs all the same. */
export function blockLintConfig(config: Document | undefined): Document {
  return config ? forBlocks(config) : bare;
}

const forBlocks = derived((config: Document): Document => ({ ...config, text: adapted(config.text) }));

const bare: Document = { uri: '.regal/config.yaml', languageId: 'yaml', version: null, text: adapted('') };

function adapted(text: string): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  // What is wrong with it, its own reports say.
  if (document.errors.length > 0 || (document.contents && !isMap(document.contents))) return text;
  for (const [category, rule] of senseless) setIn(document, ['rules', category, rule, 'level'], 'ignore');
  const plus = document.getIn(['capabilities', 'plus', 'builtins']);
  const known = isSeq(plus) ? (plus.toJSON() as unknown[]) : [];
  setIn(document, ['capabilities', 'plus', 'builtins'], [...known, externalData]);
  return document.toString();
}

/** Where something stands in the way that has no keys, it gives way. */
function setIn(document: Yaml, path: readonly string[], value: unknown): void {
  for (let end = 0; end < path.length; end++) {
    const outer = path.slice(0, end);
    if (!isMap(end === 0 ? document.contents : document.getIn(outer, true))) {
      document.setIn(outer, document.createNode({}));
    }
  }
  document.setIn(path, document.createNode(value));
}
