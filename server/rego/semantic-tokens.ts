/** What the names of a module are, for those who colour them: packages, rules, functions, variables, the input. */
import { SemanticTokenModifiers, SemanticTokensBuilder, SemanticTokenTypes } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { definitionsOf, type Modules, modulesOf, occurrencesIn } from './names/modules.ts';
import type { Occurrence } from './names/occurrences.ts';
import { rangeOf } from './places.ts';
import { type Modifier, modifiers, types } from './semantic-legend.ts';
import type { Span } from './syntax/tree.ts';

/** In LSP's five numbers each; of the whole module, or of what touches a span. */
export function semanticTokens(root: Root, path: string, within?: Span): number[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return [];
  const builder = new SemanticTokensBuilder();
  for (const one of occurrencesIn(modules, module)) {
    if (within && (one.end <= within.start || one.start >= within.end)) continue;
    // Strings keep their colour.
    if (one.quoted) continue;
    const { start, end } = rangeOf(module.document, one);
    const [type, ...marks] = kindOf(modules, one);
    if (start.line !== end.line) continue;
    const bits = marks.reduce((sum, mark) => sum | (1 << modifiers.indexOf(mark)), 0);
    builder.push(start.line, start.character, end.character - start.character, types.indexOf(type), bits);
  }
  return builder.build().data;
}

function kindOf(modules: Modules, { meaning, declares }: Occurrence): [(typeof types)[number], ...Modifier[]] {
  const made: Modifier[] = declares ? [SemanticTokenModifiers.declaration] : [];
  switch (meaning.kind) {
    case 'local':
      return [meaning.local.kind === 'argument' ? SemanticTokenTypes.parameter : SemanticTokenTypes.variable, ...made];
    case 'alias':
      return [SemanticTokenTypes.namespace, ...made];
    case 'builtin':
      return [SemanticTokenTypes.function, SemanticTokenModifiers.defaultLibrary];
    case 'input':
      return meaning.path.length === 1
        ? [SemanticTokenTypes.variable, SemanticTokenModifiers.defaultLibrary]
        : [SemanticTokenTypes.property];
    case 'data': {
      const found = definitionsOf(modules, meaning.path);
      // All definitions of a function take something; there may be thousands.
      if (found[0]?.outline.args) return [SemanticTokenTypes.function, ...made];
      if (found.length > 0) return [SemanticTokenTypes.variable, ...made, SemanticTokenModifiers.readonly];
      return [SemanticTokenTypes.namespace, ...made];
    }
  }
}
