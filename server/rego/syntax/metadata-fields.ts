/** The fields of METADATA, as OPA reads them from YAML. */
import { type Document, isMap, isScalar, isSeq, type Node, parseAllDocuments, type YAMLMap } from 'yaml';
import { problemOfAuthor, problemOfResource, type Resource, resourceOf } from './metadata-people.ts';
import { isReference, isSchemaReference } from './metadata-references.ts';
import { controlCharacter, nonStringKey, plain, spanOf, text, unitPlaces, unreadable } from './metadata-yaml.ts';
import type { MetadataEntry, SchemaPath, Span } from './tree.ts';

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
  readonly paths: readonly SchemaPath[];
}

type Problem = Span & { message: string };

const whole = { start: -1, end: -1 };

export function readAnnotation(yaml: string): Found {
  const nothing = { value: undefined, entries: [], annotation: {}, paths: [] };
  if (yaml.trim() === '') return { ...nothing, problems: [{ ...whole, message: 'METADATA is empty' }] };
  const [document] = parseAllDocuments(yaml, { merge: true, logLevel: 'silent', customTags: ['timestamp'] });
  if (document === undefined || !('errors' in document)) return { ...nothing, problems: [] };
  const [error] = document.errors;
  if (error !== undefined) {
    const [start, end] = error.pos;
    return { ...nothing, problems: [{ start, end: Math.max(end, start), message: firstLine(error.message) }] };
  }
  const unread = unreadable(document, yaml) ?? controlCharacter(yaml);
  if (unread !== undefined) return { ...nothing, problems: [unread] };
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { ...nothing, value: {}, problems: [] };
  if (!isMap(contents)) return { ...nothing, problems: [{ ...whole, message: 'METADATA must be a map of YAML' }] };
  const problems: Problem[] = [];
  const paths: SchemaPath[] = [];
  const found = (key: Node, path: string) => {
    const places = unitPlaces(key, yaml);
    if (places) paths.push({ text: path, key: spanOf(key), places });
  };
  const annotation = fieldsOf(document, contents as YAMLMap<Node, Node | null>, problems, found);
  return {
    value: plain(document, contents) as Readonly<Record<string, unknown>>,
    entries: entriesOf(contents as YAMLMap<Node, Node | null>),
    problems,
    annotation,
    paths,
  };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function entriesOf(map: YAMLMap<Node, Node | null>): MetadataEntry[] {
  return map.items.map(({ key, value }) => ({
    name: text(key) ?? '',
    key: spanOf(key),
    value: value ? spanOf(value) : undefined,
  }));
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

function fieldsOf(
  document: Document,
  map: YAMLMap<Node, Node | null>,
  problems: Problem[],
  found: FoundPath,
): Annotation {
  const result: { -readonly [Key in keyof Annotation]: Annotation[Key] } = {};
  for (const { key, value: written } of map.items) {
    const name = text(key) ?? '';
    if (!isScalar(key)) problems.push({ ...spanOf(key), message: 'the keys must be strings' });
    const value = written && 'source' in written && !isScalar(written) ? written.resolve(document) : written;
    if (!value || (isScalar(value) && value.value === null)) continue;
    const wrong = (message: string, node: Node = value) => {
      problems.push({ ...spanOf(node), message });
    };
    switch (name) {
      case 'scope':
      case 'title':
      case 'description': {
        const string = text(value);
        if (string === undefined) wrong(`${name} must be a string`);
        else result[name] = string;
        break;
      }
      case 'entrypoint': {
        const truth = isScalar(value) ? (truths.get(String(value.value)) ?? value.value) : undefined;
        if (typeof truth !== 'boolean') wrong('entrypoint must be true or false');
        else result.entrypoint = truth;
        break;
      }
      case 'organizations':
        if (!isSeq<Node>(value)) wrong('organizations must be a list of strings');
        else {
          result.organizations = value.items.flatMap((item) => {
            if (!isScalar(item)) wrong('organizations must be a list of strings', item);
            return text(item) ?? [];
          });
        }
        break;
      case 'related_resources':
        if (!isSeq<Node>(value)) wrong('related_resources must be a list');
        else {
          result.related_resources = value.items.flatMap((item) => {
            const one = plain(document, item);
            const message = nonStringKey(item) ? 'the keys must be strings' : problemOfResource(one);
            if (message !== '') wrong(`invalid related resource: ${message}`, item);
            return message === '' ? [resourceOf(one)] : [];
          });
        }
        break;
      case 'authors':
        if (!isSeq<Node>(value)) wrong('authors must be a list');
        else {
          result.authors = value.items.flatMap((item) => {
            const author = nonStringKey(item) ? 'the keys must be strings' : problemOfAuthor(plain(document, item));
            if (typeof author === 'string') wrong(`invalid author: ${author}`, item);
            return typeof author === 'string' ? [] : [author];
          });
        }
        break;
      case 'schemas':
        result.schemas = schemasOf(document, value, wrong, found);
        break;
      case 'compile':
        if (!isMap<Node, Node | null>(value)) wrong('compile must be a map');
        else result.compile = compileOf(document, value, wrong);
        break;
      case 'custom':
      case 'labels':
        if (!isMap<Node, Node | null>(value)) wrong(`${name} must be a map`);
        else {
          for (const item of value.items) {
            if (item.value && nonStringKey(item.value)) wrong('the keys must be strings', item.value);
          }
          result[name] = plain(document, value) as Record<string, unknown>;
        }
        break;
    }
  }
  return result;
}

type Wrong = (message: string, node?: Node) => void;
type FoundPath = (key: Node, path: string) => void;

function schemasOf(document: Document, list: Node, wrong: Wrong, found: FoundPath): Annotation['schemas'] {
  if (!isSeq<Node>(list)) {
    wrong('schemas must be a list of maps');
    return undefined;
  }
  return list.items.flatMap((item): Schema[] => {
    if (!isMap<Node, Node | null>(item)) {
      wrong('schemas must be a list of maps', item);
      return [];
    }
    const [pair] = item.items;
    const path = text(pair?.key) ?? '';
    if (!pair || !isReference(path)) {
      wrong('invalid document reference', pair?.key ?? item);
      return [];
    }
    found(pair.key, path);
    const { value } = pair;
    if (isMap(value) && !nonStringKey(value)) return [{ path, definition: plain(document, value) }];
    const schema = isScalar(value) ? value.value : undefined;
    if (typeof schema === 'string') {
      if (isSchemaReference(schema)) return [{ path, schema }];
      wrong('invalid schema reference', value ?? item);
    } else wrong(`invalid schema declaration for path "${path}"`, value ?? item);
    return [];
  });
}

function compileOf(document: Document, map: YAMLMap<Node, Node | null>, wrong: Wrong): Annotation['compile'] {
  const { unknowns, mask_rule: mask } = plain(document, map) as { unknowns?: unknown; mask_rule?: unknown };
  const result: { unknowns?: string[]; mask_rule?: string } = {};
  if (Array.isArray(unknowns)) {
    result.unknowns = unknowns.filter((one) => typeof one === 'string');
    for (const one of result.unknowns) {
      if (!isReference(one)) wrong(`invalid unknowns element "${one}"`);
    }
  }
  if (typeof mask === 'string') {
    result.mask_rule = mask;
    if (!isReference(mask, true)) wrong(`invalid mask_rule annotation "${mask}"`);
  }
  return result;
}
