/** Where the policies' rules stand, and what their annotations say, read from the texts: no engine is needed for it. */
import { parse } from 'yaml';
import type { Position } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { kindOf } from '../file-kinds.ts';
import type { Document, Root } from '../snapshot.ts';

/** A rule that makes violations, as its source names it. */
export interface RuleSource {
  /** As a violation's `rule` has it. */
  rule: string;
  /** The disclosure's field that it speaks of, where the source says so. */
  field?: string;
  /** From its METADATA annotation, if it has one; Markdown. */
  title?: string;
  description?: string;
  level: 'deny' | 'warn';
  uri: string;
  position: Position;
}

/** The rules of a `.countersign` folder's policies, in the order of their files; tests left out. */
export const rulesOf = derived((root: Pick<Root, 'files'>): readonly RuleSource[] =>
  [...root.files]
    .filter(([path]) => kindOf(path) === 'rego' || kindOf(path) === 'schema')
    .filter(([path]) => !path.endsWith('_test.rego'))
    .flatMap(([path, document]) => (kindOf(path) === 'rego' ? regoRules(document) : schemaRules(document))),
);

/** OPA's annotations: https://www.openpolicyagent.org/docs/policy-language#annotations */
const regoRules = derived((document: Document): readonly RuleSource[] => {
  const lines = document.text.split(/\r?\n/);
  const packageName = /^package\s+([\w.]+)/m.exec(document.text)?.[1] ?? '';
  const rules: RuleSource[] = [];
  let annotation: Annotation = {};
  for (let at = 0; at < lines.length; at++) {
    if (/^#\s*METADATA\s*$/.test(lines[at]!)) {
      const end = endOfComment(lines, at);
      annotation = { ...readAnnotation(lines.slice(at + 1, end)), before: end };
      at = end - 1;
      continue;
    }
    const head = /^(?:default\s+)?(?:(deny|violation|warn)(?:_(\w+))?\b|_\w+ contains\b)/.exec(lines[at]!);
    if (!head) continue;
    const end = endOfRule(lines, at);
    const body = lines.slice(at, end).join('\n');
    const { title, description } = annotation.before === at ? annotation : {};
    const name = ruleIn(body) ?? calledRule(document.text, body);
    // What others find, under whatever name; and rules that only sort it into denials and warnings.
    if (name === undefined && (head[1] === undefined || takesFound(document.text, body))) continue;
    rules.push({
      rule: name ?? head[2] ?? packageName.split('.').at(-1) ?? '',
      field: /"field"\s*:\s*"([^"]+)"/.exec(body)?.[1],
      title,
      description,
      level: head[1] === 'warn' ? 'warn' : 'deny',
      uri: document.uri,
      position: { line: at, character: 0 },
    });
    at = end - 1;
  }
  return rules;
});

interface Annotation {
  title?: string;
  description?: string;
  /** The line that it stands directly above. */
  before?: number;
}

function readAnnotation(comment: readonly string[]): Annotation {
  try {
    const value: unknown = parse(comment.map((line) => line.replace(/^#/, '')).join('\n'), { logLevel: 'silent' });
    const { title, description } = Object(value) as Record<string, unknown>;
    return {
      ...(typeof title === 'string' && { title }),
      ...(typeof description === 'string' && { description: description.trim() }),
    };
  } catch {
    return {}; // The engine says what is wrong with it.
  }
}

function endOfComment(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at]!.startsWith('#')) at++;
  return at;
}

/** The line after a rule's last: what is indented or closes a bracket belongs to it. */
function endOfRule(lines: readonly string[], from: number): number {
  let at = from + 1;
  while (at < lines.length && /^(?:[\s)\]}]|$)/.test(lines[at]!)) at++;
  return at;
}

/** The name that an object for a violation gives. */
function ruleIn(text: string): string | undefined {
  return /"rule"\s*:\s*"([^"]+)"/.exec(text)?.[1];
}

/** Whether a rule takes its violations from a set of the same module: `deny contains v if some ["deny", v] in _found`. */
function takesFound(module: string, body: string): boolean {
  const set = /\bin (_\w+)\s*$/m.exec(body)?.[1];
  return set !== undefined && new RegExp(`^${set} contains\\b`, 'm').test(module);
}

/** The rule's name where a function of the same module makes the violation: `deny contains _undisclosed(at)`. */
function calledRule(module: string, body: string): string | undefined {
  const called = /\bcontains\s+(\w+)\(/.exec(body)?.[1];
  if (called === undefined) return undefined;
  const definition = module.search(new RegExp(`^${called}\\(`, 'm'));
  return definition < 0 ? undefined : ruleIn(module.slice(definition));
}

/** A JSON Schema policy is one rule, about all fields. */
const schemaRules = derived((document: Document): readonly RuleSource[] => {
  try {
    const value = JSON.parse(document.text) as Record<string, unknown>;
    const policy = value['x-countersign'] as { rule?: unknown; level?: unknown } | undefined;
    if (typeof policy?.rule !== 'string') return [];
    const line = document.text.slice(0, document.text.indexOf('"x-countersign"')).split('\n').length - 1;
    return [
      {
        rule: policy.rule,
        ...(typeof value.title === 'string' && { title: value.title }),
        ...(typeof value.description === 'string' && { description: value.description }),
        level: policy.level === 'warn' ? 'warn' : 'deny',
        uri: document.uri,
        position: { line, character: 0 },
      },
    ];
  } catch {
    return []; // Its own diagnostics say what is wrong with it.
  }
});
