/** JSON Schema policies that are ready, at work; schema-policy.ts makes them. */
import type { Input } from '../input.ts';
import type { Violation } from '../verdict.ts';
import { isExcused } from './excused.ts';

/** A schema ready to judge. */
export interface SchemaPolicy {
  path: string;
  rule: string;
  level: 'deny' | 'warn';
  /** The segments of `each`: a property's name, or `[]`. */
  each: string[];
  /** What is wrong with one value, sorted and without repetition; empty when it is valid. */
  validate(value: unknown): SchemaError[];
}

/** One thing that is wrong with a value. */
export interface SchemaError {
  /** The first segment below the value: the property at fault, when there is one. */
  field?: string;
  message: string;
}

/** Judges an input by the schemas. */
export function judgeBySchemas(
  policies: readonly SchemaPolicy[],
  input: Input,
): { deny: Violation[]; warn: Violation[] } {
  const found = { deny: [] as Violation[], warn: [] as Violation[] };
  for (const policy of policies) {
    for (const { value, commit } of valuesAt(input, policy.each)) {
      for (const { field, message } of policy.validate(value)) {
        if (isExcused(input.exceptions, input.now, policy.rule, commit)) continue;
        found[policy.level].push({
          rule: policy.rule,
          msg: message,
          ...(commit !== undefined && { commit }),
          ...(field !== undefined && { field }),
        });
      }
    }
  }
  return found;
}

/** The values at a path, each with the commit it lies in. */
export function* valuesAt(
  value: unknown,
  path: readonly string[],
  commit?: string,
  top = true,
): Generator<{ value: unknown; commit?: string }> {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (value !== undefined) yield { value, commit };
  } else if (step === '[]') {
    if (!Array.isArray(value)) return;
    for (const element of value) yield* valuesAt(element, rest, commit, false);
  } else if (top && step === 'commits' && rest[0] === '[]') {
    for (const element of (value as Input).commits) yield* valuesAt(element, rest.slice(1), element.sha, false);
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) {
    yield* valuesAt((value as Record<string, unknown>)[step], rest, commit, false);
  }
}
