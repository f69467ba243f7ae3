/**
 * What OPA's parser requires beyond the grammar: a package first, rules where expressions stand, values of default
 * rules, and the keywords of Rego v1.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/parser_ext.go and rego_v1.go beside it
 */
import { builtinNames } from './builtin-names.ts';
import { isReserved } from './keywords.ts';
import { bare } from './literals.ts';
import { callee } from './logical.ts';
import { isRoot } from './references.ts';
import { refLength } from './shape.ts';
import type { Expression, Head, Module, Rule, Span, Statement, SyntaxProblem, Term, Tree } from './tree.ts';

type Report = (span: Span, message: string) => void;

/** The problems of those statements in which none of the known ones lie; these are in the order of the text. */
export function checkModule(
  { root, text, version }: Pick<Tree, 'root' | 'text' | 'version'>,
  known: readonly SyntaxProblem[],
): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const report: Report = ({ start, end }, message) => problems.push({ start, end, message });
  const [first, ...rest] = root.items;
  if (first === undefined) {
    if (known.length === 0) report({ start: 0, end: 0 }, 'the module is empty: it begins with `package`');
  } else if (first.kind !== 'package') report(first.kind === 'rule' ? first.head : first, 'expected `package` first');
  const isV1 = version !== 'v0' || importsV1(root, text);
  let next = 0;
  for (const item of rest) {
    while (next < known.length && known[next]!.start < item.start) next++;
    if (item.kind === 'damage' || (known[next]?.start ?? text.length + 1) <= item.end) continue;
    if (item.kind === 'package') report(item, 'a module has one `package`');
    else if (item.kind !== 'import') checkStatement(item, isV1, report);
  }
  return problems;
}

function importsV1(root: Module, text: string): boolean {
  return root.items.some(
    (item) =>
      item.kind === 'import' && item.path.kind === 'ref' && text.slice(item.path.start, item.path.end) === 'rego.v1',
  );
}

function checkStatement(item: Statement, isV1: boolean, report: Report): void {
  if (item.kind === 'rule') {
    if (item.isDefault) checkDefault(item, isV1, report);
    else if (item.bodies.length === 0 && item.head.operator !== 'contains') checkBare(item, isV1, report);
    else checkBodies(item, isV1, report);
  } else if (item.kind === 'expression') checkExpression(item, isV1, report);
  else if (item.kind !== 'package' && item.kind !== 'import') report(item, 'expected a rule');
}

function checkDefault(rule: Rule, isV1: boolean, report: Report): void {
  const { head } = rule;
  const at = { start: rule.start, end: head.end };
  const args = head.args ?? [];
  const hasValue = head.value === undefined ? refLength(head) !== 2 || args.length > 0 : head.operator !== 'contains';
  if (!hasValue) report(at, 'a default rule must have a value');
  if (head.name.kind === 'ref' && head.name.head.kind !== 'var' && head.args !== undefined) {
    report(head.name, 'expected the name of a rule');
  }
  const names = new Set<string>();
  for (const arg of args) {
    const inner = bare(arg);
    if (inner.kind !== 'var' || isRoot(inner.name)) report(arg, 'an argument of a default rule must be a variable');
    else if (inner.name !== '_' && names.has(inner.name)) report(arg, `the argument \`${inner.name}\` is repeated`);
    else names.add(inner.name);
  }
  if (head.value !== undefined) {
    const found = findDependency(head.value);
    if (found !== undefined) report(found, 'the value of a default rule cannot contain references, variables or calls');
  }
  if (isV1) checkName(head, report);
}

/** A term that needs to be looked up, outside of comprehensions. */
function findDependency(term: Term): Term | undefined {
  switch (term.kind) {
    case 'parens':
      return findDependency(term.term);
    case 'array':
    case 'set':
      return first(term.items, findDependency);
    case 'object':
      return first(term.items, (item) =>
        item.kind === 'damage' ? undefined : (findDependency(item.key) ?? findDependency(item.value)),
      );
    case 'template':
      return first(term.parts, (part) => {
        if (part.kind === 'expression') return findDependency(part.left);
        return part.kind === 'text' || part.kind === 'damage' ? undefined : term;
      });
    case 'call':
      return isEmptySet(term) ? undefined : term;
    case 'var':
    case 'ref':
    case 'infix':
    case 'membership':
    case 'negative':
      return term;
    default:
      return undefined;
  }
}

function first<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `set()` is the empty set, not a call. */
export function isEmptySet(term: Term): boolean {
  return term.kind === 'call' && term.args.length === 0 && term.operator.kind === 'var' && term.operator.name === 'set';
}

