/** The requests about commits: form, check of a field, stamp, decision. */
import { type Connection, ErrorCodes, ResponseError } from 'vscode-languageserver';
import type { Home } from '../../core/disclosure/home.ts';
import type { EngineLink } from '../engine-link.ts';
import { home as homeFolder } from '../file-kinds.ts';
import { guard } from '../guard.ts';
import {
  type DecideCommitParams,
  type DecideCommitResult,
  type DisclosureFormParams,
  type DisclosureFormResult,
  decideCommit,
  disclosureForm,
  type StampMessageParams,
  type StampMessageResult,
  stampMessage,
  type ValidateFieldParams,
  type ValidateFieldResult,
  validateField,
} from '../protocol.ts';
import type { Runtime } from '../runtime.ts';
import type { World } from '../world.ts';
import { registerRepository } from './register-repository.ts';
import { registerWindowLink } from './window-link.ts';

interface Parts {
  world: World;
  runtime: Runtime;
  link: Pick<EngineLink, 'engine'>;
  ready(): Promise<void>;
  log(line: string): void;
}

/** Returns how to stop what outlives a request. */
export function registerCommit(
  connection: Connection,
  { world, runtime, link, ready, log }: Parts,
): () => Promise<void> {
  const homeOf = async (repository: string, signal: AbortSignal): Promise<Home | undefined> => {
    await ready();
    // Loaded when someone commits: schemas and their validator are no part of starting.
    const { createHomes } = await import('./homes.ts');
    homes ??= createHomes(runtime, log);
    return homes(world.current(), repository, signal);
  };
  let homes: ReturnType<typeof import('./homes.ts')['createHomes']> | undefined;

  connection.onRequest(
    disclosureForm,
    guard(disclosureForm, log, async (params: DisclosureFormParams, signal): Promise<DisclosureFormResult> => {
      const home = await homeOf(params.repository, signal);
      if (!home) return null;
      const { disclosureFields } = await import('../../core/disclosure/form.ts');
      const fields = disclosureFields(home, runtime.now());
      if (!params.gather) return { fields, known: [], evidence: [] };
      const { sessionLogs } = world.current().settings;
      try {
        const { values, evidence } = await runtime.gatherKnown({ sessionLogs, ...params }, home, runtime.now(), signal);
        return { fields, known: values, evidence };
      } catch (error) {
        if (signal.aborted) throw error;
        // Then the form is empty: nobody is kept from typing, and the policy decides as ever.
        log(`What is known of the commit's AI use could not be read: ${error instanceof Error ? error.stack : error}`);
        return { fields, known: [], evidence: [] };
      }
    }),
  );
  connection.onRequest(
    validateField,
    guard(validateField, log, async (params: ValidateFieldParams, signal): Promise<ValidateFieldResult> => {
      const home = await homeOf(params.repository, signal);
      if (!home) return {};
      const { fieldProblem } = await import('../../core/disclosure/validate-field.ts');
      const message =
        fieldProblem(home, params.field, params.value, runtime.now()) ??
        (freeText(params.field) ? await runtime.secretProblem(params.value) : undefined);
      return message === undefined ? {} : { message };
    }),
  );
  connection.onRequest(
    stampMessage,
    guard(stampMessage, log, async (params: StampMessageParams, signal): Promise<StampMessageResult> => {
      const home = await homeOf(params.repository, signal);
      const [{ stamp }, { defaultConfig }] = await Promise.all([
        import('../../core/disclosure/stamp.ts'),
        import('../../core/config.ts'),
      ]);
      const given = Object.entries(params.values)
        .map(([field, value]) => [field, [value].flat().filter((one) => one.trim() !== '')] as const)
        .filter(([, values]) => values.length > 0);
      return { message: stamp(params.message, Object.fromEntries(given), home?.config ?? defaultConfig) };
    }),
  );
  connection.onRequest(
    decideCommit,
    guard(decideCommit, log, async (params: DecideCommitParams, signal): Promise<DecideCommitResult> => {
      if (!world.current().trusted) {
        const message = `Deciding runs the policies in ${homeFolder}, which needs a trusted workspace.`;
        throw new ResponseError(ErrorCodes.InvalidRequest, message);
      }
      return runtime.decideCommit(params, link.engine, runtime.now(), signal);
    }),
  );
  registerRepository(connection, { world, runtime, link, log });
  // A prompt is drawn when its values were checked: the first check makes the schemas' validators, and loads what
  // secrets look like.
  const warm = async (folder: string) => {
    const home = await homeOf(folder, new AbortController().signal);
    if (!home) return;
    const [{ disclosureFields }, { fieldProblem }] = await Promise.all([
      import('../../core/disclosure/form.ts'),
      import('../../core/disclosure/validate-field.ts'),
    ]);
    for (const { name } of disclosureFields(home, runtime.now())) fieldProblem(home, name, '', runtime.now());
    await runtime.secretProblem('what-has-0-digits');
  };
  return registerWindowLink(connection, { world, runtime, warm, log });
}

/** What people put into words, and perhaps a secret with them. */
function freeText(field: string): boolean {
  return field !== 'model' && field !== 'timestamp';
}
