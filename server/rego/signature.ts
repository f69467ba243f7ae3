/** What a call takes, while its arguments are typed: of built-ins, and of functions that are policies. */
import type { Position, SignatureHelp, SignatureInformation } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { type Builtin, parametersOf, signatureOf } from './builtins.ts';
import { descriptionOf } from './metadata.ts';
import { type Definition, definitionsOf, type Modules, modulesOf, occurrencesIn } from './names/modules.ts';
import { offsetAt } from './places.ts';
import type { Call } from './syntax/tree.ts';
import { pathAt } from './syntax/walk.ts';

export function signatureHelp(
  root: Root,
  path: string,
  position: Position,
  builtins: ReadonlyMap<string, Builtin>,
): SignatureHelp | null {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return null;
  const offset = offsetAt(module.document, position);
  const { tree } = module.names;
  // Where the bracket is still open, the call ends with what was typed last.
  const typed = tree.text.slice(0, offset).trimEnd().length;
  const call = [...pathAt(tree, typed), ...pathAt(tree, offset)]
    .filter((node): node is Call => node.kind === 'call' && isAround(node, offset, tree.text))
    .reduce<Call | undefined>((inner, node) => (inner && inner.start > node.start ? inner : node), undefined);
  if (!call) return null;
  // The last name of the operator stands for the function.
  const name = occurrencesIn(modules, module)
    .filter(({ start, end }) => start >= call.operator.start && end <= call.operator.end)
    .at(-1);
  const signatures = name ? signaturesOf(modules, name.meaning, builtins) : [];
  if (signatures.length === 0) return null;
  const at = call.args.filter(({ end }) => hasComma(tree.text.slice(end, offset))).length;
  const fits = signatures.findIndex(({ parameters = [] }) => parameters.length > at);
  return {
    signatures,
    activeSignature: Math.max(0, fits),
    activeParameter: Math.min(at, Math.max(0, (signatures[Math.max(0, fits)]?.parameters?.length ?? 1) - 1)),
  };
}

/** The cursor is between its brackets. */
function isAround({ operator, end }: Call, offset: number, text: string): boolean {
  return offset > operator.end && (offset < end || text[end - 1] !== ')');
}

/** Of what follows an argument, before anything else begins. */
function hasComma(text: string): boolean {
  return text.trimStart().startsWith(',');
}

function signaturesOf(
  modules: Modules,
  meaning: { kind: string; path?: readonly string[]; name?: string },
  builtins: ReadonlyMap<string, Builtin>,
): SignatureInformation[] {
  if (meaning.kind === 'builtin') {
    const builtin = builtins.get(meaning.name ?? '');
    return builtin ? [ofBuiltin(builtin)] : [];
  }
  if (meaning.kind !== 'data' || !meaning.path) return [];
  const seen = new Set<string>();
  return definitionsOf(modules, meaning.path).flatMap((one) => {
    const found = ofFunction(one);
    if (!found || seen.has(found.label)) return [];
    seen.add(found.label);
    return [found];
  });
}

function ofBuiltin(builtin: Builtin): SignatureInformation {
  const label = signatureOf(builtin);
  return {
    label,
    ...(builtin.description && { documentation: { kind: 'markdown' as const, value: builtin.description } }),
    parameters: spansOf(label, builtin.name.length + 1, parametersOf(builtin)).map((span, at) => ({
      label: span,
      ...(builtin.args[at]?.description && { documentation: builtin.args[at].description }),
    })),
  };
}

function ofFunction({ module, rule }: Definition): SignatureInformation | undefined {
  const { args } = rule.node.head;
  if (!args) return undefined;
  const text = module.names.tree.text;
  const written = args.map(({ start, end }) => text.slice(start, end).replace(/\s+/g, ' '));
  const name = rule.path.map(({ name: part }) => part).join('.');
  const label = `${name}(${written.join(', ')})`;
  const value = descriptionOf(module, rule.node);
  return {
    label,
    ...(value && { documentation: { kind: 'markdown' as const, value } }),
    parameters: spansOf(label, name.length + 1, written).map((span) => ({ label: span })),
  };
}

/** Where each of the parameters stands in a label; a number pair, since the same text may stand twice. */
function spansOf(label: string, from: number, parameters: readonly string[]): [number, number][] {
  let at = from;
  return parameters.map((parameter) => {
    const start = label.indexOf(parameter, at);
    at = start + parameter.length;
    return [start, at];
  });
}
