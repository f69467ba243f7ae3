/** Regal's own bundle as a workspace: a large, real body of Rego, from the Go module that the engine links. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import type { OpenParams, WorkspaceFile } from '../../engine/protocol.ts';
import { moduleFolder } from '../conformance/cases.ts';

export interface RegalBundle {
  /** Regal's module in the Go module cache; the bundle is its folder `bundle`. */
  folder: string;
  files: WorkspaceFile[];
}

/** @throws when the module is not in the cache. */
export function readRegalBundle(): RegalBundle {
  const regal = moduleFolder('github.com/open-policy-agent/regal');
  if ('absent' in regal) {
    throw new Error(regal.absent);
  }
  const root = join(regal.folder, 'bundle');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).flatMap((name): WorkspaceFile[] => {
    const path = name.replaceAll('\\', '/');
    const text = () => readFileSync(join(root, name), 'utf8');
    if (path.endsWith('.rego')) {
      return [{ path, kind: 'module', text: text() }];
    }
    if (/(^|\/)data\.(ya?ml|json)$/.test(path)) {
      const at = dirname(path) === '.' ? [] : dirname(path).split('/');
      return [{ path, kind: 'data', text: text(), at }];
    }
    return [];
  });
  return { folder: regal.folder, files };
}

interface Builtin {
  name: string;
  decl: { args?: Type[]; result?: Type };
}

interface Type {
  type: string;
  of?: Type | Type[];
  [key: string]: unknown;
}

/**
 * How to open the bundle: its rules call Regal's built-ins, and its tests read what `regal test` puts below
 * `data.internal`.
 */
export async function openRegalBundle(engine: Engine, { files }: RegalBundle): Promise<OpenParams> {
  const { capabilities, lintBuiltins } = await engine.call('capabilities', {});
  const builtins = [...capabilities.builtins, ...lintBuiltins] as Builtin[];
  const described = Object.fromEntries(
    builtins.map(({ name, decl }) => [
      name,
      {
        decl: { args: (decl.args ?? []).map(typeText), result: decl.result === undefined ? '' : typeText(decl.result) },
      },
    ]),
  );
  const internal = { internal: { capabilities: { builtins: described, future_keywords: [], features: [] } } };
  return {
    workspace: 'regal',
    files: [...files, { path: 'internal.json', kind: 'data', text: JSON.stringify(internal) }],
    capabilities: { ...capabilities, builtins },
  };
}

/** Go's text of an OPA type, as far as Regal's tests look at it. */
function typeText({ type, of }: Type): string {
  const inner = (of === undefined ? [] : [of].flat()).map(typeText);
  return inner.length === 0 ? type : type === 'any' ? `any<${inner.join(', ')}>` : `${type}[${inner.join(', ')}]`;
}
