/** Facts of a change in a file, for build servers that nothing here knows: `countersign.facts/v1`. */
import { readFile, stat } from 'node:fs/promises';
import type { Problem } from '../../engine/protocol.ts';
import { compileSchema, validateDocument } from '../document-schema.ts';
import type { Change, FactSource, Repository, UnknownFact } from '../input.ts';
import factsSchema from '../schemas/facts.schema.json' with { type: 'json' };
import { readDocument } from '../yaml-document.ts';
import type { ForgeFacts } from './gathering.ts';

/** As core/schemas/facts.schema.json has it. */
export interface FactsFile {
  schema: 'countersign.facts/v1';
  head: string;
  at?: string;
  change: ForgeFacts['change'];
  repository?: Partial<Repository>;
  facts?: FactSource[];
  unknown?: UnknownFact[];
}

/** The file cannot be read, or is not as its schema says; each problem has its place. */
export class FactsFileError extends Error {
  readonly problems: Problem[];
  constructor(message: string, problems: Problem[] = []) {
    super(message);
    this.name = 'FactsFileError';
    this.problems = problems;
  }
}

/** Reads JSON or YAML. Rejects with {@link FactsFileError}. */
export async function readFactsFile(file: string): Promise<ForgeFacts> {
  const [text, { mtime }] = await Promise.all([readFile(file), stat(file)]).catch((error: NodeJS.ErrnoException) => {
    throw new FactsFileError(`The facts in ${file} cannot be read: ${error.code ?? error.message}.`);
  });
  const document = readDocument(file, decoded(file, text));
  const problems = [...document.problems];
  if (problems.length === 0) problems.push(...validateDocument(document, compileSchema<FactsFile>(factsSchema)));
  if (problems.length > 0) throw new FactsFileError(`The facts in ${file} cannot be used.`, problems);
  const told = document.value as FactsFile;
  const at = told.at ?? mtime.toISOString();
  const source = `file ${file}`;
  const sources = new Map(told.facts?.map((one) => [one.fact, one]));
  const facts = Object.keys(told.change).map((key): FactSource => {
    const fact = `change.${key}`;
    const first = sources.get(fact);
    return first ? { fact, source: `${source} (${first.source})`, at: first.at } : { fact, source, at };
  });
  const { change, head, repository, unknown = [] } = told;
  return { change: change as Partial<Change>, head, facts, unknown, ...(repository && { repository }) };
}

function decoded(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FactsFileError(`The facts in ${file} cannot be read: the file is not UTF-8.`);
  }
}

/** The facts as such a file has them. */
export function factsFile({ change, head, repository, facts, unknown }: ForgeFacts, at: string): FactsFile {
  if (head === undefined) throw new FactsFileError('The change is not known, so there are no facts of it.');
  return { schema: 'countersign.facts/v1', head, at, change, ...(repository && { repository }), facts, unknown };
}
