/** Requests at many places of some open modules, each directly after a keystroke in the module it is about. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position, ServerCapabilities } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Sample } from '../bench.ts';
import { percentile } from '../measure.ts';
import { type Session, TooLong } from './session.ts';

export type RequestKind = 'completion' | 'hover' | 'definition' | 'references' | 'rename';

interface Request {
  provider: keyof ServerCapabilities;
  more: (turn: number) => object;
  /** Offsets in a module where it makes sense. */
  places: (text: string) => number[];
}

const anyName = /\b[a-z_][a-z_0-9]+\b/g;
const heads = /^[a-z_]\w*(?=[ ([])/gm;

/** Names of rules: of the module's own in their heads, of others' behind the packages that are imported. */
function named(text: string): number[] {
  const imported = [...text.matchAll(/^import data\.(?:[\w.]*\.)?(\w+)$/gm)].map(
    ([, name]) => `(?<=\\b${name}\\.)\\w+`,
  );
  const code = codeOf(text);
  const foreign = imported.length > 0 ? placesOf(code, new RegExp(imported.join('|'), 'g')) : [];
  return [...foreign, ...placesOf(code, heads)].sort((a, b) => a - b);
}

const requests: Record<RequestKind, Request> = {
  completion: { provider: 'completionProvider', more: () => ({ context: { triggerKind: 1 } }), places: () => [] },
  hover: { provider: 'hoverProvider', more: () => ({}), places: (text) => placesOf(codeOf(text), anyName) },
  definition: { provider: 'definitionProvider', more: () => ({}), places: named },
  references: {
    provider: 'referencesProvider',
    more: () => ({ context: { includeDeclaration: true } }),
    places: named,
  },
  rename: {
    provider: 'renameProvider',
    more: (turn) => ({ newName: `renamed_${turn}` }),
    places: named,
  },
};

/** What somebody has typed when completion is asked for: at a rule's start, in a body, behind a dot. */
const typed = ['a', 'input.', 'data.', 'co', 'is_', 'count(in', 'some x in ', 'no', 's', 'data.r'];

const rhythm = 60;

/** Counts the answers that say something: to have nothing, or to refuse, is quick. A server that has few is absent. */
export async function timeRequests(
  session: Session,
  paths: readonly string[],
  kind: RequestKind,
  count: number,
  limitMs: number,
): Promise<Sample | { absent: string }> {
  const { provider, more, places } = requests[kind];
  if (!session.capabilities[provider]) return { absent: `does not offer ${kind}` };
  const known = paths.map((path) => spread(places(session.textOf(path)), Math.ceil(count / paths.length)));
  const times: number[] = [];
  let asked = 0;
  const before = session.cpu();
  for (let turn = 0; turn < count; turn++) {
    const path = paths[turn % paths.length]!;
    const text = session.textOf(path);
    const end = text.length;
    const at = Math.floor(turn / paths.length);
    const inserted = kind === 'completion' ? `\nmade_${turn} if {\n\t${typed[turn % typed.length]}` : `# ${turn}\n`;
    await session.edit(path, end, 0, inserted);
    const offset = kind === 'completion' ? end + inserted.length : known[turn % paths.length]![at];
    if (offset !== undefined) {
      const position = positionOf(session.textOf(path), offset);
      const start = performance.now();
      asked++;
      try {
        const answer = await session.ask(`textDocument/${kind}`, path, position, more(turn), limitMs);
        const ms = performance.now() - start;
        if (!isEmpty(answer)) times.push(ms);
      } catch (error) {
        if (error instanceof TooLong) throw error;
      }
    }
    await session.edit(path, end, inserted.length, '');
    await sleep(rhythm);
  }
  const cpuMs = (session.cpu() - before) / Math.max(asked, 1);
  if (times.length < asked / 4) return { absent: `had an answer in ${times.length} of ${asked} places` };
  return { ms: percentile(times, 0.5), times, cpuMs };
}

/** The text with its comments, strings, keywords at a line's start and paths of the input blanked. */
function codeOf(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*|\binput(?:\.\w+)*|^(?:package|import|default)\b.*/gm,
    (found) => found.replace(/[^\n]/g, ' '),
  );
}

function placesOf(text: string, name: RegExp): number[] {
  return [...text.matchAll(name)].map(({ index }) => index + 1);
}

/** So many of them, from all over. */
function spread(items: readonly number[], count: number): number[] {
  const step = Math.max(items.length / count, 1);
  return Array.from({ length: Math.min(count, items.length) }, (_, at) => items[Math.floor(at * step)]!);
}

function positionOf(text: string, offset: number): Position {
  return TextDocument.create('', '', 0, text).positionAt(offset);
}

function isEmpty(answer: unknown): boolean {
  if (answer === null || answer === undefined) return true;
  if (Array.isArray(answer)) return answer.length === 0;
  const items = (answer as { items?: unknown[] }).items;
  return Array.isArray(items) && items.length === 0;
}
