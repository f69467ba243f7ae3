/** Packages and rules of all modules by a part of their names. */
import { SymbolKind, type WorkspaceSymbol } from 'vscode-languageserver';
import type { Root } from '../snapshot.ts';
import { modulesOf } from './names/modules.ts';
import { locationOf } from './places.ts';
import { kindOf, nameOf } from './symbols.ts';

/** Enough to choose from; editors ask again as one types. */
const most = 1000;

/** Those whose name has the letters of the query in their order, whatever their case. */
export function workspaceSymbols(roots: Iterable<Root>, query: string): WorkspaceSymbol[] {
  const found: WorkspaceSymbol[] = [];
  const wanted = query.toLowerCase();
  for (const root of roots) {
    for (const { path, document, names, package: own } of modulesOf(root).byPath.values()) {
      const container = own.slice(1).join('.');
      const last = names.package.at(-1);
      const seen = new Set<string>();
      if (last && holds(container, wanted)) {
        found.push({ name: container, kind: SymbolKind.Package, location: locationOf(root, path, document, last) });
      }
      for (const rule of names.rules) {
        const name = nameOf(rule);
        // One entry leads to a rule; its outline shows all its definitions.
        if (seen.has(name) || name === '' || !holds(`${container}.${name}`, wanted)) continue;
        seen.add(name);
        const location = locationOf(root, path, document, rule.node.head);
        found.push({ name, kind: kindOf(rule), location, containerName: container });
      }
      if (found.length >= most) return found;
    }
  }
  return found;
}

function holds(name: string, letters: string): boolean {
  let at = 0;
  for (const letter of name.toLowerCase()) if (letter === letters[at]) at += 1;
  return at === letters.length;
}
