/**
 * Whether Rego in YAML is formatted, and how it is: as OPA does but for the width of the indentation, which the text
 * itself shows. Regal compares with OPA's tabs alone, which are out of place in YAML.
 */
import type { TextEdit } from 'vscode-languageserver';
import type { Problem, RegoVersion } from '../../../engine/protocol.ts';
import type { Document, Root, Snapshot } from '../../snapshot.ts';
import { deadlineMs } from '../check.ts';
import { lineEdits } from '../line-edits.ts';
import { placedEdits } from '../places.ts';
import { type Indentation, spaced } from './spaces.ts';

/** Problems of modules without those of `opa-fmt` that are about the indentation alone. */
export async function withoutIndentation(
  { ask }: Pick<Snapshot, 'ask'>,
  root: Root,
  problems: readonly Problem[],
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  if (root.kind !== 'embedded') return problems;
  const isHeeded = await Promise.all(
    problems.map(async ({ code, source, path }) => {
      const document = root.files.get(path);
      if (source !== 'regal' || code !== 'opa-fmt' || !document) return true;
      const text = ownText(document);
      const params = { path, text, regoVersion: root.regoVersion };
      const { text: now } = await ask.plain('format', params, { signal, deadlineMs });
      return now !== undefined && spaced(now, root.regoVersion, indentationOf(text)).trimEnd() !== text.trimEnd();
    }),
  );
  return problems.filter((_, at) => isHeeded[at]);
}

/** What OPA makes of a module, indented as the module is. */
export function inOwnLayout(before: string, formatted: string, version: RegoVersion): string {
  return spaced(formatted, version, indentationOf(before));
}

/** By the first line that begins with blanks. */
function indentationOf(text: string): Indentation {
  const [, blanks = '  '] = /^([ \t]+)[^\s#]/m.exec(text) ?? [];
  return { insertSpaces: !blanks.includes('\t'), tabSize: Math.min(blanks.length, 8) };
}

/** A module's text without what the file has around it. */
export function ownText({ text, embedded }: Document): string {
  return embedded?.read(text) ?? text;
}

/** The edits of a document that make its own text another one. */
export function ownTextEdits(document: Document, now: string): TextEdit[] {
  const edits = lineEdits(ownText(document), now);
  const block = document.embedded?.source.block;
  if (!block) return placedEdits(document, edits);
  const down = ({ line }: { line: number }) => ({ line: line + block.firstLine, character: 0 });
  return edits.map(({ range: { start, end }, newText }) => ({
    range: { start: down(start), end: down(end) },
    newText: newText.replace(/^(?=[^\n])/gm, ' '.repeat(block.indent)),
  }));
}
