/**
 * Which rules of a policy set decide: `deny`, `violation`, `warn` and `ai` of every package that is
 * not a test, with conftest's suffixes (`deny_privileged`) and its `exception`, all asked for by one query.
 */
import type { Location, OutlineResult } from '../../engine/protocol.ts';
import type { Input } from '../input.ts';
import type { Violation } from '../verdict.ts';

/** One rule that decides. */
export interface Entrypoint {
  /** Such as `data.countersign.approver.deny`: also its place in the query's answer. */
  ref: string;
  kind: 'deny' | 'warn' | 'ai' | 'exception';
  /** What a violation is called that does not say it itself. */
  rule: string;
  /** Where the rule's first definition stands, for messages. */
  location: Location;
  /** The only phases in which it is asked; all when absent. */
  phases?: Input['phase'][];
}

/** What the entrypoints gave for one input. */
export interface Findings {
  deny: Violation[];
  warn: Violation[];
  /** The commits that declare or show AI use; absent when no package has an `ai` rule. */
  ai?: string[];
  /** What conftest's `exception` rules left out, in words. */
  excused: string[];
}

/** An entrypoint whose value is not what a gate can read; always a failure, never a pass. */
export class EntrypointError extends Error {
  readonly entrypoint: Entrypoint;
  constructor(entrypoint: Entrypoint, message: string) {
    super(`${entrypoint.ref} ${message}`);
    this.name = 'EntrypointError';
    this.entrypoint = entrypoint;
  }
}

/**
 * A deciding rule's name, the names before it (`a.deny`), and what follows (`deny.x`, `deny["x"]`):
 * then the value is no set, and reading it tells so.
 */
