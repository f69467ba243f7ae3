/** The fields of METADATA, as OPA reads them from YAML. */
import { problemOfAuthor, problemOfResource, type Resource, resourceOf } from './metadata-people.ts';
import { isReference, isSchemaReference } from './metadata-references.ts';
import type { MetadataEntry, MetadataPath, Span } from './tree.ts';
import {
  type Decoder,
  decodeAny,
  decodeMap,
  decoder,
  decodeText,
  eachEntry,
  follow,
  hasOtherKeys,
  isMergedBefore,
  scalarOf,
  toJson,
  within,
  wrong,
} from './yaml/decode.ts';
import { readYaml, type YamlNode } from './yaml/nodes.ts';
import { isMoment } from './yaml/resolve.ts';
import { UnreadableYaml } from './yaml/state.ts';
import { unitPlaces } from './yaml/unit-places.ts';

/** In the shape of OPA's JSON; references as they are written. */
export interface Annotation {
  readonly scope?: string;
  readonly title?: string;
  readonly description?: string;
  readonly entrypoint?: boolean;
  readonly organizations?: readonly string[];
  readonly related_resources?: readonly Resource[];
  readonly authors?: readonly { name: string; email?: string }[];
  readonly schemas?: readonly Schema[];
  readonly compile?: { unknowns?: readonly string[]; mask_rule?: string };
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, unknown>>;
}

interface Schema {
  readonly path: string;
  readonly schema?: string;
  readonly definition?: unknown;
}

/** What a block says; all spans are offsets into its YAML. */
export interface Found {
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly entries: readonly MetadataEntry[];
  /** A span that begins below 0 is the block's own. */
  readonly problems: readonly (Span & { message: string })[];
  readonly annotation: Annotation;
  readonly paths: readonly MetadataPath[];
}

type Problem = Span & { message: string };

const whole = { start: -1, end: -1 };

