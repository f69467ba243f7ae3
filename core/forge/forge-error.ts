/** Why a code host did not tell what it was asked. */

/**
 * - `refused`: it is there, or not, but this token (or nobody's) may not see it: the fact is unknown;
 * - `failed`: the host did not answer, or not in a form that can be read: nothing can be decided.
 */
export type ForgeErrorKind = 'refused' | 'failed';

/** `message` is for people, without tokens. */
export class ForgeError extends Error {
  readonly kind: ForgeErrorKind;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  constructor(kind: ForgeErrorKind, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ForgeError';
    this.kind = kind;
    this.status = options.status;
  }
}

/** An answer that is not what the code host's documentation says: it decides nothing. */
export function unreadable(host: string, what: string): ForgeError {
  return new ForgeError('failed', `${host} answered in a form that cannot be read: ${what}.`);
}
