/**
 * Gatekeeper's ConstraintTemplates in a YAML document, and the Rego in them. What counts as a template's Rego, and as which
 * version it is read, is the Rego driver's own reading:
 * https://github.com/open-policy-agent/frameworks/blob/master/constraint/pkg/client/drivers/rego/compilers.go,
 * …/drivers/rego/schema/schema.go and …/apis/templates/v1/conversion.go.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Span } from '../syntax/tree.ts';
import type { Block } from './block-scalar.ts';
import { mark } from './mark.ts';

/** A text of Rego in a template. Offsets are in the YAML text. */
export interface EmbeddedText {
  /** `rego`, or `libs[0]` and so on. */
  readonly name: string;
  readonly role: 'main' | 'lib';
  /** Where its lines are, for a literal block scalar (`|`); other scalars do not keep the text as it is written. */
  readonly block: Block | undefined;
  /** The whole scalar, with its quotes or header. */
  readonly span: Span;
  readonly value: string;
}

/** The Rego for one target: modules that see each other and nothing else. */
export interface EmbeddedTarget {
  /** Unique in the file. */
  readonly name: string;
  /** `admission.k8s.gatekeeper.sh` for what Kubernetes admits. */
  readonly target: string | undefined;
  readonly version: 'v0' | 'v1';
  readonly texts: readonly EmbeddedText[];
  /** `rego` of a source that Gatekeeper does not read, because another comes first. */
  readonly unread: readonly Span[];
  /** Where an `engine: Rego` stands to which no `rego` belongs. */
  readonly missing: Span | undefined;
  readonly parameters: ParametersSchema | undefined;
}

/** What a constraint's `spec.parameters` may be. */
export interface ParametersSchema {
  /** The YAML document that the schema is in, and its keys there. */
  readonly document: Span;
  readonly pointer: readonly (string | number)[];
  /** JSON Schema, as OpenAPI v3 has it. */
  readonly schema: unknown;
  /** Fields that it does not name are kept (`legacySchema`), so that they may be there. */
  readonly open: boolean;
}

/** The targets with Rego of one YAML document; their places are those in it, and they have no names yet. */
export function targetsIn(text: string): EmbeddedTarget[] {
  const document = parseDocument(text, { keepSourceTokens: true, uniqueKeys: false, logLevel: 'silent' });
  const found: EmbeddedTarget[] = [];
  const reading: Reading = { text, document, served: new Set() };
  const visit = (node: unknown, pointer: readonly (string | number)[]) => {
    if (!isMap(node)) return;
    if (textOf(node.get('kind')) === mark) {
      const parameters = parametersOf(node, pointer);
      for (const target of itemsOf(at(node, 'spec', 'targets'))) found.push(...targetOf(reading, target, parameters));
    } else if (textOf(node.get('kind'))?.endsWith('List')) {
      const items = node.get('items');
      for (const [index, item] of (isSeq(items) ? items.items : []).entries()) {
        visit(item, [...pointer, 'items', index]);
      }
    }
  };
  visit(document.contents, []);
  return found;
}

/** A YAML document that is read. */
interface Reading {
  readonly text: string;
  readonly document: Document;
  /** What aliases stand for is served once: where it is written, or else for the first of them. */
  readonly served: Set<TextScalar>;
}

function targetOf(reading: Reading, target: YAMLMap, parameters: ParametersSchema | undefined): EmbeddedTarget[] {
  const sources = itemsOf(target.get('code')).filter((code) => textOf(code.get('engine')) === 'Rego');
  const own = isRegoGiven(target) ? target : undefined;
  const [first, ...others] = own ? [own, ...sources] : sources;
  if (!first) return [];
  const source = own ?? at(first, 'source');
  const version = !own && isMap(source) && textOf(source.get('version')) === 'v1' ? 'v1' : 'v0';
  const texts: EmbeddedText[] = [];
  const unread: Span[] = [];
  if (isMap(source)) {
    const add = (given: unknown, name: string, role: EmbeddedText['role']) => {
      const scalar = meant(reading, given);
      if (isText(scalar) && !reading.served.has(scalar)) texts.push(textAt(reading, scalar, name, role));
    };
    add(source.get('rego', true), 'rego', 'main');
    const libs = meant(reading, source.get('libs', true));
    for (const [index, lib] of (isSeq(libs) ? libs.items : []).entries()) add(lib, `libs[${index}]`, 'lib');
  }
  for (const other of others) {
    const scalar = scalarAt(at(other, 'source'), 'rego');
    if (scalar) unread.push(spanOf(scalar));
  }
  const missing = isMap(source) && isRegoGiven(source) ? undefined : scalarAt(first, 'engine');
  const name = textOf(target.get('target'));
  return [{ name: '', target: name, version, texts, unread, missing: missing && spanOf(missing), parameters }];
}

