/** The scope tier that holds where no rule says otherwise, of the policy data's `scope`. */
import { isRecord, records, texts } from '../plain-data.ts';

export interface Tier {
  required: string[];
  /** Characters. */
  contextMinLength: number;
  futureMinutes: number;
}

export function defaultTier({ scope }: Record<string, unknown>): Tier {
  const all = isRecord(scope) ? scope : {};
  const tier = records(all.tiers).find(({ name }) => name === all.default) ?? {};
  return {
    required: texts(tier.required),
    contextMinLength: typeof tier.context_min_length === 'number' ? tier.context_min_length : 0,
    futureMinutes: typeof tier.timestamp_future_minutes === 'number' ? tier.timestamp_future_minutes : 5,
  };
}
