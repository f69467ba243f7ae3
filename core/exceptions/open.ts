/** A new exception: its scope as narrow as given, its file never in another's place. */
import { stringify } from 'yaml';
import { secretProblem } from '../disclosure/secrets.ts';
import { readException } from '../exceptions.ts';
import { matchesAnything } from '../globs.ts';
import type { Exception } from '../input.ts';
import { timestampOf } from '../timestamp.ts';
import { placeOf } from '../yaml-document.ts';

/** What someone asks for. */
export interface Asked {
  rules: string[];
  /** Full ids. */
  commits?: string[];
  paths?: string[];
  reason: string;
  approvedBy: string;
  /** A time (RFC 3339), a date, or a duration such as `12h`, `7d` or `2w`; a week when absent. */
  expires?: string;
  ticket?: string;
  /** The file's name without its ending; made of the day and the rules when absent. */
  id?: string;
  /** It shall hold for any commit and any path. */
  anyCommit?: boolean;
}

/** What is wrong with what was asked; one sentence each. */
export class ExceptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExceptionError';
  }
}

/**
 * The file of a new exception. Rejects with {@link ExceptionError} when it would be unlimited and was
 * not asked to be, when a part is missing or wrong, and when a text holds a secret.
 *
 * @param taken the ids that there are; a made-up id goes around them
 */
export async function newException(
  asked: Asked,
  taken: ReadonlySet<string>,
  now: Date,
): Promise<{ exception: Exception; name: string; text: string }> {
  const paths = asked.paths?.map(normalizedPath);
  const limited =
    (asked.commits?.length ?? 0) > 0 || (paths !== undefined && paths.length > 0 && !paths.some(matchesAnything));
  if (!limited && !asked.anyCommit) {
    throw new ExceptionError(
      'It would excuse every commit: name commits (--commit) or paths (--path), or say that you mean all (--any-commit).',
    );
  }
  const id = asked.id ?? freeId(`${timestampOf(now).slice(0, 10)}-${slug(asked.rules)}`, taken);
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u.test(id) || /\.$/.test(id)) {
    throw new ExceptionError(
      `The id ${JSON.stringify(id)} is a file's name: letters, digits, dots, dashes, at most 100.`,
    );
  }
  if ([...taken].some((other) => other.toLowerCase() === id.toLowerCase())) {
    throw new ExceptionError(`There is an exception ${id} already: choose another --id, or change that one.`);
  }
  for (const text of [asked.reason, asked.ticket ?? '', asked.approvedBy]) {
    const problem = await secretProblem(text);
    if (problem !== undefined) throw new ExceptionError(problem);
  }
  const fields = {
    rules: [...new Set(asked.rules)],
    ...(asked.commits?.length && { commits: [...new Set(asked.commits)] }),
    ...(paths?.length && { paths: [...new Set(paths)] }),
    reason: asked.reason.trim(),
    approved_by: asked.approvedBy.trim(),
    opened: timestampOf(now),
    expires: expiry(asked.expires ?? '7d', now),
    ...(asked.ticket !== undefined && { ticket: asked.ticket.trim() }),
  };
  const name = `${id}.yaml`;
  const text = stringify(fields, { lineWidth: 0 });
  const { exception, problems } = readException(name, text);
  if (!exception) {
    const said = problems.map((found) => `${found.message} (${placeOf(found)})`).join('\n');
    throw new ExceptionError(`It would not be an exception: ${said}`);
  }
  return { exception, name, text };
}

/** Globs are relative to the repository's top, with slashes. Throws {@link ExceptionError} for one that leads out of it. */
export function normalizedPath(path: string): string {
  const glob = path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  if (glob === '' || /^(?:\/|[A-Za-z]:)|(?:^|\/)\.\.(?:\/|$)/.test(glob)) {
    throw new ExceptionError(
      `The path ${JSON.stringify(path)} is not one of this repository: write it from the top, such as vendor/**.`,
    );
  }
  // A folder means what is in it.
  return glob.endsWith('/') ? `${glob}**` : glob;
}

function slug(rules: readonly string[]): string {
  const text = rules
    .join('-')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-');
  return text.slice(0, 60).replace(/^-+|-+$/g, '') || 'exception';
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  let id = wanted;
  for (let at = 2; taken.has(id); at++) id = `${wanted}-${at}`;
  return id;
}

const units: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** The moment that a time, a date or a duration from now means; RFC 3339. Throws {@link ExceptionError}. */
export function expiry(text: string, now: Date): string {
  const [, number, unit = ''] = /^(\d{1,4})([hdw])$/.exec(text.trim()) ?? [];
  if (number !== undefined) {
    const end = now.getTime() + Number(number) * (units[unit] as number);
    if (end > now.getTime()) return timestampOf(end);
  }
  const written = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const at = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}/.test(written) ? Date.parse(written) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new ExceptionError(
      `${JSON.stringify(text)} is no time to expire at: write 2026-12-31, 2026-12-31T12:00:00Z, or 12h, 7d, 2w from now.`,
    );
  }
  if (at <= now.getTime()) throw new ExceptionError(`${text} is over: an exception expires in the future.`);
  return written;
}
