/**
 * A container registry in memory, as far as bundles need one: pushing and pulling by the OCI distribution
 * specification (https://github.com/opencontainers/distribution-spec/blob/main/spec.md), with Docker's token
 * authentication where a user is given (https://distribution.github.io/distribution/spec/auth/token/).
 */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, serve } from './http-server.ts';

interface TestLike {
  after(fn: () => Promise<void> | void): void;
}

export interface Registry {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** By digest; tests change what is there. */
  blobs: Map<string, Buffer>;
  /** By `REPOSITORY:REFERENCE`. */
  manifests: Map<string, { type: string; bytes: Buffer }>;
  /** Each request: method, path and whether it carried a credential. */
  requests: string[];
  /** Puts an image there with these layers and says its digest. */
  push(repository: string, tag: string, layers: Layer[], manifest?: Record<string, unknown>): string;
}

export interface Layer {
  mediaType: string;
  bytes: Buffer;
  annotations?: Record<string, string>;
}

const empty = Buffer.from('{}');
export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const archiveType = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** @param user `name:password`; anyone may read and write without one */
export async function startRegistry(t: TestLike, user?: string): Promise<Registry> {
  const blobs = new Map<string, Buffer>();
  const manifests: Registry['manifests'] = new Map();
  const requests: string[] = [];
  const tokens = new Set<string>();
  const uploads = new Map<string, Buffer>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams } = new URL(url, origin);
    requests.push(`${method} ${pathname}${headers.authorization ? ' with credential' : ''}`);
    const end = (status: number, more: Record<string, string> = {}, body: Buffer | string = ''): void => {
      response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...more });
      response.end(method === 'HEAD' ? undefined : body);
    };
    if (pathname === '/token') {
      if (user && headers.authorization !== `Basic ${Buffer.from(user).toString('base64')}`) return end(401);
      const token = randomUUID();
      tokens.add(`Bearer ${token}`);
      return end(200, { 'content-type': 'application/json' }, JSON.stringify({ token }));
    }
    if (user && !tokens.has(headers.authorization ?? '')) {
      const challenge = `Bearer realm="${origin}/token",service="registry",scope="repository:any:pull"`;
      return end(401, { 'www-authenticate': challenge });
    }
    const [, repository = '', kind, reference = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(pathname) ?? [];
    if (kind === undefined) return end(pathname === '/v2/' ? 200 : 404);
    if (kind === 'blobs/uploads') {
      const id = reference || randomUUID();
      const so = Buffer.concat([uploads.get(id) ?? Buffer.alloc(0), await bodyOf(request)]);
      uploads.set(id, so);
      const digest = searchParams.get('digest');
      if (digest !== null) blobs.set(digest, so);
      const location = digest === null ? `/v2/${repository}/blobs/uploads/${id}` : `/v2/${repository}/blobs/${digest}`;
      return end(digest === null ? 202 : 201, { location });
    }
    if (kind === 'manifests' && method === 'PUT') {
      const bytes = await bodyOf(request);
      const digest = keep(repository, reference, headers['content-type'] ?? manifestType, bytes);
      return end(201, { 'docker-content-digest': digest, location: `/v2/${repository}/manifests/${digest}` });
    }
    if (kind === 'manifests') {
      const found = manifests.get(`${repository}:${reference}`);
      if (!found) return end(404);
      return end(200, { 'content-type': found.type, 'docker-content-digest': digestOf(found.bytes) }, found.bytes);
    }
    const found = blobs.get(reference);
    return found ? end(200, { 'content-type': 'application/octet-stream' }, found) : end(404);
  };
  const keep = (repository: string, reference: string, type: string, bytes: Buffer): string => {
    const digest = digestOf(bytes);
    for (const name of [reference, digest]) manifests.set(`${repository}:${name}`, { type, bytes });
    return digest;
  };
  const origin: string = await serve(t, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  return {
    host: origin.slice('http://'.length),
    blobs,
    manifests,
    requests,
    push(repository, tag, layers, manifest = {}) {
      const described = layers.map(({ mediaType, bytes, annotations }) => {
        const digest = digestOf(bytes);
        blobs.set(digest, bytes);
        return { mediaType, digest, size: bytes.length, ...(annotations && { annotations }) };
      });
      const config = {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(empty),
        size: empty.length,
      };
      blobs.set(config.digest, empty);
      const whole = { schemaVersion: 2, mediaType: manifestType, config, layers: described, ...manifest };
      const bytes = Buffer.from(JSON.stringify(whole));
      return keep(repository, tag, whole.mediaType, bytes);
    },
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
