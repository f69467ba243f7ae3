/** Changes of Regal's configuration, which keep all else byte for byte; first of all, switching a rule off. */
import { CodeActionKind, CreateFile, TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';
import { isMap, isPair, isScalar, isSeq, type Node, type Pair, parseDocument, stringify, type YAMLMap } from 'yaml';
import type { Root } from '../../snapshot.ts';
import { uriWithin } from '../../uris.ts';
import { lineEdits } from '../line-edits.ts';
import { lintConfigOf } from '../rego-version.ts';
import type { Offer, Subject } from './action.ts';
import type { Finding } from './findings.ts';

export function ignoreInConfig(subject: Subject, { rule, category, diagnostic }: Finding): Offer | undefined {
  if (category === '') return undefined;
  const title = `Ignore ${rule} in Regal’s configuration`;
  const change = configChange(subject, (text) => withRuleIgnored(text, category, rule));
  return change && { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], ...change };
}

/**
 * A change of the configuration that applies to a module, which is made where there is none.
 *
 * @param edited the text with the change; undefined where it cannot be made
 */
export function configChange(
  { root, client }: Subject,
  edited: (text: string) => string | undefined,
): Pick<Offer, 'edit' | 'disabled'> | undefined {
  const config = lintConfigOf(root);
  if (config) {
    const text = edited(config.text);
    if (text === undefined) return { disabled: 'Regal’s configuration is no YAML that could be added to.' };
    const identifier = { uri: config.uri, version: config.version };
    return { edit: { documentChanges: [TextDocumentEdit.create(identifier, lineEdits(config.text, text))] } };
  }
  if (root.kind === 'document' && !root.base.startsWith('file:')) return undefined;
  if (!client.creates) return { disabled: 'This editor does not create files for a language server.' };
  return { edit: newConfig(root, edited('') ?? '') };
}

/** In the workspace folder; for a file outside of all, beside it. */
function newConfig({ kind, base }: Root, text: string): WorkspaceEdit {
  const folder = kind === 'document' ? base.slice(0, base.lastIndexOf('/')) : base;
  const uri = uriWithin(folder, '.regal/config.yaml');
  const start = { line: 0, character: 0 };
  return {
    documentChanges: [
      CreateFile.create(uri, { ignoreIfExists: true }),
      TextDocumentEdit.create({ uri, version: null }, [{ range: { start, end: start }, newText: text }]),
    ],
  };
}

/** The configuration with the rule's level `ignore`, all else byte for byte as it was; undefined for what is no mapping. */
export function withRuleIgnored(text: string, category: string, rule: string): string | undefined {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  const path = ['rules', category, rule, 'level'];
  let at: unknown = document.contents;
  let pair: Pair | undefined;
  for (const [depth, key] of path.entries()) {
    const rest = path.slice(depth);
    // `rules:` without a value is as good as none.
    if (isNothing(at)) return pair ? below(text, pair, rest) : append(text, nested(rest, '', step(text)));
    if (!isMap(at)) return undefined;
    if (at.flow) return at.items.length === 0 && pair ? below(text, pair, rest) : rewritten(document, path);
    const next = at.items.find((one) => isScalar(one.key) && one.key.value === key);
    if (!next) return at.items.length === 0 ? undefined : behind(text, at, rest);
    pair = next;
    at = next.value;
  }
  if (isNothing(at)) {
    const colon = text.indexOf(':', lastOffset(pair?.key)) + 1;
    return `${text.slice(0, colon)} ignore${text.slice(colon)}`;
  }
  const [start, end] = (isScalar(at) && at.range) || [];
  return start === undefined || end === undefined ? undefined : `${text.slice(0, start)}ignore${text.slice(end)}`;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (isScalar(value) && value.value === null);
}

/** The configuration with a built-in that OPA does not bring along; undefined for what is no mapping, or has it. */
export function withBuiltin(text: string, name: string, args: number): string | undefined {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0 || !(isMap(document.contents) || isNothing(document.contents))) return undefined;
  const any = { type: 'any' };
  const declared = { name, type: 'function', decl: { args: Array.from({ length: args }, () => any), result: any } };
  if (!document.has('capabilities')) {
    return append(
      text,
      stringify({ capabilities: { plus: { builtins: [declared] } } }, { aliasDuplicateObjects: false }).trimEnd(),
    );
  }
  const known: unknown = document.getIn(['capabilities', 'plus', 'builtins'], true);
  if (!isSeq(known) || known.flow || known.items.length === 0) {
    document.setIn(['capabilities', 'plus', 'builtins'], [declared]);
    return document.toString({ lineWidth: 0, aliasDuplicateObjects: false } as object);
  }
  const lines = stringify([declared], { aliasDuplicateObjects: false }).trimEnd().split('\n');
  const first = (known.items[0] as Node).range?.[0] ?? 0;
  const indent = ' '.repeat(Math.max(text.lastIndexOf('-', first) - (text.lastIndexOf('\n', first - 1) + 1), 0));
  return insertLine(text, lastOffset(known), lines.map((line) => indent + line).join('\n'));
}

/** After the last line of a map, with the indentation of its keys. */
function behind(text: string, map: YAMLMap, rest: readonly string[]): string {
  const [first] = map.items;
  return insertLine(text, lastOffset(map), nested(rest, ' '.repeat(columnOf(text, first)), step(text)));
}

/** As the value of a key that has none, or `{}`. */
function below(text: string, pair: Pair, rest: readonly string[]): string {
  const { value } = pair;
  const [start, end] = (isMap(value) && value.range) || [];
  const without =
    start === undefined || end === undefined ? text : `${text.slice(0, start).trimEnd()}${text.slice(end)}`;
  const indent = ' '.repeat(columnOf(text, pair) + step(text).length);
  const [, key = 0] = (isScalar(pair.key) && pair.key.range) || [];
  return insertLine(without, key, nested(rest, indent, step(text)));
}

function nested(keys: readonly string[], indent: string, step: string): string {
  const lines = keys.map((key, at) => `${indent}${step.repeat(at)}${key}:`);
  return `${lines.join('\n')} ignore`;
}

function append(text: string, lines: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines}\n`;
}

/** Lines after the one that an offset is in. */
function insertLine(text: string, offset: number, lines: string): string {
  const end = text.indexOf('\n', offset);
  if (end < 0) return append(text, lines);
  return `${text.slice(0, end + 1)}${lines}\n${text.slice(end + 1)}`;
}

/** Where the last thing in a value is; comments and blank lines below it are others'. */
function lastOffset(node: unknown): number {
  if (isPair(node)) return isNothing(node.value) ? lastOffset(node.key) : lastOffset(node.value);
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) return lastOffset(node.items.at(-1));
  const [start = 0, end = start] = (node as Node | null)?.range ?? [];
  return Math.max(start, end - 1);
}

function columnOf(text: string, pair: Pair | undefined): number {
  const [at = 0] = (isScalar(pair?.key) && pair.key.range) || [];
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}

function step(text: string): string {
  return /^( +)[^\s#-]/m.exec(text)?.[1] ?? '  ';
}

/** Maps in braces are written anew. */
function rewritten(document: ReturnType<typeof parseDocument>, path: readonly string[]): string {
  document.setIn(path, 'ignore');
  return document.toString({ lineWidth: 0 });
}
