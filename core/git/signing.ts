/** Signing through git's own configuration: `gpg.format`, `user.signingKey` and their kin. */

import { existsSync } from 'node:fs';
import { secretKey, signByGpg } from './gpg-signature.ts';
import { GitError, type GitPlace } from './run.ts';
import { expandHome, runSigningProgram, type SignatureFormat, signingSettings } from './signing-program.ts';
import { literalKey, signBySsh } from './ssh-signature.ts';

/** With what a signature will be made. */
export interface Signer {
  format: SignatureFormat;
  program: string;
  /** As the program takes it: a file, a public key, or a gpg key's fingerprint. */
  key: string;
}

export interface SignerOptions {
  /** In place of `user.signingKey`. */
  key?: string;
  /** Whose gpg key is taken where none is named. */
  email: string;
}

/** How the signer is set up; `signer` is absent when there is none, and `why` says what is missing. */
export interface FoundSigner {
  signer?: Signer;
  why: string;
}

/** Finds what git would sign this user's commits with. Errors (`GitError`): a setting that git refuses, too. */
export async function findSigner(place: GitPlace, { key: given, email }: SignerOptions): Promise<FoundSigner> {
  const settings = await signingSettings(place);
  const { format } = settings;
  const program = settings.programs[format];
  const key = given ?? settings.key;
  if (format !== 'ssh') {
    const wanted = key ?? email;
    const found = await secretKey(place, program, wanted).catch((error: unknown) => {
      // Nobody who signs by SSH needs gpg; that it is git's default is no reason to fail.
      if (error instanceof GitError && error.kind === 'failed') return undefined;
      throw error;
    });
    if (found !== undefined) return { signer: { format, program, key: found }, why: '' };
    return { why: `${program} has no secret key for ${wanted}.` };
  }
  const chosen = key ?? (await defaultKey(place, settings.defaultKeyCommand));
  if (chosen === undefined) return { why: 'Git is to sign with SSH, and user.signingKey names no key.' };
  if (literalKey(chosen) !== undefined) return { signer: { format, program, key: chosen }, why: '' };
  const file = expandHome(place, chosen);
  if (!existsSync(file)) return { why: `There is no key ${file}, which user.signingKey names.` };
  return { signer: { format, program, key: file }, why: '' };
}

/** The first key that `gpg.ssh.defaultKeyCommand` prints, as git takes it. */
async function defaultKey(place: GitPlace, command: string | undefined): Promise<string | undefined> {
  if (command === undefined) return undefined;
  const [program, ...args] = splitCommand(expandHome(place, command));
  if (program === undefined) return undefined;
  const done = await runSigningProgram(place, program, args);
  const line = done.exitCode === 0 ? (done.stdout.toString('utf8').split(/\r?\n/)[0]?.trim() ?? '') : '';
  return literalKey(line) === undefined ? undefined : line;
}

/** Words as git's split_cmdline makes them: no shell, quotes and backslashes. */
function splitCommand(command: string): string[] {
  const words: string[] = [];
  for (const found of command.matchAll(/(?:[^\s"'\\]+|"(?:[^"\\]|\\.)*"|'[^']*'|\\.)+/gs)) {
    words.push(
      found[0].replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double?: string, single?: string, one?: string) =>
        double !== undefined ? double.replace(/\\(.)/gs, '$1') : (single ?? one ?? ''),
      ),
    );
  }
  return words;
}

/** Signs bytes. Errors (`GitError`): `failed` with what the program said, `aborted`. */
export async function signBytes(
  place: GitPlace,
  signer: Signer,
  bytes: Uint8Array,
  options: { onMessage?: (text: string) => void; signal?: AbortSignal } = {},
): Promise<Buffer> {
  const { program, key, format } = signer;
  const signing = { program, key, ...options };
  return format === 'ssh' ? signBySsh(place, bytes, signing) : signByGpg(place, bytes, signing);
}
