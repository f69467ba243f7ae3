/** The names in a reference, as far as they are constant. */
import type { Term } from '../syntax/tree.ts';
import type { Segment } from './names.ts';

/** The constant beginning of a reference, and the terms after it. */
export function segmentsOf(text: string, term: Term): { segments: Segment[]; rest: Term[] } {
  if (term.kind === 'var') return { segments: [{ name: term.name, start: term.start, end: term.end }], rest: [] };
  if (term.kind !== 'ref') return { segments: [], rest: [term] };
  const { segments, rest } = segmentsOf(text, term.head);
  let constant = segments.length > 0;
  for (const part of term.parts) {
    if (part.kind === 'dot') {
      constant &&= part.name !== '';
      if (constant) segments.push({ name: part.name, start: part.nameStart, end: part.end });
      continue;
    }
    const name = part.term.kind === 'string' ? stringValue(text.slice(part.term.start, part.term.end)) : undefined;
    constant &&= name !== undefined;
    if (constant) segments.push({ name: name as string, start: part.term.start + 1, end: part.term.end - 1 });
    else rest.push(part.term);
  }
  return { segments, rest };
}

/** Undefined for a string that is broken. */
function stringValue(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.length > 1 && literal.endsWith('`') ? literal.slice(1, -1) : undefined;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
