/** The statements of a module: `package`, imports, rules. */
import { activate, activateV1, isReserved } from './keywords.ts';
import {
  advance,
  beginsReference,
  endOf,
  fault,
  isKeyword,
  kindAt,
  type Mark,
  mark,
  missing,
  moveTo,
  nextStatement,
  type Parser,
  problem,
  reset,
  startOf,
  unexpected,
} from './parser.ts';
import { parseParts } from './references.ts';
import { parseRule } from './rules.ts';
import { parseTerm, parseVar } from './terms.ts';
import { T } from './tokens.ts';
import type { Import, Module, Package, Ref, Statement, Term } from './tree.ts';

export function parseModule(p: Parser): Module {
  const items: Statement[] = [];
  const { count } = p.tokens;
  // The last statement without a problem that begins a line, and how many precede it.
  let last: { mark: Mark; items: number } | undefined;
  while (p.at < count) {
    p.fence = count + 1;
    if (p.kind === T.end) p.kind = kindAt(p, p.at);
    const before = mark(p);
    const item = parseApart(p, before);
    if (last !== undefined && isHeadless(p, before)) {
      // What has no beginning belongs to the statement before, which took the beginning of this one for its end.
      p.first = last.mark.at;
      const next = nextStatement(p, last.mark.at);
      if (next < before.at) {
        items.length = last.items;
        items.push(parseWithin(p, last.mark, next));
        resume(p, last.mark.at, items);
        last = undefined;
        continue;
      }
    }
    if (last === undefined || p.tokens.breaks[before.at] === 1) last = { mark: before, items: items.length };
    if (p.at > before.at) items.push(item);
    if (p.problems.length > before.problems || p.at === before.at) {
      resume(p, before.at, items);
      last = undefined;
    }
  }
  return { kind: 'module', start: 0, end: p.text.length, items };
}

/** A statement; a damaged one ends where the next begins, whatever else it could go on with. */
function parseApart(p: Parser, before: Mark): Statement {
  p.first = before.at;
  p.lastProblem = -1;
  const item = parseStatement(p);
  if (p.problems.length === before.problems) return item;
  const next = nextStatement(p, before.at);
  if (next >= p.at) return item;
  return parseWithin(p, before, next);
}

/** The statement at the mark again, up to the token `end`. */
function parseWithin(p: Parser, before: Mark, end: number): Statement {
  const [found] = p.problems.slice(before.problems);
  reset(p, before);
  p.first = before.at;
  p.lastProblem = -1;
  p.fence = end;
  const item = parseStatement(p);
  // For OPA it goes on behind its end, so that it stays wrong even where it is whole now.
  if (found !== undefined && p.problems.length === before.problems) p.problems.push(found);
  return item;
}

/** Whether the first token of the statement is the problem. */
function isHeadless(p: Parser, { at, kind, problems }: Mark): boolean {
  const next = p.tokens.kinds[at + 1]!;
  // The word alone can be an expression, but never a rule.
  if (kind === T.contains && next !== T.assign && next !== T.unify && next !== T.leftParen && !beginsReference(p, at))
    return true;
  return p.problems.length > problems && p.problems[problems]!.start === p.tokens.starts[at]!;
}

/** Goes on at the next statement when the last one is damaged. */
function resume(p: Parser, from: number, items: Statement[]): void {
  const { count } = p.tokens;
  p.fence = count + 1;
  const next = nextStatement(p, Math.max(p.at - 1, from));
  if (p.at >= count || next === p.at) return;
  const start = startOf(p);
  moveTo(p, next);
  items.push({ kind: 'damage', start, end: endOf(p) });
}

function parseStatement(p: Parser): Statement {
  if (p.kind === T.package && !beginsReference(p)) return parsePackage(p);
  if (p.kind === T.import && !beginsReference(p)) return parseImport(p);
  return parseRule(p);
}

/** A path: a name and what follows it; keywords are names here. */
function parsePath(p: Parser): Term {
  if (p.kind !== T.name && !(isKeyword(p.kind) && p.language.keywordsInReferences)) {
    unexpected(p, 'a path');
    return missing(p);
  }
  return parseParts(p, parseVar(p));
}

