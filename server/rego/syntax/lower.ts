import type { Tree } from './tree.ts';
export function lower(_tree: Tree): unknown {
  return {};
}
