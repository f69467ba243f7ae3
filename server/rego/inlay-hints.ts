/** The names of parameters before arguments that do not tell what they are: values that are written out. */
import { type InlayHint, InlayHintKind, type Range } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import type { Builtin } from './builtins.ts';
import { definitionsOf, type Modules, modulesOf, occurrencesIn } from './names/modules.ts';
import type { Occurrence } from './names/occurrences.ts';
import { offsetAt, rangeOf } from './places.ts';
import type { Call, Term } from './syntax/tree.ts';
import { visit } from './syntax/walk.ts';

const written: ReadonlySet<Term['kind']> = new Set(['null', 'boolean', 'number', 'string', 'array', 'set', 'object']);

export function inlayHints(
  root: Root,
  path: string,
  range: Range,
  builtins: ReadonlyMap<string, Builtin>,
): InlayHint[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return [];
  const { document, names } = module;
  const [from, to] = [offsetAt(document, range.start), offsetAt(document, range.end)];
  const byEnd = new Map(occurrencesIn(modules, module).map((one) => [one.end, one] as const));
  const hints: InlayHint[] = [];
  visit(names.tree.root, (node) => {
    if (node.kind !== 'call' || node.end < from || node.start > to) return;
    const operator = byEnd.get(node.operator.end);
    const parameters = operator ? parametersOf(modules, operator, node, builtins) : [];
    node.args.forEach((arg, at) => {
      const name = parameters[at];
      if (!name || !written.has(arg.kind)) return;
      const position = rangeOf(document, arg).start;
      hints.push({ position, label: `${name}:`, kind: InlayHintKind.Parameter, paddingRight: true });
    });
  });
  return hints;
}

function parametersOf(
  modules: Modules,
  { meaning }: Occurrence,
  { args }: Call,
  builtins: ReadonlyMap<string, Builtin>,
): (string | undefined)[] {
  if (meaning.kind === 'builtin') return builtins.get(meaning.name)?.args.map(({ name }) => name) ?? [];
  if (meaning.kind !== 'data') return [];
  const called = definitionsOf(modules, meaning.path).find(({ outline }) => outline.args?.length === args.length);
  return [...(called?.outline.args ?? [])];
}
