/** Our TextMate grammars, read as VS Code reads them. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IGrammar, IOnigLib, IRawGrammar } from 'vscode-textmate';

// Both packages are CommonJS bundles without named exports that Node can see.
const require = createRequire(import.meta.url);
const { Registry, INITIAL, parseRawGrammar } = require('vscode-textmate') as typeof import('vscode-textmate');
const oniguruma = require('vscode-oniguruma') as typeof import('vscode-oniguruma');

const folder = join(import.meta.dirname, '..', '..', 'syntaxes');
const files: Record<string, string> = {
  'source.rego': 'rego.tmLanguage.json',
  'markdown.rego.codeblock': 'rego.markdown.tmLanguage.json',
  'yaml.rego.block': 'rego.yaml.tmLanguage.json',
};

/** A stretch of one line with its scopes, the outermost first. */
export interface Scoped {
  /** UTF-16 offsets in the text. */
  start: number;
  end: number;
  /** The line, from 1. */
  row: number;
  text: string;
  scopes: string[];
}

/** The grammar of a scope, one of ours or `host`: a grammar of another language, which `injected` of ours are injected to. */
export async function loadGrammar(scope: string, host?: IRawGrammar, injected: string[] = []): Promise<IGrammar> {
  await oniguruma.loadWASM(await readFile(require.resolve('vscode-oniguruma/release/onig.wasm')));
  const onigLib: Promise<IOnigLib> = Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  });
  const registry = new Registry({
    onigLib,
    getInjections: (name) => (name === host?.scopeName ? injected : undefined),
    async loadGrammar(name) {
      if (name === host?.scopeName) {
        return host;
      }
      const file = files[name];
      return file ? parseRawGrammar(await readFile(join(folder, file), 'utf8'), file) : null;
    },
  });
  const grammar = await registry.loadGrammar(scope);
  if (grammar === null) {
    throw new Error(`no grammar for ${scope}`);
  }
  return grammar;
}

/** All of a text, line by line; like VS Code, without what ends the lines. */
export function tokenize(grammar: IGrammar, text: string): Scoped[] {
  let state = INITIAL;
  let offset = 0;
  const tokens: Scoped[] = [];
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.endsWith('\r') ? written.slice(0, -1) : written;
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      const end = Math.min(endIndex, line.length);
      tokens.push({
        start: offset + startIndex,
        end: offset + end,
        row: index + 1,
        text: line.slice(startIndex, end),
        scopes,
      });
    }
    offset += written.length + 1;
  }
  return tokens;
}