export function readAnnotation(yaml: string): Found {
  const nothing = { value: undefined, entries: [], annotation: {}, paths: [] };
  if (/^[\s\u0085]*$/.test(yaml)) return { ...nothing, problems: [{ ...whole, message: 'METADATA is empty' }] };
  const control = controlCharacter(yaml);
  if (control !== undefined) return { ...nothing, problems: [control] };
  const d = decoder();
  try {
    const root = readYaml(yaml);
    if (root === undefined || (root.kind === 'scalar' && scalarOf(root).value === null))
      return { ...nothing, value: {}, problems: [] };
    if (root.kind !== 'map') return { ...nothing, problems: [{ ...whole, message: 'METADATA must be a map of YAML' }] };
    const { pathNodes, ...annotation } = fieldsOf(d, root);
    const paths = (pathNodes ?? []).flatMap((one) => pathIn(one, yaml));
    return { value: contentsOf(root), entries: entriesOf(root), problems: d.problems, annotation, paths };
  } catch (error) {
    if (!(error instanceof UnreadableYaml)) throw error;
    return { ...nothing, problems: [...d.problems, { ...error.span, message: error.message }] };
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function controlCharacter(yaml: string): Problem | undefined {
  const at = yaml.search(control);
  return at < 0 ? undefined : { start: at, end: at + 1, message: 'control characters are not allowed' };
}

/** All that a map says, what OPA does not look at included; a value that cannot be read is null. */
function contentsOf(map: YamlNode): Readonly<Record<string, unknown>> {
  const value = new Map<string, unknown>();
  try {
    eachEntry(decoder(), map, (key, node) => {
      let one: unknown = null;
      try {
        one = toJson(decodeAny(decoder(), node));
      } catch {}
      if (key.kind === 'scalar' && !value.has(key.value)) value.set(key.value, one);
    });
  } catch {}
  return Object.fromEntries(value);
}

function entriesOf({ items }: YamlNode): MetadataEntry[] {
  return items.flatMap((key, index) => {
    const value = items[index + 1];
    if (index % 2 !== 0 || value === undefined) return [];
    return { name: key.kind === 'scalar' ? key.value : '', key: spanOf(key), value: spanOf(value) };
  });
}

function pathIn({ role, node }: PathNode, yaml: string): MetadataPath[] {
  const places = unitPlaces(node, yaml);
  return places ? [{ role, text: node.value, written: spanOf(node), places }] : [];
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

function fieldsOf(d: Decoder, map: YamlNode): Fields {
  const result: Fields = {};
  const done = new Set<string>();
  eachEntry(d, map, (key, value) => {
    const name = decodeText(d, key, 'the keys must be strings')?.value;
    if (name === undefined || isMergedBefore(d, name)) return;
    const read = fields[name];
    if (read === undefined) return;
    if (done.has(name)) wrong(d, key, `the key '${name}' is repeated`);
    done.add(name);
    within(d, () => read(d, value, result));
  });
  return result;
}

/** A key or a value that is a reference. */
interface PathNode {
  role: MetadataPath['role'];
  node: YamlNode;
}

type Fields = { -readonly [Key in keyof Annotation]: Annotation[Key] } & { pathNodes?: PathNode[] };
type Read = (d: Decoder, node: YamlNode, result: Fields) => void;

function readText(name: 'scope' | 'title' | 'description'): Read {
  return (d, node, result) => {
    const text = decodeText(d, node, `${name} must be a string`);
    if (text !== undefined) result[name] = text.value;
  };
}

/** Where a key of a map, or its value, is written; the map where that is elsewhere. */
function partOf(map: YamlNode, name: string, part: 'key' | 'value'): YamlNode {
  const { items } = map.target ?? map;
  const at = items.findIndex(({ value }, index) => index % 2 === 0 && value === name);
  return at < 0 ? map : items[part === 'key' ? at : at + 1]!;
}

function readMap(name: 'custom' | 'labels'): Read {
  return (d, node, result) => {
    const map = decodeMap(d, node, `${name} must be a map`);
    if (map === undefined) return;
    for (const [key, one] of Object.entries(map)) {
      if (hasOtherKeys(one)) wrong(d, partOf(node, key, 'value'), 'the keys must be strings');
    }
    result[name] = toJson(map) as Record<string, unknown>;
  };
}

const fields: { readonly [name: string]: Read | undefined } = Object.assign(Object.create(null), {
  scope: readText('scope'),
  title: readText('title'),
  description: readText('description'),
  entrypoint: readTruth,
  organizations: readOrganizations,
  related_resources: readResources,
  authors: readAuthors,
  schemas: readSchemas,
  compile: readCompile,
  custom: readMap('custom'),
  labels: readMap('labels'),
});

function readTruth(d: Decoder, node: YamlNode, result: Fields): void {
  const message = 'entrypoint must be true or false';
  follow(d, node, (found) => {
    if (found.kind !== 'scalar') return wrong(d, node, message);
    const { value } = scalarOf(found);
    const truth = truths.get(value as string) ?? value;
    if (typeof truth === 'boolean') result.entrypoint = truth;
    else if (value !== null) wrong(d, node, message);
  });
}

/** The items of a list, each with what `decode` makes of it. */
function readList<Item>(
  d: Decoder,
  node: YamlNode,
  message: string,
  decode: (item: YamlNode) => readonly Item[],
): readonly Item[] | undefined {
  return follow(d, node, (found) => {
    if (found.kind === 'list') return found.items.flatMap(decode);
    if (found.kind === 'map' || scalarOf(found).value !== null) wrong(d, node, message);
    return undefined;
  });
}

function readOrganizations(d: Decoder, node: YamlNode, result: Fields): void {
  const message = 'organizations must be a list of strings';
  result.organizations = readList(d, node, message, (item) => {
    const text = decodeText(d, item, message);
    return text === undefined ? [] : [text.value];
  });
}

/** A map whose keys are strings with tags of their own is a map of strings. */
function withTextKeys(value: unknown): unknown {
  return value instanceof Map && !hasOtherKeys(value) ? Object.fromEntries(value) : value;
}

function readResources(d: Decoder, node: YamlNode, result: Fields): void {
  result.related_resources = readList(d, node, 'related_resources must be a list', (item) => {
    const one = withTextKeys(decodeAny(d, item));
    const message = hasOtherKeys(one) ? 'the keys must be strings' : problemOfResource(one);
    if (message !== '') wrong(d, item, `invalid related resource: ${message}`);
    return message === '' ? [resourceOf(one)] : [];
  });
}

function readAuthors(d: Decoder, node: YamlNode, result: Fields): void {
  result.authors = readList(d, node, 'authors must be a list', (item) => {
    const one = withTextKeys(decodeAny(d, item));
    const author = hasOtherKeys(one) ? 'the keys must be strings' : problemOfAuthor(one);
    if (typeof author === 'string') wrong(d, item, `invalid author: ${author}`);
    return typeof author === 'string' ? [] : [author];
  });
}

function pathNodesOf(result: Fields): PathNode[] {
  result.pathNodes ??= [];
  return result.pathNodes;
}

function readSchemas(d: Decoder, node: YamlNode, result: Fields): void {
  const message = 'schemas must be a list of maps';
  const named = pathNodesOf(result);
  result.schemas = readList(d, node, message, (item): Schema[] => {
    const known = d.problems.length;
    const map = decodeMap(d, item, message);
    if (d.problems.length > known) return [];
    const [path = '', schema] = Object.entries(map ?? {})[0] ?? [];
    const isPath = isReference(path);
    // What an alias stands for has its place elsewhere.
    if (isPath && item.kind === 'map') named.push({ role: 'schema', node: partOf(item, path, 'key') });
    if (!isPath) wrong(d, partOf(item, path, 'key'), 'invalid document reference');
    else if (typeof schema === 'string') {
      if (isSchemaReference(schema)) return [{ path, schema }];
      wrong(d, partOf(item, path, 'value'), 'invalid schema reference');
    } else if (isPlainMap(schema)) return [{ path, definition: toJson(schema) }];
    else wrong(d, partOf(item, path, 'value'), `invalid schema declaration for path "${path}"`);
    return [];
  });
}

function isPlainMap(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map) && !isMoment(value)
  );
}

function readCompile(d: Decoder, node: YamlNode, result: Fields): void {
  const map = decodeMap(d, node, 'compile must be a map');
  if (map === undefined) return;
  const compile: { unknowns?: string[]; mask_rule?: string } = {};
  const { unknowns, mask_rule: mask } = map;
  const named = pathNodesOf(result);
  if (Array.isArray(unknowns)) {
    compile.unknowns = unknowns.filter((one) => typeof one === 'string');
    const list = partOf(node, 'unknowns', 'value');
    for (const one of compile.unknowns) {
      if (!isReference(one)) wrong(d, list, `invalid unknowns element "${one}"`);
    }
    // What an alias stands for has its place elsewhere.
    if (node.kind === 'map' && list.kind === 'list') {
      for (const item of list.items) named.push({ role: 'unknown', node: item });
    }
  }
  if (typeof mask === 'string') {
    compile.mask_rule = mask;
    const value = partOf(node, 'mask_rule', 'value');
    if (!isReference(mask, true)) wrong(d, value, `invalid mask_rule annotation "${mask}"`);
    else if (node.kind === 'map') named.push({ role: 'mask', node: value });
  }
  result.compile = compile;
}
