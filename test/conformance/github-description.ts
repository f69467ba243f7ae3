/** GitHub's own description of its API, and payloads of its events: fetched from npm once, never part of the project. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import { extract } from 'tar';

const folder = join(import.meta.dirname, '..', '..', 'dist', 'peers', 'octokit');

/** One file of a package, of this very version. */
function fileOf(name: string, version: string, file: string): string {
  const at = join(folder, `${name}-${version}`);
  const path = join(at, file);
  if (!existsSync(path)) {
    mkdirSync(at, { recursive: true });
    const options = { cwd: at, stdio: ['ignore', 'pipe', 'inherit'] as const, shell: process.platform === 'win32' };
    const packed = execFileSync('npm', ['pack', '--silent', `@octokit/${name}@${version}`], {
      ...options,
      stdio: [...options.stdio],
    });
    const archive = join(at, packed.toString().trim().split('\n').at(-1)!);
    extract({ file: archive, cwd: at, sync: true, strip: 1, filter: (entry) => entry === `package/${file}` });
  }
  return readFileSync(path, 'utf8');
}

interface Operation {
  responses: Record<
    string,
    { content?: Record<string, { schema: object; examples?: Record<string, { $ref: string }> }> }
  >;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; examples: Record<string, { value: unknown }> };
}

/** `api.github.com`, `ghes-3.17`. */
export function description(product: string): Description {
  return JSON.parse(fileOf('openapi', '23.0.2', `generated/${product}.json`)) as Description;
}

interface EventExamples {
  name: string;
  examples: Record<string, unknown>[];
}

export function eventExamples(): EventExamples[] {
  return JSON.parse(fileOf('webhooks-examples', '7.6.1', 'api.github.com/index.json')) as EventExamples[];
}

/** The path with placeholders that a request's path is of; the most literal of those that fit. */
export function templateOf({ paths }: Description, path: string): string | undefined {
  const fitting = Object.keys(paths).filter((template) => {
    // Branches may have slashes in their names.
    const pattern = template.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(path);
  });
  return fitting.sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** Says what a body lacks to be what the description promises for an answer. */
export function answerValidator(
  api: Description,
): (method: string, template: string, status: number) => ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  ajvFormats.default(ajv);
  ajv.addSchema({ $id: 'github', components: { schemas: withNull(api.components.schemas) as object } });
  return (method, template, status) => {
    const schema =
      api.paths[template]?.[method.toLowerCase()]?.responses[status]?.content?.['application/json']?.schema;
    if (schema === undefined) throw new Error(`${method} ${template} has no answer ${status} in the description`);
    return ajv.compile(withNull(schema) as object);
  };
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has a type; references go to the registered schemas. */
function withNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNull);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Record<string, unknown>;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, one]) => {
      if (key === '$ref' && typeof one === 'string') return [key, `github${one}`];
      // Examples are no schemas.
      return key === 'example' || key === 'examples' ? [key, undefined] : [key, withNull(one)];
    }),
  );
  delete inner.example;
  delete inner.examples;
  if (nullable !== true) return typeof nullable === 'object' ? { ...inner, nullable: withNull(nullable) } : inner;
  return { anyOf: [inner, { type: 'null' }] };
}
