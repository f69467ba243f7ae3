/** Says a message's disclosure in another project's form. */

import type { Profile } from '../config.ts';
import type { Trailer } from '../input.ts';
import { setTrailers } from '../trailers/add.ts';
import { parseTrailers } from '../trailers/parse.ts';
import { type DisclosureConfig, disclosingLines } from './profiles.ts';
import { StampError, type StampOptions } from './stamp.ts';
import { familyOf, isLineProfile, type LineProfile, lineNeeds, type ToolUse, writeLine } from './tool-lines.ts';

export interface Translation {
  message: string;
  /** Whether the message disclosed anything in the form to translate from; else it is as it was. */
  found: boolean;
  /** What the new form has no place for, each as a line of the old message; the lines are gone. */
  lost: string[];
}

/**
 * The message with its disclosure in the form `to`, where it has one in the form `from` (in any form
 * when that is absent). All else stays byte for byte.
 *
 * What the new form has no place for goes, and is told: the kernel's line has none for a context, ours
 * none for the analysis tools unless the configuration names a trailer for the field `tools`. What the
 * new form needs and the message does not say is not made up.
 *
 * Errors: `StampError` when that is so, and for `forbid`, which is no form.
 */
export function translate(
  message: string,
  from: Profile | undefined,
  to: Profile,
  config: DisclosureConfig,
  options: StampOptions = {},
): Translation {
  if (to === 'forbid' || from === 'forbid') {
    throw new StampError('model', 'forbid is no form of disclosure: there is nothing to translate.');
  }
  if (from === to) return { message, found: true, lost: [] };
  const { trailers } = parseTrailers(message, options);
  const lineForms = (from === undefined ? allLineProfiles : [from].filter(isLineProfile)).filter((form) => form !== to);
  const lines = disclosingLines(trailers, config, lineForms);
  const own = to !== 'countersign' && (from ?? 'countersign') === 'countersign' ? ownTrailers(trailers, config) : [];
  const gone = new Set([...lines.map(({ trailer }) => trailer), ...own.map(({ trailer }) => trailer)]);
  if (gone.size === 0) return { message, found: false, lost: [] };
  const uses = [...usesOf(own), ...lines.map(({ use }) => use)];
  if (uses.length === 0 && disclosingLines(trailers, config, [to].filter(isLineProfile)).length > 0) {
    return { message, found: false, lost: [] };
  }
  const lost: string[] = [];
  const written = to === 'countersign' ? fieldsOf(uses, config, lost) : linesOf(to, uses, own, config, options, lost);
  const isGone = (trailer: Trailer) =>
    [...gone].some(({ key, value }) => key === trailer.key && value === trailer.value) ||
    written.some(({ key, value }) => key.toLowerCase() === trailer.key.toLowerCase() && value === trailer.value);
  const stamped = setTrailers(message, written, {
    commentPrefix: options.commentPrefix,
    replaced: isGone,
    beforeSignOffs: to === 'kernel',
  });
  if (stamped !== undefined) return { message: stamped, found: true, lost };
  throw new StampError(
    'model',
    `Git would take the line "${written[0]?.key}: …" for a comment: change core.commentChar.`,
  );
}

const allLineProfiles: LineProfile[] = ['kernel', 'generated-by', 'co-authored-by'];

interface OwnTrailer {
  field: string;
  trailer: Trailer;
}

function ownTrailers(trailers: readonly Trailer[], config: DisclosureConfig): OwnTrailer[] {
  const fieldOf = new Map(Object.entries(config.trailers).map(([field, key]) => [key.toLowerCase(), field]));
  return trailers.flatMap((trailer) => {
    const field = fieldOf.get(trailer.key.toLowerCase());
    return field === undefined ? [] : [{ field, trailer }];
  });
}

/** What our own trailers say in the terms of the other forms: a use for each model. */
function usesOf(own: readonly OwnTrailer[]): ToolUse[] {
  const values = (field: string) =>
    own.flatMap(({ field: name, trailer }) => (name === field && trailer.value.trim() !== '' ? [trailer.value] : []));
  const agents = values('agent');
  return values('model').map((model, at) => ({ model, agent: agents[at] ?? agents.at(-1), tools: values('tools') }));
}

/** Our trailers for what lines said. */
function fieldsOf(uses: readonly ToolUse[], { trailers }: DisclosureConfig, lost: string[]): Trailer[] {
  const all: [field: string, values: string[]][] = [
    ['model', uses.flatMap(({ model, agent }) => model ?? agent ?? [])],
    ['agent', uses.flatMap(({ model, agent }) => (agent && model && agent !== familyOf(model) ? [agent] : []))],
    ['tools', uses.flatMap(({ tools }) => tools)],
  ];
  return all.flatMap(([field, values]) => {
    const key = Object.hasOwn(trailers, field) ? trailers[field] : undefined;
    const once = [...new Set(values)];
    if (key !== undefined) return once.map((value) => ({ key, value }));
    if (once.length > 0) lost.push(`${field}: ${once.join(', ')}`);
    return [];
  });
}

/** The lines of another form for what ours, or a third, said. */
function linesOf(
  to: LineProfile,
  uses: readonly ToolUse[],
  own: readonly OwnTrailer[],
  { agents = [] }: DisclosureConfig,
  options: StampOptions,
  lost: string[],
): Trailer[] {
  const carried = ['model', 'agent', ...(to === 'kernel' ? ['tools'] : [])];
  for (const { field, trailer } of own) {
    if (!carried.includes(field)) lost.push(`${trailer.key}: ${trailer.value}`);
  }
  if (uses.length === 0) {
    throw new StampError('model', `The message names no model, which the profile ${to} needs: add it first.`);
  }
  const written = uses.map((use) => {
    const line = writeLine(to, { ...use, agent: use.agent ?? options.agent }, agents);
    if (line === undefined) {
      const what = use.model ?? use.agent ?? '';
      throw new StampError(
        'model',
        `The profile ${to} needs ${lineNeeds[to]}, and ${JSON.stringify(what)} does not tell.`,
      );
    }
    if (to !== 'kernel' && use.tools.length > 0 && own.length === 0) lost.push(`tools: ${use.tools.join(', ')}`);
    return line;
  });
  return written.filter(
    (line, at) => written.findIndex(({ key, value }) => key === line.key && value === line.value) === at,
  );
}
