/**
 * Tokens of YAML to nodes: https://github.com/yaml/go-yaml/blob/v3.0.5/parserc.go and decode.go beside it.
 *
 * Nodes that are being read are held in a list, not on the stack, since they may nest deep.
 */
import type { Span } from '../tree.ts';
import { resolve } from './resolve.ts';
import { peek, take } from './scanner.ts';
import { type Scanner, scannerOf, type Token, UnreadableYaml } from './state.ts';

export interface YamlNode extends Span {
  readonly kind: 'scalar' | 'map' | 'list' | 'alias';
  /** In short, as `!!str`; empty for an alias. */
  readonly tag: string;
  /** The text of a scalar, the name of an alias. */
  readonly value: string;
  /** The items of a list; of a map, keys and values in turn. */
  readonly items: YamlNode[];
  /** What an alias stands for. */
  readonly target: YamlNode | undefined;
}

type State =
  | 'list'
  | 'bare list'
  | 'key'
  | 'value'
  | 'flow list'
  | 'flow key'
  | 'flow value'
  | 'flow key alone'
  | 'pair key'
  | 'pair value'
  | 'pair end';

interface Open {
  readonly node: YamlNode & { end: number };
  state: State;
  isFirst: boolean;
}

interface Reader {
  readonly s: Scanner;
  readonly open: Open[];
  readonly anchors: Map<string, YamlNode>;
  /** The prefixes of tags by their handles. */
  readonly tags: Map<string, string>;
}

/** Deeper nesting is a problem instead of a stack overflow; the library allows ten times as much. */
const mostNested = 1000;

function fail(span: Span, message: string): never {
  throw new UnreadableYaml(span, message);
}

/** The first document; undefined where there is nothing but comments. Throws an `UnreadableYaml`. */
export function readYaml(text: string): YamlNode | undefined {
  const r: Reader = { s: scannerOf(text), open: [], anchors: new Map(), tags: new Map() };
  let token = peek(r.s);
  if (token.kind === 'stream end') return undefined;
  const isMarked = token.kind === 'version' || token.kind === 'tag directive' || token.kind === 'document start';
  if (isMarked) {
    readDirectives(r);
    token = take(r.s);
    if (token.kind !== 'document start') fail(token, "expected '---' behind the directives");
    token = peek(r.s);
  }
  setTags(r);
  const root = isMarked && endsDocument(token) ? emptyNode(token.start) : readNode(r, true, false);
  while (r.open.length > 0) step(r, r.open.at(-1)!);
  // That the document ends here shows only in the next token.
  peek(r.s);
  return root;
}

function endsDocument({ kind }: Token): boolean {
  return (
    kind === 'version' ||
    kind === 'tag directive' ||
    kind === 'document start' ||
    kind === 'document end' ||
    kind === 'stream end'
  );
}

function readDirectives(r: Reader): void {
  let hasVersion = false;
  for (let token = peek(r.s); token.kind === 'version' || token.kind === 'tag directive'; token = peek(r.s)) {
    if (token.kind === 'version') {
      if (hasVersion) fail(token, 'the version of YAML is said twice');
      if (token.value !== '1.1') fail(token, `YAML ${token.value} is not supported`);
      hasVersion = true;
    } else {
      if (r.tags.has(token.value)) fail(token, `the handle '${token.value}' is repeated`);
      r.tags.set(token.value, token.suffix);
    }
    take(r.s);
  }
}

const standard = 'tag:yaml.org,2002:';

function setTags({ tags }: Reader): void {
  if (!tags.has('!')) tags.set('!', '!');
  if (!tags.has('!!')) tags.set('!!', standard);
}

function emptyNode(at: number): YamlNode {
  return { kind: 'scalar', start: at, end: at, tag: '!!null', value: '', items: [], target: undefined };
}

/** A node; one that holds others is read on in `step`. `bare` allows a list that is not indented. */
function readNode(r: Reader, isBlock: boolean, bare: boolean): YamlNode {
  let token = peek(r.s);
  if (token.kind === 'alias') {
    take(r.s);
    const target = r.anchors.get(token.value);
    if (target === undefined) fail(token, `unknown anchor '${token.value}'`);
    const { start, end, value } = token;
    return { kind: 'alias', start, end, tag: '', value, items: [], target };
  }
  const { start } = token;
  let end = start;
  let anchor: Token | undefined;
  let tag: Token | undefined;
  while ((token.kind === 'anchor' && !anchor) || (token.kind === 'tag' && !tag)) {
    if (token.kind === 'anchor') anchor = token;
    else tag = token;
    take(r.s);
    end = token.end;
    token = peek(r.s);
  }
  const written = tag === undefined ? '' : tagOf(r, tag);
  const name = written === '!' ? '' : written;
  const node = contentOf(r, token, { start, name, isBlock, bare });
  const found = node ?? ((anchor ?? tag) ? tagged({ ...emptyNode(start), end }, name) : undefined);
  if (found === undefined) fail(token, isBlock ? 'expected a value' : 'expected a value in the brackets');
  if (anchor !== undefined) r.anchors.set(anchor.value, found);
  return found;
}

function tagOf(r: Reader, token: Token): string {
  if (token.value === '') return token.suffix;
  const prefix = r.tags.get(token.value);
  if (prefix === undefined) fail(token, `unknown handle '${token.value}' of a tag`);
  const tag = prefix + token.suffix;
  return tag.startsWith(standard) ? `!!${tag.slice(standard.length)}` : tag;
}

function tagged(node: YamlNode, tag: string): YamlNode {
  return tag === '' ? node : { ...node, tag };
}

interface Place {
  readonly start: number;
  readonly name: string;
  readonly isBlock: boolean;
  readonly bare: boolean;
}

