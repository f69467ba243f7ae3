/**
 * OPA's own conformance cases, read from the OPA module that engine/go.mod pins.
 *
 * What a case means is defined by OPA's v1/test/cases/cases.go and its runner v1/topdown/exported_test.go.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RegoVersion } from '../../engine/protocol.ts';

export interface Case {
  /** Unique: `v1/time/test-time-0948.yaml#0`, the number counting the file's cases. */
  id: string;
  /** The folder, such as `v1/time`. */
  group: string;
  note: string;
  regoVersion: RegoVersion;
  query: string;
  modules: string[];
  data?: Record<string, unknown>;
  input?: unknown;
  input_term?: string;
  want_result?: Record<string, unknown>[];
  want_error_code?: string;
  want_error?: string;
  sort_bindings?: boolean;
  ignore_generated_vars?: boolean;
  strict_error?: boolean;
}

type Written = Omit<Case, 'id' | 'group' | 'regoVersion' | 'modules'> & { modules?: string[]; [key: string]: unknown };

const known = new Set([
  ...['note', 'query', 'modules', 'data', 'input', 'input_term', 'want_result', 'want_error_code', 'want_error'],
  ...['sort_bindings', 'ignore_generated_vars', 'strict_error'],
]);

/** The folder of a Go module that engine/go.mod pins, from the module cache alone; or why it is not there. */
export function moduleFolder(module: string): { folder: string } | { absent: string } {
  const engine = join(import.meta.dirname, '../../engine');
  try {
    const folder = execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', module], {
      cwd: engine,
      encoding: 'utf8',
      env: { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=mod' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
    return folder !== '' && existsSync(folder) ? { folder } : { absent: `${module} is not in the Go module cache` };
  } catch (error) {
    return { absent: `${module} cannot be found: ${(error as Error).message.split('\n').slice(0, 2).join(' ')}` };
  }
}

/** Every case of both Rego versions, or why there are none here. */
export function loadCases(): { cases: Case[] } | { absent: string } {
  const opa = moduleFolder('github.com/open-policy-agent/opa');
  if ('absent' in opa) {
    return opa;
  }
  const cases: Case[] = [];
  for (const regoVersion of ['v0', 'v1'] as const) {
    const root = join(opa.folder, 'v1/test/cases/testdata', regoVersion);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
    for (const file of files.map((name) => name.replaceAll('\\', '/')).sort()) {
      const written: { cases?: Written[] } = parse(readFileSync(join(root, file), 'utf8'), { intAsBigInt: true });
      for (const [index, entry] of (written.cases ?? []).entries()) {
        const id = `${regoVersion}/${file}#${index}`;
        // A field that we do not know may change what the case means.
        const unknown = Object.keys(entry).filter((key) => !known.has(key));
        if (unknown.length > 0) {
          throw new Error(`${id} has fields that this runner does not know: ${unknown.join(', ')}`);
        }
        // As in Go, a field that is null is a field that is absent.
        const fields = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)) as Written;
        const group = `${regoVersion}/${file.split('/')[0]}`;
        cases.push({ ...fields, id, group, regoVersion, modules: fields.modules ?? [] });
      }
    }
  }
  return { cases };
}