const deciding = /^((?:\w+\.)*?)(?:(ai|exception)|(deny|violation|warn)(?:_(\w+))?)(?=$|[.[])/;

/** The entrypoints of some modules, in a stable order. */
export function findEntrypoints(modules: OutlineResult['modules']): Entrypoint[] {
  const found = new Map<string, Entrypoint>();
  for (const module of modules) {
    for (const rule of module.rules) {
      const [name, before, special, kind, suffix] = deciding.exec(rule.name) ?? [];
      const ref = `data.${module.package}.${name}`;
      if (name === undefined || rule.test || found.has(ref)) continue;
      found.set(ref, {
        ref,
        kind: kindNamed(special, kind),
        rule: suffix ?? lastPart(before ? `${module.package}.${before.slice(0, -1)}` : module.package),
        location: rule.location,
      });
    }
  }
  return withoutIdle([...found.values()]).sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** Whether it can deny or warn. */
export function canFind({ kind }: Pick<Entrypoint, 'kind'>): boolean {
  return kind === 'deny' || kind === 'warn';
}

/** A rule `exception` beside nothing that it could excuse is something else. */
export function withoutIdle(entrypoints: readonly Entrypoint[]): Entrypoint[] {
  const judging = new Set(entrypoints.filter(canFind).map(({ ref }) => packageOf(ref)));
  return entrypoints.filter(({ kind, ref }) => kind !== 'exception' || judging.has(packageOf(ref)));
}

function kindNamed(special: string | undefined, kind: string | undefined): Entrypoint['kind'] {
  if (special === 'ai' || special === 'exception') return special;
  return kind === 'warn' ? 'warn' : 'deny';
}

/** `data.a.deny_x` is in `data.a`. */
function packageOf(ref: string): string {
  return ref.slice(0, ref.lastIndexOf('.'));
}

/**
 * What a rule of this name in a package (`a.b`) decides; undefined when it decides nothing. As
 * {@link findEntrypoints} has it for the modules of a policy set.
 */
export function decidingRule(name: string, packagePath: string): Pick<Entrypoint, 'kind' | 'rule'> | undefined {
  const [whole, before, special, kind, suffix] = deciding.exec(name) ?? [];
  if (whole !== name || before) return undefined;
  return { kind: kindNamed(special, kind), rule: suffix ?? lastPart(packagePath) };
}

/** The entrypoints that are asked in a phase. */
export function entrypointsIn(entrypoints: readonly Entrypoint[], phase: Input['phase']): Entrypoint[] {
  return entrypoints.filter(({ phases }) => phases === undefined || phases.includes(phase));
}

function lastPart(packagePath: string): string {
  return /(?:\["([^"]+)"\]|([^.[\]]+))$/.exec(packagePath)?.slice(1).find(Boolean) ?? packagePath;
}

/**
 * One query for all entrypoints. Each is wrapped in a comprehension, so that an undefined one shows
 * as an empty list and does not make the whole answer undefined.
 */
export function entrypointQuery(entrypoints: readonly Entrypoint[]): string {
  return `{${entrypoints.map(({ ref }) => `${JSON.stringify(ref)}: [x | x := ${ref}]`).join(', ')}}`;
}

/** Reads the query's answer. Throws {@link EntrypointError} for anything but sets of violations. */
export function readFindings(entrypoints: readonly Entrypoint[], answer: unknown): Findings {
  const findings: Findings = { deny: [], warn: [], excused: [] };
  const values = (answer ?? {}) as Record<string, unknown>;
  const excused = excusedRules(entrypoints, values);
  for (const entrypoint of entrypoints) {
    if (entrypoint.kind === 'exception') continue;
    const wrapped = values[entrypoint.ref];
    if (!Array.isArray(wrapped) || wrapped.length !== 1) {
      throw new EntrypointError(entrypoint, 'is undefined: give it a value for every input, as `contains` rules have');
    }
    const value: unknown = wrapped[0];
    if (!Array.isArray(value)) {
      throw new EntrypointError(
        entrypoint,
        `must be a set, but is ${kindOf(value)}: write \`${lastPart(entrypoint.ref)} contains … if { … }\``,
      );
    }
    if (entrypoint.kind === 'ai') {
      findings.ai ??= [];
      for (const sha of value) {
        if (typeof sha !== 'string') {
          throw new EntrypointError(entrypoint, `must hold commit ids, but has ${kindOf(sha)}`);
        }
        findings.ai.push(sha);
      }
    } else {
      const violations = value.map((element) => readViolation(entrypoint, element));
      if (!excused(entrypoint.ref)) findings[entrypoint.kind].push(...violations);
      else if (violations.length > 0) {
        const left = `${violations.length === 1 ? 'one violation' : `${violations.length} violations`} of ${entrypoint.ref}`;
        findings.excused.push(`${packageOf(entrypoint.ref)}.exception excuses ${left}.`);
      }
    }
  }
  return findings;
}

/**
 * Whether conftest's `exception` of the same package names a rule: without its prefix, so that
 * `deny_root` is `root`, and `deny` the empty string (https://www.conftest.dev/exceptions/).
 */
function excusedRules(entrypoints: readonly Entrypoint[], values: Record<string, unknown>): (ref: string) => boolean {
  const names = new Map<string, Set<unknown>>();
  for (const { kind, ref } of entrypoints) {
    if (kind !== 'exception') continue;
    const [value] = (values[ref] ?? []) as unknown[];
    names.set(packageOf(ref), new Set(membersOf(value).flatMap(membersOf)));
  }
  return (ref) => {
    const name = ref.slice(ref.lastIndexOf('.') + 1);
    return names.get(packageOf(ref))?.has(name.replace(/^(deny|violation|warn)(_|$)/, '')) ?? false;
  };
}

function membersOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function readViolation(entrypoint: Entrypoint, element: unknown): Violation {
  if (typeof element === 'string') return { rule: 'policy', msg: element };
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new EntrypointError(entrypoint, `must hold objects with "msg", or strings, but has ${kindOf(element)}`);
  }
  const { rule, msg, commit, field, path, fix } = element as Record<string, unknown>;
  if (typeof msg !== 'string') throw new EntrypointError(entrypoint, 'has an object whose "msg" is no string');
  const violation: Violation = { rule: entrypoint.rule, msg };
  for (const [key, value] of Object.entries({ rule, commit, field, path, fix })) {
    if (value === undefined || value === null) continue;
    // What conftest's policies add to a result may be anything; which commit and rule it is about must be clear.
    const text = typeof value === 'string' ? value : key === 'commit' || key === 'rule' ? undefined : inWords(value);
    if (text === undefined) throw new EntrypointError(entrypoint, `has an object whose "${key}" is no string`);
    violation[key as keyof Violation] = text;
  }
  return violation;
}

/** A path in parts is one with dots. */
function inWords(value: unknown): string {
  const parts = Array.isArray(value) && value.every((part) => typeof part === 'string' || typeof part === 'number');
  return parts ? (value as unknown[]).join('.') : JSON.stringify(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value)}`;
}
