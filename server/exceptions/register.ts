/** The requests about exceptions, and what tells clients that they changed or that time has passed one by. */
import {
  type ClientCapabilities,
  CodeActionKind,
  CodeActionRequest,
  type Connection,
  ErrorCodes,
  ResponseError,
} from 'vscode-languageserver';
import { kindOf } from '../file-kinds.ts';
import { guard } from '../guard.ts';
import {
  type CheckExceptionParams,
  checkException,
  type ExceptionFormParams,
  exceptionForm,
  exceptionsChanged,
  type ListExceptionsParams,
  type ListExceptionsResult,
  listExceptions,
  type OpenExceptionParams,
  openException,
  type RecordExceptionParams,
  recordException,
} from '../protocol.ts';
import type { Registrations } from '../registrations.ts';
import type { RepositoryWork, Runtime } from '../runtime.ts';
import type { Folder } from '../snapshot.ts';
import type { World } from '../world.ts';
import { createKnowledge, type KnowledgeSource } from './knowledge.ts';

interface Parts {
  world: World;
  runtime: Runtime;
  ready(): Promise<void>;
  /** Has everything reported again. */
  refresh(): void;
  log(line: string): void;
}

export interface Exceptions {
  knowledge: KnowledgeSource;
  /** Something about exceptions will be otherwise from this moment on (milliseconds since the epoch). */
  otherwiseFrom(moment: number | undefined): void;
  /** Announces the quick fixes. */
  announce(client: ClientCapabilities, registrations: Registrations): void;
  dispose(): void;
}

/** A timer for longer than a day is no better than one for a day, and some clocks are set meanwhile. */
const longest = 86_400_000;

const selector = ['yaml', 'json', 'jsonc'].map((language) => ({
  language,
  pattern: '**/.countersign/exceptions/**',
}));

export function registerExceptions(connection: Connection, { world, runtime, ready, refresh, log }: Parts): Exceptions {
  const knowledge = createKnowledge(runtime, log);
  let listed = false;
  let timer: { moment: number; controller: AbortController } | undefined;

  function tell(): void {
    if (listed) void connection.sendNotification(exceptionsChanged);
  }

  function otherwiseFrom(moment: number | undefined): void {
    if (moment === undefined || (timer && timer.moment <= moment)) return;
    timer?.controller.abort();
    const controller = new AbortController();
    timer = { moment, controller };
    const wait = Math.min(Math.max(moment - runtime.now().getTime(), 0) + 50, longest);
    runtime.sleep(wait, controller.signal).then(
      () => {
        timer = undefined;
        // No text has changed, but what is said of them has.
        world.write(() => ({}));
        refresh();
        tell();
      },
      () => undefined, // an earlier moment took its place
    );
  }

  const stop = world.onWrite((now, before) => {
    if (now.folders !== before.folders && concernsExceptions(now.folders, before.folders)) tell();
  });

  /** Answers what needs git, in a trusted workspace, with what is loaded when the first of them comes. */
  function on<P, R>(method: string, handle: (work: RepositoryWork, params: P) => Promise<R>): void {
    connection.onRequest<unknown, void>(
      method,
      guard(method, log, async (params: P): Promise<unknown> => {
        if (!world.current().trusted) {
          throw new ResponseError(ErrorCodes.InvalidRequest, 'This needs a trusted workspace.');
        }
        return handle(await runtime.repositoryWork(), params);
      }),
    );
  }

  connection.onRequest(
    listExceptions,
    guard(listExceptions, log, async ({ repositories = [] }: ListExceptionsParams): Promise<ListExceptionsResult> => {
      await ready();
      listed = true;
      const { listRepositories } = await import('./list.ts');
      const { result, next } = await listRepositories(world.current(), repositories, { runtime, log });
      otherwiseFrom(next);
      return result;
    }),
  );
  on(exceptionForm, (work, params: ExceptionFormParams) => work.exceptionForm(params, runtime.now()));
  on(checkException, (work, params: CheckExceptionParams) => work.checkException(params, runtime.now()));
  on(openException, (work, params: OpenExceptionParams) => work.openException(params, runtime.now()));
  on(recordException, (work, params: RecordExceptionParams) => work.recordException(params, runtime.now()));

  return {
    knowledge,
    otherwiseFrom,
    announce({ textDocument: client }, registrations) {
      if (!client?.codeAction?.dynamicRegistration) return;
      registrations.add(CodeActionRequest.type, {
        documentSelector: selector,
        codeActionKinds: [CodeActionKind.QuickFix],
      });
    },
    dispose() {
      stop();
      timer?.controller.abort();
    },
  };
}

/** Whether exceptions, or the data and settings that they stand by, differ on disk: what is being typed is none yet. */
function concernsExceptions(now: readonly Folder[], before: readonly Folder[]): boolean {
  const differs = (ones: readonly Folder[], others: readonly Folder[]) =>
    ones.some((folder) => {
      const other = others.find(({ uri }) => uri === folder.uri);
      if (folder === other) return false;
      return [...folder.disk].some(([path, document]) => other?.disk.get(path) !== document && concerns(path));
    });
  return differs(now, before) || differs(before, now);
}

function concerns(path: string): boolean {
  const kind = kindOf(path);
  return kind === 'exception' || kind === 'data' || kind === 'config';
}
