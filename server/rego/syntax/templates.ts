/** Template strings. */
import { bare, parseLiteral } from './literals.ts';
import { advance, endOf, fault, isNewLine, moveTo, type Parser, skipped, startOf, unexpected } from './parser.ts';
import { T } from './tokens.ts';
import type { Literal, Template, TemplateText } from './tree.ts';

export function parseTemplate(p: Parser): Template {
  const start = startOf(p);
  if (!p.language.templates) fault(p, { start, end: p.tokens.ends[p.at]! }, 'template strings are not supported here');
  const parts: (TemplateText | Literal)[] = [];
  for (;;) {
    const kind = p.kind;
    parts.push({ kind: 'text', start: startOf(p), end: p.tokens.ends[p.at]! });
    const opening = p.at;
    advance(p);
    if (kind === T.template || kind === T.templateTail) break;
    // The expression was never closed, and the string ended with its line.
    if (p.tokens.partners[opening]! < 0 && isNewLine(p)) break;
    const from = p.at;
    const literal = parseLiteral(p);
    if (p.at > from) {
      parts.push(literal);
      checkLiteral(p, literal);
    }
    if (!isPiece(p.kind)) {
      unexpected(p, '`}` to end the expression');
      recover(p, opening);
    }
    if (!isPiece(p.kind)) break;
  }
  return { kind: 'template', start, end: endOf(p), parts };
}

function isPiece(kind: number): boolean {
  return kind === T.templateMiddle || kind === T.templateTail;
}

/** Goes on where the expression ends that begins behind the token. */
function recover(p: Parser, opening: number): void {
  let index = p.at;
  const { count, kinds, partners } = p.tokens;
  if (partners[opening]! < 0) return;
  while (index < count && index < p.fence && !isPiece(kinds[index]!)) index = skipped(p, index);
  moveTo(p, index);
}

/** What OPA allows in a template string is a value. */
function checkLiteral(p: Parser, literal: Literal): void {
  const no = (what: string) => fault(p, literal, `${what} is not allowed in a template string`);
  if (literal.kind === 'some' || literal.kind === 'every') no(`\`${literal.kind}\``);
  else if (literal.kind === 'expression') {
    const call = bare(literal.left);
    const name =
      literal.operator !== '' || call.kind !== 'call' || call.args.length !== 2 || call.operator.kind !== 'var'
        ? ''
        : call.operator.name;
    if (literal.negated) no('`not`');
    else if (literal.operator === '=' || name === 'eq') no('unification');
    else if (literal.operator === ':=' || name === 'assign') no('assignment');
  }
}
