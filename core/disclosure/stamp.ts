/** Puts a disclosure into a commit message. */

import type { Config } from '../config.ts';
import { setTrailers } from '../trailers/add.ts';

/** A value that cannot be a trailer's; `field` says which. */
export class StampError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'StampError';
    this.field = field;
  }
}

/**
 * The message with the disclosure's trailers set, in the order of the configuration: those already
 * there with the same keys are replaced, all else stays byte for byte. Stamping twice is stamping once.
 *
 * `values` go by field name; a line break in a value becomes a space; an absent field is left as it is.
 *
 * Errors: `StampError` for an unknown field, for a value that is empty or has control characters, and
 * when git would take the lines for comments.
 */
export function stamp(
  message: string,
  values: Record<string, string | string[]>,
  config: Pick<Config, 'trailers'>,
  options: { commentPrefix?: string } = {},
): string {
  for (const field of Object.keys(values)) {
    if (!Object.hasOwn(config.trailers, field)) {
      const known = Object.keys(config.trailers).join(', ');
      throw new StampError(
        field,
        `There is no disclosure field ${JSON.stringify(field)}; the configuration has: ${known}.`,
      );
    }
  }
  const trailers = Object.entries(config.trailers).flatMap(([field, key]) =>
    [values[field] ?? []].flat().map((value) => ({ key, value: cleanValue(field, value) })),
  );
  const [first] = trailers;
  if (!first) return message;
  const stamped = setTrailers(message, trailers, options);
  if (stamped !== undefined) return stamped;
  const field = Object.keys(config.trailers).find((name) => config.trailers[name] === first.key);
  throw new StampError(
    field ?? first.key,
    `Git would take the line "${first.key}: …" for a comment: change core.commentChar, or the trailer's key in the configuration.`,
  );
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
