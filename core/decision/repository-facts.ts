/** How a repository is known to others: by its remote `origin`, else by its folder. */
import { basename } from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import { setting } from '../git/settings.ts';
import type { Repository } from '../input.ts';

/** The repository as policies know it; what cannot be told is absent. */
export async function repositoryFacts(repository: GitRepository): Promise<Repository> {
  const url = await setting(repository, 'remote.origin.url');
  return (url === undefined ? undefined : repositoryOfUrl(url)) ?? { name: basename(repository.root) };
}

/**
 * Host, owner and name that a remote's URL tells: `https://HOST/OWNER/NAME.git`, `ssh://…`, or
 * `USER@HOST:OWNER/NAME.git`; undefined for a path on this machine. An owner may have several parts.
 */
export function repositoryOfUrl(url: string): Repository | undefined {
  const scp = /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(url);
  const full = /^(?:https?|ssh|git|git\+ssh):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^/:]+)(?::\d+)?\/(.+)$/.exec(url);
  const [, host, path] = full ?? scp ?? [];
  if (host === undefined || path === undefined) return undefined;
  const parts = path
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '');
  const name = parts.pop();
  if (name === undefined) return undefined;
  return { host: host.toLowerCase(), ...(parts.length > 0 && { owner: parts.join('/') }), name };
}
