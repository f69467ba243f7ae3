/** The requests and commands of evaluation, policy tests of one module among them: for our client, and for any other. */
import {
  type Connection,
  ErrorCodes,
  LSPErrorCodes,
  MessageType,
  type Position,
  ResponseError,
  ShowMessageNotification,
} from 'vscode-languageserver';
import { count, oneLine } from '../../../core/printable.ts';
import { guard } from '../../guard.ts';
import {
  type CompilerStagesParams,
  type CompilerStagesResult,
  compilerStages,
  type EvaluateParams,
  type EvaluatePartiallyParams,
  type EvaluatePartiallyResult,
  type EvaluateResult,
  type EvaluationTarget,
  evaluate,
  evaluatePartially,
  type InputSkeletonParams,
  type InputSkeletonResult,
  inputSkeleton,
  type LensTarget,
  type TestCoverageParams,
  type TestCoverageResult,
  type TestResultParams,
  testCoverage,
} from '../../protocol.ts';
import type { Runtime } from '../../runtime.ts';
import { type Show, Stopped, shownWhenLong } from '../../shown-work.ts';
import { type Snapshot, Stale } from '../../snapshot.ts';
import type { World } from '../../world.ts';
import { type Commands, serverCommands, wrongArgument } from '../commands.ts';
import { embeddedIn } from '../embedded/places.ts';
import type { Read } from '../names/reader.ts';
import type { Asked } from './evaluate.ts';
import type { InputSources } from './inputs.ts';
import { cut } from './json-text.ts';

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'readFile' | 'evaluationInput' | 'now' | 'sleep'>;
  ready(): Promise<void>;
  /** Waits until all modules of a root have been read. */
  read: Read;
  show: Show;
  log(line: string): void;
}

/** How often it is begun anew, because something was written meanwhile. */
const mostTries = 5;

/** Characters of a message to the user. */
const longestMessage = 600;

export interface Evaluation {
  commands: Commands;
}

