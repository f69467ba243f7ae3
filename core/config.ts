/** `.countersign/config.yaml`: read, checked, and completed with defaults. */

import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem, RegoVersion } from '../engine/protocol.ts';
import { compileSchema, validateDocument } from './document-schema.ts';
import configSchema from './schemas/config.schema.json' with { type: 'json' };
import { isTrailerKey } from './trailers/add.ts';
import { problem, readDocument } from './yaml-document.ts';

/** A repository's settings. */
export interface Config {
  version: 1;
  /** Field of the disclosure → key of its trailer, in the order in which they are stamped. */
  trailers: Record<string, string>;
  /** Folders with policies and their tests, relative to the configuration's. */
  policies: string[];
  /** Folders with policy data. */
  data: string[];
  /** The folder with exceptions. */
  exceptions: string;
  rego: RegoVersion;
}

/** What holds where the configuration says nothing. */
export const defaultConfig: Config = {
  version: 1,
  trailers: {
    model: 'AI-Model',
    timestamp: 'AI-Timestamp',
    context: 'AI-Context',
    approver: 'AI-Approver',
  },
  policies: ['policies'],
  data: ['data'],
  exceptions: 'exceptions',
  rego: 'v1',
};

let validate: ValidateFunction<Partial<Config>> | undefined;

/** Reads a configuration; with a problem in it, `config` is the default and must not decide anything. */
export function readConfig(path: string, text: string): { config: Config; problems: Problem[] } {
  const document = readDocument(path, text);
  if (document.problems.length > 0) return { config: defaultConfig, problems: document.problems };
  validate ??= compileSchema<Partial<Config>>(configSchema);
  const problems = validateDocument(document, validate);
  if (problems.length > 0) return { config: defaultConfig, problems };
  const config: Config = { ...defaultConfig, ...(document.value as Partial<Config>) };

  const fieldOfKey = new Map<string, string>();
  for (const [field, key] of Object.entries(config.trailers)) {
    const complain = (message: string) =>
      problems.push(problem(path, document.rangeOf(['trailers', field]), 'config', message));
    const same = fieldOfKey.get(key.toLowerCase());
    if (!isTrailerKey(key))
      complain(`${JSON.stringify(key)} cannot be a trailer's key: use letters, digits and hyphens.`);
    else if (same !== undefined) complain(`The fields ${same} and ${field} have the same trailer ${key}.`);
    fieldOfKey.set(key.toLowerCase(), field);
  }
  const folders: [(string | number)[], string][] = [
    ...config.policies.map((folder, at): [(string | number)[], string] => [['policies', at], folder]),
    ...config.data.map((folder, at): [(string | number)[], string] => [['data', at], folder]),
    [['exceptions'], config.exceptions],
  ];
  for (const [keys, folder] of folders) {
    if (leavesFolder(folder)) {
      const message = `${JSON.stringify(folder)} must be a folder below the one this file is in, with / between its parts.`;
      problems.push(problem(path, document.rangeOf(keys), 'config', message));
    }
  }
  return problems.length > 0 ? { config: defaultConfig, problems } : { config, problems };
}

/** Absolute, upwards, or in Windows' writing. */
function leavesFolder(folder: string): boolean {
  return (
    folder.startsWith('/') || /^[A-Za-z]:/.test(folder) || folder.includes('\\') || folder.split('/').includes('..')
  );
}
