/** Authors and related resources in METADATA. */

export interface Resource {
  readonly ref: string;
  readonly description?: string;
}

interface Author {
  name: string;
  email?: string;
}

/** The author, or what is wrong. A string may end with the email in angle brackets. */
export function problemOfAuthor(value: unknown): Author | string {
  if (typeof value === 'string') {
    const parts = value.split(/\s+/).filter((part) => part !== '');
    const last = parts.at(-1);
    if (last === undefined) return 'it is an empty string';
    const isEmail = last.length >= 2 && last.startsWith('<') && last.endsWith('>');
    const name = (isEmail ? parts.slice(0, -1) : parts).join(' ');
    return isEmail && last.length > 2 ? { name, email: last.slice(1, -1) } : { name };
  }
  if (!isMap(value)) return 'it must be a string or a map';
  const name = trimmed(value.name);
  const email = trimmed(value.email);
  if (name === '' && email === '') return "it must have 'name' or 'email'";
  return email === '' ? { name } : { name, email };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function trimmed(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

export function problemOfResource(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'it is an empty string' : problemOfUrl(value);
  if (!isMap(value)) return 'it must be a string or a map';
  const ref = trimmed(value.ref);
  return ref === '' ? "it must have 'ref'" : problemOfUrl(ref);
}

/** Of one without problems. */
export function resourceOf(value: unknown): Resource {
  if (!isMap(value)) return { ref: written(String(value)) };
  const description = trimmed(value.description);
  return { ref: written(trimmed(value.ref)), ...(description !== '' && { description }) };
}

/** What Go's url.Parse refuses: https://pkg.go.dev/net/url#Parse */
function problemOfUrl(url: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'control character in the URL';
  const [before = ''] = url.split('#', 1);
  if (before.startsWith(':')) return 'the scheme is missing';
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(before)?.[0] ?? '';
  const [rest = ''] = before.slice(scheme.length).split('?', 1);
  if (scheme === '' && rest.split('/', 1)[0]!.includes(':')) return 'the first part of a path cannot contain a colon';
  const isOpaque = scheme !== '' && !rest.startsWith('/');
  if (/%(?![0-9a-fA-F]{2})/.test(isOpaque ? '' : rest + url.slice(before.length))) return 'invalid escape in the URL';
  const host = /^\/\/([^/]*)/.exec(rest)?.[1]?.replace(/^.*@/, '') ?? '';
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in the host";
  if (/[\s"<>\\^`{|}]/.test(host)) return 'invalid character in the host';
  const port = /:([^:\]]*)$/.exec(host)?.[1];
  return port !== undefined && !/^\d*$/.test(port) ? 'invalid port in the URL' : '';
}

/** A URL as Go writes it again: the scheme in small letters, the query as it is, and the rest with escapes. */
function written(url: string): string {
  const [, scheme = '', path = '', query = '', fragment = ''] =
    /^([a-zA-Z][a-zA-Z0-9+.-]*:)?([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
  const hash = fragment === '' ? '' : `#${escaped(fragment.slice(1).replaceAll('#', '%23'))}`;
  return scheme.toLowerCase() + escaped(path) + query + hash;
}

function escaped(part: string): string {
  return part.replaceAll(/[^\u0021-\u007e]|["<>\\^`{|}]/gu, encodeURIComponent);
}