/** What a node is, or what the alias stands for that it is. */
function meant({ document }: Reading, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** An alias gives it, too. */
function isRegoGiven(source: YAMLMap): boolean {
  const given = source.get('rego', true);
  return isAlias(given) || (isScalar(given) && typeof given.value === 'string' && given.value !== '');
}

function parametersOf(template: YAMLMap, pointer: readonly (string | number)[]): ParametersSchema | undefined {
  const validation = at(template, 'spec', 'crd', 'spec', 'validation');
  const schema = at(validation, 'openAPIV3Schema');
  if (!isMap(validation) || !isMap(schema)) return undefined;
  // In v1alpha1 and v1beta1 a template is of the old kind unless it says otherwise.
  const old = textOf(template.get('apiVersion')) !== 'templates.gatekeeper.sh/v1';
  const legacy = validation.get('legacySchema');
  return {
    document: { start: 0, end: 0 },
    pointer: [...pointer, 'spec', 'crd', 'spec', 'validation', 'openAPIV3Schema'],
    schema: schema.toJSON() as unknown,
    open: typeof legacy === 'boolean' ? legacy : old,
  };
}

type TextScalar = Scalar<string> & { range: [number, number, number] };

function isText(node: unknown): node is TextScalar {
  return isScalar(node) && typeof node.value === 'string' && node.range != null;
}

function textAt({ text, served }: Reading, scalar: TextScalar, name: string, role: EmbeddedText['role']): EmbeddedText {
  served.add(scalar);
  return { name, role, block: blockOf(text, scalar), span: spanOf(scalar), value: scalar.value };
}

function spanOf({ range: [start, end] }: TextScalar): Span {
  return { start, end };
}

/** Where the lines of a literal block scalar are; undefined for other scalars, and for an empty one. */
function blockOf(text: string, { srcToken, range, value }: TextScalar): Block | undefined {
  if (srcToken?.type !== 'block-scalar' || text[range[0]] !== '|' || value.trim() === '') return undefined;
  const { props, source } = srcToken;
  const start = props.reduce((end, prop) => ('source' in prop ? end + prop.source.length : end), srcToken.offset);
  const [header = ''] = /^\|[-+\d]*/.exec(text.slice(range[0], range[0] + 4)) ?? [];
  const digit = Number(/\d/.exec(header)?.[0] ?? 0);
  // https://yaml.org/spec/1.2.2/#8111-block-indentation-indicator: said, or that of the first line with something on it.
  const indent = digit > 0 ? srcToken.indent + digit : (/^ *(?=[^ \r\n])/m.exec(source)?.[0].length ?? 0);
  return {
    start,
    end: start + source.length,
    firstLine: text.slice(0, start).split('\n').length - 1,
    indent,
    isIndentSaid: digit > 0,
  };
}

function itemsOf(node: unknown): YAMLMap[] {
  return isSeq(node) ? node.items.filter(isMap) : [];
}

function at(node: unknown, ...path: string[]): unknown {
  return path.reduce((inner, key) => (isMap(inner) ? inner.get(key) : undefined), node);
}

function scalarAt(node: unknown, key: string): TextScalar | undefined {
  if (!isMap(node)) return undefined;
  const value = node.items.find((pair: Pair) => isScalar(pair.key) && pair.key.value === key)?.value;
  return isText(value) ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
