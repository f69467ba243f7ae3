/** Reads a commit as git stores it: pure, from bytes to facts. */

import type { Signature } from '../input.ts';

export interface CommitObject {
  parents: string[];
  author: Signature;
  committer: Signature;
  /** The whole message, decoded; CRLF and all else as written, cut at a NUL as git shows it. */
  message: string;
  /** What the commit says its text is in; UTF-8 when absent. */
  encoding?: string;
}

/**
 * Parses the bytes of a commit object.
 *
 * Text is decoded by the commit's `encoding` header. What that does not explain, and all else, is
 * read as UTF-8, in which invalid bytes become U+FFFD: no message can make this fail.
 */
export function parseCommitObject(bytes: Buffer): CommitObject {
  const split = bytes.indexOf('\n\n');
  const head = split < 0 ? bytes : bytes.subarray(0, split);
  let text = split < 0 ? bytes.subarray(bytes.length) : bytes.subarray(split + 2);
  const nul = text.indexOf(0);
  if (nul >= 0) text = text.subarray(0, nul);

  const parents: string[] = [];
  let author: Buffer | undefined;
  let committer: Buffer | undefined;
  let encoding: string | undefined;
  for (let start = 0; start < head.length; ) {
    const newline = head.indexOf(10, start);
    const end = newline < 0 ? head.length : newline;
    const line = head.subarray(start, end);
    start = end + 1;
    // A line that starts with a space continues the header above: a signature, a merged tag.
    const space = line.indexOf(32);
    if (space <= 0) continue;
    const value = line.subarray(space + 1);
    switch (line.toString('latin1', 0, space)) {
      case 'parent':
        parents.push(value.toString('latin1'));
        break;
      case 'author':
        author ??= value;
        break;
      case 'committer':
        committer ??= value;
        break;
      case 'encoding':
        encoding ??= value.toString('latin1').trim();
        break;
    }
  }
  const decode = decoderFor(encoding);
  return {
    parents,
    author: parseIdent(decode(author ?? Buffer.alloc(0))),
    committer: parseIdent(decode(committer ?? Buffer.alloc(0))),
    message: decode(text),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

/** A header line with names in UTF-8 instead of the commit's encoding, where that explains it. */
export function reencodeHeader(line: Buffer, encoding: string | undefined): Buffer {
  return encoding === undefined ? line : Buffer.from(decoderFor(encoding)(line));
}

const decoders = new Map<string, (bytes: Buffer) => string>();

function decoderFor(encoding: string | undefined): (bytes: Buffer) => string {
  const label = (encoding ?? 'utf-8').toLowerCase();
  const known = decoders.get(label);
  if (known) return known;
  const made = makeDecoder(label);
  if (decoders.size < 100) decoders.set(label, made);
  return made;
}

function makeDecoder(label: string): (bytes: Buffer) => string {
  // The web calls windows-1252 ISO-8859-1; iconv, and so git, does not.
  if (/^(iso[-_]?8859-1|latin-?1|l1)$/.test(label)) return (bytes) => bytes.toString('latin1');
  const utf8 = (bytes: Buffer) => bytes.toString('utf8');
  if (/^(utf-?8|us-ascii|ascii|ansi_x3\.4-1968)$/.test(label)) return utf8;
  const decoder = makeTextDecoder(label);
  if (!decoder) return utf8;
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch (error) {
      // Git leaves what it cannot convert as it is, and that is mostly UTF-8.
      if (error instanceof TypeError) return utf8(bytes);
      throw error;
    }
  };
}

/** iconv's names for Windows' code pages, as the web calls them. */
const codePages: Record<string, string> = { cp932: 'shift_jis', cp936: 'gbk', cp949: 'euc-kr', cp950: 'big5' };

function makeTextDecoder(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    const name = codePages[label] ?? label.replace(/^cp(125\d|874)$/, 'windows-$1');
    return new TextDecoder(name, { fatal: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Reads `Name <address> seconds zone`, as bent as git's own reading allows. A time that cannot be
 * read, or that RFC 3339 cannot say, is the epoch, as git shows it.
 */
export function parseIdent(ident: string): Signature {
  const open = ident.indexOf('<');
  const close = open < 0 ? -1 : ident.indexOf('>', open);
  const name = (open < 0 ? ident : ident.slice(0, open)).trim();
  const email = open < 0 || close < 0 ? '' : ident.slice(open + 1, close).trim();
  const when = /^\s*(\d+)\s+([-+]\d+)?/.exec(ident.slice(ident.lastIndexOf('>') + 1));
  return { name, email, time: formatTime(Number(when?.[1] ?? 0), when?.[2] ?? '+0000') };
}

/** A moment as git writes it into a commit that is made here. */
export function localTime(moment: Date): string {
  const east = -moment.getTimezoneOffset();
  const digits = Math.trunc(Math.abs(east) / 60) * 100 + (Math.abs(east) % 60);
  return formatTime(Math.trunc(moment.getTime() / 1000), `${east < 0 ? '-' : '+'}${String(digits).padStart(4, '0')}`);
}

/** Seconds since the epoch, and git's `+hhmm`, as RFC 3339 with that offset; `Z` for none. */
function formatTime(seconds: number, zone: string): string {
  const digits = Number(zone.slice(1));
  const offset = (Math.trunc(digits / 100) * 60 + (digits % 100)) * (zone.startsWith('-') ? -1 : 1);
  const sane = Number.isSafeInteger(offset) && Math.abs(offset) < 24 * 60 && digits % 100 < 60;
  const shown = new Date((seconds + (sane ? offset * 60 : 0)) * 1000);
  if (Number.isNaN(shown.getTime()) || shown.getTime() < 0 || shown.getUTCFullYear() > 9999)
    return '1970-01-01T00:00:00Z';
  const stamp = shown.toISOString().slice(0, 19);
  if (!sane || offset === 0) return `${stamp}Z`;
  const hours = String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0');
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
  return `${stamp}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
}
