/** The rules of a policy set as reports tell of them: what each is about, and where it stands. */
import { canFind, type Entrypoint } from '../decision/entrypoints.ts';
import type { SchemaPolicy } from '../policies/judge-schemas.ts';
import { metadataAbove } from '../policies/metadata.ts';
import type { PolicySet } from '../policies/policy-set.ts';

export interface RuleFacts {
  name: string;
  /** Of its METADATA, else of its package's; plain text. */
  description?: string;
  /** Where more is said of it. */
  help: string;
  /** The policy's file and line, from one. */
  path?: string;
  line?: number;
}

const site = 'https://countersign.dev/docs/policies';

/**
 * The rules that the texts of the policies name, and those of the JSON Schemas; a rule that makes up
 * its name as it runs is not among them until a violation has it (`named`).
 */
export function rulesOf(
  prepared: { policies: PolicySet; entrypoints: readonly Entrypoint[]; schemas: readonly SchemaPolicy[] },
  named: Iterable<string>,
): Map<string, RuleFacts> {
  const rules = new Map<string, RuleFacts>();
  const { policies, entrypoints, schemas } = prepared;
  for (const { kind, path, text } of policies.files) {
    if (kind !== 'module') continue;
    for (const found of text.matchAll(/"rule":\s*("(?:[^"\\]|\\.)*")/g)) {
      const name = JSON.parse(found[1] as string) as string;
      if (rules.has(name)) continue;
      const metadata = metadataOf(text, found.index);
      rules.set(name, {
        name,
        description: metadata.description,
        help: metadata.help ?? helpFor(name, policies),
        path,
        line: text.slice(0, found.index).split('\n').length,
      });
    }
  }
  for (const { rule: name, path } of schemas) {
    if (!rules.has(name)) {
      const description = 'A value has the form that a JSON Schema asks for.';
      rules.set(name, { name, description, help: helpFor(name, policies), path, line: 1 });
    }
  }
  for (const name of named) {
    if (rules.has(name)) continue;
    const deciding = entrypoints.filter(canFind);
    const own = deciding.find(({ rule }) => rule === name) ?? (deciding.length === 1 ? deciding[0] : undefined);
    const place = own && { path: own.location.path, line: own.location.range.start.line + 1 };
    rules.set(name, { name, help: helpFor(name, policies), ...place });
  }
  return new Map([...rules].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Rules of the pack are told of on their page; others are the team's own. */
function helpFor(name: string, { files }: PolicySet): string {
  const pack = files.some(({ text }) => text.includes('package countersign.') && text.includes(JSON.stringify(name)));
  return pack ? `${site}#the-rules` : `${site}#rules-of-your-own`;
}

/** What OPA's annotations say of the rule around an offset, or of its package. */
function metadataOf(text: string, offset: number): { description?: string; help?: string } {
  const lines = text.slice(0, offset).split('\n');
  let head = lines.length - 1;
  while (head > 0 && !/^[A-Za-z_]/.test(lines[head] as string)) head--;
  const own = annotationAbove(lines, head);
  const packageLine = lines.findIndex((line) => line.startsWith('package '));
  const ofPackage = annotationAbove(lines, packageLine);
  return { description: own.description ?? ofPackage.description, help: own.help ?? ofPackage.help };
}

/** What the METADATA above a line says, as reports tell it. */
function annotationAbove(lines: readonly string[], line: number): { description?: string; help?: string } {
  const { description, title, related_resources: related } = metadataAbove(lines, line) ?? {};
  const linked = Array.isArray(related) ? (related[0] as unknown) : undefined;
  const ref = typeof linked === 'string' ? linked : (linked as { ref?: unknown } | undefined)?.ref;
  const said = description ?? title;
  return {
    ...(typeof said === 'string' && { description: said.replace(/\s+/g, ' ').trim() }),
    ...(typeof ref === 'string' && /^https?:\/\//.test(ref) && { help: ref }),
  };
}
