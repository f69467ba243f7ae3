/**
 * Signed envelopes in the form of DSSE 1.0: a payload, its type, and signatures over both.
 * https://github.com/secure-systems-lab/dsse/blob/master/envelope.md and protocol.md
 *
 * Two things are ours: `format` beside a signature says which of git's programs made it, and `sig` is
 * the raw signature that program makes over the pre-authentication encoding: the blob of
 * `ssh-keygen -Y sign` without its armour, or `gpg --detach-sign` without.
 */
import type { SignatureFormat } from '../git/signing-program.ts';

export interface Envelope {
  payloadType: string;
  /** Base64 of the payload's bytes. */
  payload: string;
  signatures: EnvelopeSignature[];
}

export interface EnvelopeSignature {
  /** A hint, not signed: the key's fingerprint. Nothing is decided by it. */
  keyid: string;
  /** Base64. */
  sig: string;
  format: SignatureFormat;
}

/** What an envelope holds, decoded. */
export interface OpenEnvelope {
  payloadType: string;
  payload: Buffer;
  signatures: { signature: Buffer; format: SignatureFormat }[];
}

/** DSSE's pre-authentication encoding: what is signed. Lengths are in bytes. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

export function sealEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signature: { format: SignatureFormat; key: string; bytes: Uint8Array },
): Envelope {
  const { format, key, bytes } = signature;
  const base64 = (data: Uint8Array) => Buffer.from(data).toString('base64');
  return { payloadType, payload: base64(payload), signatures: [{ keyid: key, sig: base64(bytes), format }] };
}

/**
 * Decodes an envelope; undefined when it is none. Base64 must be in its one form (standard or, as DSSE
 * allows, URL-safe), so that no two texts are the same envelope. Members that are not known are left
 * out of account, as DSSE asks; signatures of formats that are not known are none that could count.
 */
export function openEnvelope(value: unknown): OpenEnvelope | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { payloadType, payload: encoded, signatures } = value as Record<string, unknown>;
  const payload = decodeBase64(encoded);
  if (typeof payloadType !== 'string' || !payload || !Array.isArray(signatures) || signatures.length === 0) {
    return undefined;
  }
  const decoded: OpenEnvelope['signatures'] = [];
  for (const entry of signatures as unknown[]) {
    if (typeof entry !== 'object' || entry === null) return undefined;
    const { sig, format } = entry as Record<string, unknown>;
    const signature = decodeBase64(sig);
    if (!signature) return undefined;
    if (format === 'ssh' || format === 'openpgp' || format === 'x509') decoded.push({ signature, format });
  }
  return decoded.length > 0 ? { payloadType, payload, signatures: decoded } : undefined;
}

function decodeBase64(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const bytes = Buffer.from(text, 'base64');
  const standard = bytes.toString('base64');
  const urlSafe = standard.replaceAll('+', '-').replaceAll('/', '_');
  return text === standard || text === urlSafe || text === urlSafe.replace(/=+$/, '') ? bytes : undefined;
}
