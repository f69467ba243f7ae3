/** The exceptions of a work tree, each with its file, its standing and its history. */
import { join } from 'node:path';
import type { Problem } from '../../engine/protocol.ts';
import { repositoryFacts } from '../decision/repository-facts.ts';
import { readHome } from '../disclosure/home.ts';
import { exceptionId, readExceptions } from '../exceptions.ts';
import { type FileChange, fileHistory } from '../git/file-history.ts';
import type { GitRepository } from '../git/repository.ts';
import { readWorkingFolder } from '../git/tree.ts';
import type { Exception, Repository } from '../input.ts';
import { roleOf } from '../policies/layout.ts';
import { home } from '../policies/load.ts';
import { type Standing, standingOf } from './state.ts';
import { type Terms, termsOf } from './terms.ts';

export interface RegisteredException extends Standing {
  exception: Exception;
  /** Relative to the repository, `/` separated. */
  path: string;
  text: string;
  terms: Terms;
  /** Oldest first; empty for a file that was not committed yet. */
  history: FileChange[];
}

export interface Register {
  /** Where new files belong, relative to the repository. */
  folder: string;
  /** By id. */
  exceptions: RegisteredException[];
  /** The policy data, merged at the root. */
  data: Record<string, unknown>;
  /** The names of rules that the policies' texts hold. */
  rules: ReadonlySet<string>;
  /** Those of them that are written as such, in order: what a person may choose from. */
  ruleNames: string[];
  /** Files that are no exceptions as they are. */
  problems: Problem[];
}

/** Reads the register; undefined when the repository has no `.countersign/config.yaml`. */
export async function readRegister(repository: GitRepository, now: Date): Promise<Register | undefined> {
  const [content, facts] = await Promise.all([
    readWorkingFolder(join(repository.root, home)),
    repositoryFacts(repository),
  ]);
  if (content === undefined) return undefined;
  const texts = content.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')] as const);
  const register = registerOf(texts, facts, now);
  if (register === undefined || register.exceptions.length === 0) return register;
  const history = await fileHistory(repository, register.folder);
  return {
    ...register,
    exceptions: register.exceptions.map((one) => ({ ...one, history: history.get(one.path) ?? [] })),
  };
}

/**
 * The register that a `.countersign` folder's texts are, by their paths in it, without any history; undefined
 * when there is no configuration among them.
 */
export function registerOf(
  texts: readonly (readonly [path: string, text: string])[],
  facts: Repository,
  now: Date,
): Register | undefined {
  const settings = readHome(texts);
  if (settings === undefined) return undefined;
  const { config, data } = settings;
  const files = texts
    .filter(([path]) => roleOf(path, 'countersign', config) === 'exception')
    .map(([path, text]) => ({ path: `${home}/${path}`, text }));
  const { exceptions, problems } = readExceptions(files);
  const register = exceptions.map((exception): RegisteredException => {
    const file = files.find(({ path }) => exceptionId(path) === exception.id) ?? { path: '', text: '' };
    const terms = termsOf(exception, data.scope, facts, data.rules);
    return { exception, ...file, terms, ...standingOf(exception, terms, now), history: [] };
  });
  const modules = texts.filter(([path]) => ['module', 'schema'].includes(roleOf(path, 'countersign', config)));
  return {
    data,
    rules: new Set(['policy', ...modules.flatMap(([, text]) => namesIn(text))]),
    ruleNames: [...new Set(modules.flatMap(([, text]) => writtenNames(text)))].sort(),
    folder: `${home}/${config.exceptions.replace(/^\.\//, '').replace(/\/+$/, '')}`,
    exceptions: register.sort((a, b) => (a.exception.id < b.exception.id ? -1 : 1)),
    problems,
  };
}

/** What a policy's text may call its rules: by name, else by its package's last part. */
function namesIn(text: string): string[] {
  return [...writtenNames(text), ...[...text.matchAll(/^package [\w.]*?(\w+)\s*$/gm)].map(([, own = '']) => own)];
}

function writtenNames(text: string): string[] {
  return [...text.matchAll(/"rule":\s*"([^"\\]+)"/g)].map(([, rule = '']) => rule);
}
