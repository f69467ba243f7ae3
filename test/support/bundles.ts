/** OPA bundles for tests: archives of any kind, bad ones too, and signatures for them. */
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface Entry {
  path: string;
  content?: string | Uint8Array;
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  linkpath?: string;
}

/** A tar of these entries, in this order, whatever they are. */
export function tarOf(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  for (const { path, content = '', type = 'File', linkpath } of entries) {
    const bytes = Buffer.from(content);
    const block = Buffer.alloc(512);
    new Header({ path, type, size: bytes.length, mode: 0o644, ...(linkpath !== undefined && { linkpath }) }).encode(
      block,
    );
    parts.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** The same, gzipped: a bundle. */
export function archiveOf(entries: readonly Entry[]): Buffer {
  return gzipSync(tarOf(entries));
}

/** A bundle of these files. */
export function bundleOf(files: Record<string, string>): Buffer {
  return archiveOf(Object.entries(files).map(([path, content]) => ({ path, content })));
}

/** Makes a signature's text: `.signatures.json`. */
export type Signer = (payload: Record<string, unknown>, header?: Record<string, unknown>) => string;

/** The digest of a file whose bytes are hashed. */
export function fileInfo(name: string, content: string): { name: string; hash: string; algorithm: string } {
  return { name, hash: createHash('sha256').update(content).digest('hex'), algorithm: 'SHA-256' };
}

/** A bundle of Rego with a signature over its files' bytes. */
export function signedBundle(
  files: Record<string, string>,
  signer: Signer,
  claims: Record<string, unknown> = {},
): Buffer {
  const listed = Object.entries(files).map(([name, content]) => fileInfo(name, content));
  return bundleOf({ ...files, '.signatures.json': signer({ files: listed, ...claims }) });
}

/** Signs with a secret. */
export function hmacSigner(secret: string): Signer {
  return (payload, header) =>
    tokenFile({ alg: 'HS256', ...header }, payload, (text) => createHmac('sha256', secret).update(text).digest());
}

/** A new key pair: its public half in PEM, and what signs with the other. */
export function rsaSigner(): { key: string; signer: Signer } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signer: (payload, header) =>
      tokenFile({ alg: 'RS256', ...header }, payload, (text) => sign('sha256', Buffer.from(text), privateKey)),
  };
}

function tokenFile(header: object, payload: object, signText: (text: string) => Buffer): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(payload)}`;
  return JSON.stringify({ signatures: [`${text}.${signText(text).toString('base64url')}`] });
}
