/**
 * References to fields that a closed schema does not have, and comparisons with values that it does not list.
 *
 * What schemas in METADATA close is OPA's to say (rego_type_error), which knows of fields but not of values.
 */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { Problem } from '../../../engine/protocol.ts';
import type { Root } from '../../snapshot.ts';
import type { Builtin } from '../builtins.ts';
import { type Module, modulesOf, type Packages } from '../names/modules.ts';
import { rangeOf } from '../places.ts';
import { T } from '../syntax/tokens.ts';
import type { Every, Node, Ref, Some, Span, Term } from '../syntax/tree.ts';
import { children } from '../syntax/walk.ts';
import { listsValues } from './annotations.ts';
import { constantKey } from './bindings.ts';
import { inferring, type Types } from './infer.ts';
import { isDescribed, schemasByName } from './input-schemas.ts';
import { admits, fieldsOf, keysOf, select, valuesListed, valuesOf } from './parts.ts';
import { showType } from './show.ts';
import { alternatives, type Origin, type Type } from './type.ts';

type Source = Origin['source'];

interface Sources {
  readonly fields: ReadonlySet<Source>;
  readonly values: ReadonlySet<Source>;
}

/** A field or value that is in no schema, at its place in the module. */
export interface Unknown extends Span {
  readonly kind: 'field' | 'value';
  /** What is there, by the schema. */
  readonly type: string;
  readonly name: string;
  /** The schema, as people call it. */
  readonly schema: string;
  /** What there is in its place. */
  readonly known: readonly string[];
}

/** How many of the known names a message lists. */
const maxListed = 12;

/** Whether anything can be found in a module: without parsing it, and without asking for its types. */
export function mayBeFlagged(root: Root, { path }: Pick<Module, 'path' | 'document'>): boolean {
  return schemasByName(root).size > 0 || listsValues(root) || isDescribed(root, path);
}

/** At once where nothing can be found. */
export function unknownFields(root: Root, path: string, builtins: ReadonlyMap<string, Builtin>): Diagnostic[] {
  const module = modulesOf(root).byPath.get(path);
  if (!module || !mayBeFlagged(root, module)) return [];
  return unknownIn(root, module, builtins, told).map((one) => ({
    ...said(module, one),
    severity: DiagnosticSeverity.Warning,
    data: { known: one.known },
  }));
}

/** @param packages through which others are looked into */
export function unknownProblems(
  root: Root,
  module: Module,
  builtins: ReadonlyMap<string, Builtin>,
  packages: Packages,
): Problem[] {
  return unknownIn(root, module, builtins, told, packages).map((one) => ({
    ...said(module, one),
    path: module.path,
    severity: 'warning',
  }));
}

const told = { fields: new Set(['schema']), values: new Set(['schema', 'metadata']) } satisfies Sources;

function said({ document }: Module, one: Unknown) {
  const code = `unknown-${one.kind}`;
  return { range: rangeOf(document, one), source: 'countersign', code, message: messageOf(one) } as const;
}

function messageOf({ kind, name, schema, known, type }: Unknown): string {
  const listed = known.slice(0, maxListed).map((one) => JSON.stringify(one));
  const there = listed.join(', ') + (known.length > maxListed ? ', …' : '');
  if (kind === 'value') return `By ${schema} this is never ${JSON.stringify(name)}, but ${there}.`;
  if (known.length > 0) return `${schema} has no field ${JSON.stringify(name)} here, but ${there}.`;
  return `By ${schema} this is ${type}: ${name === '' ? 'it has no members' : `nothing is found there by ${name}`}.`;
}

/** @param sources of which schemas it is told, by what is in them */
export function unknownIn(
  root: Root,
  module: Module,
  builtins: ReadonlyMap<string, Builtin>,
  sources: Sources,
  modules?: Packages,
): Unknown[] {
  // What a function is called with elsewhere is not known, so that calls say nothing here.
  const types = inferring(root, builtins, { fromCalls: false, ...(modules && { modules }) });
  const found: Unknown[] = [];
  look(module.names.tree.root, false);
  return found.sort((a, b) => a.start - b.start);

  function look(node: Node, isReplaced: boolean): void {
    if (node.kind === 'package') return;
    let replaced = isReplaced;
    // What `with` puts there may have other fields. Its target is where it puts it.
    if (node.kind === 'with') {
      look(node.value, isReplaced);
      return;
    }
    if ('withs' in node && node.withs.length > 0) replaced = true;
    if (node.kind === 'ref' && !replaced) {
      const missing = unknownPart(types, module, node, sources.fields);
      if (missing) found.push(missing);
    }
    const declares = node.kind === 'some' || node.kind === 'every';
    if (declares && !replaced) found.push(...noMembers(types, module, node, sources.fields));
    if (!replaced) found.push(...unknownValues(types, module, node, sources.values));
    for (const child of children(node)) look(child, replaced && child.kind !== 'with' ? true : isReplaced);
  }
}

