/** How people are named, and by what two names are known to be one person's: as policies/people.rego has it. */
import type { Commit } from '../input.ts';

/** A person as a text names them; at least one member is there. */
export interface Identity {
  name?: string;
  email?: string;
  /** Without the `@`. */
  login?: string;
}

/** What someone is to a commit. */
export type Role = 'author' | 'committer' | 'co-author';

/** Reads `Name <address>`, an address, `@login`, or a name. */
export function readIdentity(text: string): Identity {
  const both = /^\s*"?([^<"]*?)"?\s*<\s*([^<>\s]*)\s*>\s*$/.exec(text);
  if (both) return withoutEmpty({ name: both[1]!, email: both[2]! });
  const trimmed = text.trim();
  if (/^[^@\s]+@[^@\s]+$/.test(trimmed)) return { email: trimmed };
  if (/^@\S+$/.test(trimmed)) return { login: trimmed.slice(1) };
  return withoutEmpty({ name: trimmed });
}

/** As a trailer names a person. */
export function identityText({ name, email, login }: Identity): string {
  if (email !== undefined) return name === undefined ? email : `${name} <${email}>`;
  return login === undefined ? (name ?? '') : `@${login}`;
}

/** The keys by which an identity is compared; case does not count, nor does `[bot]`. */
export function keysOf({ name, email, login }: Identity): string[] {
  const keys: string[] = [];
  const plainName = lower(name).split(' ').filter(Boolean).join(' ');
  if (plainName !== '') keys.push(`name:${plainName}`);
  if (plainName.endsWith('[bot]')) keys.push(loginKey(plainName));
  const address = lower(email);
  if (address !== '') keys.push(`email:${address}`);
  // The addresses that GitHub and GitLab give out name a login: 123+ann@users.noreply.github.com.
  const hosted = /^(?:[0-9]+[+-])?([^@]+)@users\.noreply\.(?:github|gitlab)\.com$/.exec(address);
  if (hosted) keys.push(loginKey(hosted[1]!));
  if (lower(login) !== '') keys.push(loginKey(lower(login)));
  return keys;
}

function loginKey(login: string): string {
  return `login:${login.replace(/^@/, '').replace(/\[bot\]$/, '')}`;
}

function lower(text: string | undefined): string {
  return (text ?? '').trim().toLowerCase();
}

function withoutEmpty({ name, email }: { name: string; email?: string }): Identity {
  return { ...(name !== '' && { name }), ...(email && { email }) };
}

/** Who made a commit: whoever approves it has to be someone else. */
export function makersOf(commit: Pick<Commit, 'author' | 'committer' | 'trailers' | 'body'>): [Role, Identity][] {
  const signer = ({ name, email }: Commit['author']): Identity => withoutEmpty({ name, email });
  return [
    ['author', signer(commit.author)],
    ['committer', signer(commit.committer)],
    ...coAuthors(commit).map((text): [Role, Identity] => ['co-author', readIdentity(text)]),
  ];
}

/** In every line, as git's trailers alone would miss what a squash put into the middle of a message. */
function coAuthors({ trailers, body }: Pick<Commit, 'trailers' | 'body'>): string[] {
  const named = trailers.filter(({ key }) => /^co-(?:authored|developed)-by$/i.test(key)).map(({ value }) => value);
  const lines = body.matchAll(/^[ \t*>•-]*co-(?:authored|developed)-by[ \t]*:[ \t]*(\S[^\r\n]*)$/gim);
  return [...new Set([...named, ...[...lines].map(([, value]) => value!.trim())])];
}
