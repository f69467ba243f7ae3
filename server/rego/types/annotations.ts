/**
 * What METADATA's `schemas` say of a rule: those of the packages around it (scope subpackages), of its package, of
 * its document and its own, in this order, so that what is closer to the rule overrides the rest.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/check.go (getRuleAnnotation, checkRule)
 */
import { derived } from '../../derived.ts';
import { patched } from '../../patched.ts';
import { changedPaths } from '../../roots.ts';
import type { Document, Root } from '../../snapshot.ts';
import { isRego } from '../engine-files.ts';
import type { Module, Packages } from '../names/modules.ts';
import type { RuleName } from '../names/names.ts';
import { annotationOf } from '../syntax/metadata.ts';
import type { Metadata } from '../syntax/tree.ts';
import { schemasByName, schemaType } from './input-schemas.ts';
import { typeOfSchema } from './json-schema.ts';
import type { Type } from './type.ts';

/** A type that METADATA gives to what a path leads to. */
export interface Annotated {
  /** From `input` or `data` on. */
  readonly path: readonly string[];
  readonly type: Type;
}

/** In the order in which they apply: later ones override. */
export function annotatedFor(root: Root, modules: Packages, module: Module, rule: RuleName | undefined): Annotated[] {
  const blocks: { module: Module; metadata: Metadata }[] = [];
  const add = (one: Module, wanted: (metadata: Metadata) => boolean) => {
    for (const metadata of annotating(one)) if (wanted(metadata)) blocks.push({ module: one, metadata });
  };
  const inPackage = (length: number) =>
    annotatingIn(modules.byPackage.get(module.package.slice(0, length).join('\n')) ?? noModules);
  for (let length = 2; length <= module.package.length; length++)
    for (const one of inPackage(length)) add(one, ({ scope }) => scope === 'subpackages');
  const own = inPackage(module.package.length);
  for (const one of own) add(one, ({ scope }) => scope === 'package');
  if (rule) {
    const name = nameOf(rule);
    for (const one of own) {
      const targets = new Set(one.names.rules.filter((other) => nameOf(other) === name).map(({ node }) => node));
      add(one, ({ scope, target }) => scope === 'document' && target?.kind === 'rule' && targets.has(target));
    }
    add(module, ({ scope, target }) => scope === 'rule' && target === rule.node);
  }
  return blocks.flatMap(({ module: { document }, metadata }) => typesIn(root, document, metadata));
}

function nameOf({ path }: RuleName): string {
  return path.map(({ name }) => name).join('\n');
}

const none: readonly Metadata[] = [];
const noModules: readonly Module[] = [];

/** The modules of a package that speak of schemas: few, or none. */
const annotatingIn = derived((all: readonly Module[]) => all.filter((module) => annotating(module).length > 0));

/** The blocks that speak of schemas. The text is looked at first, so that no module is parsed for nothing. */
function annotating(module: Module): readonly Metadata[] {
  return speaks(module.document) ? withSchemas(module.names.tree.metadata) : none;
}

/** Whether METADATA of a text may have `schemas`; the key may be quoted, or in braces. */
const speaks = derived(({ text }: Document) => text.includes('METADATA') && /^[ \t]*#.*\bschemas\b/m.test(text));

/** Whether they may say there which values there are. */
const lists = derived((document: Document) => speaks(document) && /^[ \t]*#.*\b(?:enum|const)\b/m.test(document.text));

function isListing(path: string, document: Document | undefined): boolean {
  return document !== undefined && isRego(path, document) && lists(document);
}

/** The modules that may: an edit looks again at one. */
const listing = patched(
  ({ files }: Root): ReadonlySet<string> =>
    new Set([...files.keys()].filter((path) => isListing(path, files.get(path)))),
  (last, before, now) => {
    const changed = changedPaths(before, now).filter((path) => last.has(path) !== isListing(path, now.files.get(path)));
    if (changed.length === 0) return last;
    const next = new Set(last);
    for (const path of changed) if (!next.delete(path)) next.add(path);
    return next;
  },
);

/**
 * Whether METADATA of any module may say, in a schema that it writes out, which values something has: that holds for
 * other modules, too, and is inferred from.
 */
export function listsValues(root: Root): boolean {
  return listing(root).size > 0;
}

const withSchemas = derived((all: readonly Metadata[]) =>
  all.filter((metadata) => annotationOf(metadata).schemas?.length),
);

function typesIn(root: Root, document: Document, metadata: Metadata): Annotated[] {
  return (annotationOf(metadata).schemas ?? []).flatMap(({ path, schema, definition }, at) => {
    const type = schema === undefined ? definedType(document, metadata, at, path, definition) : namedType(root, schema);
    return type ? [{ path: namesIn(path), type }] : [];
  });
}

/** `schema.a["b"]`; undefined for one that there is not, which OPA reports. */
function namedType(root: Root, reference: string): Type | undefined {
  const found = schemasByName(root).get(namesIn(reference).slice(1).join('/'));
  return found && schemaType(found);
}

const defined = derived((_: Metadata) => new Map<number, Type>());

function definedType(document: Document, metadata: Metadata, at: number, path: string, value: unknown): Type {
  const known = defined(metadata).get(at);
  if (known) return known;
  const origin = {
    source: 'metadata',
    name: 'METADATA',
    document: blockDocument(document, metadata),
    pointer: ['schemas', at, path],
  } as const;
  const type = typeOfSchema({ value, origin });
  defined(metadata).set(at, type);
  return type;
}

/** A block as YAML at the same offsets: everything else is blank. */
export function blockDocument({ uri, text }: Document, { start, end }: Metadata): Document {
  const blank = (part: string) => part.replaceAll(/[^\r\n]/g, ' ');
  const head = text.indexOf('\n', start);
  const from = head < 0 || head > end ? end : head;
  const yaml = text.slice(from, end).replaceAll(/^( *)#/gm, '$1 ');
  return { uri, languageId: 'yaml', version: null, text: blank(text.slice(0, from)) + yaml };
}

/** The constant names of a reference as it is written: `input.a["b c"]`. */
export function namesIn(reference: string): string[] {
  return [...reference.matchAll(/\["([^"]*)"\]|(\w+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
