/** Whether a module writes `if` before bodies. */
import type { Subject } from './action.ts';

/** Whether bodies begin with `if`. */
export function usesIf({ tree, module }: Pick<Subject, 'tree' | 'module'>): boolean {
  if (tree.version === 'v1') return true;
  return module.names.imports.some(({ path }) => {
    const names = path.map(({ name }) => name).join('.');
    return names === 'rego.v1' || names === 'future.keywords' || names === 'future.keywords.if';
  });
}
