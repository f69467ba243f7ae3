/** Reads the compressed wasm engine: unpacked, verified by its checksum, compiled. */
import { randomUUID, webcrypto } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { brotliDecompress } from 'node:zlib';
import envPaths from 'env-paths';

/**
 * Unpacking takes longer than compiling, so what was unpacked is kept in the user's cache folder; it
 * is verified whenever it is read, and a cache that cannot be read or written is done without.
 *
 * @param file the Brotli file; `….wasm.sha256` beside it names the checksum of what it unpacks to.
 * @param cache the folder for what was unpacked.
 */
export async function loadEngineModule(
  file: string,
  log: (line: string) => void,
  cache: string | undefined = userCache(),
): Promise<WebAssembly.Module> {
  const checksum = await readChecksum(file.replace(/\.br$/, '.sha256'));
  const cached = cache && join(cache, `${checksum}.wasm`);
  const fromCache = cached && (await readWhole(cached).catch(() => undefined));
  if (fromCache) {
    const module = await compileVerified(fromCache, checksum);
    if (module !== undefined) {
      return module;
    }
    log(`engine: ${cached} is damaged and is made anew`);
  }
  const bytes = await unpack(file);
  const module = await compileVerified(bytes, checksum);
  if (module === undefined) {
    throw new Error(`${file} is damaged: what it unpacks to has not the SHA-256 ${checksum}`);
  }
  if (cache && cached) {
    await keep(cache, cached, bytes).catch((error: Error) =>
      log(`engine: the unpacked engine is not kept: ${error.message}`),
    );
  }
  return module;
}

/** Into one buffer: `readFile` gathers parts, and what allocated those does not give all of it back. */
async function readWhole(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(file);
  try {
    const bytes = new Uint8Array((await handle.stat()).size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Nothing where the user has no home folder. */
function userCache(): string | undefined {
  try {
    return join(envPaths('countersign', { suffix: '' }).cache, 'engine');
  } catch {
    return undefined;
  }
}

async function readChecksum(file: string): Promise<string> {
  const checksum = /^[0-9a-f]{64}\b/.exec(await readFile(file, 'utf8'))?.[0];
  if (checksum === undefined) {
    throw new Error(`${file} does not start with a SHA-256 in hexadecimal`);
  }
  return checksum;
}

/** More than it unpacks to, in bytes, so that it comes in one part. */
const roomy = 64 << 20;

async function unpack(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await readFile(file);
  try {
    return (await promisify(brotliDecompress)(packed, { chunkSize: roomy })) as Uint8Array<ArrayBuffer>;
  } catch (error) {
    throw new Error(`${file} is damaged: ${(error as Error).message}`);
  }
}

/** Compiles while the checksum is computed; nothing when it is another one. */
async function compileVerified(
  bytes: Uint8Array<ArrayBuffer>,
  checksum: string,
): Promise<WebAssembly.Module | undefined> {
  // A quarter of the start goes into validating 30,000 functions of which few are called; the checksum vouches
  // for them, and V8 still validates each before its first call. Electron freezes V8's flags.
  if (process.versions.electron === undefined) {
    setFlagsFromString('--wasm-lazy-validation');
  }
  const compiled = WebAssembly.compile(bytes).catch((error: Error) => error);
  const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
  if (digest !== checksum) {
    await compiled;
    return undefined;
  }
  const module = await compiled;
  if (module instanceof Error) {
    throw module;
  }
  return module;
}

async function keep(folder: string, file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = join(folder, `${randomUUID()}.part`);
  try {
    await writeFile(part, bytes, { mode: 0o600 });
    await rename(part, file);
    await forgetOld(folder, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Engines of other versions, and what an interrupted write left, once a month has passed. */
async function forgetOld(folder: string, current: string): Promise<void> {
  const month = 30 * 24 * 3600 * 1000;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const ours = /^[0-9a-f]{64}\.wasm$|\.part$/.test(name) && file !== current;
    if (ours && Date.now() - (await stat(file)).mtimeMs > month) {
      await rm(file, { force: true });
    }
  }
}
