/**
 * YAML and JSON documents with the place of each value, read so that nothing hostile or careless
 * in them gets through: whoever validates one can say file, line and column of what is wrong.
 */

import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
} from 'yaml';
import type { Problem, Range } from '../engine/protocol.ts';

/** A document that was read. */
export interface LocatedDocument {
  path: string;
  /** Plain JSON values; undefined when `problems` holds an error. */
  value: unknown;
  problems: Problem[];
  /** The range of the value at these keys; of the closest parent when there is no such value. */
  rangeOf(keys: readonly (string | number)[]): Range;
  /** The range of the last key itself, in the map that the other keys lead to. */
  keyRangeOf(keys: readonly (string | number)[]): Range;
}

/** Larger documents are refused. UTF-16 units. */
const maxLength = 4 * 1024 * 1024;
/** How often aliases may be used to repeat a part of the document, in all. */
const maxAliases = 100;
const maxDepth = 200;

const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** A problem of ours about a file. */
export function problem(path: string, range: Range | undefined, code: string, message: string): Problem {
  return { path, range: range ?? start, severity: 'error', code, message, source: 'countersign' };
}

/** `path:line:column`, counted from one, as terminals and editors read it. */
export function placeOf({ path, range }: Pick<Problem, 'path' | 'range'>): string {
  return `${path}:${range.start.line + 1}:${range.start.character + 1}`;
}

/**
 * Reads one YAML 1.2 document (JSON is one, too). Never throws: duplicate keys, unknown tags, tabs
 * as indentation, several documents, aliases without end and nesting without end are problems.
 */
export function readDocument(path: string, text: string): LocatedDocument {
  const problems: Problem[] = [];
  const broken = (message: string): LocatedDocument => {
    problems.push(problem(path, undefined, 'syntax', message));
    return { path, value: undefined, problems, rangeOf: () => start, keyRangeOf: () => start };
  };
  if (text.length > maxLength) return broken(`The file is larger than ${maxLength / 1024 / 1024} MB.`);
  if (nestsTooDeep(text)) return broken(`The file nests deeper than ${maxDepth} levels.`);

  const lines = new LineCounter();
  const range = (from: number, to: number): Range => ({ start: position(lines, from), end: position(lines, to) });
  let document: ReturnType<typeof parseDocument<ParsedNode>>;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: 'core',
      version: '1.2',
      merge: false,
      uniqueKeys: true,
      stringKeys: true,
      logLevel: 'error',
    });
  } catch (error) {
    // Collections as keys and the like can overflow the parser's stack.
    return broken(`The file cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  // A warning is a tag that YAML knows nothing of: its value would be a guess.
  for (const found of [...document.errors, ...document.warnings]) {
    problems.push(problem(path, range(found.pos[0], found.pos[1]), 'syntax', explainSyntax(found.code, found.message)));
  }
  let value: unknown;
  if (problems.length === 0) {
    try {
      const read: unknown = document.toJS({ maxAliasCount: maxAliases });
      if (containsItself(read)) problems.push(problem(path, undefined, 'syntax', 'An alias repeats what it lies in.'));
      else value = read;
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const message = /alias/i.test(said)
        ? `Aliases repeat too much of the file (more than ${maxAliases} times).`
        : said;
      problems.push(problem(path, undefined, 'syntax', message));
    }
  }
  const root: unknown = document.contents;
  return {
    path,
    value,
    problems,
    rangeOf(keys) {
      let node: unknown = root;
      let found = spanOf(root);
      for (const key of keys) {
        const pair = entry(node, key);
        if (pair === undefined) break;
        node = isPair(pair) ? pair.value : pair;
        // A collection's key says more than its many lines.
        found = spanOf(isPair(pair) && (isCollection(node) || !spanOf(node)) ? pair.key : node) ?? found;
      }
      return found ? range(found[0], found[1]) : start;
    },
    keyRangeOf(keys) {
      let node: unknown = root;
      for (const key of keys.slice(0, -1)) {
        const pair = entry(node, key);
        node = isPair(pair) ? pair.value : pair;
      }
      const pair = entry(node, keys.at(-1) ?? '');
      const found = isPair(pair) ? spanOf(pair.key) : spanOf(pair);
      return found ? range(found[0], found[1]) : this.rangeOf(keys.slice(0, -1));
    },
  };
}

/** Whether a value leads back to itself, as an alias below its own anchor makes it do. */
function containsItself(value: unknown, above = new Set<unknown>(), done = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((part) => containsItself(part, above, done));
  above.delete(value);
  done.add(value);
  return found;
}

/** Counts brackets and indentation before the parser recurses into them. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
    else if (code === 0x0a) depth = Math.min(depth, maxDepth);
  }
  return /^ {400}|^[ ]*(?:- ){200}|^[ ]*(?:\? ){200}/m.test(text);
}

function position(lines: LineCounter, offset: number): Range['start'] {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(0, line - 1), character: Math.max(0, col - 1) };
}

function explainSyntax(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'This key occurs twice in its map; keep one of them.';
    case 'TAB_AS_INDENT':
      return 'YAML is indented with spaces; replace the tab.';
    case 'MULTIPLE_DOCS':
      return 'The file holds several YAML documents (---); keep one.';
    case 'TAG_RESOLVE_FAILED':
      return `${message}. Write the value without a tag.`;
    default:
      return message;
  }
}

function spanOf(node: unknown): [number, number] | undefined {
  const span = (node as Node | null | undefined)?.range;
  return span ? [span[0], span[1]] : undefined;
}

function entry(node: unknown, key: string | number): unknown {
  if (isMap(node)) return node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  if (isSeq(node)) return node.items[Number(key)];
  if (isAlias(node)) return undefined;
  return undefined;
}

/** The keys of a JSON Pointer, as Ajv's `instancePath` gives it. */
export function pointerKeys(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
