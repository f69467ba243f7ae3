/** What the message itself says: a disclosure that is already in it, and agents' co-author lines and marks. */
import type { Known, KnownSource, KnownValue } from '../disclosure/known.ts';
import { type DisclosureConfig, declaredBy } from '../disclosure/profiles.ts';
import { cutAtScissors } from '../git/message-file.ts';
import { commentPrefix } from '../git/staged.ts';
import type { Evidence } from '../input.ts';
import { parseTrailers } from '../trailers/parse.ts';
import type { Situation } from './situation.ts';
import { type KnownTraces, knownTraces, tracesIn } from './traces.ts';

export async function readMessage({ repository, home, ...situation }: Situation): Promise<Known> {
  const message = await situation.message();
  if (message.trim() === '') return { values: [], evidence: [] };
  const prefix = await commentPrefix(repository, message);
  return knownOfMessage(message, prefix, home.config, await knownTraces(home));
}

function knownOfMessage(message: string, prefix: string, config: DisclosureConfig, traces: KnownTraces): Known {
  const source: KnownSource = 'message';
  const text = cutAtScissors(message, prefix);
  const { trailers } = parseTrailers(text, { commentPrefix: prefix });
  const values: KnownValue[] = Object.entries(declaredBy(trailers, config) ?? {}).flatMap(([field, all]) => {
    const detail = `${config.trailers[field] ?? field} in the message`;
    return all
      .filter((value) => value !== '')
      .map((value) => ({ field, value, source, certainty: 'recorded' as const, detail }));
  });
  const evidence: Evidence[] = [];
  for (const { detail, model, recorded } of tracesIn(text, prefix, traces)) {
    evidence.push({ source, detail, ...(model !== undefined && { model }) });
    if (model === undefined) continue;
    const certainty = recorded ? 'recorded' : 'inferred';
    values.push({ field: 'model', value: model, source, certainty, detail: `${detail} in the message` });
  }
  return { values, evidence };
}
