/**
 * Commands of the server, which clients call with `workspace/executeCommand`, each with one argument: so every editor
 * has what goes beyond the protocol's own requests.
 */
import {
  type Connection,
  ErrorCodes,
  type ExecuteCommandParams,
  ExecuteCommandRequest,
  ResponseError,
} from 'vscode-languageserver';
import { guard } from '../guard.ts';

export const serverCommands = {
  /** With `EvaluateParams`, answers an `EvaluateResult`; with `show`, tells it to the user, too. */
  evaluate: 'countersign.evaluate',
  /** Runs the tests of a module (`uri`), or one (`test`); answers their results. */
  test: 'countersign.test',
  /** The places that refer to what is at a `position` of a module (`uri`). */
  references: 'countersign.references',
} as const;

/** Answers a command; `argument` is the first that was given, and whatever a client made of it. */
export type CommandHandler = (argument: unknown, signal: AbortSignal) => Promise<unknown>;

export type Commands = Readonly<Record<string, CommandHandler>>;

/** Answers these commands; the names are what the server announces. */
export function registerCommands(connection: Connection, commands: Commands, log: (line: string) => void): string[] {
  connection.onRequest(
    ExecuteCommandRequest.type,
    guard('command', log, async ({ command, arguments: given }: ExecuteCommandParams, signal): Promise<unknown> => {
      const handler = Object.hasOwn(commands, command) ? commands[command] : undefined;
      if (!handler) throw new ResponseError(ErrorCodes.InvalidParams, `There is no command ${command}.`);
      return handler(given?.[0], signal);
    }),
  );
  return Object.keys(commands);
}

/** What is wrong with the argument of a command. */
export function wrongArgument(command: string, needs: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidParams, `${command} takes one argument: ${needs}.`);
}
