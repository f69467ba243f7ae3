/**
 * METADATA: blocks of comments that say in YAML what a package or a rule is about.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/parser.go (parseAnnotations) and annotations.go
 */
import { attached } from '../../attached.ts';
import { type Annotation, type Found, readAnnotation } from './metadata-fields.ts';
import type { Metadata, Span, Statement, SyntaxProblem, Tree } from './tree.ts';

type Read = Omit<Tree, 'errors' | 'metadata'>;

/** What OPA makes of a block, before it knows what the block is about. */
const annotations = attached<Metadata, Annotation>();

/** The annotation of a block without problems. */
export function annotationOf(metadata: Metadata): Annotation {
  return annotations.get(metadata) ?? {};
}

/**
 * The blocks of a module in their order. What is wrong with them is added to the errors.
 *
 * @param margin the spaces before each line that are no part of it
 * @param wanted only blocks that hold it are read
 */
export function readMetadata(tree: Read, errors: SyntaxProblem[], margin = 0, wanted?: RegExp): Metadata[] {
  if (!tree.text.includes('METADATA') || wanted?.test(tree.text) === false) return [];
  const isDamaged = errors.length > 0;
  const found: Metadata[] = [];
  const statements = statementsOf(tree);
  const { comments } = tree;
  for (const [index, comment] of comments.entries()) {
    if (!isHead(tree.text, comment, margin)) continue;
    let last = index;
    while (last + 1 < comments.length && continues(tree.text, comments[last]!, comments[last + 1]!, margin)) last++;
    if (wanted?.test(tree.text.slice(comment.start, comments[last]!.end)) === false) continue;
    found.push(readBlock(tree, comments.slice(index, last + 1), statements, isDamaged, errors));
  }
  return found;
}

/** OPA counts each chained body as a statement of its own. */
function statementsOf({ root }: Read): { start: number; statement: Statement }[] {
  return root.items.flatMap((statement) => {
    const chained = statement.kind === 'rule' ? statement.bodies.slice(1) : [];
    return [statement, ...chained].map(({ start }) => ({ start, statement }));
  });
}

function isFirstOfLine(text: string, { start }: Span, margin: number): boolean {
  const begin = start - margin;
  if (begin !== 0 && text.charCodeAt(begin - 1) !== 10) return false;
  return margin === 0 || text.slice(begin, start).trim() === '';
}

function isHead(text: string, comment: Span, margin: number): boolean {
  return isFirstOfLine(text, comment, margin) && /^#\s*METADATA/.test(text.slice(comment.start, comment.end));
}

function continues(text: string, before: Span, comment: Span, margin: number): boolean {
  if (!isFirstOfLine(text, comment, margin) || isHead(text, comment, margin)) return false;
  return text.indexOf('\n', before.end) === comment.start - margin - 1;
}

/** Lines of YAML, and where they stand in the module. */
interface Lines {
  readonly yaml: string;
  /** Offsets of the lines in the YAML and in the module. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

function linesOf(text: string, comments: readonly Span[]): Lines {
  let yaml = '';
  const from: number[] = [];
  const to: number[] = [];
  for (const { start, end } of comments) {
    const begin = text.charCodeAt(start + 1) === 32 ? start + 2 : start + 1;
    from.push(yaml.length);
    to.push(begin);
    yaml += `${text.slice(begin, end).replace(/\r+$/, '')}\n`;
  }
  return { yaml, from, to };
}

function placeOf({ from, to }: Lines, offset: number): number {
  const line = Math.max(0, firstWhere(from.length, (at) => from[at]! > offset) - 1);
  return to[line]! + offset - from[line]!;
}

/** The first index, of those below `count`, from which on it holds; `count` where it never does. */
function firstWhere(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function readBlock(
  { text }: Read,
  [head, ...rest]: readonly Span[],
  statements: readonly { start: number; statement: Statement }[],
  isDamaged: boolean,
  errors: SyntaxProblem[],
): Metadata {
  const lines = linesOf(text, rest);
  const end = rest.at(-1)?.end ?? head!.end;
  const { value, entries, problems, annotation, paths } = read(lines.yaml);
  const next = firstWhere(statements.length, (at) => statements[at]!.start > head!.end);
  const target = statements[next]?.statement;
  const here = (span: Span): Span => ({ start: placeOf(lines, span.start), end: placeOf(lines, span.end) });
  for (const { message, ...span } of problems) {
    errors.push({ ...(rest.length === 0 || span.start < 0 ? head! : here(span)), message });
  }
  const declared = annotation.scope ?? '';
  const scope = declared === '' ? scopeOf(target, annotation) : declared;
  const metadata: Metadata = {
    start: head!.start,
    end,
    value,
    entries: entries.map(({ name, key, value }) => ({ name, key: here(key), value: value && here(value) })),
    target,
    scope,
    paths: paths.map(({ written, places, ...path }) => {
      return { ...path, written: here(written), places: places.map((at) => placeOf(lines, at)) };
    }),
  };
  annotations.set(metadata, annotation);
  if (problems.length === 0 && !isDamaged) {
    const message = misplaced(scope, target, annotation);
    const entry = metadata.entries.find(({ name }) => name === (declared === '' ? 'entrypoint' : 'scope'));
    if (message !== '')
      errors.push({ start: entry?.key.start ?? head!.start, end: entry?.value?.end ?? head!.end, message });
  }
  return metadata;
}

/** The scope that follows from what the block is about. */
function scopeOf(target: Statement | undefined, annotation: Annotation): string {
  switch (target?.kind) {
    case undefined:
      return '';
    case 'package':
    case 'import':
      return target.kind;
    default:
      return annotation.entrypoint === true ? 'document' : 'rule';
  }
}

function misplaced(scope: string, target: Statement | undefined, annotation: Annotation): string {
  const name = nameOf(target);
  switch (scope) {
    case 'rule':
    case 'document':
      if (name !== 'rule') return `the annotation scope '${scope}' must be applied to a rule${have(name)}`;
      break;
    case 'package':
    case 'subpackages':
      if (name !== 'package') return `the annotation scope '${scope}' must be applied to a package${have(name)}`;
      break;
    case '':
      return 'METADATA must be followed by a package or a rule';
    default:
      return `invalid annotation scope '${scope}': use one of 'rule', 'document', 'package' or 'subpackages'`;
  }
  if (annotation.entrypoint !== true || scope === 'document' || scope === 'package') return '';
  return `an entrypoint must have the scope 'document' or 'package', not '${scope}'`;
}

function nameOf(target: Statement | undefined): string {
  if (target === undefined) return '';
  return target.kind === 'package' || target.kind === 'import' ? target.kind : 'rule';
}

function have(name: string): string {
  return name === '' ? '' : `, not to ${name === 'import' ? 'an' : 'a'} ${name}`;
}

/** Blocks change seldom, and reading YAML takes longer than reading Rego: what was read last is kept. */
const known = new Map<string, Found>();
const maxKnown = 4096;

function read(yaml: string): Found {
  let found = known.get(yaml);
  if (found === undefined) {
    found = readAnnotation(yaml);
    if (known.size >= maxKnown) known.clear();
    known.set(yaml, found);
  }
  return found;
}
