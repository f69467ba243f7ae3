/** Reading folders and files from disk, for the Node.js runtime. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { URI } from 'vscode-uri';
import { kindOf } from './file-kinds.ts';
import type { FolderScan, ScannedFile } from './runtime.ts';

/** A file larger than this is no policy that anyone wrote, in bytes. */
const maxSize = 10 * 1024 * 1024;

/** Beyond this many files the folder is too large to be one workspace. */
const maxFiles = 50_000;

/** Files read at once. */
const readers = 32;

/** Folders that nobody keeps policies in. */
const never = new Set(['.git', 'node_modules', '.hg', '.svn']);

/** Reads what the server looks after below a folder; git-ignored files are left out. */
export async function scanFolder(
  uri: string,
  below: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<FolderScan> {
  const top = URI.parse(uri).fsPath;
  const rules = new Map<string, Ignore>();
  const ignored = (path: string) => isIgnored(rules, path);
  const paths: string[] = [];

  async function visit(folder: string): Promise<void> {
    signal.throwIfAborted();
    const entries = await readdir(join(top, folder), { withFileTypes: true });
    if (entries.some((entry) => entry.name === '.gitignore' && entry.isFile())) {
      rules.set(
        folder,
        ignore({ allowRelativePaths: true }).add(await readFile(join(top, folder, '.gitignore'), 'utf8')),
      );
    }
    const folders: string[] = [];
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!never.has(entry.name) && !ignored(`${path}/`)) folders.push(path);
      } else if (kindOf(path) !== undefined && !ignored(path)) {
        paths.push(path);
        if (paths.length > maxFiles) throw new Error(`it has more than ${maxFiles} policy files`);
      }
    }
    await Promise.all(
      folders.map((inner) =>
        visit(inner).catch((error: NodeJS.ErrnoException) => {
          if (signal.aborted || error.code === undefined) throw error;
          log(`${join(top, inner)} was not read: ${error.message}`);
        }),
      ),
    );
  }

  await visit(below);
  const files: ScannedFile[] = [];
  const queue = paths.values();
  const read = async () => {
    for (const path of queue) {
      signal.throwIfAborted();
      try {
        const text = await readText(join(top, path));
        if (text !== undefined) files.push({ path, text });
      } catch (error) {
        log(`${join(top, path)} was not read: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: readers }, read));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const own = files.some(({ path }) => path === '.regal/config.yaml' || path === '.regal.yaml');
  return { files, ignored, inherited: own ? [] : await findInherited(dirname(top)) };
}

/** Regal's configuration and rules in the closest folder, this one or above, that has some. */
export async function findInherited(folder: string): Promise<{ uri: string; text: string }[]> {
  for (let at = folder; ; at = dirname(at)) {
    for (const config of [join(at, '.regal', 'config.yaml'), join(at, '.regal.yaml')]) {
      const text = await readText(config).catch(() => undefined);
      if (text === undefined) continue;
      const rules = await rulesBelow(join(at, '.regal', 'rules'));
      return [{ uri: URI.file(config).toString(), text }, ...rules];
    }
    if (dirname(at) === at) return [];
  }
}

async function rulesBelow(folder: string): Promise<{ uri: string; text: string }[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [] as string[]);
  const rules: { uri: string; text: string }[] = [];
  for (const name of names.filter((name) => name.endsWith('.rego')).sort()) {
    const text = await readText(join(folder, name));
    if (text !== undefined) rules.push({ uri: URI.file(join(folder, name)).toString(), text });
  }
  return rules;
}

/** A file's text without a byte order mark; undefined when there is none, or it is too large. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxSize) return undefined;
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}

/** Whether a path is ignored: by the innermost `.gitignore` that speaks of it, or of a folder it is in. */
function isIgnored(rules: ReadonlyMap<string, Ignore>, path: string): boolean {
  const segments = path.split('/').filter(Boolean);
  if (segments.some((segment) => never.has(segment))) return true;
  for (let length = 1; length <= segments.length; length++) {
    const part = segments.slice(0, length).join('/') + (length < segments.length || path.endsWith('/') ? '/' : '');
    let verdict = false;
    for (let depth = 0; depth < length; depth++) {
      const folder = segments.slice(0, depth).join('/');
      const found = rules.get(folder)?.test(folder === '' ? part : part.slice(folder.length + 1));
      if (found?.ignored) verdict = true;
      else if (found?.unignored) verdict = false;
    }
    if (verdict) return true;
  }
  return false;
}
