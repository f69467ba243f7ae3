/** A decision by a policy that was kept, without the engine. */
import { evaluateFast } from '../../engine/fastpath.ts';
import type { Input } from '../input.ts';
import { type SchemaPolicy, valuesAt } from '../policies/judge-schemas.ts';
import { surelyValid } from '../policies/surely-valid.ts';
import { type Decision, DecisionError, inBatches, judge } from './decide.ts';
import { entrypointsIn } from './entrypoints.ts';
import { type KeptPolicy, nameOf } from './kept-policy.ts';

/** The fast path did not decide; the engine has to. */
class NotDecided extends Error {}

/** The decision, or why the engine has to make it. */
export async function decideFast(
  kept: KeptPolicy,
  input: Input,
): Promise<Pick<Decision, 'verdict' | 'notes'> | { why: string }> {
  // What only concerns changes under review was not kept.
  if (input.phase !== 'commit') return { why: `a policy is kept for commits, and this is phase ${input.phase}` };
  const { revision, fast } = kept;
  const entrypoints = entrypointsIn(kept.entrypoints, input.phase);
  const names = entrypoints.map(({ ref }) => nameOf(ref));
  const judges = {
    revision,
    entrypoints,
    schemas: await schemasFor(kept, input),
    async evaluate(judged: Input) {
      if (entrypoints.length === 0) return undefined;
      const result = await evaluateFast(fast, names, judged);
      if (!result.decided) throw new NotDecided(result.why);
      const answer = entrypoints.map(({ ref }) => {
        const value = result.values.get(nameOf(ref));
        // As the query has it that the engine is asked.
        return [ref, value === undefined ? [] : [value]];
      });
      return { result: [{ expressions: [{ value: Object.fromEntries(answer), text: '' }] }] };
    },
  };
  try {
    const { verdict, notes } = await judge(judges, input, inBatches(input.commits), { decisionId: randomId() });
    return { verdict, notes };
  } catch (error) {
    // What is wrong with an entrypoint's value the engine says with its place.
    if (error instanceof NotDecided || error instanceof DecisionError) return { why: error.message };
    throw error;
  }
}

/** A version 4 UUID that is to differ from others, and need not be hard to guess: loading `node:crypto` would be felt. */
function randomId(): string {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', () => Math.floor(Math.random() * 16).toString(16));
}

/** Nothing when all values are surely valid; else the validators, which take a while to make. */
async function schemasFor({ judging, schemas }: KeptPolicy, input: Input): Promise<SchemaPolicy[]> {
  const sure = judging.every(({ each, schema }) =>
    [...valuesAt(input, each)].every(({ value }) => surelyValid(schema, value)),
  );
  if (sure) return [];
  const { compileSchemas } = await import('../policies/schema-policy.ts');
  return compileSchemas(schemas).policies;
}
