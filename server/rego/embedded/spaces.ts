/**
 * OPA's formatter indents by tabs. In YAML most people do not, and what prints a template again (kubectl, kustomize)
 * gives up its block for a text in quotes with tabs in it; so the editor's own setting for the file decides.
 */
import type { FormattingOptions } from 'vscode-languageserver';
import type { RegoVersion } from '../../../engine/protocol.ts';
import { parse } from '../syntax/parse.ts';
import { tokenFrom } from '../syntax/tokens.ts';

export type Indentation = Pick<FormattingOptions, 'insertSpaces' | 'tabSize'>;

/**
 * A formatted module with its lines indented as the file is.
 *
 * @param before lines that stand in this text stay as they are
 */
export function spaced(text: string, version: RegoVersion, indentation: Indentation, before = ''): string {
  if (!indentation.insertSpaces || !/^\t/m.test(text)) return text;
  const kept = new Set(before.split('\n'));
  const { tokens } = parse(text, { version });
  let next = 0;
  const lines = text.split('\n').map((line) => {
    const start = next;
    next += line.length + 1;
    if (kept.has(line)) return line;
    const last = tokenFrom(tokens, start) - 1;
    // The line of a raw string that goes on is no indentation.
    return last >= 0 && (tokens.ends[last] ?? 0) > start ? line : spacedLine(line, indentation);
  });
  return lines.join('\n');
}

export function spacedLine(line: string, { insertSpaces, tabSize }: Indentation): string {
  return insertSpaces ? line.replace(/^\t+/, (tabs) => ' '.repeat(tabs.length * tabSize)) : line;
}
