/**
 * A bundle's signature, `.signatures.json`, checked as OPA does (v1/bundle/verify.go): one JWT, whose
 * payload names every file of the bundle with its digest.
 * https://www.openpolicyagent.org/docs/management-bundles#signing
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { isRecord } from '../../plain-data.ts';
import { BundleError } from './error.ts';
import { hashJson, hashNamed, isStructured } from './hash.ts';

/** The signature's place at the top of the bundle. */
export const signatureFile = '.signatures.json';

export const signingAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'HS256', 'HS384', 'HS512'],
] as const;

/** What a signature must be made with. */
export interface VerificationKey {
  /** PEM: a public key or a certificate; for HS256 and its like the secret itself. */
  key: string;
  /** One of {@link signingAlgorithms}; whatever the signature says of itself does not count. */
  algorithm: string;
  /** The signature's `kid`, or claim `keyid`, must be this one, if it has any. Not asked for when absent. */
  keyId?: string;
  /** The claim `scope` must be this one; none when absent. */
  scope?: string;
}

/** One file as the signature names it. */
export interface SignedFile {
  /** Hexadecimal. */
  hash: string;
  algorithm: string;
}

/**
 * The files that a valid signature names, by their paths. Rejects with {@link BundleError}.
 *
 * @param text of the signature's file
 */
export async function verifySignature(
  text: string,
  { key, algorithm, keyId, scope = '' }: VerificationKey,
): Promise<Map<string, SignedFile>> {
  const { compactVerify, decodeProtectedHeader } = await import('jose');
  const token = onlyToken(text);
  const verified = await compactVerify(token, keyFor(key, algorithm), { algorithms: [algorithm] }).catch(
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw refused(`The bundle's signature is not one of ${algorithm} by the given key: ${why}.`, error);
    },
  );
  const payload = parse(Buffer.from(verified.payload).toString('utf8'), "the signature's payload");
  if (!isRecord(payload)) throw refused("The bundle's signature does not say what it is of.");
  const named = decodeProtectedHeader(token).kid ?? payload.keyid;
  if (keyId !== undefined && named !== undefined && named !== '' && named !== keyId) {
    throw refused(`The bundle is signed with the key ${JSON.stringify(named)}, not ${JSON.stringify(keyId)}.`);
  }
  const { scope: signedScope = '' } = payload;
  if (signedScope !== scope) {
    throw refused(
      `The bundle's signature has the scope ${JSON.stringify(signedScope)}, not ${JSON.stringify(scope)}: it is meant for something else.`,
    );
  }
  return filesOf(payload.files);
}

/** Refuses files that are not what was signed, that nobody signed, and signed ones that are missing. */
export class SignedFiles {
  readonly #left: Map<string, SignedFile>;
  readonly #toJson: (yaml: string) => Promise<string>;

  /** @param toJson what OPA reads in a YAML text, as JSON */
  constructor(signed: ReadonlyMap<string, SignedFile>, toJson: (yaml: string) => Promise<string>) {
    this.#left = new Map(signed);
    this.#toJson = toJson;
  }

  /** Checks one file, once. */
  async check(path: string, bytes: Uint8Array): Promise<void> {
    const signed = this.#left.get(path);
    if (!signed) throw refused(`${path} is not in the bundle's signature: it was added after signing.`);
    const hash = hashNamed(signed.algorithm);
    if (!hash) {
      throw refused(`${path} is signed by the digest ${JSON.stringify(signed.algorithm)}, which is not taken.`);
    }
    if (isStructured(path)) hashJson(hash, await this.#json(path, bytes));
    else hash.update(bytes);
    if (hash.digest('hex') !== signed.hash.toLowerCase()) {
      throw refused(`${path} is not what was signed: it was changed after signing.`);
    }
    this.#left.delete(path);
  }

  /** To be called when all files were checked. */
  finish(): void {
    if (this.#left.size === 0) return;
    const missing = [...this.#left.keys()].slice(0, 5).join(', ');
    throw refused(`The bundle's signature names what is not in the bundle: ${missing}.`);
  }

  async #json(path: string, bytes: Uint8Array): Promise<string> {
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\ufeff/, '');
    try {
      JSON.parse(text);
      return text;
    } catch {
      return this.#toJson(text).catch((error: unknown) => {
        throw refused(`${path} cannot be read, so that its digest is not known.`, error);
      });
    }
  }
}

function onlyToken(text: string): string {
  const config = parse(text, signatureFile);
  if (!isRecord(config)) throw refused(`${signatureFile} is not of the form {"signatures": [JWT]}.`);
  if (config.plugin !== undefined && config.plugin !== '' && config.plugin !== '_default') {
    throw refused(`${signatureFile} asks for the verifier ${JSON.stringify(config.plugin)}, which only its maker has.`);
  }
  const tokens = config.signatures;
  if (!Array.isArray(tokens) || tokens.length !== 1 || typeof tokens[0] !== 'string') {
    throw refused(`${signatureFile} must hold exactly one signature.`);
  }
  return tokens[0];
}

function keyFor(key: string, algorithm: string): KeyObject | Uint8Array {
  if (!(signingAlgorithms as readonly string[]).includes(algorithm)) {
    throw new BundleError(
      'configuration',
      `${JSON.stringify(algorithm)} is no signing algorithm of bundles. There are: ${signingAlgorithms.join(', ')}.`,
    );
  }
  if (algorithm.startsWith('HS')) return Buffer.from(key);
  try {
    return createPublicKey(key);
  } catch (error) {
    // Of the key itself nothing is told: it may be a secret by mistake.
    const message = `The verification key is no public key in PEM, as ${algorithm} needs one.`;
    throw new BundleError('configuration', message, error);
  }
}

function filesOf(listed: unknown): Map<string, SignedFile> {
  const files = new Map<string, SignedFile>();
  for (const entry of Array.isArray(listed) ? listed : []) {
    const { name, hash, algorithm } = isRecord(entry) ? entry : {};
    if (typeof name !== 'string' || typeof hash !== 'string' || typeof algorithm !== 'string' || algorithm === '') {
      throw refused("The bundle's signature names a file without its digest.");
    }
    files.set(name, { hash, algorithm });
  }
  return files;
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(`In the bundle ${what} is no JSON.`, error);
  }
}

function refused(message: string, cause?: unknown): BundleError {
  return new BundleError('refused', message, cause);
}
