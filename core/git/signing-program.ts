/** Runs ssh-keygen, gpg and gpgsm as git itself would, with bytes in and out. */

import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { GitError, type GitPlace, gitBytes } from './run.ts';

export interface ProgramResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: Buffer;
  stderr: string;
}

export interface ProgramOptions {
  input?: string | Uint8Array;
  /** What the program says to the person, as it comes: "Confirm user presence for key …". */
  onMessage?: (text: string) => void;
  signal?: AbortSignal;
}

/**
 * Runs a signing program in the repository's folder. Times are read and written in UTC, so that a
 * key's validity is the same on every machine.
 *
 * Errors (`GitError`): `failed` when there is no such program, `aborted`.
 */
export function runSigningProgram(
  place: GitPlace,
  program: string,
  args: readonly string[],
  { input = '', onMessage, signal }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: place.root,
      env: { ...place.environment, TZ: 'UTC' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      signal,
    });
    const chunks: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 10_000) stderr += text;
      onMessage?.(text);
    });
    // It may end before it has read all; its exit code tells the reason better than EPIPE.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(new GitError('aborted', 'Signing or checking a signature was cancelled.'));
      else if (error.code === 'ENOENT') reject(missing(program));
      else reject(new GitError('failed', `${program} could not be started: ${error.message}`));
    });
    child.on('close', (exitCode) => resolve({ exitCode, stdout: Buffer.concat(chunks), stderr }));
  });
}

function missing(program: string): GitError {
  const name = path.basename(program).replace(/\.exe$/i, '');
  const how = name.includes('ssh')
    ? 'Install OpenSSH 8.8 or newer, or name the program in gpg.ssh.program.'
    : 'Install GnuPG, or name the program in gpg.program.';
  return new GitError('failed', `${program} was not found, and without it no signature can be made or checked. ${how}`);
}

/** How this repository's git signs: what its configuration says, completed with git's own defaults. */
export interface SigningSettings {
  format: SignatureFormat;
  /** `user.signingKey`. */
  key?: string;
  defaultKeyCommand?: string;
  programs: Record<SignatureFormat, string>;
}

/** Git's names for the kinds of signatures (`gpg.format`). */
export type SignatureFormat = 'ssh' | 'openpgp' | 'x509';

/** Errors (`GitError`): `refused` for a `gpg.format` that git does not know. */
export async function signingSettings(place: GitPlace): Promise<SigningSettings> {
  const listed = await gitBytes(place, ['config', '-z', '--get-regexp', '^(gpg\\..*|user\\.signingkey)$']).catch(
    (error: unknown) => {
      if (error instanceof GitError && error.exitCode === 1) return Buffer.alloc(0);
      throw error;
    },
  );
  const values = new Map<string, string>();
  for (const entry of listed.toString('utf8').split('\0')) {
    const at = entry.indexOf('\n');
    if (at > 0) values.set(entry.slice(0, at).toLowerCase(), entry.slice(at + 1));
  }
  const value = (name: string) => values.get(name) || undefined;
  const program = (name: string, fallback: string) => {
    const given = value(name);
    return given === undefined ? fallback : expandHome(place, given);
  };
  const format = value('gpg.format') ?? 'openpgp';
  if (format !== 'ssh' && format !== 'openpgp' && format !== 'x509') {
    throw new GitError('refused', `Git's setting gpg.format is ${JSON.stringify(format)}; it is ssh, openpgp or x509.`);
  }
  return {
    format,
    key: value('user.signingkey'),
    defaultKeyCommand: value('gpg.ssh.defaultkeycommand'),
    programs: {
      ssh: program('gpg.ssh.program', 'ssh-keygen'),
      openpgp: program('gpg.openpgp.program', program('gpg.program', 'gpg')),
      x509: program('gpg.x509.program', 'gpgsm'),
    },
  };
}

/** A path as git's configuration writes it. */
export function expandHome(place: GitPlace, file: string): string {
  if (file !== '~' && !/^~[/\\]/.test(file)) return file;
  return path.join(place.environment.HOME ?? homedir(), file.slice(1));
}
