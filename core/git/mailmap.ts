/** Who is who by `.mailmap`, as git itself reads it: one process for any number of people. */

import { type GitPlace, gitBytes } from './run.ts';

/** A person as a commit or a trailer names them. */
export interface Contact {
  name: string;
  email: string;
}

export interface MailmapOptions {
  /**
   * Read `.mailmap` from this commit (full id) and from nowhere else: what decides must not depend
   * on the work tree or on anyone's configuration. Without it, as the user's own git reads it.
   */
  revision?: string;
  signal?: AbortSignal;
}

/** The canonical contact of each, in the same order; those that the mailmap does not know stay as they are. */
export async function canonicalContacts(
  repository: GitPlace & { gitDir: string },
  contacts: readonly Contact[],
  { revision }: MailmapOptions = {},
): Promise<Contact[]> {
  const asked = contacts.map(({ name, email }) => (isMail(email) ? line({ name, email }) : undefined));
  const once = [...new Set(asked.filter((text) => text !== undefined))];
  if (once.length === 0) return [...contacts];
  const output = await gitBytes(...atRevision(repository, revision), `${once.join('\n')}\n`);
  const lines = output.toString('utf8').split('\n');
  const canonical = new Map(once.map((text, at) => [text, lines[at] ?? text]));
  return contacts.map((contact, at) => {
    const found = asked[at] === undefined ? undefined : /^(.*?) ?<([^<>]*)>$/.exec(canonical.get(asked[at]) ?? '');
    return found ? { name: found[1] || contact.name, email: found[2]! } : contact;
  });
}

function atRevision(repository: GitPlace & { gitDir: string }, revision: string | undefined): [GitPlace, string[]] {
  const command = ['check-mailmap', '--stdin'];
  if (revision === undefined) return [repository, command];
  // Git always reads the work tree's `.mailmap`: it is given a work tree that has none.
  const environment = { ...repository.environment, GIT_DIR: repository.gitDir, GIT_WORK_TREE: repository.gitDir };
  const settings = ['-c', 'mailmap.file=', '-c', `mailmap.blob=${revision}:.mailmap`];
  return [{ root: repository.gitDir, environment }, [...settings, ...command]];
}

/** As git writes people on one line; what would end the name or the line early is left out. */
function line({ name, email }: Contact): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = name.replace(/[<>\0-\x1f]/g, ' ').trim();
  return clean === '' ? `<${email}>` : `${clean} <${email}>`;
}

function isMail(email: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return email !== '' && !/[<>\0-\x1f]/.test(email);
}
