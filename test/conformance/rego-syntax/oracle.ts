/**
 * OPA's parser as the oracle of ours: oracle/main.go, built against the OPA that engine/go.mod pins.
 *
 * Answers are kept below node_modules/.cache by the hash of all that they depend on.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnswers } from './opa-tree.ts';

/** What is asked of one text, or of prefixes of it that end at `cuts` (offsets in its UTF-8 bytes). */
export interface Question {
  text: string;
  version: 'v0' | 'v1';
  tree?: boolean;
  cuts?: number[];
}

/** An error of OPA: rows and columns count from 1, columns in bytes as OPA's scanner counts them. */
export interface OracleError {
  code: string;
  message: string;
  row: number;
  col: number;
}

/** OPA's word on one module; it accepts when there are no errors. */
export interface Answer {
  errors: OracleError[];
  /** OPA's JSON AST with all locations and their texts (base64), without file names. */
  module?: unknown;
  /** Why OPA cannot write the tree of a module that it accepts: numbers such as `.5` are no JSON. */
  unwritten?: string;
}

const engine = join(import.meta.dirname, '../../../engine');
const cache = join(import.meta.dirname, '../../../node_modules/.cache/countersign-rego-oracle');
const source = join(import.meta.dirname, 'oracle/main.go');
const go = { cwd: engine, env: { ...process.env, GOPROXY: 'off', CGO_ENABLED: '0' } };

const identity = hashOf([readFileSync(source, 'utf8'), readFileSync(join(engine, 'go.mod'), 'utf8')]);

/**
 * One answer for each question, in order; for a question with cuts, one answer for each cut.
 *
 * `name` names the batch: a new batch of the same name takes the old one's place in the cache.
 */
export async function ask(name: string, questions: Question[]): Promise<(Answer | Answer[])[]> {
  const lines = questions.map((question) => JSON.stringify(question));
  const text = await cached(name, [identity, ...lines], () => runOracle(['parse'], lines));
  return parseLines(text);
}

/** The string literals of Go files. */
export async function literalsOf(name: string, files: string[]): Promise<string[]> {
  const text = await cached(name, [identity, ...files], () => runOracle(['literals', ...files], []));
  return parseLines(text);
}

async function cached(name: string, parts: string[], make: () => Promise<Buffer>): Promise<Buffer> {
  const file = `${name}-${hashOf(parts)}.jsonl`;
  const path = join(cache, file);
  try {
    return readFileSync(path);
  } catch {
    // Not there yet, or another batch has just taken its place.
  }
  const made = await make();
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${path}.${process.pid}`, made);
  renameSync(`${path}.${process.pid}`, path);
  for (const other of readdirSync(cache)) {
    if (other !== file && other.startsWith(`${name}-`) && /^[\da-f]{16}\.jsonl$/.test(other.slice(name.length + 1))) {
      rmSync(join(cache, other), { force: true });
    }
  }
  return made;
}

async function runOracle(args: string[], lines: string[]): Promise<Buffer> {
  const child = spawn(build(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const read = once(child.stdout, 'end');
  // That it no longer reads shows in how it ends.
  child.stdin.on('error', () => {});
  for (const line of lines) {
    if (!child.stdin.write(`${line}\n`)) {
      await once(child.stdin, 'drain');
    }
  }
  child.stdin.end();
  await read;
  const [code] = await exited;
  if (code !== 0) {
    throw new Error(`the oracle ended with ${code}`);
  }
  return Buffer.concat(chunks);
}

/** The oracle's program, built once for each state of its source. */
function build(): string {
  const program = join(cache, `oracle-${identity}${process.platform === 'win32' ? '.exe' : ''}`);
  if (!existsSync(program)) {
    mkdirSync(cache, { recursive: true });
    execFileSync('go', ['build', '-trimpath', '-o', `${program}.${process.pid}`, source], { ...go, stdio: 'inherit' });
    renameSync(`${program}.${process.pid}`, program);
  }
  return program;
}

/** JSON lines; read one by one, since a whole batch may be longer than a string can be. */
function parseLines<T>(text: Buffer): T[] {
  const values: T[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    values.push(readAnswers(text.toString('utf8', start, end)));
    start = end + 1;
  }
  return values;
}

function hashOf(parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
