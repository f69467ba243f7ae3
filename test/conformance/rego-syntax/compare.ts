/** Our parser beside OPA's: what differs, in words by which the differences can be grouped. */

import { decodeTree } from './opa-tree.ts';
import type { Answer } from './oracle.ts';
import type { Parsed } from './ours.ts';

export type DifferenceKind = 'rejects' | 'accepts' | 'row' | 'tree' | 'bytes' | 'throws';

export interface Difference {
  kind: DifferenceKind;
  /** The same for differences that look alike. */
  cause: string;
  /** This difference alone. */
  detail: string;
}

/** All that differs for one module. `text` is what was parsed. */
export function compare(text: string, answer: Answer, parsed: Parsed | Error): Difference[] {
  if (parsed instanceof Error) {
    const [message, at] = (parsed.stack ?? parsed.message).split('\n');
    return [{ kind: 'throws', cause: `${message} ${at?.trim() ?? ''}`, detail: parsed.stack ?? '' }];
  }
  const differences: Difference[] = [];
  if (parsed.printed !== text) {
    const at = [...text].findIndex((_, index) => text[index] !== parsed.printed[index]);
    differences.push({ kind: 'bytes', cause: 'the printed tree is another text', detail: `from offset ${at}` });
  }
  const [opa] = answer.errors;
  const [ours] = parsed.errors;
  if (opa === undefined && ours !== undefined) {
    differences.push({ kind: 'rejects', cause: general(ours.message), detail: `${ours.row}: ${ours.message}` });
  } else if (opa !== undefined && ours === undefined) {
    differences.push({ kind: 'accepts', cause: general(opa.message), detail: `${opa.row}:${opa.col}: ${opa.message}` });
  } else if (opa !== undefined && ours !== undefined) {
    // OPA checks what a statement means only where all can be read; we, each one that can be.
    if (!parsed.errors.some(({ rows }) => rows.includes(opa.row))) {
      const cause = `OPA: ${general(opa.message)} / ours: ${general(ours.message)}`;
      differences.push({ kind: 'row', cause, detail: `OPA in ${opa.row}, we in ${ours.row}` });
    }
  } else if (answer.module !== undefined) {
    const found = firstDifference(decodeTree(answer.module), lowered(parsed), '');
    if (found !== undefined) {
      differences.push({ kind: 'tree', cause: found.path.replaceAll(/\[\d+\]/g, '[]'), detail: found.detail });
    }
  }
  return differences;
}

/** Our tree; where lowering it throws, the error, which differs from every tree. */
function lowered(parsed: Parsed): unknown {
  try {
    return parsed.lowered();
  } catch (error) {
    return `throws ${(error as Error).stack?.split('\n').slice(0, 2).join(' ')}`;
  }
}

/** Where two JSON values first differ; a key whose value is undefined is one that is absent. */
export function firstDifference(
  wanted: unknown,
  got: unknown,
  path: string,
): { path: string; detail: string } | undefined {
  if (Object.is(wanted, got)) {
    return undefined;
  }
  if (typeof wanted !== 'object' || typeof got !== 'object' || wanted === null || got === null) {
    return { path, detail: `${path}: OPA has ${short(wanted)}, we have ${short(got)}` };
  }
  if (Array.isArray(wanted) !== Array.isArray(got)) {
    return { path, detail: `${path}: OPA has ${short(wanted)}, we have ${short(got)}` };
  }
  const [left, right] = [wanted as Record<string, unknown>, got as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    const found = firstDifference(left[key], right[key], Array.isArray(wanted) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** A message without what is the text's own. */
function general(message: string): string {
  return message
    .split('\n')[0]!
    .replaceAll(/"[^"]*"|'[^']*'|“[^”]*”/g, '"…"')
    .replaceAll(/\d+/g, 'N')
    .slice(0, 160);
}
