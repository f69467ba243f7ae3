/**
 * What each file of a policy folder is for, by its path alone.
 *
 * Three layouts are known:
 * - `countersign`: a `.countersign` folder: `config.yaml`, and below it the folders that it names;
 * - `pack`: the project's own `policies/`: the same with the policies at the top;
 * - `plain`: any folder of policies, such as conftest's `policy/`: Rego anywhere, and YAML and JSON
 *   files as data, mounted by folder as `opa eval --data` does.
 */

export type Layout = 'countersign' | 'pack' | 'plain';

export type Role =
  | 'config'
  | 'module'
  | 'module-test'
  | 'schema'
  | 'schema-test'
  | 'data'
  | 'exception'
  | 'lint-config'
  | 'lint-rule'
  /** Something that only a later version can judge; never ignored in silence. */
  | 'unsupported'
  /** Readme files and the like. */
  | 'other';

/** The folders that the configuration names, relative to the policy folder. */
export interface Folders {
  policies: readonly string[];
  data: readonly string[];
  exceptions: string;
}

export const configFile = /^config\.ya?ml$/;

/** The layout of a folder with these files. */
export function layoutOf(paths: Iterable<string>): Layout {
  let config = false;
  let rego = false;
  for (const path of paths) {
    if (path.startsWith('policies/')) return 'countersign';
    if (configFile.test(path)) config = true;
    if (path.endsWith('.rego')) rego = true;
  }
  if (!config) return 'plain';
  return rego ? 'pack' : 'countersign';
}

/** What a file is for; `path` is relative to the policy folder. */
export function roleOf(path: string, layout: Layout, folders: Folders): Role {
  if (/(^|\/)\.regal\/rules\/.+\.rego$/.test(path)) return 'lint-rule';
  if (/(^|\/)\.regal\/config\.yaml$/.test(path) || /(^|\/)\.regal\.yaml$/.test(path)) return 'lint-config';
  if (layout === 'plain') return plainRole(path);
  if (configFile.test(path)) return 'config';
  if (isBelow(path, folders.exceptions)) return isDocument(path) ? 'exception' : 'other';
  if (folders.data.some((folder) => isBelow(path, folder))) return isDocument(path) ? 'data' : 'other';
  if (layout === 'pack' || folders.policies.some((folder) => isBelow(path, folder))) return policyRole(path);
  return 'other';
}

function policyRole(path: string): Role {
  if (path.endsWith('_test.rego')) return 'module-test';
  if (path.endsWith('.rego')) return 'module';
  if (/\.schema_test\.(ya?ml|json)$/.test(path)) return 'schema-test';
  if (path.endsWith('.schema.json') || /(^|\/)schemas\/.+\.json$/.test(path)) return 'schema';
  return path.endsWith('.cedar') ? 'unsupported' : 'other';
}

function plainRole(path: string): Role {
  if (path.split('/').some((segment) => segment.startsWith('.') || segment === 'node_modules')) return 'other';
  const role = policyRole(path);
  return role === 'other' && isDocument(path) ? 'data' : role;
}

function isDocument(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path);
}

function isBelow(path: string, folder: string): boolean {
  const trimmed = folder.replace(/^\.\//, '').replace(/\/+$/, '');
  return trimmed === '' || trimmed === '.' || path.startsWith(`${trimmed}/`);
}
