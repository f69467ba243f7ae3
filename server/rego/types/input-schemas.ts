/**
 * What `input` is in a module before its METADATA says more: by Countersign's own schema in a `.countersign` folder;
 * by `schemas/input.json` or `input.schema.json` in the closest folder around the module; else by a sample input.
 */
import ownInput from '../../../core/schemas/input.schema.json' with { type: 'json' };
import { derived } from '../../derived.ts';
import { kindOf } from '../../file-kinds.ts';
import type { Document, Root } from '../../snapshot.ts';
import { besideModules } from './beside-modules.ts';
import { typeOfSchema } from './json-schema.ts';
import { overridden } from './override.ts';
import { contentOf, sampleFor, typeOfSample } from './samples.ts';
import { any, type OwnSchema, type Type } from './type.ts';

/** A JSON Schema of a part of the input, that whoever made a root knows of. */
export interface InputSchema {
  /** Below `input`. */
  readonly at: readonly string[];
  readonly value: unknown;
  /** As it is shown to people. */
  readonly name: string;
  /** Where it stands, and where in there; or which of the project's own it is. */
  readonly document?: Document;
  readonly own?: OwnSchema;
  readonly pointer: readonly (string | number)[];
}

/** A schema that METADATA can name. */
export interface NamedSchema {
  readonly path: string;
  readonly document: Document;
}

const ownType = typeOfSchema({
  value: ownInput,
  origin: { source: 'schema', name: "Countersign's input", own: 'input.schema.json', pointer: [] },
});

/** Whether a schema says what the input is, METADATA apart. */
export function isDescribed(root: Root, path: string): boolean {
  if (root.inputSchemas) return root.inputSchemas.length > 0;
  return !isLintRule(path) && (root.kind === 'countersign' || inputSchemaFor(root, path) !== undefined);
}

/** Without what METADATA says. */
export function inputTypeAt(root: Root, path: string): Type {
  const { inputSchemas } = root;
  if (inputSchemas) {
    return inputSchemas.reduce<Type>((type, { at, value, ...where }) => {
      return overridden(type, at, typeOfSchema({ value, origin: { source: 'schema', ...where } }));
    }, any);
  }
  if (isLintRule(path)) return any;
  if (root.kind === 'countersign') return ownType;
  const schema = inputSchemaFor(root, path);
  if (schema) return fileType(schema.document)('schema', schema.path);
  const sample = sampleFor(root, path);
  return sample ? sampleType(sample.document)(sample.path) : any;
}

/** What a lint rule gets is the module that it looks at. */
function isLintRule(path: string): boolean {
  return kindOf(path) === 'lint-rule';
}

const sampleType = derived((document: Document) =>
  kept((name) => typeOfSample(contentOf(document), { source: 'sample', name, document, pointer: [] })),
);

/** The type that a schema file describes; made once for a document. */
export function schemaType({ path, document }: NamedSchema): Type {
  return fileType(document)('metadata', path);
}

const fileType = derived((document: Document) => {
  const types = new Map<string, Type>();
  return (source: 'schema' | 'metadata', name: string): Type => {
    const known = types.get(source);
    if (known) return known;
    const type = typeOfSchema({ value: contentOf(document), origin: { source, name, document, pointer: [] } });
    types.set(source, type);
    return type;
  };
});

function kept(make: (name: string) => Type): (name: string) => Type {
  let type: Type | undefined;
  return (name) => {
    type ??= make(name);
    return type;
  };
}

/**
 * The schemas of a root by the names that METADATA has for them, as the engine names them: the path below `schemas/`,
 * or else the file's name, without `.schema.json` or `.json`; joined by `/`.
 */
export const schemasByName = besideModules((root): ReadonlyMap<string, NamedSchema> => {
  const found = new Map<string, NamedSchema>();
  for (const [path, document] of root.files) {
    if (!path.endsWith('.json') || kindOf(path) !== 'schema') continue;
    found.set(nameOf(path), { path, document });
  }
  return found;
});

function nameOf(path: string): string {
  const folder = `/${path}`.indexOf('/schemas/');
  const name = folder < 0 ? path.slice(path.lastIndexOf('/') + 1) : path.slice(folder + '/schemas'.length);
  return name
    .replace(/^\//, '')
    .replace(/\.json$/, '')
    .replace(/\.schema$/, '');
}

/** The schema of the whole input for the modules around it. */
function inputSchemaFor(root: Root, path: string): NamedSchema | undefined {
  for (let folder = path.slice(0, path.lastIndexOf('/') + 1); ; ) {
    for (const name of ['schemas/input.json', 'schemas/input.schema.json', 'input.schema.json']) {
      const document = root.files.get(folder + name);
      if (document) return { path: folder + name, document };
    }
    if (folder === '') return undefined;
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  }
}
