/** What the trailers of a message declare of AI use, in whatever form the configuration takes for a disclosure. */

import type { Config, Profile } from '../config.ts';
import type { Disclosure, Trailer } from '../input.ts';
import { isLineProfile, type LineProfile, readLine, type ToolUse } from './tool-lines.ts';

/** What reading and stamping go by. `agents` is filled where policies or a form are loaded, for the forms that need it. */
export type DisclosureConfig = Pick<Config, 'trailers'> & Partial<Pick<Config, 'disclosure' | 'agents'>>;

/** A trailer that discloses in another project's form. */
export interface DisclosingLine {
  profile: LineProfile;
  trailer: Trailer;
  use: ToolUse;
}

/**
 * The disclosure among a commit's trailers, by field name; undefined when they declare nothing.
 *
 * The configured trailers count always, and beside them the forms of `disclosure.profile` and
 * `disclosure.accept`. A line of such a form fills the field `model`, with its agent where it names
 * no model; `tools` and `agent` where the configuration has trailers for fields of these names. A
 * value that is there already is not repeated. Nobody is made an approver by any line.
 *
 * Where a CRLF message folds a value, git leaves the carriage return in it; here it is no part of it.
 */
export function declaredBy(trailers: readonly Trailer[], config: DisclosureConfig): Disclosure | undefined {
  const found: Disclosure = {};
  for (const [field, key] of Object.entries(config.trailers)) {
    const values = trailers
      .filter((trailer) => trailer.key.toLowerCase() === key.toLowerCase())
      .map(({ value }) => value.replaceAll('\r ', ' '));
    if (values.length > 0) found[field] = values;
  }
  for (const { use } of disclosingLines(trailers, config)) {
    add(found, 'model', use.model ?? use.agent);
    if (Object.hasOwn(config.trailers, 'agent')) add(found, 'agent', use.agent);
    if (Object.hasOwn(config.trailers, 'tools')) for (const tool of use.tools) add(found, 'tools', tool);
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The trailers that disclose in another project's form, of those that the configuration reads. */
export function disclosingLines(
  trailers: readonly Trailer[],
  config: DisclosureConfig,
  profiles: readonly LineProfile[] = readProfiles(config).filter(isLineProfile),
): DisclosingLine[] {
  if (profiles.length === 0) return [];
  const own = new Set(Object.values(config.trailers).map((key) => key.toLowerCase()));
  return trailers.flatMap((trailer): DisclosingLine[] => {
    if (own.has(trailer.key.toLowerCase())) return [];
    for (const profile of profiles) {
      const use = readLine(profile, trailer, config.agents ?? []);
      if (use) return [{ profile, trailer, use }];
    }
    return [];
  });
}

/** The forms that are read as a disclosure, the configured one first. */
export function readProfiles({ disclosure }: DisclosureConfig): Profile[] {
  return [...new Set<Profile>([disclosure?.profile ?? 'countersign', ...(disclosure?.accept ?? []), 'countersign'])];
}

/** The form that is stamped. */
export function stampedProfile({ disclosure }: DisclosureConfig): Profile {
  return disclosure?.profile ?? 'countersign';
}

function add(disclosure: Disclosure, field: string, value: string | undefined): void {
  if (value === undefined) return;
  const present = disclosure[field] ?? [];
  if (present.some((other) => other.toLowerCase() === value.toLowerCase())) return;
  disclosure[field] = [...present, value];
}
