/** The mask policy of a policy set, asked as OPA asks it: `data.system.log.mask`, with the record as its input. */
import type { PolicySet } from '../../policies/policy-set.ts';
import type { Prepared } from '../decide.ts';
import { masked, readMaskRules } from './mask.ts';
import type { DecisionRecord } from './record.ts';

/** Whether a policy set may have a mask policy: if not, nobody need be asked. */
export function mayMask({ files }: Pick<PolicySet, 'files'>): boolean {
  return files.some(({ kind, text }) => kind === 'module' && /^[^#\n]*\bpackage\s+system\b/m.test(text));
}

/** Masks records by the policies; undefined where they have no mask policy. */
export function maskBy(
  { engine, workspace, policies }: Pick<Prepared, 'engine' | 'workspace' | 'policies'>,
  timeoutMs: number,
): ((record: DecisionRecord) => Promise<DecisionRecord>) | undefined {
  if (!mayMask(policies)) return undefined;
  return async (record) => {
    // As OPA has it: metrics and errors are not there yet.
    const { metrics: _, error: __, ...input } = record;
    const params = { workspace, query: 'data.system.log.mask', input, now: record.timestamp, timeoutMs };
    const { evaluations } = await engine.call('eval', params);
    const value = evaluations[0]?.result[0]?.expressions[0]?.value;
    return value === undefined ? record : masked(record, readMaskRules(value));
  };
}
