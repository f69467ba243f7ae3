/** Reading folders and files from disk, for the Node.js runtime. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { URI } from 'vscode-uri';
import { isPlainYaml, isRead } from './file-kinds.ts';
import { mayHoldTemplates } from './rego/embedded/mark.ts';
import type { FolderScan, ScannedFile } from './runtime.ts';

/** A file larger than this is no policy that anyone wrote, in bytes. */
const maxSize = 10 * 1024 * 1024;

/** Beyond this many files the folder is too large to be one workspace. */
const maxFiles = 50_000;

/** YAML files beyond these are not searched for Rego, and none that is larger, in bytes. */
const maxYamlFiles = 10_000;
const maxYamlSize = 1024 * 1024;

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
  const yaml: string[] = [];

  async function visit(folder: string): Promise<void> {
    signal.throwIfAborted();
    const entries = await readdir(join(top, folder), { withFileTypes: true });
    if (entries.some((entry) => entry.name === '.gitignore' && entry.isFile())) {
      const lines = await readFile(join(top, folder, '.gitignore'), 'utf8');
      rules.set(folder, ignore().add(rulesFor(rules, folder)).add(fromTop(folder, lines)));
    }
    const folders: string[] = [];
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!never.has(entry.name) && !ignored(`${path}/`)) folders.push(path);
      } else if (isRead(path, ignored)) {
        paths.push(path);
        if (paths.length > maxFiles) throw new Error(`it has more than ${maxFiles} policy files`);
      } else if (isPlainYaml(path) && yaml.length <= maxYamlFiles && !ignored(path)) yaml.push(path);
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
  if (yaml.length > maxYamlFiles) {
    log(`${top} has more than ${maxYamlFiles} YAML files: Rego is looked for in ${maxYamlFiles} of them`);
    yaml.length = maxYamlFiles;
  }
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
  return { files, yaml, ignored, inherited: own ? [] : await findInherited(dirname(top)) };
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

/** The text of a YAML file that may have Rego in it; undefined for any other, which is not decoded. */
export async function readTemplate(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxYamlSize) return undefined;
    const bytes = await readFile(path);
    const text = bytes.includes('ConstraintTemplate') ? bytes.toString('utf8').replace(/^\uFEFF/, '') : '';
    return mayHoldTemplates(text) ? text : undefined;
  } catch (error) {
    // Gone, or a folder of that name: nothing to look after.
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Whether a path, or a folder it is in, is ignored. A folder's path ends in `/`. */
function isIgnored(rules: ReadonlyMap<string, Ignore>, path: string): boolean {
  const folders = path.replace(/\/$/, '').split('/');
  if (folders.some((segment) => never.has(segment))) return true;
  folders.pop();
  return path !== '' && rulesFor(rules, folders.join('/')).ignores(path);
}

const none = ignore();

/** The rules that hold in a folder: those of the innermost `.gitignore` around it, which follow the outer ones'. */
function rulesFor(rules: ReadonlyMap<string, Ignore>, folder: string): Ignore {
  for (let at = folder; ; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) {
    const found = rules.get(at);
    if (found) return found;
    if (at === '') return none;
  }
}

/**
 * The patterns of a folder's `.gitignore` as the topmost one would write them, so that all can stand
 * in one list where the last that matches decides (gitignore(5)).
 */
function fromTop(folder: string, text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (folder === '') return lines;
  const prefix = `/${folder.replace(/[[\]*?\\ ]/g, '\\$&')}/`;
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, not = '', pattern = ''] = /^(!?)(.*)$/.exec(line) ?? [];
      const anchored = /\/(?!\s*$)/.test(pattern);
      // Behind the prefix nothing is special at a start any more.
      const rest = pattern.replace(/^\//, '').replace(/^\\([!#])/, '$1');
      return `${not}${prefix}${anchored ? '' : '**/'}${rest}`;
    });
}
