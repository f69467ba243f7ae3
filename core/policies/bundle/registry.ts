/**
 * Bundles from an OCI registry, as OPA pulls them (v1/download/oci_download.go) and as
 * `conftest push` puts them there (internal/commands/push.go), by the distribution specification
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md) with Docker's token
 * authentication (https://distribution.github.io/distribution/spec/auth/token/).
 */
import { createHash } from 'node:crypto';
import { type FolderFile, maxFiles } from '../../git/tree.ts';
import { askHttp, type HttpAnswer } from '../../http-client.ts';
import { isRecord, records } from '../../plain-data.ts';
import { maxArchiveSize, readArchive, safePath } from './archive.ts';
import { type DownloadOptions, downloadTimeoutMs, refusal, unavailable } from './download.ts';
import { BundleError } from './error.ts';
import { type LoginOptions, loginFor, tokenFor } from './registry-login.ts';
import type { OciReference } from './source.ts';

const manifestTypes = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);
/** What OPA looks for: the bundle's archive as one layer. */
const archiveType = 'application/vnd.oci.image.layer.v1.tar+gzip';
/** What conftest pushes: each file a layer, with its path as the title. */
const fileTypes = new Set([
  'application/vnd.cncf.openpolicyagent.policy.layer.v1+rego',
  'application/vnd.cncf.openpolicyagent.data.layer.v1+json',
]);
const title = 'org.opencontainers.image.title';
const maxManifestSize = 4 * 1024 * 1024;

/** What a registry had at a reference. */
export interface Pulled {
  files: FolderFile[];
  /** `sha256:…` of the archive; of the manifest where files came as layers. */
  digest: string;
  /** `files`: as conftest pushes them, each data file by its own name. */
  form: 'archive' | 'files';
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, unknown>;
}

/** Pulls a bundle. Rejects with {@link BundleError}. */
export async function pull(reference: OciReference, options: DownloadOptions & LoginOptions): Promise<Pulled> {
  const called = `${reference.host}/${reference.repository}`;
  const get = await reader(reference, options);
  const manifest = await readManifest(reference, called, get);
  const layers = records(manifest.value.layers).map((layer) => descriptor(layer, called));
  const archive = layers.find(({ mediaType }) => mediaType === archiveType);
  if (archive) {
    const files = await readArchive(await blob(archive, called, get), called);
    return { files, digest: archive.digest, form: 'archive' };
  }
  const single = layers.filter(({ mediaType }) => fileTypes.has(mediaType));
  if (single.length === 0) {
    throw new BundleError(
      'refused',
      `${called}:${reference.reference} holds no bundle: no layer is of ${archiveType}.`,
    );
  }
  const total = single.reduce((sum, { size }) => sum + size, 0);
  if (single.length > maxFiles || total > maxArchiveSize) {
    throw new BundleError('refused', `${called}:${reference.reference} is too large for a bundle.`);
  }
  const files = new Map<string, FolderFile>();
  for (const layer of single) {
    const name = layer.annotations?.[title];
    const path = typeof name === 'string' ? safePath(name) : undefined;
    if (path === undefined || files.has(path)) {
      throw new BundleError(
        'refused',
        `${called} has a layer whose title ${JSON.stringify(name)} is no file's path of its own.`,
      );
    }
    files.set(path, { path, bytes: await blob(layer, called, get) });
  }
  return { files: [...files.values()].sort(byPath), digest: manifest.digest, form: 'files' };
}

type Get = (path: string, accept: string | undefined, maxBytes: number) => Promise<HttpAnswer>;

/** Asks the registry, and again with what it wants to see when it says so. */
async function reader(
  { host, repository, plain }: OciReference,
  options: DownloadOptions & LoginOptions,
): Promise<Get> {
  const origin = `${plain ? 'http' : 'https'}://${host}`;
  const login = await loginFor(host, options);
  let authorization: string | undefined;
  const deadline = Date.now() + (options.timeoutMs ?? downloadTimeoutMs);
  return async (path, accept, maxBytes) => {
    const url = `${origin}/v2/${repository}/${path}`;
    const left = (): number => Math.max(1, deadline - Date.now());
    const ask = (): Promise<HttpAnswer> => {
      const headers: Record<string, string> = accept === undefined ? {} : { accept };
      return askHttp(url, { headers, authorization, maxBytes, timeoutMs: left() }).catch(unavailable);
    };
    let answer = await ask();
    const challenge = answer.headers['www-authenticate'];
    if (answer.status === 401 && challenge !== undefined && authorization === undefined) {
      authorization = await tokenFor({ challenge, repository, login, plain, timeoutMs: left() });
      answer = await ask();
    }
    if (answer.status !== 200) throw new BundleError('unavailable', refusal(url, answer.status));
    return answer;
  };
}

async function readManifest(
  { reference }: OciReference,
  called: string,
  get: Get,
): Promise<{ value: Record<string, unknown>; digest: string }> {
  const answer = await get(`manifests/${reference}`, [...manifestTypes].join(', '), maxManifestSize);
  const wanted = reference.includes(':') ? reference : `sha256:${sha('sha256', answer.body)}`;
  checkDigest(answer.body, wanted, `The manifest of ${called}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(answer.body).toString('utf8'));
  } catch (error) {
    throw new BundleError('refused', `The manifest of ${called} is no JSON.`, error);
  }
  // The type inside goes first: what is served as something else is not read as a manifest.
  const type = isRecord(value) ? (value.mediaType ?? answer.headers['content-type']?.split(';')[0]) : undefined;
  if (!isRecord(value) || typeof type !== 'string' || !manifestTypes.has(type) || !Array.isArray(value.layers)) {
    throw new BundleError('refused', `${called}:${reference} is ${JSON.stringify(type)}, not a bundle's manifest.`);
  }
  return { value, digest: wanted };
}

function descriptor(layer: Record<string, unknown>, called: string): Descriptor {
  const { mediaType, digest, size, annotations } = layer;
  if (
    typeof mediaType !== 'string' ||
    typeof digest !== 'string' ||
    !/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(digest) ||
    typeof size !== 'number'
  ) {
    throw new BundleError('refused', `The manifest of ${called} has a layer without type, digest or size.`);
  }
  return { mediaType, digest, size, ...(isRecord(annotations) && { annotations }) };
}

async function blob({ digest, size }: Descriptor, called: string, get: Get): Promise<Uint8Array> {
  if (size > maxArchiveSize) {
    throw new BundleError('refused', `${called} has a layer larger than ${maxArchiveSize / 1024 / 1024} MB.`);
  }
  const { body } = await get(`blobs/${digest}`, undefined, Math.max(size, 1));
  if (body.length !== size) throw new BundleError('refused', `A layer of ${called} has not the size it should have.`);
  checkDigest(body, digest, `A layer of ${called}`);
  return body;
}

function checkDigest(bytes: Uint8Array, digest: string, what: string): void {
  const [algorithm = '', hex] = digest.split(':');
  if (sha(algorithm, bytes) !== hex) {
    throw new BundleError('refused', `${what} is not what its digest ${digest} says: it was changed on its way.`);
  }
}

function sha(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function byPath(a: FolderFile, b: FolderFile): number {
  return a.path < b.path ? -1 : 1;
}
