/** Why policies from a bundle cannot be used. */

/**
 * - `configuration`: what was asked for makes no sense, or cannot be used as it is;
 * - `unavailable`: it could not be got;
 * - `refused`: it was got, and is not to be trusted or not whole.
 *
 * Only the first is for whoever called to mend; the others are no decision.
 */
export type BundleErrorKind = 'configuration' | 'unavailable' | 'refused';

export class BundleError extends Error {
  readonly kind: BundleErrorKind;
  constructor(kind: BundleErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BundleError';
    this.kind = kind;
  }
}
