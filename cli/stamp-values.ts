/** What `countersign stamp` was told to write, and how a message gets it. */
import type { Config, Profile } from '../core/config.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { Disclosure } from '../core/input.ts';
import { UsageError } from './exit.ts';
import type { FieldValue } from './options.ts';

/** The options that say what to stamp. */
export interface ValueOptions {
  model?: string[];
  context?: string[];
  approver?: string[];
  timestamp?: string;
  agent?: string;
  tool?: string[];
  field?: FieldValue[];
  profile?: Profile;
  translate?: Profile;
  from?: Profile;
}

/** Makes new messages of old ones. */
export interface Stamper {
  config: Config;
  /** The fields and values for a note; `time` (RFC 3339) is taken where none is declared yet. */
  values(present: Disclosure | undefined, time: string): Record<string, string[]>;
  message(message: string, options: { commentPrefix?: string; time: string }): string;
  /** What translations had no place for, in words. */
  lost: string[];
  /** Messages in which there was nothing to translate. */
  untranslated: number;
}

/** Rejects with {@link UsageError} when there is nothing to do, or a value holds a secret. */
export async function prepareStamper(repository: GitRepository, options: ValueOptions): Promise<Stamper> {
  const config = await settings(repository, options);
  const inLines = !['countersign', 'forbid'].includes(config.disclosure.profile);
  const given = givenValues(options, inLines);
  const translating = options.translate !== undefined;
  if (Object.keys(given).length === 0 && !translating) {
    throw new UsageError('There is nothing to add: give --model, --context, --approver, --timestamp or --field.');
  }
  if (Object.keys(given).length > 0 && translating) {
    throw new UsageError('--translate says again what the message says: give the values without it, or after it.');
  }
  await refuseSecrets(given);
  const [{ stamp }, { declaredBy }, { parseTrailers }, { translate }] = await Promise.all([
    import('../core/disclosure/stamp.ts'),
    import('../core/disclosure/profiles.ts'),
    import('../core/trailers/parse.ts'),
    import('../core/disclosure/translate.ts'),
  ]);
  const timed = !inLines || (await requiresTime(repository));
  const stamper: Stamper = {
    config,
    lost: [],
    untranslated: 0,
    values(present, time) {
      const known = given.timestamp || present?.timestamp || !config.trailers.timestamp || !timed;
      return known ? given : { ...given, timestamp: [time] };
    },
    message(message, { commentPrefix, time }) {
      if (options.translate === undefined) {
        const present = declaredBy(parseTrailers(message, { commentPrefix }).trailers, config);
        return stamp(message, stamper.values(present, time), config, { commentPrefix, agent: options.agent });
      }
      const { agent } = options;
      const translated = translate(message, options.from, options.translate, config, { commentPrefix, agent });
      if (!translated.found) stamper.untranslated++;
      stamper.lost.push(...translated.lost);
      return translated.message;
    },
  };
  return stamper;
}

/** The work tree's configuration, with the profile that was asked for, and who is an agent where that matters. */
async function settings(repository: GitRepository, { profile, translate }: ValueOptions): Promise<Config> {
  const [{ workTreeConfig }, { needsAgents }] = await Promise.all([
    import('../core/policies/work-tree-config.ts'),
    import('../core/config.ts'),
  ]);
  const { config: found, problems } = await workTreeConfig(repository.root);
  if (problems.length > 0) throw new UsageError('The configuration cannot be used.', problems);
  const chosen = profile !== undefined && found.disclosure.profile !== 'forbid';
  const config = chosen ? { ...found, disclosure: { ...found.disclosure, profile } } : found;
  if (!needsAgents(config) && translate === undefined) return config;
  const { agentsOf } = await import('../core/disclosure/agents.ts');
  return { ...config, agents: agentsOf(await dataOf(repository)) };
}

/** The policy data that someone who commits here is judged by. */
async function dataOf(repository: GitRepository): Promise<Record<string, unknown>> {
  const [{ workTreePolicies }, { policyData }] = await Promise.all([
    import('../core/decision/decide-commit.ts'),
    import('../core/policies/policy-set.ts'),
  ]);
  return policyData(await workTreePolicies(repository.root));
}

/** Forms of other projects have no time: it is added where the repository's policy asks for it. */
async function requiresTime(repository: GitRepository): Promise<boolean> {
  const { defaultTier } = await import('../core/disclosure/tier.ts');
  return defaultTier(await dataOf(repository)).required.includes('timestamp');
}

/** The values by field name. */
function givenValues(options: ValueOptions, inLines: boolean): Record<string, string[]> {
  const { model = [], context = [], approver = [], timestamp, agent, tool = [], field = [] } = options;
  const values: Record<string, string[]> = {};
  const all: [string, string[]][] = [
    ['model', model],
    ['tools', tool],
    // In a line for each model the agent stands beside it; else it is a field of its own.
    ['agent', agent === undefined || inLines || options.translate ? [] : [agent]],
    ['context', context],
    ['approver', approver],
    ['timestamp', timestamp === undefined ? [] : [timestamp]],
    ...field.map(([name, value]): [string, string[]] => [name, [value]]),
  ];
  for (const [name, added] of all) if (added.length > 0) values[name] = [...(values[name] ?? []), ...added];
  return values;
}

/** What is committed is read by many: a secret in free text is refused, and not repeated. */
async function refuseSecrets(values: Record<string, string[]>): Promise<void> {
  const { secretProblem } = await import('../core/disclosure/secrets.ts');
  for (const [field, texts] of Object.entries(values)) {
    if (field === 'model' || field === 'timestamp') continue;
    for (const text of texts) {
      const found = await secretProblem(text);
      if (found !== undefined) throw new UsageError(`The value of ${field} cannot be stamped. ${found}`);
    }
  }
}