function parsePackage(p: Parser): Package {
  const start = startOf(p);
  advance(p);
  const path = parsePath(p);
  if (path.kind === 'ref') checkPath(p, path);
  else if (path.kind !== 'var' && path.kind !== 'missing')
    problem(p, path, 'expected a path of names behind `package`');
  return { kind: 'package', start, end: endOf(p), path };
}

/** All but the first are names or strings. */
function checkPath(p: Parser, path: Ref): void {
  if (path.head.kind !== 'var') fault(p, path.head, 'a path begins with a name');
  for (const part of path.parts) {
    if (part.kind === 'index' && part.term.kind !== 'string' && !isStringInParens(part.term)) {
      fault(p, part.term, 'expected a string in the path');
    }
  }
}

function isStringInParens(term: Term): boolean {
  return term.kind === 'parens' && (term.term.kind === 'string' || isStringInParens(term.term));
}

function parseImport(p: Parser): Import {
  const start = startOf(p);
  advance(p);
  const path = parsePath(p);
  // OPA has looked at the next token without knowing keywords that can be imported.
  if (p.kind >= T.in || p.kind === T.not) p.kind = p.kind <= T.or ? T.name : p.kind;
  let alias: Term | undefined;
  if (p.kind === T.as) {
    advance(p);
    if (p.kind === T.name) {
      alias = parseTerm(p);
      if (alias.kind !== 'var' || alias.name === 'data' || alias.name === 'input') {
        fault(p, alias, 'expected a name for the import');
      }
    } else {
      unexpected(p, 'a name for the import');
      alias = missing(p);
    }
  }
  const result: Import = { kind: 'import', start, end: endOf(p), path, alias };
  if (path.kind === 'var' || path.kind === 'ref') checkImport(p, result, path);
  else if (path.kind !== 'missing') fault(p, path, 'expected a path of names behind `import`');
  return result;
}

function checkImport(p: Parser, { alias }: Import, path: Ref | (Term & { kind: 'var' })): void {
  const names = namesOf(p, path);
  if (path.kind === 'ref') checkPath(p, path);
  const [root] = names;
  if (root === 'rego') importRego(p, names, path, alias);
  else if (root === 'future') importFuture(p, names, path, alias);
  else if (root !== 'data' && root !== 'input') {
    fault(p, path, 'an import begins with `data`, `input`, `future` or `rego`');
  }
  if (alias === undefined && root !== 'future' && isReserved(names.at(-1)!, p.language.version)) {
    fault(p, path, `the import ends with a keyword, \`${names.at(-1)}\`: give it another name with \`as\``);
  }
}

function importRego(p: Parser, names: string[], path: Term, alias: Term | undefined): void {
  const { language } = p;
  if (!language.importsV1) fault(p, path, '`rego.v1` is not supported here');
  else if (names.length !== 2 || names[1] !== 'v1') fault(p, path, 'invalid import: must be `rego.v1`');
  else if (language.version !== 'v1') {
    if (alias !== undefined) fault(p, path, 'an import of `rego` cannot have another name');
    else activateV1(language);
  }
}

function importFuture(p: Parser, names: string[], path: Term, alias: Term | undefined): void {
  const { importable } = p.language;
  if (names[1] !== 'keywords') fault(p, path, 'invalid import: must be `future.keywords`');
  else if (alias !== undefined) fault(p, path, 'an import of `future` cannot have another name');
  else if (names.length === 3) {
    if (importable.includes(names[2]!)) activate(p.language, [names[2]!]);
    else fault(p, path, `unknown keyword: must be one of ${importable.join(', ')}`);
  } else activate(p.language, importable);
}

/** What the path consists of; the empty name for what is no string. */
function namesOf(p: Parser, path: Term): string[] {
  if (path.kind === 'var') return [path.name];
  if (path.kind !== 'ref') return [''];
  const names = path.parts.map((part) => {
    if (part.kind === 'dot') return part.name;
    return part.term.kind === 'string' ? p.text.slice(part.term.start + 1, part.term.end - 1) : '';
  });
  return [path.head.kind === 'var' ? path.head.name : '', ...names];
}