/** What the token begins; undefined where it begins nothing. */
function contentOf(r: Reader, token: Token, { start, name, isBlock, bare }: Place): YamlNode | undefined {
  switch (token.kind) {
    case 'scalar': {
      take(r.s);
      const { value, end, quoted } = token;
      const tag = quoted ? '!!str' : value === '<<' ? '!!merge' : resolve('', value).tag;
      return { kind: 'scalar', start, end, tag: name === '' ? tag : name, value, items: [], target: undefined };
    }
    case 'item':
      return bare ? opened(r, 'list', 'bare list', token, start, name) : undefined;
    case '[':
      return opened(r, 'list', 'flow list', take(r.s), start, name);
    case '{':
      return opened(r, 'map', 'flow key', take(r.s), start, name);
    case 'list start':
      return isBlock ? opened(r, 'list', 'list', take(r.s), start, name) : undefined;
    case 'map start':
      return isBlock ? opened(r, 'map', 'key', take(r.s), start, name) : undefined;
    default:
      return undefined;
  }
}

function opened(r: Reader, kind: 'list' | 'map', state: State, token: Token, start: number, name: string): YamlNode {
  if (r.open.length >= mostNested) fail(token, `nested more than ${mostNested} deep`);
  const tag = name === '' ? (kind === 'map' ? '!!map' : '!!seq') : name;
  const node = { kind, start, end: token.end, tag, value: '', items: [], target: undefined };
  r.open.push({ node, state, isFirst: true });
  return node;
}

function close(r: Reader, end: number): void {
  r.open.pop()!.node.end = end;
}

/** Where the last of its items ends. */
function closeBlock(r: Reader, { node }: Open): void {
  close(r, Math.max(node.start, node.items.at(-1)?.end ?? node.end));
}

/** Reads the next item, key or value of a node, or its end. */
function step(r: Reader, open: Open): void {
  const token = peek(r.s);
  const { isFirst } = open;
  open.isFirst = false;
  switch (open.state) {
    case 'list':
      if (token.kind === 'item') readAfter(r, open, 'list', ['item', 'block end']);
      else closeIndented(r, open, "expected '- ' before the item");
      break;
    case 'bare list':
      if (token.kind === 'item') readAfter(r, open, 'bare list', ['item', 'key', 'value', 'block end']);
      else closeBlock(r, open);
      break;
    case 'key':
      if (token.kind === 'key') readAfter(r, open, 'value', ['key', 'value', 'block end'], true);
      else closeIndented(r, open, 'expected a key');
      break;
    case 'value':
      if (token.kind === 'value') readAfter(r, open, 'key', ['key', 'value', 'block end'], true);
      else addEmpty(open, 'key', token.start);
      break;
    case 'flow list':
      stepFlowList(r, open, token, isFirst);
      break;
    case 'flow key':
      stepFlowMap(r, open, token, isFirst);
      break;
    case 'flow value':
      if (token.kind === 'value') readAfter(r, open, 'flow key', [',', '}'], false, false);
      else addEmpty(open, 'flow key', token.start);
      break;
    case 'flow key alone':
      addEmpty(open, 'flow key', token.start);
      break;
    case 'pair key':
      stepPairKey(r, open, token);
      break;
    case 'pair value':
      if (token.kind === 'value') readAfter(r, open, 'pair end', [',', ']'], false, false);
      else addEmpty(open, 'pair end', token.start);
      break;
    case 'pair end':
      closeBlock(r, open);
  }
}

/** The key of a map within a list: `[a: b]`. */
function stepPairKey(r: Reader, open: Open, token: Token): void {
  open.state = 'pair value';
  if (token.kind === 'value' || token.kind === ',' || token.kind === ']') {
    // The library takes the token, and with it the value.
    take(r.s);
    addEmpty(open, 'pair value', token.end);
  } else add(r, open, false);
}

function closeIndented(r: Reader, open: Open, message: string): void {
  const token = take(r.s);
  if (token.kind !== 'block end') fail(token, message);
  closeBlock(r, open);
}

function add(r: Reader, { node }: Open, isBlock: boolean, bare = false): void {
  node.items.push(readNode(r, isBlock, bare));
}

function addEmpty(open: Open, state: State, at: number): void {
  open.state = state;
  open.node.items.push(emptyNode(at));
}

/** What follows the token; nothing where one of the given kinds does. */
function readAfter(
  r: Reader,
  open: Open,
  state: State,
  kinds: readonly Token['kind'][],
  bare = false,
  isBlock = true,
): void {
  const { end } = take(r.s);
  const next = peek(r.s);
  open.state = state;
  if (kinds.includes(next.kind)) addEmpty(open, state, isBlock ? end : next.start);
  else add(r, open, isBlock, bare);
}

function stepFlowList(r: Reader, open: Open, first: Token, isFirst: boolean): void {
  const token = behindComma(r, first, ']', isFirst);
  if (token.kind === ']') close(r, take(r.s).end);
  else if (token.kind !== 'key') add(r, open, false);
  // `[a: b]` holds a map of one key.
  else open.node.items.push(opened(r, 'map', 'pair key', take(r.s), token.start, ''));
}

function stepFlowMap(r: Reader, open: Open, first: Token, isFirst: boolean): void {
  const token = behindComma(r, first, '}', isFirst);
  if (token.kind === '}') close(r, take(r.s).end);
  else if (token.kind === 'key') readAfter(r, open, 'flow value', ['value', ',', '}'], false, false);
  else {
    open.state = 'flow key alone';
    add(r, open, false);
  }
}

function behindComma(r: Reader, token: Token, end: ']' | '}', isFirst: boolean): Token {
  if (token.kind === end || isFirst) return token;
  if (token.kind !== ',') fail(token, `expected ',' or '${end}'`);
  take(r.s);
  return peek(r.s);
}
