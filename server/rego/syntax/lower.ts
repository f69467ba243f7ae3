/**
 * A tree as OPA's JSON AST, with all locations. The texts of locations are strings (OPA writes them as base64), and
 * numbers stay as they are written.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/policy_json.go
 */

import { type Location, locator, withText } from './locations.ts';
import { attachAnnotations, lowerAnnotation } from './lower-annotations.ts';
import { type JsonRule, lowerAsRule, lowerRule } from './lower-rules.ts';
import { type JsonTerm, type Lowering, lowerTerm } from './lower-terms.ts';
import { tokenFrom } from './tokens.ts';
import type { Import, Package, Span, Statement, Tree } from './tree.ts';

export type Json =
  | null
  | boolean
  | string
  | number
  | undefined
  | Location
  | JsonTerm
  | readonly Json[]
  | { [key: string]: Json };

/** Of a tree without errors. */
export function lower(tree: Tree, file = ''): { [key: string]: Json } {
  const { text, tokens, root } = tree;
  const l: Lowering = { text, tokens, locate: locator(text, file), wildcards: 0 };
  const module: { [key: string]: Json } = {};
  const imports: Json[] = [];
  const rules: JsonRule[] = [];
  const rulesOf = new Map<Statement, readonly JsonRule[]>();
  for (const item of root.items) {
    if (item.kind === 'package') module.package = lowerPackage(l, item);
    else if (item.kind === 'import') imports.push(lowerImport(l, item));
    else if (item.kind === 'rule' || item.kind === 'expression') {
      const lowered = item.kind === 'rule' ? lowerRule(l, item) : [lowerAsRule(l, item)];
      rules.push(...lowered);
      rulesOf.set(item, lowered);
    }
  }
  const annotations = tree.metadata.map((metadata) => lowerAnnotation(l, metadata));
  attachAnnotations(annotations, rules, rulesOf);
  if (annotations.length > 0) module.annotations = annotations.map(({ json }) => json);
  if (imports.length > 0) module.imports = imports;
  if (rules.length > 0) module.rules = rules;
  const blocks = new Map(annotations.map(({ metadata, location }) => [metadata.start, location]));
  if (tree.comments.length > 0) {
    // The first comment of a block shares its location with the block.
    module.comments = tree.comments.map((comment) => lowerComment(l, comment, blocks.get(comment.start)));
  }
  return module;
}

function keyword(l: Lowering, { start }: Span): Location {
  return l.locate({ start, end: l.tokens.ends[tokenFrom(l.tokens, start)]! });
}

function lowerPackage(l: Lowering, item: Package): Json {
  const path = lowerTerm(l, item.path);
  const terms = path.type === 'ref' ? (path.value as unknown as JsonTerm[]) : [path];
  const [first, ...rest] = terms;
  const location = first!.location!;
  return {
    location: keyword(l, item),
    path: [
      { location, type: 'var', value: 'data' },
      { location, type: 'string', value: first!.value as string },
      ...rest,
    ],
  };
}

function lowerImport(l: Lowering, item: Import): Json {
  const path = lowerTerm(l, item.path);
  const json: { [key: string]: Json } = {
    location: keyword(l, item),
    path: path.type === 'ref' ? path : { location: path.location!, type: 'ref', value: [path] },
  };
  if (item.alias !== undefined) json.alias = lowerTerm(l, item.alias).value;
  return json;
}

/** OPA's keys are those of its Go fields. */
function lowerComment(l: Lowering, { start }: Span, block: Location | undefined): Json {
  const lineEnd = l.text.indexOf('\n', start);
  const location = l.locate({ start, end: lineEnd < 0 ? l.text.length : lineEnd });
  let written = location.text!;
  // At the end of the text, OPA's location loses the last bytes of a character beyond ASCII.
  if (lineEnd < 0) written = written.replace(/[^\0-\x7f]$/u, '\ufffd');
  const body = written.slice(1);
  return {
    Text: body === '\r' ? null : body.replace(/(?<=.)\r+$/s, ''),
    Location: block ?? withText(location, written),
  };
}
