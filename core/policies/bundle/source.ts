/** Where a bundle comes from, as the command line and the configuration name it. */
import { isLoopback } from '../../http-client.ts';
import { BundleError } from './error.ts';

export type BundleSource =
  /** An archive or a folder on this machine. */
  { kind: 'path'; path: string } | { kind: 'http'; url: string } | { kind: 'oci'; reference: OciReference };

/** `HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]` */
export interface OciReference {
  /** With the port. */
  host: string;
  repository: string;
  /** A tag, or `sha256:…`. */
  reference: string;
  /** Whether it is spoken to over plain HTTP: registries on this machine are, as Docker does. */
  plain: boolean;
}

/**
 * Reads `FILE`, `FOLDER`, `https://…`, or `oci://…`. Throws {@link BundleError} for anything else.
 *
 * @param remote only what comes over the network is meant
 */
export function readSource(text: string, remote = false): BundleSource {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'oci') return { kind: 'oci', reference: ociReference(text) };
  if (scheme === 'http' || scheme === 'https') return { kind: 'http', url: httpUrl(text) };
  if (scheme !== undefined) {
    throw wrong(`A bundle cannot come from ${scheme}://: there are https://, oci:// and files.`);
  }
  if (remote) throw wrong(`${JSON.stringify(text)} is no address of a bundle: it begins with https:// or oci://.`);
  return { kind: 'path', path: text };
}

function httpUrl(text: string): string {
  if (!URL.canParse(text)) throw wrong('The address of the bundle is no URL.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw wrong(
      'Credentials do not belong into the address of a bundle, where logs show them: set COUNTERSIGN_BUNDLE_TOKEN, or COUNTERSIGN_BUNDLE_USER and COUNTERSIGN_BUNDLE_PASSWORD.',
    );
  }
  return url.href;
}

/**
 * By the grammar of the OCI distribution specification
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests).
 */
const ociForm =
  /^oci:\/\/((?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d+)?)\/([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@((?:sha256:[0-9a-f]{64})|(?:sha512:[0-9a-f]{128})))?$/i;

function ociReference(text: string): OciReference {
  const [, host, repository, tag, digest] = ociForm.exec(text) ?? [];
  if (host === undefined || repository === undefined || repository !== repository.toLowerCase()) {
    throw wrong(`${JSON.stringify(text)} is no address in a registry: write oci://HOST/REPOSITORY:TAG or …@sha256:….`);
  }
  const hostname = host.replace(/:\d+$/, '');
  return { host, repository, reference: digest ?? tag ?? 'latest', plain: isLoopback(hostname) };
}

function wrong(message: string): BundleError {
  return new BundleError('configuration', message);
}
