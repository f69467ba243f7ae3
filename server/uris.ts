/** URIs in one spelling, so that the client's and the disk's names for a file compare equal. */
import { URI } from 'vscode-uri';

/** The URI as VS Code spells it; a text that is no URI is left alone. */
export function normalizeUri(uri: string): string {
  try {
    return URI.parse(uri, true).toString();
  } catch {
    return uri;
  }
}

/** The path of a URI relative to a folder's URI, with `/`; undefined when it lies elsewhere. Both normalized. */
export function pathWithin(folder: string, uri: string): string | undefined {
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  if (!uri.startsWith(start)) return undefined;
  return URI.parse(uri).path.slice(URI.parse(start).path.length);
}

/** The URI of a path below a folder. */
export function uriWithin(folder: string, path: string): string {
  const parsed = URI.parse(folder);
  return parsed.with({ path: `${parsed.path.replace(/\/$/, '')}/${path}` }).toString();
}

/** The last part of a URI's path. */
export function nameOf(uri: string): string {
  return URI.parse(uri).path.split('/').at(-1) ?? uri;
}
