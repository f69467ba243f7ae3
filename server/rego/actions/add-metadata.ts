/** Adds a block of METADATA to what has none: a rule, all definitions of one, or the package. */
import { CodeActionKind } from 'vscode-languageserver';
import type { RuleName } from '../names/names.ts';
import type { Package, Rule, Span, Tree } from '../syntax/tree.ts';
import { lineStart, newlineOf, type Offer, ownEdit, type Subject } from './action.ts';

export function addMetadata(subject: Subject): Offer[] {
  const { tree, span, module } = subject;
  const item = tree.root.items.find(({ start, end }) => start <= span.start && span.end <= end);
  if (item?.kind === 'package') {
    if (hasMetadata(tree, item)) return [];
    const name = module.names.package.at(-1)?.name ?? '';
    return [block(subject, item, 'Add METADATA to the package', name, undefined)];
  }
  // A directive holds for the line below it, which is not to be METADATA.
  if (item && /regal ignore:/.test(lineAbove(tree, item.start))) return [];
  // In a body, the cursor is about something else.
  if (item?.kind !== 'rule' || span.start > item.head.end) return [];
  const own = module.names.rules.find(({ node }) => node === item);
  if (!own || own.path.length === 0) return [];
  const name = own.path.map((one) => one.name).join('.');
  const all = module.names.rules.filter((one) => isSame(one, own));
  const isTest = own.path[0]?.name.startsWith('test_') ?? false;
  const [first = own] = all;
  const described = all.some(({ node }) =>
    tree.metadata.some((one) => one.target === node && one.scope === 'document'),
  );
  const offers: Offer[] = [];
  if (!hasMetadata(tree, item)) {
    offers.push(
      block(subject, item, `Add METADATA to ${all.length > 1 ? 'this definition of ' : ''}${name}`, name, undefined),
    );
  }
  if (all.length > 1 && !isTest && !described && !hasMetadata(tree, first.node)) {
    offers.unshift(block(subject, first.node, `Add METADATA to all definitions of ${name}`, name, 'document'));
  }
  return offers;
}

function lineAbove({ text }: Tree, at: number): string {
  const start = lineStart(text, at);
  return start === 0 ? '' : text.slice(lineStart(text, start - 1), start);
}

function isSame(one: RuleName, other: RuleName): boolean {
  return one.path.length === other.path.length && one.path.every(({ name }, at) => name === other.path[at]?.name);
}

function hasMetadata({ metadata }: Tree, statement: Rule | Package): boolean {
  return metadata.some(({ target }) => target === statement);
}

/** What comments said before becomes the description. */
function block(subject: Subject, target: Span, title: string, name: string, scope: string | undefined): Offer {
  const { tree } = subject;
  const newline = newlineOf(tree.text);
  const at = lineStart(tree.text, target.start);
  const comments = commentsAbove(tree, at);
  const words = name.split('.').at(-1)?.replaceAll('_', ' ').trim() ?? '';
  const lines = [
    'METADATA',
    `title: ${scalar(words.charAt(0).toUpperCase() + words.slice(1))}`,
    ...(comments.lines.length > 1
      ? ['description: |', ...comments.lines.map((line) => `  ${line}`.trimEnd())]
      : [`description: ${scalar(comments.lines[0] ?? `What ${name} is for`)}`]),
    ...(scope ? [`scope: ${scope}`] : []),
  ];
  const text = lines.map((line) => `# ${line}`.trimEnd() + newline).join('');
  return {
    title,
    kind: CodeActionKind.RefactorRewrite,
    edit: ownEdit(subject, [{ start: comments.start, end: at, text }]),
  };
}

/** The lines of comments right above a line, without METADATA of something else. */
function commentsAbove({ text, metadata }: Tree, at: number): { start: number; lines: string[] } {
  const lines: string[] = [];
  let start = at;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    const comment = /^#[ \t]*(.*?)\s*$/.exec(text.slice(above, start));
    if (!comment || metadata.some((one) => one.start <= above && above <= one.end)) break;
    lines.unshift(comment[1] ?? '');
    start = above;
  }
  return { start, lines };
}

/** As YAML takes it: in quotes where a plain word could be read as anything else. */
function scalar(words: string): string {
  return /^[A-Za-z][\w ,.()'-]*$/.test(words) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(words)
    ? words
    : JSON.stringify(words);
}
