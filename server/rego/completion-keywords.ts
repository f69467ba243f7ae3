/** The keywords that can stand at a place, and snippets of what is written most. */
import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver';
import { keywordHelp } from './keyword-help.ts';

interface Snippet {
  label: string;
  detail: string;
  text: string;
}

const atLineStart: readonly Snippet[] = [
  {
    label: 'allow',
    detail: 'a rule that allows, and else does not',
    text: `default allow := false\n\nallow if {\n\t$0\n}`,
  },
  {
    label: 'deny',
    detail: 'a rule that denies, with its message',
    text: `deny contains msg if {\n\t$1\n\tmsg := "$2"\n}`,
  },
  { label: 'rule', detail: 'a rule with a body', text: `\${1:name} if {\n\t$0\n}` },
  { label: 'function', detail: 'a function', text: `\${1:name}(\${2:x}) := \${3:x} if {\n\t$0\n}` },
  { label: 'default', detail: 'the value where no body holds', text: `default \${1:allow} := \${2:false}` },
  { label: 'test', detail: 'a test with an input', text: `test_\${1:name} if {\n\t\${2:allow} with input as {$0}\n}` },
  {
    label: 'METADATA',
    detail: 'says what the rule below is for',
    text: `# METADATA\n# title: \${1:title}\n# description: \${2:what it decides}`,
  },
];

const inBodies: readonly Snippet[] = [
  { label: 'some … in', detail: 'any member', text: `some \${1:x} in \${2:collection}` },
  {
    label: 'some key, value in',
    detail: 'any member, with its key',
    text: `some \${1:k}, \${2:x} in \${3:collection}`,
  },
  { label: 'every … in', detail: 'all members', text: `every \${1:x} in \${2:collection} {\n\t$0\n}` },
  {
    label: 'every key, value in',
    detail: 'all members, with their keys',
    text: `every \${1:k}, \${2:x} in \${3:collection} {\n\t$0\n}`,
  },
];

const asValues: readonly Snippet[] = [
  { label: '[… | …]', detail: 'an array of what a body finds', text: `[\${1:x} | some \${1:x} in \${2:collection}$0]` },
  { label: '{… | …}', detail: 'a set of what a body finds', text: `{\${1:x} | some \${1:x} in \${2:collection}$0}` },
  {
    label: '{…: … | …}',
    detail: 'an object of what a body finds',
    text: `{\${1:k}: \${2:x} | some \${1:k}, \${2:x} in \${3:collection}$0}`,
  },
];

export interface KeywordOptions {
  /** Whether the client takes any. */
  snippets: boolean;
  /** Rego before 1.0, without the imports that bring its keywords. */
  isOld: boolean;
}

const since1: ReadonlySet<string> = new Set(['if', 'contains', 'in', 'every']);

/** @param line what stands on the line before the cursor */
export function keywordItems(line: string, { snippets, isOld }: KeywordOptions): CompletionItem[] {
  const { keywords, templates } = at(line);
  if (!isOld) return [...words(keywords), ...(snippets ? templates.map(snippet) : [])];
  const known = templates.map((one) => ({ ...one, text: asBefore1(one.text) }));
  const usable = known.filter(({ text }) => !/\b(?:in|every)\b/.test(text));
  return [...words(keywords.filter((word) => !since1.has(word))), ...(snippets ? usable.map(snippet) : [])];
}

/** `deny[msg] { … }` for `deny contains msg if { … }`. */
function asBefore1(text: string): string {
  return text.replace(/ contains (\w+)/, '[$1]').replaceAll(' if {', ' {');
}

function at(line: string): { keywords: readonly string[]; templates: readonly Snippet[] } {
  const values = /(?::=|==|=|\bin|\()\s*\w*$/.test(line) ? asValues : [];
  if (/^\w*$/.test(line)) return { keywords: ['package', 'import', 'default'], templates: atLineStart };
  if (/^\s+\w*$/.test(line)) {
    return { keywords: ['some', 'every', 'not', 'null', 'true', 'false'], templates: inBodies };
  }
  if (/^\S.*[\w)\]}"`]\s+\w*$/.test(line)) {
    const keywords = ['if', 'contains', 'else', 'in', 'as', 'with', 'not', 'some', 'every', 'true', 'false', 'null'];
    return { keywords, templates: /\bif\s+\w*$/.test(line) ? inBodies : values };
  }
  if (/[\w)\]}"`]\s+\w*$/.test(line) && !/\b(?:as|in|not|and|or)\s+\w*$/.test(line)) {
    return { keywords: ['in', 'with', 'as', 'not'], templates: values };
  }
  return { keywords: ['not', 'some', 'every', 'null', 'true', 'false'], templates: values };
}

function words(labels: readonly string[]): CompletionItem[] {
  return labels.map((label) => ({
    label,
    kind: CompletionItemKind.Keyword,
    sortText: `2${label}`,
    documentation: { kind: 'markdown', value: keywordHelp.get(label) ?? '' },
  }));
}

function snippet({ label, detail, text }: Snippet): CompletionItem {
  return {
    label,
    detail,
    kind: CompletionItemKind.Snippet,
    insertText: text,
    insertTextFormat: InsertTextFormat.Snippet,
    sortText: `5${label}`,
  };
}
