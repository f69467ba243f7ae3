/**
 * The modules that our parser is compared with OPA's over: all that OPA and Regal bring along, accepted or not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCases, moduleFolder } from '../cases.ts';
import { type Answer, ask, literalsOf } from './oracle.ts';

export interface Module {
  /** Where the text is from, such as `opa/v1/format/testfiles/v1/test.rego`. */
  name: string;
  text: string;
  version: 'v0' | 'v1';
}

/** The corpus by source; or why it is not here. */
export async function loadCorpus(): Promise<{ modules: Module[] } | { absent: string }> {
  const opa = moduleFolder('github.com/open-policy-agent/opa');
  const regal = moduleFolder('github.com/open-policy-agent/regal');
  const cases = loadCases();
  if ('absent' in opa || 'absent' in regal || 'absent' in cases) {
    const absent = [opa, regal, cases].flatMap((from) => ('absent' in from ? [from.absent] : []));
    return { absent: absent.join('; ') };
  }
  const own = join(import.meta.dirname, '../../..');
  const texts: { name: string; text: string }[] = [];
  for (const { id, modules, query, input_term } of cases.cases) {
    texts.push(...modules.map((text, index) => ({ name: `opa cases/${id}/${index}`, text })));
    texts.push({ name: `opa cases/${id}/query`, text: asBody(query) });
    if (input_term !== undefined) {
      texts.push({ name: `opa cases/${id}/input`, text: `package p\n\nx := ${input_term}\n` });
    }
  }
  for (const [name, folder] of [
    ['opa', opa.folder],
    ['regal', regal.folder],
    ['policies', join(own, 'policies')],
    ['templates', join(own, 'templates')],
  ] as const) {
    for (const file of filesIn(folder)) {
      // What OPA's formatter makes of a test file is beside it, as test.rego.formatted.
      if (/\.rego(\.formatted)?$/.test(file)) {
        texts.push({ name: `${name}/${file}`, text: readFileSync(join(folder, file), 'utf8') });
      } else if (/\.mdx?$/.test(file)) {
        const blocks = blocksOf(readFileSync(join(folder, file), 'utf8'));
        texts.push(...blocks.map((text, index) => ({ name: `${name} docs/${file}/${index}`, text })));
      }
    }
    const tests = filesIn(folder).filter((file) => file.endsWith('_test.go'));
    const literals =
      tests.length === 0
        ? []
        : await literalsOf(
            `literals-${name}`,
            tests.map((file) => join(folder, file)),
          );
    for (const [index, literal] of literals.entries()) {
      for (const text of readings(literal)) {
        texts.push({ name: `${name} literals/${index}`, text });
      }
    }
  }
  const modules: Module[] = [];
  const seen = new Set<string>();
  for (const { name, text } of texts) {
    // What was no Unicode cannot be asked about in JSON.
    if (!seen.has(text) && !text.includes('\uFFFD')) {
      seen.add(text);
      modules.push({ name, text, version: 'v1' }, { name, text, version: 'v0' });
    }
  }
  return { modules };
}

/** The corpus with OPA's answer to each module, trees and all; or why it is not here. */
export async function askCorpus(): Promise<{ modules: Module[]; answers: Answer[] } | { absent: string }> {
  const corpus = await loadCorpus();
  if ('absent' in corpus) {
    return corpus;
  }
  const { modules } = corpus;
  const questions = modules.map(({ text, version }) => ({ text, version, tree: true }));
  return { modules, answers: (await ask('corpus', questions)) as Answer[] };
}

/** What a string in a Go test may be: a module, or rules, or the body of one. */
function readings(literal: string): string[] {
  if (/^\s*package\b/m.test(literal)) {
    return [literal];
  }
  // Words, paths and messages say nothing about a parser.
  if (/^[\w\s.,:/'%-]*$/.test(literal) || literal.length > 20_000) {
    return [];
  }
  return [`package p\n\n${literal}\n`, asBody(literal)];
}

function asBody(text: string): string {
  return `package p\n\nx if {\n\t${text}\n}\n`;
}

/** The blocks of Rego in a Markdown page. */
function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```rego[^\n]*\n(.*?)^```/gms)].map((match) => match[1]!);
}

function filesIn(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((file) => file.replaceAll('\\', '/'))
        .filter((file) => !file.includes('node_modules/'))
        .sort()
    : [];
}
