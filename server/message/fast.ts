/** All that the server finds by itself, without git and without the engine: cheap enough for every keystroke. */
import { fieldFindings } from './fields.ts';
import type { Finding, MessageFacts } from './finding.ts';
import { formFindings } from './forms.ts';
import { structureFindings } from './structure.ts';
import type { MessageText } from './text.ts';

export function fastFindings(text: MessageText, facts: MessageFacts): Finding[] {
  return [...structureFindings(text, facts), ...fieldFindings(text, facts), ...formFindings(text, facts)].sort(
    (a, b) => a.span.start - b.span.start || a.span.end - b.span.end,
  );
}
