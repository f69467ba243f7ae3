/** Text from outside (subjects, messages, paths) made safe to show. */

/**
 * Shows control characters, and marks that reorder or hide text, as escapes, so that a commit cannot
 * forge our lines; and breaks up what build servers take for their commands when it comes by in a
 * log: `::error::` at a line's start, `##[error]`, `##vso[…]`, `##teamcity[…]` anywhere
 * (github.com/actions/runner, src/Runner.Common/ActionCommand.cs;
 * github.com/microsoft/azure-pipelines-agent, src/Microsoft.VisualStudio.Services.Agent/Command.cs).
 */
export function printable(text: string): string {
  return wellFormed(text)
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g,
      (character) => (character === '\r' ? '' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    )
    .replace(/^(\s*):(?=:)/gm, '$1: ')
    .replace(/#(?=[\p{Cf}\p{M}]*#[\p{Cf}\p{M}]*(?:vso|teamcity)?[\p{Cf}\p{M}]*\[)/giu, '# ');
}

/** Text with U+FFFD in place of halves of characters, which no encoding of Unicode can carry. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Printable text in one line. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}

/** Printable text whose further lines are indented by `indent`, so that none begins a line of its own. */
export function block(text: string, indent: string): string {
  return printable(text).trimEnd().replaceAll('\n', `\n${indent}`);
}

/** `1 commit`, `2 commits`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${String(n).replace(/\B(?=(\d{3})+$)/g, ',')} ${n === 1 ? noun : plural}`;
}
