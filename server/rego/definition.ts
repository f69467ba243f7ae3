/** Where a name is made: all definitions of a rule, a package, an import, a variable's declaration. */
import type { LocationLink, Position } from 'vscode-languageserver';
import { type Root, uriOf } from '../snapshot.ts';
import { definitionsOf, type Module, type Modules, modulesOf, occurrenceAt } from './names/modules.ts';
import { type ImportName, isDeclared } from './names/names.ts';
import type { Occurrence } from './names/occurrences.ts';
import { offsetAt, rangeOf } from './places.ts';
import type { Span } from './syntax/tree.ts';

interface Place {
  module: Module;
  /** What is shown, and the name in it. */
  whole: Span;
  name: Span;
}

export function definition(root: Root, path: string, position: Position): LocationLink[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  if (!module) return [];
  const found = occurrenceAt(modules, module, offsetAt(module.document, position));
  if (!found) return [];
  return placesOf(modules, module, found).map(({ module: { path: target, document }, whole, name }) => ({
    originSelectionRange: rangeOf(module.document, found),
    targetUri: uriOf(root, target),
    targetRange: rangeOf(document, whole),
    targetSelectionRange: rangeOf(document, name),
  }));
}

/** Where the module itself says what a name is: its import, where it has one; else its definitions. */
export function declaration(root: Root, path: string, position: Position): LocationLink[] {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const found = module && occurrenceAt(modules, module, offsetAt(module.document, position));
  const imported = found && importOf(module, found);
  if (!imported) return definition(root, path, position);
  const { node, alias, path: segments } = imported;
  return [
    {
      originSelectionRange: rangeOf(module.document, found),
      targetUri: uriOf(root, path),
      targetRange: rangeOf(module.document, node),
      targetSelectionRange: rangeOf(module.document, alias ?? segments.at(-1) ?? node),
    },
  ];
}

/** The import that gives a reference its first name. */
function importOf({ names: { imports, uses } }: Module, at: Occurrence): ImportName | undefined {
  const use = uses.find(({ segments: [first] }) => first?.start === at.start);
  if (!use || isDeclared(use.local)) return undefined;
  return imports.findLast(({ name }) => name !== undefined && name === use.segments[0]?.name);
}

function placesOf(modules: Modules, module: Module, { meaning }: Occurrence): Place[] {
  switch (meaning.kind) {
    case 'local': {
      const [first] = meaning.local.spans;
      return first ? [{ module, whole: first, name: first }] : [];
    }
    case 'alias': {
      const { node, path, alias } = meaning.import;
      const target =
        path[0]?.name === 'data'
          ? dataPlaces(
              modules,
              path.map(({ name }) => name),
            )
          : [];
      // What the alias stands for says more than the import, which is at hand.
      return target.length > 0 ? target : [{ module, whole: node, name: alias ?? node }];
    }
    case 'data':
      return dataPlaces(modules, meaning.path);
    default:
      return [];
  }
}

function dataPlaces(modules: Modules, path: readonly string[]): Place[] {
  const packages = (modules.byPackage.get(path.join('\n')) ?? []).flatMap((module): Place[] => {
    const declared = module.outline.package;
    return declared ? [{ module, whole: declared.statement, name: declared.name }] : [];
  });
  const rules = definitionsOf(modules, path).map(
    ({ module, outline }): Place => ({ module, whole: outline, name: outline.name }),
  );
  return [...packages, ...rules];
}
