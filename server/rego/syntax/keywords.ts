/**
 * Which words are keywords: by the version of Rego, by what the module imports, and by the capabilities.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/parser.go (futureImport, regoV1Import)
 */
import type { RegoVersion } from '../../../engine/protocol.ts';
import { T } from './tokens.ts';

/** The part of OPA's capabilities that its parser looks at. */
export interface Capabilities {
  readonly future_keywords?: readonly string[];
  readonly features?: readonly string[];
}

/** The language of a module at one of its statements. */
export interface Language {
  readonly version: RegoVersion;
  /** A bit for each keyword from `in` on, in the order of the kinds of tokens. */
  active: number;
  /** Whether `not { … }` negates a body: `future.keywords.not` is imported. */
  notBodies: boolean;
  /** What may be imported from `future.keywords`. */
  readonly importable: readonly string[];
  readonly keywordsInReferences: boolean;
  readonly templates: boolean;
  readonly importsV1: boolean;
}

const kinds: Readonly<Record<string, number>> = {
  in: T.in,
  every: T.every,
  contains: T.contains,
  if: T.if,
  and: T.and,
  or: T.or,
};
const since1 = ['contains', 'every', 'if', 'in'];
const future = ['and', 'not', 'or'];
const features1 = ['keywords_in_refs', 'rego_v1', 'template_strings'];
const features0 = ['keywords_in_refs', 'rego_v1', 'rego_v1_import'];

export function languageOf(version: RegoVersion, capabilities: Capabilities = {}): Language {
  const features = capabilities.features ?? (version === 'v1' ? features1 : features0);
  const known = [...since1, ...future];
  const offered = capabilities.future_keywords ?? known;
  const always = version === 'v1' || features.includes('rego_v1') ? since1 : [];
  const language: Language = {
    version,
    active: 0,
    notBodies: false,
    importable: known.filter((word) => always.includes(word) || offered.includes(word)).sort(),
    keywordsInReferences: features.includes('keywords_in_refs'),
    templates: features.includes('template_strings'),
    importsV1: features.includes('rego_v1_import') || features.includes('rego_v1'),
  };
  if (version === 'v1') activate(language, since1);
  return language;
}

/** Makes keywords of the words from here on. */
export function activate(language: Language, words: readonly string[]): void {
  for (const word of words) {
    const kind = kinds[word];
    if (kind !== undefined) language.active |= 1 << (kind - T.in);
    if (word === 'not') language.notBodies = true;
    // Who imports `every` needs `in` to write it.
    if (word === 'every') language.active |= 1;
  }
}

export function activateV1(language: Language): void {
  activate(language, since1);
}

/** Whether `and` or `or` are operators. */
export function hasLogic(language: Language): boolean {
  return (language.active & (3 << (T.and - T.in))) !== 0;
}

const core = ['as', 'default', 'else', 'false', 'import', 'not', 'null', 'package', 'some', 'true', 'with'];
const keywords0: ReadonlySet<string> = new Set(core);
const keywords1: ReadonlySet<string> = new Set([...core, ...since1]);

/** The words that no name may be in a version, imported or not. */
export function isReserved(word: string, version: RegoVersion): boolean {
  return (version === 'v0' ? keywords0 : keywords1).has(word);
}
