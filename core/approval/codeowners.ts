/**
 * CODEOWNERS: who answers for which paths. GitHub's rules
 * (https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners)
 * and GitLab's sections (https://docs.gitlab.com/user/project/codeowners/reference/).
 */
import ignore, { type Ignore } from 'ignore';

/** Where code hosts look for the file; the first that is there counts. */
export const codeownersPlaces = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'];

interface Rule {
  pattern: string;
  /** How every path begins that it can match, in lower case: asking that first saves most of the time. */
  begin: string;
  matcher: Ignore;
  owners: string[];
}

/** In each section the last rule that matches a path decides; outside of sections, too. */
export type Codeowners = Rule[][];

/** Reads a CODEOWNERS file; lines that say nothing to it are left out, as the hosts do. */
export function readCodeowners(text: string): Codeowners {
  const sections = new Map<string, Rule[]>([['', []]]);
  let rules = sections.get('')!;
  let fallback: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const section = /^\^?\[([^\]]+)\](?:\[\d+\])?(.*)$/.exec(trimmed);
    if (section) {
      // The same name continues its section, whatever its case.
      const name = section[1]!.trim().toLowerCase();
      rules = sections.get(name) ?? [];
      sections.set(name, rules);
      fallback = ownersOf(words(section[2]!));
      continue;
    }
    const [pattern, ...rest] = words(trimmed);
    // A pattern of these forms has no meaning in the file.
    if (pattern === undefined || pattern.startsWith('!')) continue;
    const named = ownersOf(rest);
    const owners = named.length > 0 ? named : fallback;
    rules.push({ pattern, begin: beginOf(pattern), matcher: ignore().add(pattern.replaceAll(' ', '\\ ')), owners });
  }
  return [...sections.values()];
}

/** The owners of a path (`@login`, `@org/team`, or an address), each once. */
export function ownersOfPath(codeowners: Codeowners, path: string): string[] {
  const lower = path.toLowerCase();
  const fits = (rule: Rule) => lower.startsWith(rule.begin) && matches(rule, path);
  const owners = codeowners.flatMap((rules) => rules.findLast(fits)?.owners ?? []);
  return [...new Set(owners)];
}

/** All owners that a file names, each once. */
export function allOwners(codeowners: Codeowners): string[] {
  return [...new Set(codeowners.flatMap((rules) => rules.flatMap(({ owners }) => owners)))];
}

function matches({ pattern, matcher }: Rule, path: string): boolean {
  if (!ignore.isPathValid(path) || !matcher.test(path).ignored) return false;
  // `docs/*` is about the files in docs alone; to .gitignore it is about its folders, too.
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  return !(pattern.includes('/') && /(^|\/)\*$/.test(pattern) && parent !== '' && matcher.ignores(parent));
}

/** What stands before the first wildcard of a pattern that is about one place; of others, nothing. */
function beginOf(pattern: string): string {
  const anchored = pattern.replace(/\/+$/, '').includes('/');
  const literal = /^\/?([^*?[\]\\]*)/.exec(pattern)![1]!.replace(/\/+$/, '');
  // Beyond ASCII, cases are many.
  return anchored && /^[ -~]*$/.test(literal) ? literal.toLowerCase() : '';
}

/** Words parted by white space, `\ ` being a space of a word's own; `#` begins a comment. */
function words(text: string): string[] {
  const found = text.match(/(?:\\.|[^\s\\])+/g) ?? [];
  const comment = found.findIndex((word) => word.startsWith('#'));
  return (comment < 0 ? found : found.slice(0, comment)).map((word) => word.replace(/\\([ #])/g, '$1'));
}

function ownersOf(parts: string[]): string[] {
  return parts.filter((part) => /^@\S+$/.test(part) || /^[^@\s]+@[^@\s]+$/.test(part));
}

/** Whether an owner is a team: `@org/team`, which nobody here can look into. */
export function isTeam(owner: string): boolean {
  return owner.startsWith('@') && owner.includes('/');
}
