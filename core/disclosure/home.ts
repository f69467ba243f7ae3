/** What a repository's `.countersign` folder says of disclosures, as far as a form needs it. */

import { join } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { readWorkingFolder } from '../git/tree.ts';
import { isRecord } from '../plain-data.ts';
import type { SchemaPolicy } from '../policies/judge-schemas.ts';
import { configFile, roleOf } from '../policies/layout.ts';
import { home } from '../policies/load.ts';
import { compileSchemas } from '../policies/schema-policy.ts';
import { readDocument } from '../yaml-document.ts';
import { agentsOf } from './agents.ts';

export interface Home {
  config: Config;
  /** The JSON Schema of a disclosure's fields; empty when there is none. */
  schema: { properties: Record<string, FieldSchema>; required: string[]; others?: FieldSchema };
  /** The schemas that judge disclosures. */
  policies: SchemaPolicy[];
  /** The data files, merged at the root as policies see them. Of unknown shape: anyone may write them. */
  data: Record<string, unknown>;
}

/** All of it but what judges single values: plain data. */
export type FormHome = Omit<Home, 'policies'>;

/** What a form reads of a field's schema. */
export interface FieldSchema {
  title?: string;
  description?: string;
  markdownDescription?: string;
  items?: { enum?: unknown[] };
}

/**
 * Reads a `.countersign` folder's files, by their paths in it; undefined when there is no
 * configuration among them: the repository is not under Countersign. Files that cannot be read say
 * nothing here; diagnostics and decisions report them.
 */
export function readHome(files: Iterable<readonly [path: string, text: string]>): Home | undefined {
  const all = new Map(files);
  const configPath = [...all.keys()].find((path) => configFile.test(path));
  if (configPath === undefined) return undefined;
  const { config } = readConfig(`${home}/${configPath}`, all.get(configPath) as string);
  const data: Record<string, unknown> = {};
  const schemas: { path: string; text: string }[] = [];
  for (const [path, text] of all) {
    const role = roleOf(path, 'countersign', config);
    if (role === 'schema') schemas.push({ path, text });
    else if (role === 'data') {
      const { value } = readDocument(path, text);
      if (isRecord(value)) Object.assign(data, value);
    }
  }
  const policies = compileSchemas(schemas).policies.filter(({ each }) => each.join('.') === 'commits.[].disclosure');
  return { config: { ...config, agents: agentsOf(data) }, schema: schemaOf(schemas, policies), policies, data };
}

/** The same, of the `.countersign` folder that lies in a work tree. */
export async function readWorkTreeHome(root: string): Promise<Home | undefined> {
  const content = await readWorkingFolder(join(root, home));
  return (
    content && readHome(content.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')] as const))
  );
}

function schemaOf(files: readonly { path: string; text: string }[], policies: readonly SchemaPolicy[]): Home['schema'] {
  const schema: Home['schema'] = { properties: {}, required: [] };
  for (const { path, text } of files) {
    if (!policies.some((policy) => policy.path === path)) continue;
    const { value } = readDocument(path, text);
    if (!isRecord(value)) continue;
    const { properties, required, additionalProperties } = value;
    if (isRecord(properties)) Object.assign(schema.properties, properties);
    if (Array.isArray(required)) schema.required.push(...required.filter((name) => typeof name === 'string'));
    if (isRecord(additionalProperties)) schema.others ??= additionalProperties;
  }
  return schema;
}
