/** An input as rules ask for it: what they refer to, with the values that they compare it with. */
import { definitionsOf, type Module, type Modules, occurrencesIn } from '../names/modules.ts';
import { T } from '../syntax/tokens.ts';
import type { Infix, Node, Ref, Rule, Term } from '../syntax/tree.ts';
import { stringValue } from '../syntax/values.ts';
import { children } from '../syntax/walk.ts';
import { fieldOf, valuesOf } from '../types/parts.ts';
import { any, type Type } from '../types/type.ts';

/** What is known of a place in the input. */
interface Shape {
  fields: Map<string, Shape>;
  items: Shape | undefined;
  /** As Rego. */
  value: string | undefined;
}

/**
 * The input as a Rego term; undefined where rules ask nothing of it.
 *
 * @param type what is known of it by schemas and samples
 */
export function inputFor(modules: Modules, module: Module, rules: readonly Rule[], type: Type): string | undefined {
  const shape = empty();
  const seen = new Set<Rule>();
  const queue: { module: Module; rule: Rule }[] = rules.map((rule) => ({ module, rule }));
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (seen.has(next.rule) || seen.size > 200) continue;
    seen.add(next.rule);
    collect(next.module, next.rule, shape);
    queue.push(...referred(modules, next.module, next.rule));
  }
  return shape.fields.size === 0 ? undefined : print(shape, type);
}

/** The rules of the same package that a rule refers to. */
function referred(modules: Modules, module: Module, rule: Rule): { module: Module; rule: Rule }[] {
  const found: { module: Module; rule: Rule }[] = [];
  for (const { start, end, meaning } of occurrencesIn(modules, module)) {
    if (meaning.kind !== 'data' || start < rule.start || end > rule.end) continue;
    if (meaning.path.length <= module.package.length || module.package.some((name, at) => meaning.path[at] !== name))
      continue;
    for (const one of definitionsOf(modules, meaning.path)) found.push({ module: one.module, rule: one.rule.node });
  }
  return found;
}

function empty(): Shape {
  return { fields: new Map(), items: undefined, value: undefined };
}

function collect({ names }: Module, rule: Rule, shape: Shape): void {
  const { tree, imports } = names;
  const path: Node[] = [];
  const look = (node: Node): void => {
    path.push(node);
    if (node.kind === 'ref') add(node);
    else if (node.kind === 'var' && path.at(-2)?.kind !== 'ref') addPath(headPath(node.name), node);
    for (const child of children(node)) look(child);
    path.pop();
  };
  look(rule);

  function headPath(name: string): string[] | undefined {
    if (name === 'input') return [];
    const imported = imports.find((one) => one.name === name && one.path[0]?.name === 'input');
    return imported?.path.slice(1).map((segment) => segment.name);
  }

  function addPath(names: readonly string[] | undefined, node: Term): void {
    if (!names || names.length === 0) return;
    give(descend(shape, names), node);
  }

  function add(ref: Ref): void {
    const names = ref.head.kind === 'var' ? headPath(ref.head.name) : undefined;
    if (!names) return;
    let at = descend(shape, names);
    for (const part of ref.parts) {
      if (part.kind === 'dot') at = field(at, part.name);
      else if (part.term.kind === 'string') at = field(at, stringValue(tree.text, part.term));
      else {
        at.items ??= empty();
        at = at.items;
      }
    }
    if (at !== shape) give(at, ref);
  }

  /** What the term is compared with, or what its place asks for. */
  function give(at: Shape, node: Term): void {
    at.value ??= valueFor(node, path.at(-2), path.at(-3));
  }

  function valueFor(node: Term, parent: Node | undefined, above: Node | undefined): string | undefined {
    if (parent?.kind === 'infix') return compared(parent, node);
    if (parent?.kind === 'expression') {
      if (parent.right) return parent.left === node ? scalar(parent.right) : undefined;
      return parent.negated ? 'false' : 'true';
    }
    if (parent?.kind === 'membership') {
      if (parent.collection === node)
        return above?.kind === 'some' || above?.kind === 'every' ? '[]' : `[${scalar(parent.value) ?? ''}]`;
      const { collection } = parent;
      const [first] = collection.kind === 'set' || collection.kind === 'array' ? collection.items : [];
      return first && scalar(first);
    }
    if (parent?.kind === 'call' && parent.operator !== node) {
      const called = tree.text.slice(parent.operator.start, parent.operator.end);
      if (/^(startswith|endswith|contains)$/.test(called)) {
        const other = parent.args.find((arg) => arg !== node);
        return other && scalar(other);
      }
      if (/^(count|sum|max|min|sort)$/.test(called)) return '[]';
    }
    return undefined;
  }

  function compared({ operands, operators }: Infix, node: Term): string | undefined {
    const at = operands.indexOf(node);
    const other = operands[at === 0 ? 1 : at - 1];
    const operator = operators[Math.max(at - 1, 0)];
    const value = other && scalar(other);
    if (operator === T.notEqual && value?.startsWith('"')) return '""';
    return value;
  }

  function scalar(term: Term): string | undefined {
    return ['null', 'boolean', 'number', 'string'].includes(term.kind)
      ? tree.text.slice(term.start, term.end)
      : undefined;
  }
}

function field(at: Shape, name: string): Shape {
  const known = at.fields.get(name) ?? empty();
  at.fields.set(name, known);
  return known;
}

function descend(shape: Shape, names: readonly string[]): Shape {
  return names.reduce(field, shape);
}

function print({ fields, items, value }: Shape, type: Type): string {
  if (fields.size > 0) {
    const entries = [...fields].map(([name, shape]) => {
      return `${JSON.stringify(name)}: ${print(shape, fieldOf(type, name)?.type ?? any)}`;
    });
    return `{${entries.join(', ')}}`;
  }
  if (items) return `[${print(items, valuesOf(type))}]`;
  return value ?? example(type, '""');
}

/** A value of a type, as Rego: one that is listed, else the plainest one. Of samples it shows no more than the kind. */
export function example(type: Type, otherwise: string, depth = 0): string {
  if (depth > 5) return otherwise;
  const below = (part: Type) => example(part, 'null', depth + 1);
  switch (type.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return 'true';
    case 'number':
      return String(type.values?.[0] ?? 0);
    case 'string':
      return JSON.stringify(type.values?.[0] ?? '');
    case 'array':
      return `[${type.first.map(below).join(', ')}]`;
    case 'set':
      return 'set()';
    case 'object': {
      const required = [...type.fields].filter(([, field]) => field.required);
      return `{${required.map(([name, field]) => `${JSON.stringify(name)}: ${below(field.type)}`).join(', ')}}`;
    }
    case 'union':
      return example(type.of[0] ?? any, otherwise, depth + 1);
    default:
      return otherwise;
  }
}
