/** What a call takes, while its arguments are typed: of built-ins, and of functions that are policies. */
import type { Position, SignatureHelp, SignatureInformation } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { type Builtin, parametersOf, signatureOf } from './builtins.ts';
import { descriptionOf } from './metadata.ts';
import { type Definition, definitionsOf, type Modules, modulesOf, occurrencesIn, rulePath } from './names/modules.ts';
import { offsetAt } from './places.ts';
import type { Call } from './syntax/tree.ts';
import { pathAt } from './syntax/walk.ts';
import { inferring, type Types } from './types/infer.ts';
import { showType } from './types/show.ts';

/** A signature is one line. */
const brief = { depth: 1, width: 5 };

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
  const signatures = name ? signaturesOf(root, modules, name.meaning, builtins) : [];
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
  root: Root,
  modules: Modules,
  meaning: { kind: string; path?: readonly string[]; name?: string },
  builtins: ReadonlyMap<string, Builtin>,
): SignatureInformation[] {
  if (meaning.kind === 'builtin') {
    const builtin = builtins.get(meaning.name ?? '');
    return builtin ? [ofBuiltin(builtin)] : [];
  }
  if (meaning.kind !== 'data' || !meaning.path) return [];
  // By their use in the function: what it is called with now is not all that it takes.
  const types = inferring(root, builtins, { fromCalls: false });
  const seen = new Set<string>();
  return definitionsOf(modules, meaning.path).flatMap((one) => {
    const found = ofFunction(one, types);
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

function ofFunction(definition: Definition, types: Types): SignatureInformation | undefined {
  const { module, rule } = definition;
  const { args } = rule.node.head;
  if (!args) return undefined;
  const text = module.names.tree.text;
  const written = args.map((arg) => {
    const name = text.slice(arg.start, arg.end).replace(/\s+/g, ' ');
    const type = arg.kind === 'var' ? showType(types.ofTerm(module, arg), brief) : 'any';
    return type === 'any' ? name : `${name}: ${type}`;
  });
  const name = rule.path.map(({ name: part }) => part).join('.');
  const whole = types.ofData(rulePath(definition));
  const result = whole.kind === 'function' ? showType(whole.result, brief) : 'any';
  const label = `${name}(${written.join(', ')})${result === 'any' ? '' : ` -> ${result}`}`;
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
