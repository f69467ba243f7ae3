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
    label: 'deny',
    detail: 'a rule that denies, with its message',
    text: `deny contains msg if {\n\t$1\n\tmsg := "$2"\n}`,
  },
  { label: 'rule', detail: 'a rule with a body', text: `\${1:name} if {\n\t$0\n}` },
  { label: 'function', detail: 'a function', text: `\${1:name}(\${2:x}) := \${3:x} if {\n\t$0\n}` },
  { label: 'test', detail: 'a test with an input', text: `test_\${1:name} if {\n\t\${2:allow} with input as {$0}\n}` },
  {
    label: 'METADATA',
    detail: 'says what the rule below is for',
    text: `# METADATA\n# title: \${1:title}\n# description: \${2:what it decides}`,
  },
];

const inBodies: readonly Snippet[] = [
  { label: 'some … in', detail: 'any member', text: `some \${1:x} in \${2:collection}` },
  { label: 'every … in', detail: 'all members', text: `every \${1:x} in \${2:collection} {\n\t$0\n}` },
];

/** @param line what stands on the line before the cursor */
export function keywordItems(line: string): CompletionItem[] {
  if (/^\w*$/.test(line)) {
    return [...words(['package', 'import', 'default']), ...atLineStart.map(snippet)];
  }
  if (/^\s+\w*$/.test(line))
    return [...words(['some', 'every', 'not', 'null', 'true', 'false']), ...inBodies.map(snippet)];
  if (/^\S.*[\w)\]}"`]\s+\w*$/.test(line))
    return words(['if', 'contains', 'else', 'in', 'as', 'with', 'not', 'some', 'every', 'true', 'false', 'null']);
  if (/[\w)\]}"`]\s+\w*$/.test(line)) return words(['in', 'with', 'as', 'not']);
  return words(['not', 'some', 'every', 'null', 'true', 'false']);
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
