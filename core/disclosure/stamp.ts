/** Puts a disclosure into a commit message. */

import type { Trailer } from '../input.ts';
import { setTrailers } from '../trailers/add.ts';
import { parseTrailers } from '../trailers/parse.ts';
import { type DisclosureConfig, declaredBy, disclosingLines, readProfiles, stampedProfile } from './profiles.ts';
import { isLineProfile, type LineProfile, lineNeeds, readLine, writeLine } from './tool-lines.ts';

/** A value that cannot be a trailer's; `field` says which. */
export class StampError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'StampError';
    this.field = field;
  }
}

export interface StampOptions {
  /** What starts a comment line in the message. Default `#`. */
  commentPrefix?: string;
  /** The agent that used the model, where the form names one; else it follows from the model's name. */
  agent?: string;
}

/** The values of a form that go into one line for each model, in the profiles that have such lines. */
const lineFields = ['model', 'tools', 'agent'];

/**
 * The message with the disclosure set, in the configured form: what disclosed the same fields before, in
 * any form that is read, is replaced; all else stays byte for byte. Stamping twice is stamping once.
 *
 * `values` go by field name; a line break in a value becomes a space; an absent field is left as it is.
 * In a profile with lines for models (`kernel`, `generated-by`, `co-authored-by`) the model, its agent and
 * tools make up those lines; the other fields keep the trailers that the configuration names. What becomes
 * of agents' co-author lines, `disclosure.coauthors` says.
 *
 * Errors: `StampError` for an unknown field, for a value that is empty or has control characters, when the
 * form needs what is not known, when git would take the lines for comments, and always in a project that
 * forbids AI.
 */
export function stamp(
  message: string,
  values: Record<string, string | readonly string[]>,
  config: DisclosureConfig,
  options: StampOptions = {},
): string {
  const profile = stampedProfile(config);
  if (profile === 'forbid') {
    throw new StampError(
      'model',
      'This project takes no contributions made with AI (disclosure.profile is forbid): there is nothing to stamp. Take the work out instead.',
    );
  }
  const cleaned = cleanValues(values, config, isLineProfile(profile));
  if (Object.keys(cleaned).length === 0) return message;
  const present = parseTrailers(message, options).trailers;
  takeOver(cleaned, present, config);
  const lines = isLineProfile(profile) ? toolLines(profile, cleaned, present, config, options) : [];
  const inLines = isLineProfile(profile) ? lineFields : [];
  const own = Object.entries(config.trailers).flatMap(([field, key]) =>
    inLines.includes(field) ? [] : (cleaned[field] ?? []).map((value) => ({ key, value })),
  );
  const trailers = [...lines, ...own];
  const [first] = trailers;
  if (!first) return message;
  const stamped = setTrailers(message, trailers, {
    commentPrefix: options.commentPrefix,
    replaced: replacedBy(cleaned, lines.length > 0, config),
    beforeSignOffs: profile === 'kernel',
  });
  if (stamped !== undefined) return stamped;
  const field = Object.keys(config.trailers).find((name) => config.trailers[name] === first.key);
  throw new StampError(
    field ?? first.key,
    `Git would take the line "${first.key}: …" for a comment: change core.commentChar, or the trailer's key in the configuration.`,
  );
}

/** The values as a trailer or note can hold them. Errors: `StampError`, as {@link stamp}. */
export function cleanValues(
  values: Record<string, string | readonly string[]>,
  { trailers }: DisclosureConfig,
  inLines = false,
): Record<string, string[]> {
  const cleaned: Record<string, string[]> = {};
  for (const [field, given] of Object.entries(values)) {
    if (!Object.hasOwn(trailers, field) && !(inLines && lineFields.includes(field))) {
      const known = Object.keys(trailers).join(', ');
      throw new StampError(
        field,
        `There is no disclosure field ${JSON.stringify(field)}; the configuration has: ${known}.`,
      );
    }
    const list = [given].flat().map((value) => cleanValue(field, value));
    if (list.length > 0) cleaned[field] = list;
  }
  return cleaned;
}

