/** Lines that disclose in the form of another project, where the repository has taken that form for its own. */
import type { DisclosureField } from '../../core/disclosure/form.ts';
import { stampedProfile } from '../../core/disclosure/profiles.ts';
import { isLineProfile, writeLine } from '../../core/disclosure/tool-lines.ts';
import type { Trailer } from '../../core/input.ts';
import type { MessageFacts } from './finding.ts';

/** A line for each model that is known or approved, the known ones first; none where the form is ours. */
export function offeredLines({ home, known }: MessageFacts, fields: readonly DisclosureField[]): Trailer[] {
  const profile = stampedProfile(home.config);
  if (!isLineProfile(profile)) return [];
  const models = [
    ...(known?.values ?? []).filter(({ field }) => field === 'model').map(({ value }) => value),
    ...(fields.find(({ name }) => name === 'model')?.suggestions ?? []).map(({ value }) => value),
  ];
  return [...new Set(models)].flatMap(
    (model) => writeLine(profile, { model, tools: [] }, home.config.agents ?? []) ?? [],
  );
}
