/** OpenPGP and X.509 signatures over bytes, by gpg and gpgsm with git's own arguments. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GitError, type GitPlace } from './run.ts';
import { type ProgramOptions, runSigningProgram } from './signing-program.ts';
import type { SignatureCheck } from './ssh-signature.ts';

export interface GpgSigning extends Pick<ProgramOptions, 'onMessage' | 'signal'> {
  program: string;
  /** As `user.signingKey`: a key's id, fingerprint or user id. */
  key: string;
}

/** Signs bytes; the detached signature, not armoured. Errors (`GitError`): `failed` with what gpg said. */
export async function signByGpg(place: GitPlace, bytes: Uint8Array, signing: GpgSigning): Promise<Buffer> {
  const { program, key, onMessage, signal } = signing;
  // As git signs (gpg-interface.c), but for the armour. Status lines are for us; the rest is for the person.
  const args = ['--status-fd=2', '-bu', key];
  const forPerson = onMessage && ((text: string) => onMessage(text.replace(/^\[GNUPG:\][^\n]*\n?/gm, '')));
  const done = await runSigningProgram(place, program, args, { input: bytes, onMessage: forPerson, signal });
  if (done.exitCode === 0 && /^\[GNUPG:\] SIG_CREATED /m.test(done.stderr)) return done.stdout;
  const said = done.stderr.replace(/^\[GNUPG:\][^\n]*\n?/gm, '').trim() || `it ended with exit code ${done.exitCode}`;
  throw new GitError('failed', `${program} did not sign with the key ${key}: ${said}`);
}

/** The fingerprint of the secret key that gpg would sign with; undefined when there is none. */
export async function secretKey(place: GitPlace, program: string, key: string): Promise<string | undefined> {
  const done = await runSigningProgram(place, program, ['--batch', '--with-colons', '--list-secret-keys', key]);
  if (done.exitCode !== 0) return undefined;
  return /^fpr:(?:[^:]*:){8}([0-9A-F]+):/m.exec(done.stdout.toString('utf8'))?.[1];
}

export interface GpgCheck {
  program: string;
  format: 'openpgp' | 'x509';
  signature: Buffer;
  bytes: Uint8Array;
  signal?: AbortSignal;
}

/** No key and no list of revocations is fetched, whatever the user's configuration says. */
const offline = { openpgp: ['--no-auto-key-retrieve'], x509: ['--disable-crl-checks', '--disable-dirmngr'] };

/**
 * Checks a signature against this machine's keyring, offline. Good is only what is made by a key that is
 * neither expired nor revoked and that the keyring trusts fully; the principals are the addresses
 * of the key that the keyring vouches for.
 */
export async function checkGpg(
  place: GitPlace,
  { program, format, signature, bytes, signal }: GpgCheck,
): Promise<SignatureCheck> {
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-'));
  try {
    const file = path.join(folder, 'signature');
    await writeFile(file, signature, { mode: 0o600, flag: 'wx' });
    const args = ['--batch', ...offline[format], '--status-fd=1', '--verify', file, '-'];
    const done = await runSigningProgram(place, program, args, { input: bytes, signal });
    const status = done.stdout.toString('utf8');
    const says = (keyword: string) => new RegExp(`^\\[GNUPG:\\] ${keyword}(?: |$)`, 'm').test(status);
    const key =
      /^\[GNUPG:\] VALIDSIG (?:\S+ ){9}(\S+)/m.exec(status)?.[1] ?? /^\[GNUPG:\] VALIDSIG (\S+)/m.exec(status)?.[1];
    const unknown = (why: string): SignatureCheck => ({ result: 'unknown', ...(key && { key }), principals: [], why });
    if (says('NO_PUBKEY')) return unknown('Its key is not in the keyring of this machine.');
    if (key === undefined || says('BADSIG')) {
      return { result: 'bad', principals: [], why: 'The signature is not of this statement.' };
    }
    if (says('REVKEYSIG')) return unknown(`The key ${key} is revoked.`);
    if (says('EXPKEYSIG') || says('EXPSIG')) return unknown(`The key ${key} or its signature has expired.`);
    // One signature, wholly good: what else a file may hold does not count.
    const one =
      status.match(/^\[GNUPG:\] NEWSIG/gm)?.length === 1 || status.match(/^\[GNUPG:\] GOODSIG/gm)?.length === 1;
    if (!one || !says('GOODSIG') || done.exitCode !== 0) return unknown(`The signature of ${key} is not a good one.`);
    if (!says('TRUST_ULTIMATE') && !says('TRUST_FULLY')) {
      return unknown(`The keyring of this machine does not trust the key ${key} fully.`);
    }
    return { result: 'good', key, principals: await addresses(place, program, key, signal), why: '' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The addresses of a key that the keyring trusts fully. */
async function addresses(place: GitPlace, program: string, key: string, signal?: AbortSignal): Promise<string[]> {
  const args = ['--batch', '--with-colons', '--list-keys', key];
  const done = await runSigningProgram(place, program, args, { signal });
  const found: string[] = [];
  for (const line of done.stdout.toString('utf8').split(/\r?\n/)) {
    // https://github.com/gpg/gnupg/blob/master/doc/DETAILS: field 2 is the validity, field 10 the user id.
    const fields = line.split(':');
    if (fields[0] !== 'uid' || !/^[fu]$/.test(fields[1] ?? '')) continue;
    const id = (fields[9] ?? '').replace(/\\x([0-9a-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    const address = /<([^<>\s]+)>$/.exec(id)?.[1] ?? (/^[^@\s]+@[^@\s]+$/.test(id) ? id : undefined);
    if (address !== undefined) found.push(address);
  }
  return found;
}
