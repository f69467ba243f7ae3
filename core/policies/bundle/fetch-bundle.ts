/** Gets a bundle's files from where they are, and checks that they are what was signed. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FolderFile, readWorkingFolder } from '../../git/tree.ts';
import { isLoopback, placeOf } from '../../http-client.ts';
import { readArchive } from './archive.ts';
import { type DownloadOptions, download } from './download.ts';
import { BundleError } from './error.ts';
import { SignedFiles, signatureFile, type VerificationKey, verifySignature } from './signature.ts';
import type { BundleSource } from './source.ts';

export interface FetchOptions extends DownloadOptions {
  /** When it is given, the bundle must be signed with it; without one, a signed bundle cannot be used. */
  key?: VerificationKey;
}

/** A bundle whose signature, if there is one, is right. */
export interface Fetched {
  /** Without the signature. */
  files: FolderFile[];
  /** In words, for messages. */
  called: string;
  /** `sha256:…` of the archive, or of the files of a folder. */
  digest: string;
  signed: boolean;
  /** The data files are conftest's: any name, mounted by folder. */
  loose: boolean;
}

/**
 * Gets and verifies a bundle. Rejects with {@link BundleError}.
 *
 * @param toJson what OPA reads in a YAML text, as JSON
 */
export async function fetchBundle(
  source: BundleSource,
  options: FetchOptions,
  toJson: (yaml: string) => Promise<string>,
): Promise<Fetched> {
  const got = await get(source, options);
  const signature = got.files.find(({ path }) => path === signatureFile);
  const files = got.files.filter((file) => file !== signature);
  const stray = files.find(({ path }) => path.endsWith('signatures.json'));
  // OPA takes each file of such a name for the signature, and leaves it unverified.
  if (stray) throw new BundleError('refused', `The bundle ${got.called} has a second signature, ${stray.path}.`);
  if (options.key) {
    if (!signature)
      throw new BundleError('refused', `The bundle ${got.called} is not signed: it has no ${signatureFile}.`);
    const signed = await verifySignature(Buffer.from(signature.bytes).toString('utf8'), options.key);
    const check = new SignedFiles(signed, toJson);
    for (const { path, bytes } of files) await check.check(nameIn(signed, path, got.folder), bytes);
    check.finish();
  } else if (signature) {
    const message = `The bundle ${got.called} is signed, and no key is given to check it by: give one with --verification-key.`;
    throw new BundleError('configuration', message);
  }
  return { files, called: got.called, digest: got.digest, signed: signature !== undefined, loose: got.loose };
}

interface Got {
  files: FolderFile[];
  called: string;
  digest: string;
  loose: boolean;
  /** As it was named, for a folder. */
  folder?: string;
}

async function get(source: BundleSource, options: FetchOptions): Promise<Got> {
  switch (source.kind) {
    case 'http': {
      const called = placeOf(source.url);
      const { protocol, hostname } = new URL(source.url);
      if (protocol === 'http:' && !options.key && !isLoopback(hostname)) {
        const message = `What ${called} sends over plain HTTP anybody on the way can change: use https, or a bundle that is signed and --verification-key.`;
        throw new BundleError('configuration', message);
      }
      // Whoever else can write to what is kept could put theirs there: only a signature shows that.
      const cache = options.key ? options.cache : undefined;
      const bytes = await download(source.url, { ...options, cache });
      return { files: await readArchive(bytes, called), called, digest: sha256(bytes), loose: false };
    }
    case 'oci': {
      const { pull } = await import('./registry.ts');
      const { host, repository, reference } = source.reference;
      const called = `${host}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
      const { files, digest, form } = await pull(source.reference, options);
      return { files, called, digest, loose: form === 'files' };
    }
    default:
      return fromPath(source.path);
  }
}

async function fromPath(path: string): Promise<Got> {
  const called = path.replaceAll('\\', '/');
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new BundleError('configuration', `The bundle ${called} cannot be read: ${error.code}.`, error);
  });
  if (!found.isDirectory()) {
    if (!found.isFile()) throw new BundleError('configuration', `The bundle ${called} is neither a file nor a folder.`);
    const bytes = await readFile(path);
    return { files: await readArchive(bytes, called), called, digest: sha256(bytes), loose: false };
  }
  const { files = [], skipped = [] } = (await readWorkingFolder(path)) ?? {};
  const [first] = skipped;
  if (first)
    throw new BundleError('refused', `The bundle ${called} has ${first.path}, a ${first.reason.replace('-', ' ')}.`);
  if (files.length === 0) throw new BundleError('refused', `The bundle ${called} has no file in it.`);
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.path}\0${file.bytes.length}\0`).update(file.bytes);
  return { files, called, digest: `sha256:${hash.digest('hex')}`, loose: false, folder: path };
}

/** `opa sign --bundle FOLDER` names files with the folder before them. */
function nameIn(signed: ReadonlyMap<string, unknown>, path: string, folder: string | undefined): string {
  if (folder === undefined || signed.has(path)) return path;
  const named = join(folder, path).replaceAll('\\', '/').replace(/^\/+/, '');
  return signed.has(named) ? named : path;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
