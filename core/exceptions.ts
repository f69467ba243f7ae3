/** `.countersign/exceptions/`: one file per recorded, expiring permission. */

import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem } from '../engine/protocol.ts';
import { compileSchema, validateDocument } from './document-schema.ts';
import type { Exception } from './input.ts';
import exceptionSchema from './schemas/exception.schema.json' with { type: 'json' };
import { problem, readDocument } from './yaml-document.ts';

let validate: ValidateFunction<Omit<Exception, 'id'>> | undefined;

/**
 * Reads one exception; its id is the file's name without its ending. A file with any problem is no
 * exception, and the problem must reach whoever decides: it is never skipped in silence.
 */
export function readException(path: string, text: string): { exception?: Exception; problems: Problem[] } {
  const document = readDocument(path, text);
  if (document.problems.length > 0) return { problems: document.problems };
  validate ??= compileSchema<Omit<Exception, 'id'>>(exceptionSchema);
  const problems = validateDocument(document, validate);
  if (problems.length > 0) return { problems };
  const given = document.value as Omit<Exception, 'id'>;
  if (Date.parse(given.expires) <= Date.parse(given.opened)) {
    return {
      problems: [problem(path, document.rangeOf(['expires']), 'exception', '`expires` must be after `opened`.')],
    };
  }
  return { exception: { id: exceptionId(path), ...given }, problems: [] };
}

/** The id of the exception that a file holds: its name without its ending. */
export function exceptionId(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.(ya?ml|json)$/i, '');
}

/**
 * Reads all exceptions. Two files with the same id are a problem: what is excused by which would
 * be unclear.
 */
export function readExceptions(files: { path: string; text: string }[]): {
  exceptions: Exception[];
  problems: Problem[];
} {
  const exceptions: Exception[] = [];
  const problems: Problem[] = [];
  const paths = new Map<string, string>();
  for (const { path, text } of files) {
    const read = readException(path, text);
    problems.push(...read.problems);
    if (!read.exception) continue;
    const other = paths.get(read.exception.id);
    if (other !== undefined) {
      problems.push(problem(path, undefined, 'exception', `${other} has the same name; rename one of them.`));
      continue;
    }
    paths.set(read.exception.id, path);
    exceptions.push(read.exception);
  }
  return { exceptions, problems };
}
