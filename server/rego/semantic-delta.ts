/** Semantic tokens as edits of those that a client has: a keystroke moves few of them. */
import type { SemanticTokens, SemanticTokensDelta, SemanticTokensEdit } from 'vscode-languageserver';

/** A token is five numbers, its place relative to the one before. */
const width = 5;

/** How many documents' tokens are kept. */
const maxKept = 64;

export interface TokenResults {
  full(uri: string, data: number[]): SemanticTokens;
  /** All of them, where the client's are not the ones that were sent last. */
  delta(uri: string, data: number[], previousResultId: string): SemanticTokens | SemanticTokensDelta;
}

export function createTokenResults(): TokenResults {
  const last = new Map<string, { id: string; data: number[] }>();
  let count = 0;

  function keep(uri: string, data: number[]): string {
    const id = String(++count);
    last.delete(uri);
    last.set(uri, { id, data });
    for (const [oldest] of last) {
      if (last.size <= maxKept) break;
      last.delete(oldest);
    }
    return id;
  }

  const full = (uri: string, data: number[]): SemanticTokens => ({ resultId: keep(uri, data), data });
  return {
    full,
    delta(uri, data, previousResultId) {
      const known = last.get(uri);
      if (known?.id !== previousResultId) return full(uri, data);
      return { resultId: keep(uri, data), edits: tokenEdits(known.data, data) };
    },
  };
}

/** None, or one that covers all that differs. */
export function tokenEdits(before: readonly number[], now: readonly number[]): SemanticTokensEdit[] {
  const shorter = Math.min(before.length, now.length);
  let start = 0;
  while (start < shorter && before[start] === now[start]) start++;
  start -= start % width;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end++;
  end -= end % width;
  if (start + end === before.length && before.length === now.length) return [];
  return [{ start, deleteCount: before.length - start - end, data: now.slice(start, now.length - end) }];
}
