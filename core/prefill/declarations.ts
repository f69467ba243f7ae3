/**
 * What agents declare of their work before anyone commits it: one JSON file a declaration, in the
 * git folder of the work tree, so that several agents may write at once and nothing of it is ever
 * committed. A declaration waits for the commit that takes it, seven days at most.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../disclosure/home.ts';
import { stampedProfile } from '../disclosure/profiles.ts';
import { secretProblem } from '../disclosure/secrets.ts';
import { cleanValues } from '../disclosure/stamp.ts';
import { isLineProfile } from '../disclosure/tool-lines.ts';
import type { GitRepository } from '../git/repository.ts';
import { isRecord, texts } from '../plain-data.ts';
import { timestampOf } from '../timestamp.ts';
import type { HeadMark } from './commit-made.ts';
import { runningAgents } from './environment.ts';

export interface Declaration {
  /** The file's name without its ending. */
  id: string;
  /** When it was made, RFC 3339. */
  declared: string;
  /** By field name. */
  values: Record<string, string[]>;
  /** The agent, such as `claude-code`. */
  tool?: string;
  session?: string;
  /** The files and folders it is about (paths in the repository, `/` separated); all of the next commit's when absent. */
  files?: string[];
  /** A commit is being made of it: it is used up once that has been made, and waits for another when it has not. */
  taken?: Taken;
}

/** From where the commit was made, or not, that took a declaration. */
export interface Taken extends HeadMark {
  /** What is left of `files` then; absent when the declaration is used up. */
  rest?: string[];
}

export interface GivenDeclaration {
  values: Record<string, string[]>;
  tool?: string;
  session?: string;
  files?: readonly string[];
}

/** A declaration that cannot be taken; the message says what to do. */
export class DeclarationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeclarationError';
  }
}

/** More wait for no commit. */
const maxDeclarations = 100;
/** Bytes of a file. */
const maxSize = 32_768;
const maxAge = 7 * 86_400_000;
const maxText = 2000;

/**
 * Writes a declaration, in place of an equal one, and gives it back. The agent and its session are
 * those of the environment where they are not given; the time is that of the declaration where none is.
 *
 * Errors: {@link DeclarationError} when there is nothing in it, when it is too long, when it holds a
 * secret, names an approver (an agent cannot say who answers for its work), or too many wait already;
 * `StampError` for a field that is unknown, or a value that cannot be a trailer's.
 */
export async function declare(
  repository: GitRepository,
  home: Pick<Home, 'config'>,
  given: GivenDeclaration,
  { now, environment }: { now: Date; environment: NodeJS.ProcessEnv },
): Promise<Declaration> {
  const [running] = runningAgents(environment);
  const tool = given.tool ?? running?.tool;
  const session =
    given.session ?? (given.tool === undefined || given.tool === running?.tool ? running?.session : undefined);
  // What could not be stamped is refused now, not when a person commits.
  const values = cleanValues(given.values, home.config, isLineProfile(stampedProfile(home.config)));
  await check(values, { tool, session });
  if (home.config.trailers.timestamp && !values.timestamp) values.timestamp = [timestampOf(now)];
  const named = given.files?.map(inRepository);
  // The top folder is everything.
  const files = named?.includes('.') ? undefined : named;
  const { declarations } = await readDeclarations(repository, now);
  const same = declarations.find((one) => identity(one) === identity({ values, tool, session, files }));
  if (!same && declarations.length >= maxDeclarations) {
    throw new DeclarationError(
      `${maxDeclarations} declarations wait for a commit already. Commit, or drop them with: countersign declare --clear`,
    );
  }
  const declaration: Declaration = {
    id: same?.id ?? randomUUID(),
    declared: now.toISOString(),
    values,
    ...(tool !== undefined && { tool }),
    ...(session !== undefined && { session }),
    ...(files !== undefined && files.length > 0 && { files }),
  };
  await write(repository, declaration);
  return declaration;
}

async function check(values: Record<string, string[]>, named: { tool?: string; session?: string }): Promise<void> {
  if (Object.keys(values).length === 0) {
    throw new DeclarationError('There is nothing to declare: say at least which model was used.');
  }
  if (values.approver) {
    throw new DeclarationError('An approver is not declared: whoever answers for the work says so in the commit.');
  }
  for (const [field, all] of [...Object.entries(values), ...Object.entries(named)]) {
    for (const value of [all].flat().filter((one) => one !== undefined)) {
      if (value.length > maxText) {
        throw new DeclarationError(
          `The value of ${field} is too long: ${value.length} of at most ${maxText} characters.`,
        );
      }
      const problem = await secretProblem(value);
      if (problem) throw new DeclarationError(`The value of ${field} is refused. ${problem}`);
    }
  }
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined && !/^[\x20-\x7e]{1,128}$/.test(value)) {
      throw new DeclarationError(`The ${name} is a name of at most 128 plain characters.`);
    }
  }
}

