import type { Metadata, SyntaxProblem, Tree } from './tree.ts';
export function readMetadata(_tree: Omit<Tree, 'errors' | 'metadata'>, _errors: SyntaxProblem[]): Metadata[] {
  return [];
}
