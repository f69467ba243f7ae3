/** How paths of packages are written, and how they follow folders. */

const words = new Set([
  ...['as', 'contains', 'default', 'else', 'every', 'false', 'if', 'import', 'in', 'not', 'null'],
  ...['package', 'some', 'true', 'with'],
]);

/** Whether a name can stand behind a dot, and begin a package's path. */
export function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !words.has(name);
}

/** Whether an import can be known by it. */
export function isImportable(name: string): boolean {
  return isPlain(name) && name !== 'data' && name !== 'input';
}

/** `lib.roles`, with brackets around what is no word: `lib["user-roles"]`; undefined where it cannot begin so. */
export function writePackage([first, ...others]: readonly string[]): string | undefined {
  if (first === undefined || !isPlain(first)) return undefined;
  return first + writeBelow(others);
}

/** The same behind something else: `.roles["a b"]`. */
export function writeBelow(names: readonly string[]): string {
  return names.map((name) => (isPlain(name) ? `.${name}` : `[${JSON.stringify(name)}]`)).join('');
}

/** The folders of a path, from the outermost. */
export function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1);
}