/** The first part of a reference that leads nowhere. */
function unknownPart(types: Types, module: Module, ref: Ref, sources: ReadonlySet<Source>): Unknown | undefined {
  for (const [at, part] of ref.parts.entries()) {
    const key = part.kind === 'dot' ? part.name : constantKey(module.names.tree, part.term);
    if (key === '') continue;
    const span = part.kind === 'dot' ? { start: part.nameStart, end: part.end } : part.term;
    const before = types.ofRefUpTo(module, ref, at);
    const missing =
      key === undefined ? nothingIn(module, before, span, sources) : unknownKey(before, key, span, sources);
    if (missing) return missing;
  }
  return undefined;
}

/** What `some … in` and `every … in` go through, where it is no collection. */
function noMembers(types: Types, module: Module, node: Some | Every, sources: ReadonlySet<Source>): Unknown[] {
  const terms = node.kind === 'some' ? node.symbols : [node.domain];
  return terms.flatMap((term) => {
    if (term.kind !== 'membership') return [];
    const missing = nothingIn(module, types.ofTerm(module, term.collection), term.collection, sources);
    return missing ? [{ ...missing, name: '' }] : [];
  });
}

function unknownKey(
  type: Type,
  key: string | number,
  { start, end }: Span,
  sources: ReadonlySet<Source>,
): Unknown | undefined {
  const schema = schemaOf(type, sources);
  if (schema === undefined || select(type, key) !== undefined) return undefined;
  const known = [...fieldsOf(type).keys()];
  return { start, end, kind: 'field', name: String(key), schema, known, type: showType(type) };
}

/** Any key leads nowhere where there is no collection. */
function nothingIn(
  module: Module,
  type: Type,
  { start, end }: Span,
  sources: ReadonlySet<Source>,
): Unknown | undefined {
  const schema = schemaOf(type, sources);
  if (schema === undefined || alternatives(keysOf(type)).length > 0) return undefined;
  const name = module.names.tree.text.slice(start, end);
  return { start, end, kind: 'field', name, schema, known: [], type: showType(type) };
}

/** Values that something is compared with, or looked for in, and never has. */
function unknownValues(types: Types, module: Module, node: Node, sources: ReadonlySet<Source>): Unknown[] {
  const compared = (value: Term | undefined, type: () => Type) =>
    value?.kind === 'string' ? unknownValue(module, value, type(), sources) : [];
  switch (node.kind) {
    case 'infix': {
      const [left, right] = node.operands;
      const isEquality = node.operators[0] === T.equal || node.operators[0] === T.notEqual;
      if (node.operands.length !== 2 || !left || !right || !isEquality) return [];
      return [
        ...compared(left, () => types.ofTerm(module, right)),
        ...compared(right, () => types.ofTerm(module, left)),
      ];
    }
    case 'expression': {
      const { left, right, operator } = node;
      return operator === '=' ? compared(right, () => types.ofTerm(module, left)) : [];
    }
    case 'membership': {
      const { value, collection } = node;
      const items = collection.kind === 'set' || collection.kind === 'array' ? collection.items : [];
      return [
        ...items.flatMap((item) => compared(item, () => types.ofTerm(module, value))),
        ...compared(value, () => valuesOf(types.ofTerm(module, collection))),
      ];
    }
    default:
      return [];
  }
}

function unknownValue(module: Module, value: Term, type: Type, sources: ReadonlySet<Source>): Unknown[] {
  const name = constantKey(module.names.tree, value);
  const schema = schemaOf(type, sources);
  const known = schema === undefined ? undefined : valuesListed(type);
  if (typeof name !== 'string' || schema === undefined || !known || admits(type, name)) return [];
  const { start, end } = value;
  return [{ start, end, kind: 'value', name, schema, known: known.map(String), type: showType(type) }];
}

/** The name of the schema that a type is from, all of it. */
function schemaOf(type: Type, sources: ReadonlySet<Source>): string | undefined {
  const origins = type.about?.origin ? [type.about.origin] : alternatives(type).map(({ about }) => about?.origin);
  const [first] = origins;
  return first && origins.every((origin) => origin && sources.has(origin.source)) ? first.name : undefined;
}
