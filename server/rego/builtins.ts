/** OPA's built-in functions, as the engine describes them. */

import { isRecord, records } from '../../core/plain-data.ts';
import { derived } from '../derived.ts';
import { kindOf } from '../file-kinds.ts';
import type { Ask, Root } from '../snapshot.ts';
import { capabilitiesKey } from './capabilities.ts';
import { typeOfDeclaration } from './types/declared.ts';
import type { FunctionType } from './types/type.ts';

export interface Argument {
  /** Absent for some old ones. */
  readonly name: string | undefined;
  readonly type: string;
  readonly description: string | undefined;
}

export interface Builtin {
  readonly name: string;
  readonly description: string | undefined;
  readonly args: readonly Argument[];
  /** Takes any number of further arguments. */
  readonly variadic: boolean;
  readonly result: Argument | undefined;
  readonly type: FunctionType;
  /** The operator that stands for it. */
  readonly infix: string | undefined;
  readonly deprecated: boolean;
  readonly categories: readonly string[];
}

type Builtins = ReadonlyMap<string, Builtin>;

const kept = derived((_: Ask) => new Map<string, Promise<Builtins>>());

/** How many lists are kept: a workspace has few configurations, and they rarely change. */
const maxKept = 8;

/**
 * By name: the engine's own, or those that the Regal configuration of a root declares; in custom rules of Regal, Regal's
 * with the engine's own. Read once; a failure is not kept.
 */
export function builtinsOf(ask: Ask, root?: Root, path?: string): Promise<Builtins> {
  const lists = kept(ask);
  const inRule = path !== undefined && kindOf(path) === 'lint-rule';
  const key = inRule ? 'lint-rule' : root ? capabilitiesKey(root) : '';
  const known = lists.get(key);
  if (known) return known;
  const asked =
    root && key !== '' && !inRule
      ? ask.root(root, 'capabilities', {}, { evenIfStale: true })
      : ask.plain('capabilities', {});
  const made = asked.then(
    ({ capabilities, lintBuiltins }) =>
      new Map(
        records([...capabilities.builtins, ...(inRule ? lintBuiltins : [])]).map((raw) => [
          String(raw.name),
          read(raw),
        ]),
      ),
  );
  for (const [oldest] of lists) if (lists.size >= maxKept) lists.delete(oldest);
  lists.set(key, made);
  made.catch(() => lists.delete(key));
  return made;
}

/** The same; none when there is no engine to ask. */
export async function builtinsOr(ask: Ask, log: (line: string) => void, root?: Root, path?: string): Promise<Builtins> {
  try {
    return await builtinsOf(ask, root, path);
  } catch (error) {
    log(`built-ins: ${error instanceof Error ? error.message : String(error)}`);
    return new Map();
  }
}

/** `concat(delimiter: string, collection: array[string] | set[string]) string`. */
export function signatureOf(builtin: Builtin): string {
  return `${builtin.name}(${parametersOf(builtin).join(', ')})${builtin.result ? ` -> ${builtin.result.type}` : ''}`;
}

export function parametersOf({ args, variadic }: Builtin): string[] {
  const named = args.map(({ name, type }) => (name ? `${name}: ${type}` : type));
  return variadic ? [...named, '…'] : named;
}

function read(raw: Record<string, unknown>): Builtin {
  const declared = isRecord(raw.decl) ? raw.decl : {};
  return {
    name: String(raw.name),
    description: text(raw.description),
    args: records(declared.args).map(argument),
    variadic: isRecord(declared.variadic),
    result: isRecord(declared.result) ? argument(declared.result) : undefined,
    type: {
      kind: 'function',
      args: records(declared.args).map(typeOfDeclaration),
      result: typeOfDeclaration(declared.result),
    },
    infix: text(raw.infix),
    deprecated: raw.deprecated === true,
    categories: Array.isArray(raw.categories) ? raw.categories.map(String) : [],
  };
}

function argument(raw: Record<string, unknown>): Argument {
  return { name: text(raw.name), type: typeText(raw), description: text(raw.description) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A type as people write it, of OPA's JSON for types. */
export function typeText(type: unknown): string {
  if (!isRecord(type)) return 'any';
  const name = String(type.type ?? 'any');
  switch (name) {
    case 'any': {
      const options = records(type.of).map(typeText);
      return options.length > 0 ? options.join(' | ') : 'any';
    }
    case 'array': {
      const items = records(type.static).map(typeText);
      if (items.length > 0) return `[${items.join(', ')}]`;
      return `array[${typeText(type.dynamic)}]`;
    }
    case 'set':
      return `set[${typeText(type.of)}]`;
    case 'object': {
      const members = records(type.static).map((one) => `${JSON.stringify(one.key)}: ${typeText(one.value)}`);
      if (members.length > 0) return `object{${members.join(', ')}}`;
      const { key, value } = isRecord(type.dynamic) ? type.dynamic : {};
      return `object[${typeText(key)}: ${typeText(value)}]`;
    }
    default:
      return name;
  }
}
