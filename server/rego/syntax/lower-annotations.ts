/**
 * METADATA as OPA's JSON AST has it: with the module, and with the rules that each block is about.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/annotations.go (attachRuleAnnotations)
 */

import { lex } from './lexer.ts';
import { type Location, locator, withText } from './locations.ts';
import type { Json } from './lower.ts';
import type { JsonRule } from './lower-rules.ts';
import { type JsonTerm, type Lowering, lowerTerm } from './lower-terms.ts';
import { annotationOf } from './metadata.ts';
import { termOf } from './metadata-references.ts';
import type { Metadata, Statement, Term } from './tree.ts';

interface LoweredAnnotation {
  readonly metadata: Metadata;
  readonly location: Location;
  readonly json: Json;
}

export function lowerAnnotation(l: Lowering, metadata: Metadata): LoweredAnnotation {
  const { compile, schemas, ...fields } = annotationOf(metadata);
  const location = withText(l.locate({ start: metadata.start, end: metadata.start }), blockText(l, metadata));
  const json: { [key: string]: Json } = {};
  for (const [name, value] of Object.entries({ ...fields, scope: metadata.scope })) {
    if (name === 'scope' || !isEmpty(value)) json[name] = value as Json;
  }
  if (schemas !== undefined && schemas.length > 0) {
    json.schemas = schemas.map(({ path, schema, definition }) => ({
      path: referenceOf(path).map(({ type, value }) => ({ type, value })),
      schema: schema === undefined ? undefined : schemaOf(schema),
      definition: definition as Json,
    }));
  }
  if (compile !== undefined) {
    const { unknowns = [], mask_rule: mask } = compile;
    json.compile = {
      unknowns: unknowns.length === 0 ? undefined : unknowns.map((unknown) => referenceOf(unknown)),
      mask_rule: mask === undefined ? undefined : referenceOf(mask),
    };
  }
  json.location = location;
  return { metadata, location, json };
}

/** What Go leaves out. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === false || value === undefined;
}

/** The block as OPA writes it again. */
function blockText(l: Lowering, { start, end }: Metadata): string {
  const [, ...lines] = l.text.slice(start, end).split('\n');
  return ['# METADATA', ...lines.map((line) => `# ${line.replace(/\r+$/, '').replace(/^# ?/, '')}`)].join('\n');
}

/** The terms of a reference in METADATA, with their places in it. */
function referenceOf(written: string): JsonTerm[] {
  const term = termOf(written);
  if (term === undefined) return [];
  const lowered = lowerIn(written, term);
  return lowered.type === 'ref' ? (lowered.value as unknown as JsonTerm[]) : [lowered];
}

function lowerIn(text: string, term: Term): JsonTerm {
  return lowerTerm({ text, tokens: lex(text).tokens, locate: locator(text, ''), wildcards: 0 }, term);
}

/** `schema` alone has no place. */
function schemaOf(written: string): Json {
  const [first, ...rest] = referenceOf(written);
  return rest.length === 0 ? [{ type: first!.type, value: first!.value }] : [first!, ...rest];
}

/** Gives each rule the blocks that are about it. */
export function attachAnnotations(
  annotations: readonly LoweredAnnotation[],
  rules: readonly JsonRule[],
  rulesOf: ReadonlyMap<Statement, readonly JsonRule[]>,
): void {
  const left = annotations.map(({ metadata, location, json }) => {
    const [target] = (metadata.target && rulesOf.get(metadata.target)) ?? [];
    return { json, scope: metadata.scope, row: location.row, path: target === undefined ? '' : pathOf(target) };
  });
  for (const rule of rules) {
    const path = pathOf(rule);
    const own: Json[] = [];
    let last = -1;
    for (const [index, { json, scope, row, path: other }] of left.entries()) {
      if (path !== other || (scope === 'rule' ? rule.location.row <= row : scope !== 'document')) continue;
      if (scope === 'rule') last = index;
      own.push(json);
    }
    if (last >= 0) left.splice(last, 1);
    if (own.length > 0) rule.annotations = own;
  }
}

/** The terms of the rule's name up to the first variable, as a text. */
function pathOf({ head }: JsonRule): string {
  const { ref } = head as unknown as { ref: JsonTerm[] };
  const variable = ref.findIndex((term, index) => index > 0 && !isGround(term));
  const ground = variable < 0 ? ref : ref.slice(0, variable);
  return JSON.stringify(ground, (key, value) => (key === 'location' ? undefined : value));
}

function isGround({ type, value }: JsonTerm): boolean {
  const terms = value as unknown as JsonTerm[];
  switch (type) {
    case 'var':
    case 'templatestring':
      return false;
    case 'ref':
      return terms.slice(1).every(isGround);
    case 'array':
    case 'set':
    case 'call':
      return terms.every(isGround);
    case 'object':
      return (value as unknown as JsonTerm[][]).flat().every(isGround);
    case 'arraycomprehension':
    case 'objectcomprehension':
    case 'setcomprehension': {
      const { body, ...head } = value as unknown as { body: JsonExpression[] } & Record<string, JsonTerm>;
      return Object.values(head as Record<string, JsonTerm>).every(isGround) && body.every(isGroundExpression);
    }
    default:
      return true;
  }
}

interface JsonExpression {
  readonly terms: JsonTerm | readonly JsonTerm[] | Readonly<Record<'body' | 'lhs' | 'rhs', readonly JsonExpression[]>>;
}

/** Declarations always are. */
function isGroundExpression({ terms }: JsonExpression): boolean {
  if (Array.isArray(terms)) return (terms as readonly JsonTerm[]).slice(1).every(isGround);
  if ('value' in terms && 'type' in terms) return isGround(terms as JsonTerm);
  const { body = [], lhs = [], rhs = [] } = terms as Partial<Record<string, readonly JsonExpression[]>>;
  return 'domain' in terms || [...body, ...lhs, ...rhs].every(isGroundExpression);
}
