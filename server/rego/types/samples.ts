/**
 * Sample inputs, by which people try their policies: `input.json` or `input.yaml` in the folder of a module or, if
 * there is none, in the closest folder above it, up to the workspace's. Their values may be secret: only what kinds
 * they are is told.
 *
 * https://github.com/open-policy-agent/regal/blob/v0.42.0/internal/lsp/input/input.go (FindForPath) and
 * https://github.com/open-policy-agent/vscode-opa/blob/main/src/extension.ts (getInputPath)
 */
import { parse } from 'yaml';
import { isRecord } from '../../../core/plain-data.ts';
import { derived } from '../../derived.ts';
import { kindOf } from '../../file-kinds.ts';
import type { Document, Root } from '../../snapshot.ts';
import {
  type About,
  any,
  type Field,
  type ObjectType,
  type Origin,
  type ScalarKind,
  scalar,
  type Type,
  union,
} from './type.ts';

export interface Sample {
  readonly path: string;
  readonly document: Document;
  readonly value: unknown;
}

/** A longer YAML text would hold up whoever waits; JSON is read many times faster. In UTF-16 units. */
const longestYaml = 1024 * 1024;

/** The sample input of a module; undefined where there is none that can be read. */
export function sampleFor(root: Root, path: string): Sample | undefined {
  for (let folder = folderOf(path); ; folder = folderOf(folder.slice(0, -1))) {
    for (const name of ['input.json', 'input.yaml']) {
      const document = root.files.get(folder + name);
      if (!document || kindOf(folder + name) !== 'input') continue;
      const value = contentOf(document);
      if (value !== undefined) return { path: folder + name, document, value };
    }
    if (folder === '') return undefined;
  }
}

/** With its slash; '' at the top. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** What a JSON or YAML document says; undefined where it cannot be read. */
export function contentOf(document: Document): unknown {
  return read(document).value;
}

const read = derived(({ uri, text }: Document): { value: unknown } => {
  try {
    if (/\.json$/i.test(uri)) return { value: JSON.parse(text) };
    if (text.length > longestYaml) return { value: undefined };
    return { value: parse(text, { logLevel: 'silent', maxAliasCount: 100 }) };
  } catch {
    return { value: undefined };
  }
});

/** Of a long list, what the first items are says what they all are. */
const looksAt = 100;

/** The type of a value as one example: nothing in it is demanded, there may be more, and values are not told. */
export function typeOfSample(value: unknown, origin: Origin): Type {
  const about = { origin };
  const below = (part: unknown, key: string | number) =>
    typeOfSample(part, { ...origin, pointer: [...origin.pointer, key] });
  if (Array.isArray(value)) {
    const rest = once(() => (value.length > 0 ? merged(value.slice(0, looksAt).map(below)) : any));
    return {
      kind: 'array',
      first: [],
      get rest() {
        return rest();
      },
      about,
    };
  }
  if (isRecord(value)) {
    const fields = new Map(
      Object.keys(value).map((name): [string, Field] => {
        const at = { origin: { ...origin, pointer: [...origin.pointer, name] } };
        return [name, field(() => below(value[name], name), at)];
      }),
    );
    return { kind: 'object', fields, others: { keys: scalar('string'), values: any }, about };
  }
  const kind = value === null ? 'null' : typeof value;
  if (!['null', 'boolean', 'number', 'string'].includes(kind)) return { kind: 'any', about };
  return { kind: kind as ScalarKind, about };
}

/** Examples of one thing: objects become one object with the fields of all. */
function merged(types: readonly Type[]): Type {
  const objects = types.filter((type) => type.kind === 'object');
  const others = types.filter((type) => type.kind !== 'object');
  return union([...others, ...(objects.length > 0 ? [mergedObjects(objects)] : [])]);
}

function mergedObjects(objects: readonly ObjectType[]): ObjectType {
  const [first] = objects as [ObjectType, ...ObjectType[]];
  if (objects.length === 1) return first;
  const names = new Set(objects.flatMap(({ fields }) => [...fields.keys()]));
  const fields = new Map(
    [...names].map((name): [string, Field] => {
      const having = objects.flatMap((one) => one.fields.get(name) ?? []);
      return [name, field(() => merged(having.map(({ type }) => type)), having[0]?.about)];
    }),
  );
  return { ...first, fields };
}

/** One that an example has, which is not to say that it is always there. */
function field(type: () => Type, about: About | undefined): Field {
  const made = once(type);
  return {
    get type() {
      return made();
    },
    required: false,
    about,
  };
}

/** Made when it is looked at, and kept. */
function once(make: () => Type): () => Type {
  let made: Type | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
