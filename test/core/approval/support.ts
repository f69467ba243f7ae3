/** Keys, signers and signed notes for the tests of approvals: all made by the real programs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Entry, toEntry } from '../../../core/approval/entries.ts';
import { type Envelope, preAuthenticationEncoding, sealEnvelope } from '../../../core/approval/envelope.ts';
import {
  type ApprovalStatement,
  disclosureDigest,
  encodeStatement,
  statementPayloadType,
} from '../../../core/approval/statement.ts';
import type { Trust } from '../../../core/approval/trust.ts';
import { defaultConfig } from '../../../core/config.ts';
import { withDisclosure } from '../../../core/disclosure/read.ts';
import { readCommits } from '../../../core/git/commits.ts';
import { patches } from '../../../core/git/patch-id.ts';
import { type GitRepository, openRepository } from '../../../core/git/repository.ts';
import { type Signer, signBytes } from '../../../core/git/signing.ts';
import type { Commit } from '../../../core/input.ts';
import type { TestLike, TestRepository } from '../../support/repository.ts';

export const bo = { name: 'Bo Example', email: 'bo@example.com' };

/** A key pair of a type that ssh-keygen knows; the private key's file. */
export function sshKey(folder: string, name: string, type = 'ed25519'): string {
  const file = path.join(folder, name);
  run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', name, '-f', file]);
  return file;
}

/** A line of a file of allowed signers. */
export function allowed(principals: string, key: string, options = 'namespaces="countersign"'): string {
  const [type, blob] = readFileSync(`${key}.pub`, 'utf8').split(' ');
  return `${principals} ${options} ${type} ${blob}\n`;
}

/** A keyring of its own; its folder's name is short, for the agent's socket lies in it. */
export function gpgHome(t: TestLike): NodeJS.ProcessEnv {
  const folder = mkdtempSync(path.join(tmpdir(), 'cs-gpg-'));
  const environment = { ...process.env, GNUPGHOME: folder };
  t.after(() => {
    spawnSync('gpgconf', ['--kill', 'all'], { env: environment });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return environment;
}

/** Makes a key without a passphrase; its fingerprint. */
export function gpgKey(env: NodeJS.ProcessEnv, user: string, expires = 'never'): string {
  const args = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
  run('gpg', [...args, '--quick-generate-key', user, 'ed25519', 'sign', expires], env);
  const listed = run('gpg', ['--batch', '--with-colons', '--list-keys', user], env);
  return /^fpr:+([0-9A-F]+):/m.exec(listed)![1]!;
}

export function run(program: string, args: string[], env = process.env, input?: Uint8Array | string): string {
  const ran = spawnSync(program, args, { env, input, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

export async function opened(repository: TestRepository, more: NodeJS.ProcessEnv = {}): Promise<GitRepository> {
  return openRepository(repository.root, { environment: { ...repository.environment, ...more }, inherit: false });
}

/** A commit as the gate sees it. */
export async function commitOf(repository: GitRepository, id: string): Promise<Commit> {
  for await (const batch of readCommits(repository, { head: id })) {
    const found = batch.find(({ sha }) => sha === id);
    if (found) return withDisclosure(found, defaultConfig);
  }
  throw new Error(`no commit ${id}`);
}

export function trustIn(allowedSigners: string | undefined, fields: Partial<Trust> = {}): Trust {
  return {
    allowedSigners,
    allowedSignersName: '.countersign/allowed-signers',
    data: {},
    policy: { revision: 'pack@0.1.0' },
    repository: { name: 'app' },
    settings: { format: 'ssh', programs: { ssh: 'ssh-keygen', openpgp: 'gpg', x509: 'gpgsm' } },
    ...fields,
  };
}

export function sshSigner(key: string): Signer {
  return { format: 'ssh', program: 'ssh-keygen', key };
}

/** A statement about a commit, true of it but for `fields`. */
export async function statementOf(
  repository: GitRepository,
  commit: Commit,
  tree: string,
  fields: Partial<ApprovalStatement> = {},
): Promise<ApprovalStatement> {
  const patch = (await patches(repository, [commit.sha])).get(commit.sha);
  return {
    commit: commit.sha,
    tree,
    approver: bo,
    approvedAt: '2024-06-01T12:00:00Z',
    disclosure: disclosureDigest(commit.disclosure),
    policy: { revision: 'pack@0.1.0', decision: 'd', result: 'allow' },
    ...(patch && { patch }),
    ...fields,
  };
}

export async function sealed(
  repository: GitRepository,
  statement: ApprovalStatement | Buffer,
  signer: Signer,
  payloadType = statementPayloadType,
): Promise<Envelope> {
  const payload = Buffer.isBuffer(statement) ? statement : encodeStatement(statement);
  const bytes = await signBytes(repository, signer, preAuthenticationEncoding(payloadType, payload));
  return sealEnvelope(payloadType, payload, { format: signer.format, key: signer.key, bytes });
}

export function entry(notedOn: string, envelope: unknown): Entry {
  return toEntry(notedOn, envelope);
}
