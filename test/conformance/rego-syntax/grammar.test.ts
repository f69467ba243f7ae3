/** The TextMate grammar beside the lexer: over all that OPA accepts, every token has a scope that fits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lex } from '../../../server/rego/syntax/lexer.ts';
import { isWord, T } from '../../../server/rego/syntax/tokens.ts';
import { loadGrammar, type Scoped, tokenize } from '../../syntaxes/grammars.ts';
import { askCorpus } from './corpus.ts';
import type { Answer } from './oracle.ts';

/** A grammar that reads line by line cannot tell these: why it does not matter. */
const known: Record<string, string> = {
  'opa/v1/format/testfiles/v1/test_template_strings.rego':
    'an expression within a string goes on in the next line as a rule begins; a string that is still being typed ends there',
};

/** `input.b or { … }`, a query and a rule in one line of a module without imports. */
const queryAndRule = 'input.b or {';

const asked = await askCorpus();

test('each token has a scope that fits', { skip: 'absent' in asked && asked.absent }, async (t) => {
  assert.ok('modules' in asked);
  const grammar = await loadGrammar('source.rego');
  const misfits: string[] = [];
  const seen = new Set<string>();
  let count = 0;
  let blocks = 0;
  for (const [index, { name, text, version }] of asked.modules.entries()) {
    if (asked.answers[index]!.errors.length > 0 || seen.has(text) || text.includes(queryAndRule)) {
      continue;
    }
    seen.add(text);
    const all = tokenize(grammar, text);
    const [found, wanted] = [metadataRows(all), annotationRows(asked.answers[index]!)];
    blocks += wanted.length;
    if (found.join() !== wanted.join() && asked.answers[index]!.unwritten === undefined) {
      misfits.push(`${name}: METADATA in ${found.join(', ')}, in OPA's tree in ${wanted.join(', ')}`);
    }
    const scoped = all.filter(({ start, end }) => end > start);
    let from = 0;
    for (const { start, end, fits } of expected(text, version)) {
      count++;
      while (from > 0 && scoped[from]!.start > start) from--;
      while (scoped[from] !== undefined && scoped[from]!.end <= start) from++;
      for (let at = from; scoped[at] !== undefined && scoped[at]!.start < end; at++) {
        const scopes = scoped[at]!.scopes.join(' ');
        if (!fits.test(scopes) && known[name] === undefined) {
          misfits.push(`${name}: ${text.slice(start, end)} is ${scopes}`);
          break;
        }
      }
    }
  }
  t.diagnostic(`${count} tokens and ${blocks} METADATA blocks of ${seen.size} modules`);
  assert.ok(count > 500_000 && blocks > 500);
  assert.deepEqual(misfits.slice(0, 20), []);
});

/** The lines, from 1, in which the grammar finds METADATA. */
function metadataRows(scoped: Scoped[]): number[] {
  return scoped.filter(({ scopes }) => scopes.includes('keyword.other.documentation.rego')).map(({ row }) => row);
}

/** Those in which OPA does. */
function annotationRows({ module }: Answer): number[] {
  const { annotations = [] } = (module ?? {}) as { annotations?: { location: { row: number } }[] };
  return annotations.map(({ location }) => location.row).sort((a, b) => a - b);
}

const comment = /comment/;
const name = /^(?!.*(?:comment|invalid|constant)).*(?:variable|entity|support)\S*$/;
const keyword = /(?:keyword|constant\.language)\S*$/;
const operator = /(?:keyword\.operator|punctuation)\S*$/;
const literals = new Map<number, RegExp>([
  [T.number, /constant\.numeric\S*$/],
  [T.string, /string\.quoted\.double/],
  [T.rawString, /string\.quoted\.other\.raw/],
  ...[T.template, T.templateHead, T.templateMiddle, T.templateTail].map((kind): [number, RegExp] => [
    kind,
    /string\.interpolated/,
  ]),
]);
/** Words that are names in v0. */
const newer = new Set<number>([T.in, T.every, T.contains, T.if]);

/** Each comment and token of the text, with what its scopes are to be. */
function* expected(text: string, version: 'v0' | 'v1'): Generator<{ start: number; end: number; fits: RegExp }> {
  const { tokens, comments } = lex(text);
  for (const { start, end } of comments) {
    yield { start, end, fits: comment };
  }
  const logical = /^\s*import\s+future\.keywords(?:\s|\.and|\.or|$)/m.test(text);
  for (let index = 0; index < tokens.count; index++) {
    const [kind, start, end] = [tokens.kinds[index]!, tokens.starts[index]!, tokens.ends[index]!];
    if (!isWord(kind)) {
      const startsNumber = kind === T.dot && tokens.kinds[index + 1] === T.number && tokens.starts[index + 1] === end;
      yield { start, end, fits: literals.get(startsNumber ? T.number : kind) ?? operator };
    } else if ((kind === T.and || kind === T.or) && !logical) {
      yield { start, end, fits: name };
    } else if (version === 'v1' || !newer.has(kind)) {
      // Part of a reference, or a call of a built-in function.
      const next = text[end] ?? ' ';
      const isCall = (kind === T.contains || kind === T.and || kind === T.or) && next === '(';
      yield {
        start,
        end,
        fits: kind === T.name || text[start - 1] === '.' || '.['.includes(next) || isCall ? name : keyword,
      };
    }
  }
}
