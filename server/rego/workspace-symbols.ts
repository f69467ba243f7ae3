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
    for (const { path, document, outline, package: own } of modulesOf(root).byPath.values()) {
      const container = own.slice(1).join('.');
      // What the package has of the letters, the rules need not have.
      const given = lettersIn(container.toLowerCase(), wanted, 0);
      if (outline.package && given === wanted.length) {
        const location = locationOf(root, path, document, outline.package.name);
        found.push({ name: container, kind: SymbolKind.Package, location });
      }
      const dot = lettersIn('.', wanted, given);
      const seen = new Set<string>();
      for (const rule of outline.rules) {
        // Names with quotes are written when they are found.
        const letters = (rule.path.length === 1 ? (rule.path[0] as string) : rule.path.join('.')).toLowerCase();
        if (letters === '' || lettersIn(letters, wanted, dot) < wanted.length) continue;
        const name = nameOf(rule);
        // One entry leads to a rule; its outline shows all its definitions.
        if (seen.has(name)) continue;
        seen.add(name);
        const location = locationOf(root, path, document, rule.head);
        found.push({ name, kind: kindOf(rule), location, containerName: container });
      }
      if (found.length >= most) return found;
    }
  }
  return found;
}

/** How many letters of a query a name takes, of which the first ones are taken. */
function lettersIn(name: string, letters: string, taken: number): number {
  let at = taken;
  for (let within = 0; within < name.length && at < letters.length; within++) {
    if (name[within] === letters[at]) at += 1;
  }
  return at;
}
