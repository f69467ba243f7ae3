/** Which files the server looks after, by their path in a folder, and what each is. */

export type FileKind =
  | 'rego'
  /** A custom Regal rule: Rego, but no module of the policies. */
  | 'lint-rule'
  | 'lint-config'
  /** `.countersign/config.yaml` */
  | 'config'
  | 'exception'
  | 'data'
  | 'schema'
  | 'schema-test'
  /** A bundle's `.manifest`: marks where a bundle's data begins. */
  | 'manifest'
  /** A sample input, by which people try the policies beside and below it. */
  | 'input'
  /** OPA's list of built-ins, which Regal's configuration may name. */
  | 'capabilities'
  | 'gitignore';

/** The folder in which a repository keeps what concerns Countersign. */
export const home = '.countersign';

/** What a file is; undefined for those that the server leaves alone. */
export function kindOf(path: string): FileKind | undefined {
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  if (name === '.gitignore') return 'gitignore';
  if (name.endsWith('.rego')) return /(^|\/)\.regal\/rules\//.test(path) ? 'lint-rule' : 'rego';
  if (name === '.regal.yaml' || /(^|\/)\.regal\/config\.yaml$/.test(path)) return 'lint-config';
  if (name === '.manifest') return 'manifest';
  if (/\.schema_test\.(ya?ml|json)$/.test(name)) return 'schema-test';
  if (name.endsWith('.schema.json')) return 'schema';
  if (/(^|[-._])capabilities([-._].*)?\.json$/.test(name)) return 'capabilities';
  const below = segments.lastIndexOf(home);
  if (/^input\.(json|yaml)$/.test(name) && !isElsewhere(segments.slice(below + 1, -1), below >= 0)) return 'input';
  if (below >= 0 && /\.(ya?ml|json)$/.test(name)) {
    const inHome = segments.slice(below + 1);
    if (inHome.length === 1) return /^config\.ya?ml$/.test(name) ? 'config' : undefined;
    if (inHome[0] === 'exceptions') return 'exception';
    return inHome.includes('schemas') && name.endsWith('.json') ? 'schema' : 'data';
  }
  if (/^data\.(ya?ml|json)$/.test(name)) return 'data';
  if (segments.slice(0, -1).includes('schemas') && name.endsWith('.json')) return 'schema';
  return undefined;
}

/** Whether a file is read from disk. Sample inputs are, too, where git ignores them, as it is advised to let it. */
export function isRead(path: string, ignored: (path: string) => boolean): boolean {
  const kind = kindOf(path);
  return kind !== undefined && (kind === 'input' || !ignored(path));
}

/** Whether a file is YAML of no kind, in which Rego may be embedded; its text decides. */
export function isPlainYaml(path: string): boolean {
  return /\.ya?ml$/.test(path) && kindOf(path) === undefined;
}

/** Whether these folders hold something else than policies. */
function isElsewhere(folders: readonly string[], inHome: boolean): boolean {
  return folders.includes('schemas') || (inHome && (folders[0] === 'data' || folders[0] === 'exceptions'));
}

/** Globs for the client's file watcher: everything that {@link kindOf} knows. */
export const watchedGlobs = [
  '**/*.rego',
  '**/.regal.yaml',
  '**/.regal/config.yaml',
  '**/.manifest',
  '**/.gitignore',
  '**/*.schema.json',
  '**/*.schema_test.{yaml,yml,json}',
  '**/schemas/**/*.json',
  '**/data.{yaml,yml,json}',
  '**/input.{yaml,json}',
  '**/*capabilities*.json',
  `**/${home}/**/*.{yaml,yml,json}`,
];

/** What {@link isPlainYaml} is for. */
export const yamlGlob = '**/*.{yaml,yml}';

/** What changes with what is about to be committed, and with where it goes. */
export const gitGlob = '**/.git/{index,HEAD}';

/** Whether a URI is one that {@link gitGlob} is for. */
export function isGitState(uri: string): boolean {
  return /\/\.git\/(?:index|HEAD)$/.test(uri);
}
