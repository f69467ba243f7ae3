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

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'scanFolder' | 'decideCommit' | 'now'>;
  link: Pick<EngineLink, 'engine'>;
  ready(): Promise<void>;
  log(line: string): void;
}

export function registerCommit(connection: Connection, { world, runtime, link, ready, log }: Parts): void {
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
      return { fields: disclosureFields(home, runtime.now()) };
    }),
  );
  connection.onRequest(
    validateField,
    guard(validateField, log, async (params: ValidateFieldParams, signal): Promise<ValidateFieldResult> => {
      const home = await homeOf(params.repository, signal);
      if (!home) return {};
      const { fieldProblem } = await import('../../core/disclosure/validate-field.ts');
      const message = fieldProblem(home, params.field, params.value, runtime.now());
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
      const given = Object.entries(params.values).filter(([, value]) => value.trim() !== '');
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
      return runtime.decideCommit(params, await link.engine(), runtime.now(), signal);
    }),
  );
}
