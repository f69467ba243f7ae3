/** Writes tests of a rule, or of all rules of a file, into the test file beside it. */
import { CodeActionKind, CreateFile, ResponseError, TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';
import type { Document } from '../../snapshot.ts';
import { uriWithin } from '../../uris.ts';
import { versionOf } from '../module-version.ts';
import type { Module } from '../names/modules.ts';
import type { RuleName } from '../names/names.ts';
import { inferring, type Types } from '../types/infer.ts';
import { editedText, newlineOf, type Offer, ruleAround, type Subject } from './action.ts';
import { scalarOf } from './bodies.ts';
import { formattedText, lineEdit } from './format-edit.ts';
import { usesIf } from './if-keyword.ts';
import { addImport, pathText } from './imports.ts';
import { example, inputFor } from './input-skeleton.ts';
import { kinds } from './kinds.ts';

export function generateTest(subject: Subject): Offer[] {
  const { tree, span, module, path, client, root } = subject;
  if (tree.errors.length > 0 || module.names.package.length === 0 || root.kind === 'document') return [];
  if (path.endsWith('_test.rego') || module.package.at(-1)?.endsWith('_test')) return [];
  const groups = groupsOf(module);
  if (groups.length === 0) return [];
  const target = targetOf(subject);
  const disabled =
    target.document || client.creates ? undefined : 'This editor does not create files for a language server.';
  const make = (title: string, kind: string, of: readonly RuleName[][]): Offer =>
    disabled ? { title, kind, disabled } : { title, kind, edit: () => written(subject, target, of) };
  const around = ruleAround(tree, span);
  const own = groups.find((group) => group.some(({ node }) => node === around && span.start <= node.head.end));
  const open = groups.filter(([first]) => !first?.path[0]?.name.startsWith('_'));
  return [
    ...(own ? [make(`Create a test of ${nameOf(own)}`, CodeActionKind.RefactorRewrite, [own])] : []),
    ...(open.length > 0 ? [make('Create tests of this file', kinds.createTest, open)] : []),
  ];
}

/** The definitions of each rule, but for tests. */
function groupsOf(module: Module): RuleName[][] {
  const groups = new Map<string, RuleName[]>();
  for (const rule of module.names.rules) {
    const name = rule.path.map((one) => one.name).join('\n');
    if (name === '' || /^(todo_)?test_/.test(name)) continue;
    groups.set(name, [...(groups.get(name) ?? []), rule]);
  }
  return [...groups.values()];
}

function nameOf([first]: readonly RuleName[]): string {
  return first?.path.map(({ name }) => name).join('.') ?? '';
}

interface Target {
  readonly path: string;
  /** Undefined for a file that is to be. */
  readonly document: Document | undefined;
}

/** `roles_test.rego` for `roles.rego`. */
function targetOf({ root, path }: Subject): Target {
  const beside = path.replace(/(\.rego)?$/, '_test.rego');
  return { path: beside, document: root.files.get(beside) };
}

async function written(
  subject: Subject,
  { path, document }: Target,
  groups: readonly RuleName[][],
): Promise<WorkspaceEdit> {
  const { root, modules, module, snapshot, signal } = subject;
  const known = document && modules.byPath.get(path);
  const name = known ? nameIn(known, module.package) : undefined;
  const alias = name ?? plainName(module.package);
  const newline = newlineOf(document?.text ?? module.names.tree.text);
  const taken = new Set(known?.names.rules.map((rule) => rule.path[0]?.name));
  // By their use in the function: what it is called with now is not all that it takes.
  const types = inferring(root, await subject.builtins(), { fromCalls: false });
  const tests = groups.map((group) => testOf(subject, types, group, alias, taken)).join('\n\n');
  const start = known && document ? withImport(known, module.package, alias, name) : header(subject, alias);
  const text = `${start.trimEnd()}\n\n${tests}\n`.replace(/\r?\n/g, newline);
  const regoVersion = document ? versionOf(root, path, document) : module.names.tree.version;
  const final = await formattedText(snapshot.ask, { path, text, regoVersion }, signal).catch((error: unknown) => {
    // What stands there already cannot be read; the tests are right all the same.
    if (error instanceof ResponseError) return text;
    throw error;
  });
  if (document) return { documentChanges: [lineEdit(root, path, document, final)] };
  const uri = uriWithin(root.base, path);
  const at = { line: 0, character: 0 };
  return {
    documentChanges: [
      CreateFile.create(uri, { ignoreIfExists: true }),
      TextDocumentEdit.create({ uri, version: null }, [{ range: { start: at, end: at }, newText: final }]),
    ],
  };
}

/** By which the tests refer to the package already. */
function nameIn({ names }: Module, path: readonly string[]): string | undefined {
  const key = path.join('\n');
  return names.imports.find((one) => one.path.map(({ name }) => name).join('\n') === key)?.name;
}

function plainName(path: readonly string[]): string {
  const last = path.at(-1)?.replace(/\W/g, '_') ?? '';
  return /^[A-Za-z_]\w*$/.test(last) && !/^(input|data|rego|in|if|every|contains|not|with|as|some)$/.test(last)
    ? last
    : 'policy';
}

function withImport(test: Module, path: readonly string[], alias: string, known: string | undefined): string {
  const { text } = test.names.tree;
  if (known !== undefined) return text;
  return editedText(text, [addImport(test, path, alias === path.at(-1) ? undefined : alias)]);
}

function header(subject: Subject, alias: string): string {
  const { module } = subject;
  const own = module.package.slice(1);
  const named = [...own.slice(0, -1), `${own.at(-1)}_test`];
  const [first = '', ...rest] = named;
  const isImported = module.names.imports.some(({ path }) => path.map(({ name }) => name).join('.') === 'rego.v1');
  return [
    `package ${pathText([first, ...rest])}`,
    ...(isImported ? ['import rego.v1'] : []),
    `import ${pathText(module.package)}${alias === module.package.at(-1) ? '' : ` as ${alias}`}`,
  ].join('\n\n');
}

function testOf(
  subject: Subject,
  types: Types,
  group: readonly RuleName[],
  alias: string,
  taken: Set<string | undefined>,
): string {
  const { modules, module } = subject;
  const wanted = `test_${nameOf(group).replace(/\W/g, '_')}`;
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
  taken.add(name);
  const nodes = group.map(({ node }) => node);
  const input = inputFor(modules, module, nodes, types.ofInput(module, group[0]));
  const given = input === undefined ? '' : ` with input as ${input}`;
  return `${name} ${usesIf(subject) ? 'if ' : ''}{\n\t${assertion(subject, types, group, alias)}${given}\n}`;
}

/** That the rule has the value that its first definition gives it, as far as one can tell. */
function assertion({ tree, module }: Subject, types: Types, group: readonly RuleName[], alias: string): string {
  const rule = group.find(({ kind }) => kind !== 'default') ?? group[0];
  const [{ name: first = '' } = {}, ...rest] = rule?.path ?? [];
  const reference = pathText([alias, first, ...rest.map(({ name }) => name)]);
  const head = rule?.node.head;
  if (!rule || !head) return reference;
  if (rule.kind === 'set') {
    const key = head.operator === 'contains' ? head.value : undefined;
    const isKnown = key && scalarOf(tree, key) !== undefined;
    return isKnown ? `${tree.text.slice(key.start, key.end)} in ${reference}` : `count(${reference}) == 1`;
  }
  const args = head.args?.map((arg) =>
    scalarOf(tree, arg) ? tree.text.slice(arg.start, arg.end) : example(types.ofTerm(module, arg), 'null'),
  );
  const asked = args ? `${reference}(${args.join(', ')})` : reference;
  const { value } = head;
  const scalar = value && scalarOf(tree, value);
  if (scalar === undefined || scalar.value === true) return asked;
  return scalar.value === false ? `not ${asked}` : `${asked} == ${tree.text.slice(value?.start, value?.end)}`;
}
