/** References in METADATA: paths of documents and of schemas. */
import { languageOf } from './keywords.ts';
import { lex } from './lexer.ts';
import { bare } from './literals.ts';
import type { Parser } from './parser.ts';
import { isRoot } from './references.ts';
import { parseInfix } from './terms.ts';
import type { Term } from './tree.ts';

/** The one term that a text is; undefined when it is anything else. */
export function termOf(text: string): Term | undefined {
  const { tokens, problems } = lex(text);
  const p: Parser = {
    text,
    tokens,
    language: languageOf('v1'),
    at: 0,
    kind: tokens.kinds[0]!,
    fence: tokens.count + 1,
    first: 0,
    depth: 0,
    problems,
    lastProblem: -1,
    lists: new Map(),
    separators: new Set(),
    values: new Set(),
    named: new Set(),
    strict: -1,
    failed: -1,
  };
  const term = parseInfix(p, true);
  return p.problems.length === 0 && p.at === tokens.count ? bare(term) : undefined;
}

/** Whether the text is a reference; or, where a name will do, a variable or a string. */
export function isReference(text: string, orName = false): boolean {
  const term = termOf(text);
  if (term === undefined) return false;
  if (term.kind === 'var') return orName || isRoot(term.name);
  return term.kind === 'ref' || (orName && term.kind === 'string');
}

/** `schema` or what is below it. */
export function isSchemaReference(text: string): boolean {
  const term = termOf(text);
  const head = term?.kind === 'ref' ? term.head : term;
  return head?.kind === 'var' && head.name === 'schema';
}
