/** What is typed at a place of a module: a part of a reference, or a variable. */
import type { Module } from '../names/modules.ts';
import { isDeclared } from '../names/names.ts';
import type { Occurrence } from '../names/occurrences.ts';
import type { Ref, Span } from '../syntax/tree.ts';
import { pathAt } from '../syntax/walk.ts';
import { constantKey, localsByStart } from './bindings.ts';
import type { Types } from './infer.ts';
import { aboutOf, fieldOf, select } from './parts.ts';
import { type About, any, type Field, type Type } from './type.ts';

export interface TypedPlace extends Span {
  /** The reference up to there, as it is written: `input.users[_].name`. */
  readonly text: string;
  readonly type: Type;
  /** What is said where the field is declared, or of the type. */
  readonly about: About | undefined;
  /** Whether the schema demands the field. */
  readonly required: boolean;
}

/** Undefined where nothing is known. */
export function typedAt(types: Types, module: Module, offset: number): TypedPlace | undefined {
  const { tree } = module.names;
  const path = pathAt(tree, offset);
  const ref = path.findLast((node): node is Ref => node.kind === 'ref');
  if (ref) {
    const at = ref.parts.findIndex(({ start, end }) => start < offset && offset <= end);
    const part = ref.parts[at];
    const inner = part?.kind === 'index' ? part.term : undefined;
    const isKey = part && (!inner || constantKey(tree, inner) !== undefined);
    if (isKey) return placeOfPart(types, module, ref, at);
    if (part === undefined && ref.head.kind === 'var' && offset <= ref.head.end) return placeOfHead(types, module, ref);
  }
  const last = path.at(-1);
  if (last?.kind !== 'var') return undefined;
  const local = localsByStart(module.names).get(last.start);
  const type = local && isDeclared(local) ? types.ofLocal(module, local) : types.ofTerm(module, last);
  return place(module, last, last, type);
}

function placeOfHead(types: Types, module: Module, ref: Ref): TypedPlace | undefined {
  return place(module, ref, ref.head, types.ofRefUpTo(module, ref, 0));
}

/** A path in the input to which METADATA gives a schema: what it is then, up to the name that is asked about. */
export function typedKeyAt(types: Types, module: Module, { start, end, meaning }: Occurrence): TypedPlace | undefined {
  const block = module.names.tree.metadata.find((one) => one.start <= start && end <= one.end);
  if (!block || meaning.kind !== 'input') return undefined;
  // What is said of a package holds for all of its rules.
  const rule = module.names.rules.find(({ node }) => node === block.target);
  const names = meaning.path.slice(1);
  const last = names.pop();
  const above = names.reduce<Type>((type, name) => select(type, name) ?? any, types.ofInput(module, rule));
  const field = last === undefined ? { type: above, required: false } : fieldOf(above, last);
  if (!field || (field.type.kind === 'any' && !field.about)) return undefined;
  const { type, about = aboutOf(type), required } = field as Field;
  return { start, end, text: meaning.path.join('.'), type, about, required };
}

/** The spans are of the whole up to there, and of the last name. */
function place({ names: { tree } }: Module, whole: Span, last: Span, type: Type): TypedPlace | undefined {
  if (type.kind === 'any' && !type.about) return undefined;
  const text = tree.text.slice(whole.start, last.end);
  return { start: last.start, end: last.end, text, type, about: aboutOf(type), required: false };
}

function placeOfPart(types: Types, module: Module, ref: Ref, at: number): TypedPlace | undefined {
  const { tree } = module.names;
  const part = ref.parts[at] as Ref['parts'][number];
  const span = part.kind === 'dot' ? { start: part.nameStart, end: part.end } : part.term;
  const key = part.kind === 'dot' ? part.name : constantKey(tree, part.term);
  const before = types.ofRefUpTo(module, ref, at);
  const field = typeof key === 'string' ? fieldOf(before, key) : undefined;
  const type = types.ofRefUpTo(module, ref, at + 1);
  const known = field ?? {
    type: key === undefined ? any : (select(before, key) ?? any),
    required: false,
    about: undefined,
  };
  if (type.kind === 'any' && !known.about && !type.about) return undefined;
  const text = tree.text.slice(ref.start, part.end);
  return { ...span, text, type, about: known.about ?? aboutOf(type), required: known.required };
}