/** A rule with a body, or with `contains`. */
function checkBodies(rule: Rule, isV1: boolean, report: Report): void {
  const { head, bodies } = rule;
  const [body] = bodies;
  const contains = head.operator === 'contains';
  const hasIf = body?.hasIf === true;
  const length = refLength(head);
  const isValued = head.operator === '=' || head.operator === ':=';
  const takesKey = !hasIf && !contains && (head.args ?? []).length === 0 && length === 2;
  const hasName = head.name.kind === 'var' || (head.name.kind === 'ref' && head.name.head.kind === 'var');
  if (
    !hasName &&
    (head.args !== undefined || head.name.kind !== 'ref' || takesKey || (hasIf && length === 2 && isValued))
  ) {
    report(head, 'expected the name of a rule');
    return;
  }
  if (!isV1) return;
  checkName(takesKey && !isValued ? { ...head, name: nameTerm(head) } : head, report);
  const what = (head.args ?? []).length > 0 ? 'function' : 'rule';
  if (body !== undefined && !hasIf) report(head, `\`if\` is required before the body of a ${what}`);
  if (takesKey && !isValued && head.operator === '') report(head, '`contains` is required for a rule with many values');
  for (const { body: alternative, start } of rule.elses) {
    if (alternative !== undefined && !alternative.hasIf) {
      report({ start, end: start + 4 }, `\`if\` is required before the body of a ${what}`);
    }
  }
}

function nameTerm(head: Head): Term {
  return head.name.kind === 'ref' ? head.name.head : head.name;
}

function checkName(head: Pick<Head, 'name'>, report: Report): void {
  if (head.name.kind === 'var' && isReserved(head.name.name, 'v1')) {
    report(head.name, `\`${head.name.name}\` is a keyword and cannot be the name of a rule`);
  }
}

/** A rule without a body: OPA reads it as an expression, and makes a rule of that. */
function checkBare({ head, start, end }: Rule, isV1: boolean, report: Report): void {
  const left: Term =
    head.args === undefined
      ? head.name
      : { kind: 'call', start: head.start, end: head.end, operator: head.name, args: head.args };
  const operator = head.operator === 'contains' ? '' : head.operator;
  checkExpression(
    { kind: 'expression', start, end, negated: false, left, operator, right: head.value, withs: [] },
    isV1,
    report,
  );
}

function checkExpression(expression: Expression, isV1: boolean, report: Report): void {
  const { left, negated, operator, withs } = expression;
  if (withs.length > 0) report(withs[0]!, 'a rule without a body cannot have `with`');
  else if (negated) report(expression, 'expected a rule: an expression with `not` is none');
  else if (operator === '') checkTerm(bare(left), left, isV1, report);
  else checkAssigned(bare(left), isV1, report);
}

function checkTerm(term: Term, at: Span, isV1: boolean, report: Report): void {
  if (isCall(term)) {
    const name = term.kind === 'call' ? callee(term.operator) : 'plus';
    if (term.kind === 'call' && term.args.length === 2 && (name === 'eq' || name === 'assign')) {
      checkAssigned(bare(term.args[0]!), isV1, report);
    } else if (builtinNames.has(name)) report(at, 'expected a rule: this calls a built-in function');
    else if (term.kind === 'call') {
      if (term.args.length === 0) report(at, 'a function without a value must have an argument');
      else if (!hasNameFirst(term.operator)) report(at, 'expected the name of a rule');
      else if (isV1) checkName({ name: term.operator }, report);
    }
  } else if (term.kind === 'ref') {
    if (term.head.kind !== 'var') report(at, 'expected the name of a rule');
    else if (isV1 && term.parts.length > 1) report(at, 'a rule must have a value or a body');
    else if (isV1) report(at, '`contains` is required for a rule with many values');
  } else report(at, 'expected a rule: a rule has a value or a body');
}

/** What is assigned to must be a name, with arguments or keys. */
function checkAssigned(term: Term, isV1: boolean, report: Report): void {
  if (term.kind === 'infix' || term.kind === 'membership' || term.kind === 'negative') return;
  const name = term.kind === 'call' && !isEmptySet(term) ? term.operator : term;
  if (!hasNameFirst(name)) report(term, 'expected the name of a rule');
  else if (isV1) checkName({ name }, report);
}

function isCall(term: Term): boolean {
  if (term.kind === 'call') return !isEmptySet(term);
  return term.kind === 'infix' || term.kind === 'membership' || term.kind === 'negative';
}

function hasNameFirst(term: Term): boolean {
  return term.kind === 'var' || (term.kind === 'ref' && term.head.kind === 'var');
}
