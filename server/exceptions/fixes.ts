/** Quick fixes for exceptions: follow up, close. Both need words of a person, so they call the client's commands. */
import { type CodeAction, CodeActionKind, type Diagnostic } from 'vscode-languageserver';
import { type ExceptionTarget, exceptionCommands } from '../protocol.ts';
import { closeCodes, followUpCodes } from './findings.ts';

/** The actions for the diagnostics that the client shows in an exception's file. */
export function exceptionFixes(uri: string, shown: readonly Diagnostic[]): CodeAction[] {
  const target: ExceptionTarget = { uri };
  const action = (title: string, command: string, codes: ReadonlySet<unknown>, isPreferred: boolean): CodeAction[] => {
    const diagnostics = shown.filter(({ code, source }) => source === 'countersign' && codes.has(code));
    if (diagnostics.length === 0) return [];
    const kind = CodeActionKind.QuickFix;
    return [{ title, kind, diagnostics, isPreferred, command: { title, command, arguments: [target] } }];
  };
  return [
    ...action('Record a follow-up…', exceptionCommands.followUp, followUpCodes, true),
    ...action('Close this exception…', exceptionCommands.close, closeCodes, false),
  ];
}
