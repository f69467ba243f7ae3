/**
 * SSH signatures over bytes, by `ssh-keygen -Y`. Kept as the raw blob, not as the armoured text:
 * every byte of it counts then, and the same signature has one form only.
 * Source of the format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GitError, type GitPlace } from './run.ts';
import { runSigningProgram } from './signing-program.ts';

/** What a signature of ours is for; a signature made for anything else (`git`, `file`) is none of ours. */
export const namespace = 'countersign';

/** The blob of an armoured signature; undefined when it is none. */
export function unarmour(text: string): Buffer | undefined {
  const found = /^-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END SSH SIGNATURE-----\s*$/.exec(text);
  return found ? Buffer.from(found[1]!.replace(/\s/g, ''), 'base64') : undefined;
}

export function armour(blob: Uint8Array): string {
  const lines =
    Buffer.from(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

/** What a signature's blob says of itself; undefined when it is none, or made for something else. */
export function readBlob(blob: Buffer): { publicKey: Buffer; key: string } | undefined {
  if (blob.toString('latin1', 0, 6) !== 'SSHSIG' || blob.length < 10 || blob.readUInt32BE(6) !== 1) return undefined;
  const parts: Buffer[] = [];
  let at = 10;
  while (parts.length < 5) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  const [publicKey, purpose, reserved] = parts as [Buffer, Buffer, Buffer];
  if (at !== blob.length || purpose.toString('latin1') !== namespace || reserved.length > 0) return undefined;
  return { publicKey, key: fingerprint(publicKey) };
}

/** As `ssh-keygen -l` shows a key. */
function fingerprint(publicKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

/** The key's line as a file of allowed signers has it: its type and its base64. */
export function publicKeyText(publicKey: Buffer): string {
  const type = publicKey.toString('latin1', 4, 4 + publicKey.readUInt32BE(0));
  return `${type} ${publicKey.toString('base64')}`;
}

export interface SshSigning {
  program: string;
  /** A key file (private, or public with the private one beside it or in an agent), or a public key itself. */
  key: string;
  onMessage?: (text: string) => void;
  signal?: AbortSignal;
}

/** Signs bytes; the blob. Errors (`GitError`): `failed` with what ssh-keygen said. */
export async function signBySsh(place: GitPlace, bytes: Uint8Array, signing: SshSigning): Promise<Buffer> {
  const { program, key, onMessage, signal } = signing;
  const literal = literalKey(key);
  return withFiles(literal === undefined ? {} : { key: `${literal}\n` }, async (files) => {
    const args = ['-Y', 'sign', '-q', '-n', namespace, '-f', files.key ?? key];
    const done = await runSigningProgram(place, program, args, { input: bytes, onMessage, signal });
    const blob = done.exitCode === 0 ? unarmour(done.stdout.toString('latin1')) : undefined;
    if (blob) return blob;
    const said = done.stderr.trim() || `it ended with exit code ${done.exitCode}`;
    throw new GitError('failed', `${program} did not sign with ${key}: ${said}`);
  });
}

/** The public key that `user.signingKey` may hold in place of a file's name. */
export function literalKey(key: string): string | undefined {
  if (key.startsWith('key::')) return key.slice('key::'.length);
  return /^(ssh|ecdsa|sk-(ssh|ecdsa))-\S+ /.test(key) ? key : undefined;
}

export interface SshCheck {
  program: string;
  signature: Buffer;
  /** What it is said to sign. */
  bytes: Uint8Array;
  /** The text of a file of allowed signers; undefined when there is none. */
  allowedSigners: string | undefined;
  /** Who is thought to have signed, as the file names people; tried first. */
  expected: string[];
  /** When it was made: keys may be limited in time. */
  time: Date;
  signal?: AbortSignal;
}

/** `bad`: not a signature of these bytes. `unknown`: it is one, by nobody who is allowed to. */
export interface SignatureCheck {
  result: 'good' | 'unknown' | 'bad';
  /** The key's fingerprint, where it can be told. */
  key?: string;
  /** Who signed, as the allowed signers or the key itself names them; of a good signature. */
  principals: string[];
  /** In words, when it is not good. */
  why: string;
}

/** Checks a signature by `ssh-keygen -Y verify`: one process for a good one of an expected person. */
export async function checkSsh(place: GitPlace, check: SshCheck): Promise<SignatureCheck> {
  const blob = readBlob(check.signature);
  if (!blob) return { result: 'bad', principals: [], why: 'It is no SSH signature for Countersign.' };
  const { key } = blob;
  const contents = { signature: armour(check.signature), signers: check.allowedSigners ?? '' };
  return withFiles(contents, async (files) => {
    const run = (args: string[], input: Uint8Array | string = check.bytes) =>
      runSigningProgram(place, check.program, ['-Y', ...args], { input, signal: check.signal });
    const when = `-Overify-time=${check.time.toISOString().replace(/\D/g, '').slice(0, 14)}`;
    const signature = ['-s', files.signature!];
    const signers = ['-f', files.signers!];
    let complaint = '';
    const by = async (principal: string): Promise<boolean> => {
      const done = await run(['verify', '-n', namespace, ...signers, '-I', principal, ...signature, when]);
      complaint ||= reason(done.stderr);
      return done.exitCode === 0;
    };
    if (check.allowedSigners !== undefined) {
      const expected = [...new Set(check.expected)].filter(isPrincipal);
      for (const principal of expected) if (await by(principal)) return good(key, principal);
      const found = await run(['find-principals', ...signers, ...signature, when], '');
      const others = found.stdout.toString('utf8').split(/\r?\n/).filter(isPrincipal);
      for (const principal of others) {
        if (!expected.includes(principal) && (await by(principal))) return good(key, principal);
      }
    }
    const alone = await run(['check-novalidate', '-n', namespace, ...signature]);
    if (alone.exitCode !== 0)
      return { result: 'bad', key, principals: [], why: 'The signature is not of this statement.' };
    const why =
      check.allowedSigners === undefined
        ? 'There is no list of allowed signers.'
        : `The key ${key} is not among the allowed signers${complaint ? ` (${complaint})` : ''}.`;
    return { result: 'unknown', key, principals: [], why };
  });
}

function good(key: string, principal: string): SignatureCheck {
  return { result: 'good', key, principals: [principal], why: '' };
}

/** What ssh-keygen holds against a key that it found: `key has expired: verify time … > valid-before …`. */
function reason(stderr: string): string {
  return /^\S*:\d+: (key (?:has expired|is not yet valid)[^\r\n]*)/m.exec(stderr)?.[1] ?? '';
}

/** What may be given as `-I`: one line of text. */
function isPrincipal(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text !== '' && !/[\0-\x1f\x7f]/.test(text);
}

/** Files for ssh-keygen, which takes some of its input from nowhere else; in a folder of this user alone, gone afterwards. */
async function withFiles<T>(
  contents: Record<string, string>,
  use: (files: Record<string, string>) => Promise<T>,
): Promise<T> {
  const names = Object.keys(contents);
  if (names.length === 0) return use({});
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-'));
  try {
    const files: Record<string, string> = {};
    for (const name of names) {
      files[name] = path.join(folder, name);
      await writeFile(files[name], contents[name]!, { mode: 0o600, flag: 'wx' });
    }
    return await use(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
