/** The places of a variable in its rule, which an editor may change together as one is typed. */
import type { LinkedEditingRanges, Position } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { modulesOf, occurrenceAt } from './names/modules.ts';
import { offsetAt, rangeOf } from './places.ts';

export function linkedEditing(root: Root, path: string, position: Position): LinkedEditingRanges | null {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  if (!module || at?.meaning.kind !== 'local') return null;
  return {
    ranges: at.meaning.local.spans.map((span) => rangeOf(module.document, span)),
    wordPattern: '[A-Za-z_]\\w*',
  };
}