/** A path as git has it; refuses what is outside. */
function inRepository(file: string): string {
  const path = file.replaceAll('\\', '/').replace(/\/+$/, '').replace(/^\.\//, '');
  if (path === '' || path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split('/').includes('..')) {
    throw new DeclarationError(`${JSON.stringify(file)} is no path within the repository.`);
  }
  return path;
}

/** Two declarations with the same are one, made again. */
function identity({ values, tool, session, files }: Omit<Declaration, 'id' | 'declared'>): string {
  const { timestamp: _, ...rest } = values;
  return JSON.stringify([Object.entries(rest).sort(), tool ?? '', session ?? '', [...(files ?? [])].sort()]);
}

/** The declarations that wait, oldest first; what is no declaration is told of and left alone, what is too old is gone. */
export async function readDeclarations(
  repository: GitRepository,
  now: Date,
): Promise<{ declarations: Declaration[]; problems: string[] }> {
  const folder = folderOf(repository);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const declarations: Declaration[] = [];
  const problems: string[] = [];
  for (const name of names.filter((one) => one.endsWith('.json')).slice(0, 2 * maxDeclarations)) {
    const found = await readOne(join(folder, name), name.slice(0, -'.json'.length));
    if (typeof found === 'string') problems.push(`${name}: ${found}`);
    else if (found && now.getTime() - Date.parse(found.declared) <= maxAge) declarations.push(found);
  }
  declarations.sort((one, other) => one.declared.localeCompare(other.declared));
  return { declarations: await withoutUsedUp(repository, declarations), problems };
}

/**
 * Git tells nobody whether a commit that its hooks let pass was made in the end (it may have failed to sign it): the
 * next reader finds out, and forgets what was used up.
 */
async function withoutUsedUp(repository: GitRepository, all: readonly Declaration[]): Promise<Declaration[]> {
  if (!all.some(({ taken }) => taken)) return [...all];
  const { commitMadeSince } = await import('./commit-made.ts');
  const made = await commitMadeSince(repository);
  const waiting: Declaration[] = [];
  for (const declaration of all) {
    const { taken, ...rest } = declaration;
    if (!taken || !made(taken)) waiting.push(rest);
    else if (taken.rest) {
      const left = { ...rest, files: taken.rest };
      await write(repository, left);
      waiting.push(left);
    } else await rm(fileOf(repository, declaration.id), { force: true });
  }
  return waiting;
}

async function readOne(file: string, id: string): Promise<Declaration | string | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    // Another process took it meanwhile.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > maxSize) return `is too large (${size} bytes)`;
    const value: unknown = JSON.parse(await handle.readFile('utf8'));
    return declarationOf(value, id) ?? 'is no declaration';
  } catch (error) {
    if (error instanceof SyntaxError) return 'is no JSON';
    throw error;
  } finally {
    await handle.close();
  }
}

function declarationOf(value: unknown, id: string): Declaration | undefined {
  if (!isRecord(value) || value.version !== 1 || !isRecord(value.values)) return undefined;
  if (typeof value.declared !== 'string' || Number.isNaN(Date.parse(value.declared))) return undefined;
  const values = Object.fromEntries(Object.entries(value.values).map(([field, all]) => [field, texts(all)]));
  return {
    id,
    declared: value.declared,
    values,
    ...(typeof value.tool === 'string' && { tool: value.tool }),
    ...(typeof value.session === 'string' && { session: value.session }),
    ...(Array.isArray(value.files) && { files: texts(value.files) }),
    ...(isRecord(value.taken) && { taken: takenOf(value.taken) }),
  };
}

function takenOf({ head, move, rest }: Record<string, unknown>): Taken {
  return {
    ...(typeof head === 'string' && { head }),
    ...(typeof move === 'string' && { move }),
    ...(Array.isArray(rest) && { rest: texts(rest) }),
  };
}

/**
 * Takes the declarations that a commit of these files has used: they are about no later one. Of a
 * declaration about several files or folders those that the commit does not touch go on waiting, and
 * so does what was declared later than `before`, which nobody was shown.
 *
 * @param making the commit is not made yet, and HEAD is as marked: they are used up once it has been made
 */
export async function takeDeclarations(
  repository: GitRepository,
  { files, now, before = now, making }: { files: Iterable<string>; now: Date; before?: Date; making?: HeadMark },
): Promise<Declaration[]> {
  const committed = new Set(files);
  const { declarations } = await readDeclarations(repository, now);
  const shown = declarations.filter(({ declared }) => Date.parse(declared) <= before.getTime());
  const taken = shown.filter((one) => appliesTo(one, committed));
  for (const declaration of taken) {
    const rest = declaration.files?.filter((file) => !touches(committed, file)) ?? [];
    if (making) {
      await write(repository, { ...declaration, taken: { ...making, ...(rest.length > 0 && { rest }) } });
    } else if (rest.length > 0) await write(repository, { ...declaration, files: rest });
    else await rm(fileOf(repository, declaration.id), { force: true });
  }
  return taken;
}

/** Whether a declaration is about a commit of these files. */
export function appliesTo({ files }: Declaration, committed: ReadonlySet<string>): boolean {
  return files === undefined || files.length === 0 || files.some((file) => touches(committed, file));
}

/** Whether the file, or one in the folder, is among those committed. */
function touches(committed: ReadonlySet<string>, file: string): boolean {
  return committed.has(file) || [...committed].some((path) => path.startsWith(`${file}/`));
}

/** Drops all declarations of this work tree, and says how many there were. */
export async function clearDeclarations(repository: GitRepository): Promise<number> {
  const names = await readdir(folderOf(repository)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  await rm(folderOf(repository), { recursive: true, force: true });
  return names.filter((name) => name.endsWith('.json')).length;
}

async function write(repository: GitRepository, { id, ...declaration }: Declaration): Promise<void> {
  const text = `${JSON.stringify({ version: 1, ...declaration }, undefined, 2)}\n`;
  if (Buffer.byteLength(text) > maxSize) throw new DeclarationError('The declaration is too long; shorten its values.');
  const folder = folderOf(repository);
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `.${randomUUID()}.tmp`);
  try {
    // Only the user's own programs need to read it.
    const handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.close();
    await rename(draft, fileOf(repository, id));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function folderOf(repository: GitRepository): string {
  return join(repository.gitDir, 'countersign', 'declarations');
}

function fileOf(repository: GitRepository, id: string): string {
  return join(folderOf(repository), `${id}.json`);
}
