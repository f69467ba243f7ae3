/** The default policy pack's rules as subjects, on inputs that pass and inputs that do not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Engine } from '../../engine/engine.ts';
import type { WorkspaceFile } from '../../engine/protocol.ts';
import type { Subject } from './differential.ts';

const folder = join(import.meta.dirname, '../../policies');

const commit = (disclosure: Record<string, string[]> | undefined, message: string) => ({
  sha: 'a'.repeat(40),
  parents: ['b'.repeat(40)],
  author: { name: 'Ada', email: 'ada@example.com', time: '2026-03-01T10:00:00Z' },
  committer: { name: 'Ada', email: 'ada@example.com', time: '2026-03-01T10:00:00Z' },
  subject: message.split('\n')[0],
  body: message,
  trailers: [],
  ...(disclosure && { disclosure }),
  files: [{ path: 'src/main.ts', status: 'modified' }],
});

const inputs = [
  undefined,
  {},
  commit({ model: ['example/model-1'], context: ['short'] }, 'Add a thing'),
  commit(undefined, 'Add a thing\n\nGenerated with a model 😀'),
  commit(
    { model: ['Example/MODEL-1', 'other'], timestamp: ['2026-03-01T09:59:00Z'], approver: ['bea@example.com'] },
    'İ\n\nß',
  ),
].map((item) =>
  item && 'sha' in item
    ? {
        schema: 'countersign.input/v1',
        phase: 'change',
        now: '2026-03-01T10:01:00Z',
        repository: { name: 'x' },
        commits: [item],
        exceptions: [],
      }
    : item,
);

/** One subject for each `deny`, `warn` and `violation` of the pack. */
export async function packSubjects(engine: Engine): Promise<Subject[]> {
  const files: WorkspaceFile[] = readdirSync(folder)
    .filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'))
    .map((name) => ({ path: name, kind: 'module', text: readFileSync(join(folder, name), 'utf8') }));
  const data: Record<string, unknown> = Object.assign(
    {},
    ...readdirSync(join(folder, 'data')).map((name) => parse(readFileSync(join(folder, 'data', name), 'utf8'))),
  );
  await engine.call('workspace/open', { workspace: 'pack', files });
  const { modules } = await engine.call('outline', { workspace: 'pack' });
  await engine.call('workspace/close', { workspace: 'pack' });
  const entrypoints = modules.flatMap((module) =>
    module.rules
      .filter(({ name }) => ['deny', 'warn', 'violation'].includes(name))
      .map(({ name }) => `${module.package.replaceAll('.', '/')}/${name}`),
  );
  return [...new Set(entrypoints)].map((entrypoint) => ({ id: `pack/${entrypoint}`, files, entrypoint, inputs, data }));
}
