/** Types as people write them, in OPA's words: `array[string]`, `object{"name": string}`. */
import type { ObjectType, Type } from './type.ts';

interface Limits {
  /** Levels of objects that are written out. */
  depth: number;
  /** Fields or alternatives of one level. */
  width: number;
}

/** Lists of lists of lists are not followed further: they may have no end. */
const deepest = 8;

/** On one line. What goes beyond the limits is `…`. */
export function showType(type: Type, limits: Limits = { depth: 2, width: 8 }, level = 0): string {
  const below = (one: Type) => showType(one, limits, level + 1);
  if (level > deepest) return '…';
  switch (type.kind) {
    case 'any':
    case 'null':
      return type.kind;
    case 'boolean':
    case 'number':
      return type.values?.length === 1 ? String(type.values[0]) : type.kind;
    case 'string': {
      const { values } = type;
      if (!values || values.length > limits.width || JSON.stringify(values).length > 80) return 'string';
      return values.map((value) => JSON.stringify(value)).join(' | ');
    }
    case 'set':
      return `set[${below(type.of)}]`;
    case 'array': {
      const rest = type.rest && below(type.rest);
      if (type.first.length === 0) return rest === undefined ? 'array[]' : `array[${rest}]`;
      const first = listed(type.first.map(below), limits);
      return `[${[...first, ...(rest === undefined ? [] : [`…${rest}`])].join(', ')}]`;
    }
    case 'object':
      return showObject(type, limits, level + 1);
    case 'function':
      return `(${type.args.map(below).join(', ')}) -> ${below(type.result)}`;
    case 'union': {
      if (type.of.length === 0) return 'nothing';
      const shown = [...new Set(type.of.map(below))];
      return listed(shown, limits).join(' | ');
    }
  }
}

/** Longer types have a line for each field. */
const longest = 80;
/** Fields that are told on lines of their own. */
const mostLines = 20;

/** With a line for each field where one line would be long. */
export function showTypeInLines(type: Type): string {
  const line = showType(type);
  if (line.length <= longest) return line;
  if (type.kind === 'array' && type.first.length === 0 && type.rest) return `array[${showTypeInLines(type.rest)}]`;
  if (type.kind === 'set') return `set[${showTypeInLines(type.of)}]`;
  if (type.kind !== 'object' || type.fields.size === 0) return line;
  const fields = [...type.fields].slice(0, mostLines);
  const shown = fields.map(
    ([name, { type: of }]) => `  ${JSON.stringify(name)}: ${showType(of, { depth: 1, width: 6 })},`,
  );
  return ['object{', ...shown, ...(type.fields.size > mostLines ? ['  …'] : []), '}'].join('\n');
}

function showObject({ fields, others, patterns }: ObjectType, limits: Limits, level: number): string {
  const named = [...fields];
  if (named.length === 0) {
    if (!others) return patterns?.length ? 'object' : 'object{}';
    const inner = { ...limits, depth: limits.depth - 1 };
    if (others.keys.kind === 'any' && others.values.kind === 'any') return 'object';
    if (limits.depth <= 0) return 'object';
    return `object[${showType(others.keys, inner, level)}: ${showType(others.values, inner, level)}]`;
  }
  if (limits.depth <= 0) return 'object';
  const inner = { ...limits, depth: limits.depth - 1 };
  // What is not shown is not made.
  const shown = named.slice(0, limits.width).map(([name, field]) => {
    return `${JSON.stringify(name)}: ${showType(field.type, inner, level)}`;
  });
  return `object{${[...shown, ...(named.length > limits.width ? ['…'] : [])].join(', ')}}`;
}

function listed(parts: readonly string[], { width }: Limits): string[] {
  return parts.length > width ? [...parts.slice(0, width), '…'] : [...parts];
}
