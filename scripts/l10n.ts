/**
 * `node scripts/l10n.ts`: writes l10n/bundle.l10n.json, the texts that a translation starts from:
 * every literal that client/ hands to `vscode.l10n.t`.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
export const bundleFile = join(root, 'l10n', 'bundle.l10n.json');

/** The literals, each as its own translation, in order. Throws at a call whose first argument is no literal. */
export function extract(): Record<string, string> {
  const found = new Set<string>();
  for (const file of globSync('client/**/*.ts', { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const call of text.matchAll(/\bl10n\.t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")?/g)) {
      const literal = call[1];
      if (!literal) throw new Error(`${file}: l10n.t needs a literal: ${text.slice(call.index, call.index + 60)}`);
      found.add(literal.slice(1, -1).replace(/\\(.)/g, '$1'));
    }
  }
  return Object.fromEntries([...found].sort().map((text) => [text, text]));
}

if (import.meta.main) writeFileSync(bundleFile, `${JSON.stringify(extract(), null, 2)}\n`);
