/** What a registry wants to see: a token of its token service, or a user's name and password. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { askHttp, isLoopback } from '../../http-client.ts';
import { isRecord } from '../../plain-data.ts';
import { credentialOf, unavailable } from './download.ts';
import { BundleError } from './error.ts';

export interface LoginOptions {
  environment: NodeJS.ProcessEnv;
}

/**
 * `Authorization` for a registry: what the environment says, else what `docker login`, `podman login`
 * or `oras login` wrote to Docker's config.json. Helpers that keep credentials elsewhere are not run.
 *
 * @param host with the port
 */
export async function loginFor(host: string, { environment }: LoginOptions): Promise<string | undefined> {
  const given = credentialOf(environment);
  if (given !== undefined) return given;
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker');
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return undefined;
  }
  const auths = isRecord(config) && isRecord(config.auths) ? config.auths : {};
  const entry = auths[host] ?? auths[`https://${host}`] ?? auths[`https://${host}/v1/`];
  return isRecord(entry) && typeof entry.auth === 'string' && entry.auth !== '' ? `Basic ${entry.auth}` : undefined;
}

export interface TokenRequest {
  /** `WWW-Authenticate` of the registry's refusal. */
  challenge: string;
  repository: string;
  /** From {@link loginFor}. */
  login: string | undefined;
  /** The registry is spoken to over plain HTTP. */
  plain: boolean;
  timeoutMs: number;
}

/** `Authorization` that answers a challenge. Rejects with {@link BundleError}. */
export async function tokenFor({ challenge, repository, login, plain, timeoutMs }: TokenRequest): Promise<string> {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(challenge) ?? [];
  if (scheme.toLowerCase() === 'basic' || login?.startsWith('Bearer ')) {
    if (login === undefined) throw needed();
    return login;
  }
  const fields = Object.fromEntries([...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  if (scheme.toLowerCase() !== 'bearer' || !fields.realm || !URL.canParse(fields.realm)) throw needed();
  const url = new URL(fields.realm);
  if (url.protocol !== 'https:' && !(plain && url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new BundleError('unavailable', "The registry's token service is not to be reached over HTTPS.");
  }
  if (fields.service) url.searchParams.set('service', fields.service);
  // Whatever more the registry offers, reading this one repository is enough.
  url.searchParams.set('scope', `repository:${repository}:pull`);
  const answer = await askHttp(url.href, { authorization: login, maxBytes: 1024 * 1024, timeoutMs }).catch(unavailable);
  if (answer.status !== 200) throw needed(answer.status);
  let token: unknown;
  try {
    const value: unknown = JSON.parse(Buffer.from(answer.body).toString('utf8'));
    token = isRecord(value) ? (value.token ?? value.access_token) : undefined;
  } catch (error) {
    throw new BundleError('unavailable', "The registry's token service does not answer with JSON.", error);
  }
  if (typeof token !== 'string' || token === '') throw needed();
  return `Bearer ${token}`;
}

function needed(status?: number): BundleError {
  const said = status === undefined ? '' : ` (${status})`;
  return new BundleError(
    'unavailable',
    `The registry wants a credential${said}: log in (docker login, oras login), or set COUNTERSIGN_BUNDLE_USER and COUNTERSIGN_BUNDLE_PASSWORD.`,
  );
}
