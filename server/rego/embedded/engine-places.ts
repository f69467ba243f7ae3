/** What the engine says of places in Rego that is embedded, in the places of the file. */
import type { Range } from '../../../engine/protocol.ts';
import type { Root } from '../../snapshot.ts';

/** An answer about a root. Wherever it names a file and a range, in whatever depth, the range is the one in the YAML text. */
export function inFile<T>(root: Root, answer: T): T {
  return root.kind === 'embedded' ? (placed(root, answer) as T) : answer;
}

function placed(root: Root, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => placed(root, item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, placed(root, inner)]);
  const { path, range } = value as { path?: unknown; range?: Range };
  const embedded = typeof path === 'string' ? root.files.get(path)?.embedded : undefined;
  const moved = Object.fromEntries(entries) as Record<string, unknown>;
  if (!embedded) return moved;
  if (range) moved.range = { start: embedded.at(range.start), end: embedded.at(range.end) };
  // Coverage has lines, from one on.
  for (const lines of ['covered', 'notCovered']) {
    if (!Array.isArray(moved[lines])) continue;
    const inYaml = (moved[lines] as number[]).map((line) => embedded.at({ line: line - 1, character: 0 }).line + 1);
    moved[lines] = [...new Set(inYaml)];
  }
  // Between quotes, several lines of Rego may be on one: it is covered if all of them are.
  if (Array.isArray(moved.covered) && Array.isArray(moved.notCovered)) {
    const open = new Set(moved.notCovered as number[]);
    moved.covered = (moved.covered as number[]).filter((line) => !open.has(line));
  }
  return moved;
}