/** The lines for the models. */
function toolLines(
  profile: LineProfile,
  values: Record<string, string[]>,
  present: readonly Trailer[],
  config: DisclosureConfig,
  { agent: known }: StampOptions,
): Trailer[] {
  if (!lineFields.some((field) => values[field])) return [];
  const before = disclosingLines(present, config).map(({ use }) => use);
  const models = values.model ?? before.flatMap(({ model }) => model ?? []);
  const tools = values.tools ?? [];
  if (models.length === 0 && values.tools && !values.agent) {
    throw new StampError('tools', 'Tools are named beside a model: give the model, too.');
  }
  const uses = models.length > 0 ? models : [undefined];
  return uses.map((model, at) => {
    const agent =
      values.agent?.[Math.min(at, values.agent.length - 1)] ??
      before.find((use) => use.model === model)?.agent ??
      known;
    const line = writeLine(profile, { agent, model, tools }, config.agents ?? []);
    if (line) return line;
    throw new StampError(
      model === undefined ? 'model' : 'agent',
      `The profile ${profile} needs ${lineNeeds[profile]}${model === undefined ? '' : `, and ${JSON.stringify(model)} alone does not tell`}.`,
    );
  });
}

/** Adds what the lines that are going to be replaced say and nothing else does: models, and tools beside them. */
function takeOver(values: Record<string, string[]>, present: readonly Trailer[], config: DisclosureConfig): void {
  const fields = (field: string) => isLineProfile(stampedProfile(config)) || Object.hasOwn(config.trailers, field);
  if (!values.model && config.disclosure?.coauthors === 'replace' && fields('model')) {
    const models = present.flatMap((trailer) => readLine('co-authored-by', trailer, config.agents ?? [])?.model ?? []);
    const declared = declaredBy(
      present.filter(({ key }) => key.toLowerCase() !== 'co-authored-by'),
      config,
    )?.model;
    if (models.length > 0 && !declared) values.model = [...new Set(models)];
  }
  if (values.model && !values.tools && fields('tools')) {
    const tools = disclosingLines(present, config).flatMap(({ use }) => use.tools);
    if (tools.length > 0) values.tools = [...new Set(tools)];
  }
}

/** Which trailers go: those of the fields that are given, in any form that is read, and agents' co-author lines. */
function replacedBy(values: Record<string, string[]>, writesLines: boolean, config: DisclosureConfig) {
  const keys = new Set(
    Object.entries(config.trailers).flatMap(([field, key]) =>
      values[field] || (writesLines && lineFields.includes(field)) ? [key.toLowerCase()] : [],
    ),
  );
  const profile = stampedProfile(config);
  const setsModel = writesLines || values.model !== undefined;
  const keepsCoauthors = (config.disclosure?.coauthors ?? 'keep') === 'keep' && profile !== 'co-authored-by';
  const forms = readProfiles(config).filter(isLineProfile);
  return (trailer: Trailer): boolean => {
    if (keys.has(trailer.key.toLowerCase())) return true;
    if (trailer.key.toLowerCase() === 'co-authored-by') {
      const replaces = profile === 'co-authored-by' ? setsModel : !keepsCoauthors;
      return replaces && readLine('co-authored-by', trailer, config.agents ?? []) !== undefined;
    }
    return setsModel && disclosingLines([trailer], config, forms).length > 0;
  };
}

function cleanValue(field: string, value: string): string {
  const lines = value.split(/[\r\n\u2028\u2029]/).map((part) => part.trim());
  const line = lines.filter((part) => part !== '').join(' ');
  if (line === '') throw new StampError(field, `The value of ${field} is empty.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/.exec(line);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    throw new StampError(field, `The value of ${field} has the control character U+${code}; take it out.`);
  }
  return line;
}
