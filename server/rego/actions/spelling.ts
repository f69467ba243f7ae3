/** The closest name that there is, for one that there is not: a rule, an import, a built-in, a variable, a field. */
import { CodeActionKind } from 'vscode-languageserver';
import { editDistance } from '../../message/keys.ts';
import { exportsOf } from '../names/modules.ts';
import { offsetAt } from '../places.ts';
import { holds, type Offer, ownEdit, type Subject } from './action.ts';
import { pathOf } from './inlining.ts';
import { configChange, withBuiltin } from './lint-config.ts';
import { type Unresolved, unresolvedAt } from './unresolved.ts';

export async function correctSpelling(subject: Subject): Promise<Offer[]> {
  const unresolved = await unresolvedAt(subject);
  return [
    ...fields(subject),
    ...(unresolved ? [...(await names(subject, unresolved)), ...declaration(subject, unresolved)] : []),
  ];
}

/** What the types know is with the diagnostic. */
function fields(subject: Subject): Offer[] {
  const { document, tree, diagnostics } = subject;
  return diagnostics.flatMap((diagnostic): Offer[] => {
    const { known } = Object(diagnostic.data) as { known?: unknown };
    if (diagnostic.source !== 'countersign' || !Array.isArray(known)) return [];
    const span = { start: offsetAt(document, diagnostic.range.start), end: offsetAt(document, diagnostic.range.end) };
    const written = tree.text.slice(span.start, span.end);
    const isQuoted = /^["`]/.test(written);
    const candidates = known.filter((one): one is string => typeof one === 'string');
    const right = closest(isQuoted ? written.slice(1, -1) : written, candidates);
    // A field that is no word cannot stand behind a dot.
    if (right === undefined || (!isQuoted && !/^[A-Za-z_]\w*$/.test(right))) return [];
    const text = isQuoted ? JSON.stringify(right) : right;
    return [
      {
        title: `Change to ${right}`,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: ownEdit(subject, [{ ...span, text }]),
      },
    ];
  });
}

async function names(subject: Subject, { segments, called, diagnostics }: Unresolved): Promise<Offer[]> {
  const { module, modules } = subject;
  const [first] = segments;
  const last = segments.at(-1) ?? first;
  const written = segments.map(({ name }) => name).join('.');
  const builtins = called ? [...(await subject.builtins()).keys()] : [];
  const span = { start: first.start, end: last.end };
  const own = [...exportsOf(modules, module.package)];
  const seen = module.names.locals
    .filter(({ kind, scope }) => kind !== 'implicit' && !called && holds(scope, span))
    .map(({ name }) => name);
  const imports = module.names.imports.flatMap(({ name }) => name ?? []);
  const right =
    segments.length === 1 ? closest(first.name, [...own, ...seen, ...builtins]) : closest(written, builtins);
  const alias = right === undefined && segments.length > 1 ? closest(first.name, imports) : undefined;
  const change = right ?? alias;
  if (change === undefined) return [];
  const replaced = alias === undefined ? span : first;
  return [
    {
      title: `Change to ${change}`,
      kind: CodeActionKind.QuickFix,
      diagnostics,
      edit: ownEdit(subject, [{ start: replaced.start, end: replaced.end, text: change }]),
    },
  ];
}

/** A function that people's own OPA has. */
function declaration(subject: Subject, { segments, called, diagnostics }: Unresolved): Offer[] {
  if (!called) return [];
  const name = segments.map((segment) => segment.name).join('.');
  const [first] = segments;
  const call = pathOf(subject.tree, first).findLast(({ kind }) => kind === 'call');
  const change = configChange(subject, (text) => withBuiltin(text, name, call?.kind === 'call' ? call.args.length : 0));
  const title = `Declare ${name} as a built-in in Regal’s configuration`;
  return change ? [{ title, kind: CodeActionKind.QuickFix, diagnostics, ...change }] : [];
}

/** Undefined where none is alike. */
function closest(written: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(written.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    if (name === written || Math.abs(name.length - written.length) > allowed) continue;
    const distance = editDistance(written.toLowerCase(), name.toLowerCase(), allowed);
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance };
  }
  return best?.name;
}