export function registerEvaluation(
  connection: Connection,
  { world, runtime, ready, read, show, log }: Parts,
): Evaluation {
  /** What evaluates or tests runs the workspace's code. */
  function refuseUntrusted(what: string): void {
    if (world.current().trusted) return;
    throw new ResponseError(ErrorCodes.InvalidRequest, `${what} needs a trusted workspace.`);
  }

  /** Does `work` for a module of the latest snapshot. */
  async function forModule<R>(
    uri: string,
    work: (snapshot: Snapshot, asked: Asked) => Promise<R> | R,
    position?: Position,
  ): Promise<R> {
    await ready();
    const { askedModule } = await import('./evaluate.ts');
    for (let tries = 1; ; tries++) {
      const snapshot = world.current();
      const asked = askedModule(snapshot, uri, position);
      if (!asked) {
        const message =
          position && embeddedIn(snapshot, uri).length > 0
            ? 'There is no Rego at this place of the file: put the cursor into the Rego that is meant.'
            : `${uri} is no Rego module that is known here.`;
        throw new ResponseError(ErrorCodes.InvalidParams, message);
      }
      try {
        return await work(snapshot, asked);
      } catch (error) {
        // Something was written before the engine was asked.
        if (!(error instanceof Stale) || tries === mostTries) throw error;
      }
    }
  }

  function runEvaluation(params: EvaluateParams, signal: AbortSignal): Promise<EvaluateResult> {
    refuseUntrusted('Evaluating');
    const { uri, target } = params;
    const work = async (snapshot: Snapshot, asked: Asked) => {
      const { readFile, evaluationInput, now } = runtime;
      const sources: InputSources = {
        readFile,
        ofRepository: (folder, what, stop) => evaluationInput(folder, what, now(), stop),
      };
      return (await import('./evaluate.ts')).evaluate(snapshot, asked, params, sources, signal);
    };
    return forModule(uri, work, positionOf(target));
  }

  async function shown<R>(title: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    try {
      return await shownWhenLong(title, { show, sleep: runtime.sleep }, signal, work);
    } catch (error) {
      if (error instanceof Stopped) throw new ResponseError(LSPErrorCodes.RequestCancelled, error.message);
      throw error;
    }
  }

  connection.onRequest(evaluate, guard(evaluate, log, runEvaluation));
  connection.onRequest(
    evaluatePartially,
    guard(evaluatePartially, log, (params: EvaluatePartiallyParams, signal): Promise<EvaluatePartiallyResult> => {
      refuseUntrusted('Evaluating');
      return forModule(
        params.uri,
        async (snapshot, asked) => (await import('./explore.ts')).evaluatePartially(snapshot, asked, params, signal),
        positionOf(params.target),
      );
    }),
  );
  connection.onRequest(
    testCoverage,
    guard(testCoverage, log, ({ uri }: TestCoverageParams, signal): Promise<TestCoverageResult> => {
      refuseUntrusted('Running tests');
      return forModule(uri, async (snapshot, asked) =>
        (await import('./explore.ts')).testCoverage(snapshot, asked, signal),
      );
    }),
  );
  connection.onRequest(
    compilerStages,
    guard(
      compilerStages,
      log,
      ({ uri, position }: CompilerStagesParams, signal): Promise<CompilerStagesResult> =>
        forModule(
          uri,
          async (snapshot, asked) => (await import('./explore.ts')).compilerStages(snapshot, asked, signal),
          position,
        ),
    ),
  );
  connection.onRequest(
    inputSkeleton,
    guard(
      inputSkeleton,
      log,
      ({ uri }: InputSkeletonParams): Promise<InputSkeletonResult> =>
        forModule(uri, async (_, asked) => (await import('./explore.ts')).inputSkeleton(asked)),
    ),
  );

  return {
    commands: {
      async [serverCommands.evaluate](argument, signal) {
        const params = argument as EvaluateParams & { show?: boolean };
        if (typeof params?.uri !== 'string' || typeof params.target?.kind !== 'string') {
          throw wrongArgument(serverCommands.evaluate, '{ uri, target, input? }');
        }
        const result = await shown('Evaluating', signal, (either) => runEvaluation(params, either));
        if (params.show) tell(connection, result);
        return result;
      },
      async [serverCommands.test](argument, signal) {
        const { uri, test, show: told } = (argument ?? {}) as LensTarget & { show?: boolean };
        if (typeof uri !== 'string') throw wrongArgument(serverCommands.test, '{ uri, test? }');
        const results = await shown('Running tests', signal, (either) => runTests(uri, test, either));
        if (told) tellTests(connection, results);
        return results;
      },
      async [serverCommands.references](argument) {
        const { uri, position } = (argument ?? {}) as LensTarget;
        if (typeof uri !== 'string' || !position) throw wrongArgument(serverCommands.references, '{ uri, position }');
        await ready();
        const [{ askedModule }, { references }] = await Promise.all([
          import('./evaluate.ts'),
          import('../references.ts'),
        ]);
        const place = askedModule(world.current(), uri, position);
        if (!place) return [];
        await read(place.root);
        return references(place.root, place.path, position, false);
      },
    },
  };

  async function runTests(uri: string, test: string | undefined, signal: AbortSignal): Promise<TestOutcome[]> {
    refuseUntrusted('Running tests');
    await ready();
    const [{ findTests }, { runFound }] = await Promise.all([
      import('../../tests/discover.ts'),
      import('../../tests/run.ts'),
    ]);
    const snapshot = world.current();
    const found = (await findTests(snapshot, signal, uri)).filter(({ label }) => test === undefined || label === test);
    const results = new Map<string, TestOutcome>();
    await runFound(snapshot, found, signal, ({ id, ...result }) => {
      results.set(id, { name: found.find((one) => one.id === id)?.label ?? id, ...result });
    });
    // They end in any order; they are told as they stand.
    return found.flatMap(({ id }) => results.get(id) ?? []);
  }
}

/** Tells which module of a file with several is meant. */
function positionOf(target: EvaluationTarget): Position | undefined {
  if (target.kind === 'selection') return target.range.start;
  return target.position;
}

type TestOutcome = Omit<TestResultParams, 'runId' | 'id'> & { name: string };

function say(connection: Connection, type: MessageType, message: string): void {
  void connection.sendNotification(ShowMessageNotification.type, { type, message: cut(message, longestMessage) });
}

function tell(
  connection: Connection,
  { outcome, query, value, short, input, problems, printed, notes }: EvaluateResult,
): void {
  const about = `${oneLine(query)}${input ? ` (${input.name})` : ''}`;
  if (outcome === 'error') {
    say(connection, MessageType.Error, `${about}: ${problems.map(({ message }) => message).join('\n')}`);
    return;
  }
  const answer = outcome === 'undefined' ? ' is undefined' : ` = ${value ?? short}`;
  const also = [...printed.map(({ text }) => `\n> ${text}`), ...notes.map((note) => `\n${note}`)];
  say(connection, MessageType.Info, `${about}${answer}${also.join('')}`);
}

function tellTests(connection: Connection, results: readonly TestOutcome[]): void {
  const failed = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
  if (failed.length === 0) {
    const passed = results.filter(({ outcome }) => outcome === 'pass').length;
    say(connection, MessageType.Info, `${passed} of ${count(results.length, 'test')} passed.`);
    return;
  }
  const lines = failed.map(({ name, message = 'it failed' }) => `\n${name}: ${message}`);
  say(connection, MessageType.Error, `${failed.length} of ${count(results.length, 'test')} failed.${lines.join('')}`);
}
