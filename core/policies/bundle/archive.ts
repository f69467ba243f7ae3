/**
 * The files of a bundle's archive (a gzipped tar). Nothing is written to disk; all the same an
 * archive that would leave its folder, link elsewhere or grow without end is refused, not mended.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ReadEntry } from 'tar';
import { type FolderFile, maxFileSize, maxFiles } from '../../git/tree.ts';
import { BundleError } from './error.ts';

/** As it comes over the wire. */
export const maxArchiveSize = 64 * 1024 * 1024;
/** All files together, and the archive's own bookkeeping. */
const maxUnpackedSize = 256 * 1024 * 1024;

/**
 * The files, sorted by path, which begins neither with `/` nor with `./` (OPA writes `/data.json`).
 * Rejects with {@link BundleError}.
 *
 * @param called how messages call the archive
 */
export async function readArchive(bytes: Uint8Array, called: string): Promise<FolderFile[]> {
  const files = new Map<string, FolderFile>();
  const add = (path: string, content: Uint8Array): void => {
    const name = safePath(path);
    if (name === undefined) throw refused(called, `holds the path ${JSON.stringify(path)}, which may lead outside`);
    // Which of two would be judged by, and which verified, readers answer differently.
    if (files.has(name)) throw refused(called, `holds ${JSON.stringify(name)} twice`);
    if (files.size >= maxFiles) throw refused(called, `has more than ${maxFiles} files`);
    files.set(name, { path: name, bytes: content });
  };
  await readTar(await unzip(bytes, called), called, add);
  if (files.size === 0) throw refused(called, 'has no file in it');
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A path within the bundle; undefined when it is none, or one that some system reads otherwise. */
export function safePath(path: string): string | undefined {
  const name = path.replace(/^(?:\.?\/)+/, '');
  const parts = name.split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no path has
  const strange = /[\\\u0000-\u001f]|^[A-Za-z]:/.test(name);
  return strange || parts.some((part) => part === '' || part === '.' || part === '..') ? undefined : name;
}

async function unzip(bytes: Uint8Array, called: string): Promise<Buffer> {
  if (bytes.length > maxArchiveSize) throw refused(called, `is larger than ${maxArchiveSize / 1024 / 1024} MB`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw refused(called, 'is no gzipped archive');
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxUnpackedSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw refused(called, `unpacks to more than ${maxUnpackedSize / 1024 / 1024} MB`);
    }
    throw refused(called, `is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const folders = new Set(['Directory', 'GNUDumpDir']);
const plain = new Set(['File', 'OldFile', 'ContiguousFile']);

async function readTar(bytes: Buffer, called: string, add: (path: string, content: Uint8Array) => void) {
  const { Parser } = await import('tar');
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error instanceof BundleError ? error : refused(called, `is damaged: ${(error as Error).message}`));
    };
    const take = (entry: ReadEntry): void => {
      const { path, type, size } = entry;
      const chunks: Buffer[] = [];
      if (folders.has(type)) entry.resume();
      else if (!plain.has(type)) fail(refused(called, `holds ${JSON.stringify(path)}, which is a ${kindOf(type)}`));
      else if (size > maxFileSize) {
        fail(refused(called, `holds ${JSON.stringify(path)}, which is larger than ${maxFileSize / 1024 / 1024} MB`));
      } else {
        entry.on('data', (chunk: Buffer) => chunks.push(chunk));
        entry.on('end', () => {
          try {
            add(path, Buffer.concat(chunks));
          } catch (error) {
            fail(error);
          }
        });
        return;
      }
      entry.resume();
    };
    const parser = new Parser({ strict: true, gzip: false, onReadEntry: take });
    parser.on('error', fail);
    parser.on('end', () => resolve());
    parser.end(bytes);
  });
}

function kindOf(type: string): string {
  if (type === 'SymbolicLink') return 'symbolic link';
  return type === 'Link' ? 'link to another file' : `special file (${type})`;
}

function refused(called: string, why: string): BundleError {
  return new BundleError('refused', `The bundle ${called} ${why}.`);
}
