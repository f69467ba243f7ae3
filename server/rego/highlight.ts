/** The other places in a module where the name under the cursor is meant. */
import { type DocumentHighlight, DocumentHighlightKind, type Position } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { modulesOf, occurrenceAt, occurrencesIn } from './names/modules.ts';
import { keyOf } from './names/occurrences.ts';
import { offsetAt, rangeOf } from './places.ts';

export function highlights(root: Root, path: string, position: Position): DocumentHighlight[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  if (!module || !at) return [];
  const key = keyOf(at.meaning);
  return occurrencesIn(modules, module)
    .filter(({ meaning }) => keyOf(meaning) === key)
    .map((one) => ({
      range: rangeOf(module.document, one),
      kind: one.declares ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
}
