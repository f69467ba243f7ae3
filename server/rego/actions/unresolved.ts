/** Names that nothing makes: no variable, rule, import or built-in. */
import type { Diagnostic } from 'vscode-languageserver';
import { exportsOf } from '../names/modules.ts';
import { isDeclared, type Local, type Segment } from '../names/names.ts';
import { offsetAt } from '../places.ts';
import type { Span } from '../syntax/tree.ts';
import type { Subject } from './action.ts';

export interface Unresolved {
  readonly segments: readonly [Segment, ...Segment[]];
  readonly called: boolean;
  /** All places that say the same first name and mean the same. */
  readonly everywhere: readonly Span[];
  /** What the client shows of it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The name at the cursor, if it is one of those. A variable that is used more than once may have its value from itself. */
export async function unresolvedAt(subject: Subject): Promise<Unresolved | undefined> {
  const { module, modules, span } = subject;
  const { uses, imports } = module.names;
  const use = uses.find(({ segments }) => {
    const [first, last] = [segments[0], segments.at(-1)];
    return first && last && first.start <= span.start && span.end <= last.end;
  });
  if (!use) return undefined;
  const segments = use.segments as [Segment, ...Segment[]];
  const [{ name }] = segments;
  if (isDeclared(use.local) || name === 'data' || name === 'input') return undefined;
  if (imports.some((one) => one.name === name) || exportsOf(modules, module.package).has(name)) return undefined;
  const diagnostics = shownAt(subject, segments);
  if (use.called) {
    const full = segments.map((segment) => segment.name).join('.');
    if ((await subject.builtins()).has(full)) return undefined;
  } else if (diagnostics.length === 0 && !isLoose(subject, use.local)) return undefined;
  const everywhere = uses
    .filter(
      ({ segments: [first], called, local }) => first?.name === name && !isDeclared(local) && called === use.called,
    )
    .flatMap(({ segments: [first] }) => first ?? []);
  return { segments, called: use.called, everywhere, diagnostics };
}

/** Whether no place of a variable can give it a value: it is there once, or always with something behind it. */
function isLoose({ module }: Subject, local: Local): boolean {
  const uses = module.names.uses.filter((use) => use.local === local);
  return uses.length === 1 || uses.every(({ segments }) => segments.length > 1);
}

function shownAt({ document, diagnostics }: Subject, segments: readonly [Segment, ...Segment[]]): Diagnostic[] {
  const [first] = segments;
  const end = segments.at(-1)?.end ?? first.end;
  return diagnostics.filter(({ source, range }) => {
    if (source !== 'opa' && source !== 'countersign') return false;
    return offsetAt(document, range.start) <= end && first.start <= offsetAt(document, range.end);
  });
}
