/** The roots of a snapshot, made from its ground. */
import { derived } from './derived.ts';
import { home, kindOf } from './file-kinds.ts';
import { follows, patched } from './patched.ts';
import { capabilitiesFile, withCapabilities } from './rego/capabilities.ts';
import { rootsIn, targetsOf } from './rego/embedded/roots.ts';
import { declaredVersions, regoVersionOf } from './rego/rego-version.ts';
import { settingsFor } from './settings.ts';
import type { Document, Folder, Ground, Root } from './snapshot.ts';
import { SortedMap } from './sorted-map.ts';
import { nameOf, pathWithin, uriWithin } from './uris.ts';

/** The paths under which two versions of a root have other documents, in no order. */
export function changedPaths({ files: before }: Pick<Root, 'files'>, { files: now }: Pick<Root, 'files'>): string[] {
  if (before instanceof SortedMap && now instanceof SortedMap) return SortedMap.differences(before, now);
  const changed = [...now].filter(([path, document]) => before.get(path) !== document).map(([path]) => path);
  return [...changed, ...[...before.keys()].filter((path) => !now.has(path))];
}

/** Whether a document is one the server looks after, whatever folder it is in. */
export function isTended(document: Document, path = nameOf(document.uri)): boolean {
  return document.languageId === 'rego' || kindOf(path) !== undefined || targetsOf(document).length > 0;
}

/** All roots; those of which nothing changed are the same objects as before. */
export function rootsOf(ground: Ground, before: ReadonlyMap<string, Root>): Map<string, Root> {
  const files = new Map<string, SortedMap<Document>>();
  for (const folder of ground.folders) for (const [root, group] of groupsOf(folder)) files.set(root, group);
  const opened = new Map<string, Map<string, Document>>();
  const looseRoots = new Set<string>();
  for (const [uri, document] of ground.open) {
    const { root, path } = placeOf(ground, uri);
    if (!isTended(document, path)) continue;
    if (root === uri) looseRoots.add(uri);
    opened.set(root, (opened.get(root) ?? new Map<string, Document>()).set(path, document));
  }
  for (const [root, documents] of opened) files.set(root, (files.get(root) ?? none).edited(documents));
  const roots = new Map<string, Root>();
  for (const [id, group] of files) {
    const folder = ground.folders.find(({ uri }) => id === uri || pathWithin(uri, id) !== undefined);
    const kind = looseRoots.has(id) ? 'document' : folder?.uri === id ? 'folder' : 'countersign';
    const own = { kind, files: group, inherited: inheritedBy(ground, id, kind, folder, files) } as const;
    const root: Root = {
      id,
      ...own,
      base: kind === 'document' || !folder ? id : folder.uri,
      inherited: withCapabilities(own, ground.listed),
      regoVersion: 'v1',
      trusted: ground.trusted,
    };
    const settings = settingsFor(ground.settings, root.base);
    const read = {
      ...root,
      regoVersion: regoVersionOf(root, settings),
      declared: declaredVersions(root, folder ? manifestsOf(folder) : [], settings),
    };
    const old = before.get(id);
    if (old) follows(read, old);
    roots.set(id, old && sameRoot(old, read) ? old : read);
  }
  for (const root of embeddedRoots(ground, files)) roots.set(root.id, root);
  return roots;
}

/** The Rego in YAML files: open ones, and those on disk that are known to hold some. */
function embeddedRoots(ground: Ground, files: ReadonlyMap<string, SortedMap<Document>>): Root[] {
  const found: Root[] = [];
  for (const folder of ground.folders) {
    const templates = [...templatesOf(folder)].filter(([, { uri }]) => !ground.open.has(uri));
    const around = aroundTemplates(ground, folder.uri, folder, files);
    for (const [path, document] of templates) {
      found.push(...rootsIn(document, { key: document.uri, base: folder.uri, path }, around, ground.trusted));
    }
  }
  for (const [uri, document] of ground.open) {
    if (targetsOf(document).length === 0) continue;
    const { root, path } = placeOf(ground, uri);
    const folder = root === uri ? undefined : ground.folders.find((one) => pathWithin(one.uri, uri) !== undefined);
    const around = aroundTemplates(ground, folder?.uri ?? uri, folder, files);
    found.push(...rootsIn(document, { key: uri, base: folder?.uri ?? uri, path }, around, ground.trusted));
  }
  return found;
}

/** What applies to Rego in YAML from around it: the linter's, and the list of built-ins that its configuration names. */
function aroundTemplates(
  ground: Ground,
  id: string,
  folder: Folder | undefined,
  files: ReadonlyMap<string, SortedMap<Document>>,
): readonly Document[] {
  const own = folder && files.get(folder.uri);
  const around = { kind: 'folder', files: own ?? none } as const;
  const inherited = withCapabilities(
    { ...around, inherited: inheritedBy(ground, id, 'embedded', folder, files) },
    ground.listed,
  );
  const listed = own && capabilitiesFile({ ...around, base: folder.uri, inherited });
  return listed && !inherited.includes(listed) ? [...inherited, listed] : inherited;
}

const templatesOf = patched(
  ({ disk }: Folder): SortedMap<Document> =>
    SortedMap.of([...disk].filter(([, document]) => targetsOf(document).length > 0)),
  (templates, before, { disk }) =>
    templates.edited(
      new Map(
        SortedMap.differences(before.disk, disk).map((path) => {
          const document = disk.get(path);
          return [path, document && targetsOf(document).length > 0 ? document : undefined];
        }),
      ),
    ),
);

/** A `.countersign` folder, and what git ignores, is linted as the folder around it says. */
function inheritedBy(
  ground: Ground,
  id: string,
  kind: Root['kind'],
  folder: Folder | undefined,
  files: ReadonlyMap<string, SortedMap<Document>>,
): readonly Document[] {
  if (!folder) return ground.loose.get(id) ?? [];
  if (kind === 'folder') return folder.inherited;
  const around = [...(files.get(folder.uri) ?? none).startingWith('.regal')]
    .filter(([path]) => path === '.regal.yaml' || path.startsWith('.regal/'))
    .map(([, document]) => document);
  return around.length > 0 ? around : folder.inherited;
}

/** A root by its id, and a path in it. */
export interface Place {
  root: string;
  path: string;
}

/** Where a URI belongs. A document outside every folder, or ignored in its folder, is a root of its own. */
export function placeOf({ folders }: Pick<Ground, 'folders'>, uri: string): Place {
  for (const folder of folders) {
    const path = pathWithin(folder.uri, uri);
    if (path === undefined) continue;
    if (folder.disk.has(path) || !folder.ignored(path)) return { root: rootOf(folder, path), path };
    break;
  }
  return { root: uri, path: nameOf(uri) };
}

function rootOf(folder: Folder, path: string): string {
  const end = `/${path}`.lastIndexOf(`/${home}/`);
  return end < 0 ? folder.uri : uriWithin(folder.uri, path.slice(0, end + home.length));
}

const none = SortedMap.of<Document>([]);

type Groups = ReadonlyMap<string, SortedMap<Document>>;

/** A folder's files by the root they belong to. */
const groupsOf = patched(
  (folder: Folder): Groups => regrouped(folder, new Map([[folder.uri, none]]), folder.disk.keys()),
  (groups, before, folder) => regrouped(folder, groups, SortedMap.differences(before.disk, folder.disk)),
);

function regrouped(folder: Folder, groups: Groups, paths: Iterable<string>): Groups {
  const changes = new Map<string, Map<string, Document | undefined>>();
  for (const path of paths) {
    const root = rootOf(folder, path);
    const group = changes.get(root) ?? new Map<string, Document | undefined>();
    changes.set(root, group.set(path, folder.disk.get(path)));
  }
  const all = new Map(groups);
  for (const [root, group] of changes) {
    const files = (all.get(root) ?? none).edited(group);
    if (files.size > 0 || root === folder.uri) all.set(root, files);
    else all.delete(root);
  }
  return all;
}

const manifestsOf = derived(({ disk }: Folder): readonly Document[] =>
  [...disk.values()].filter(({ uri }) => uri.endsWith('/.manifest')),
);

function sameRoot(a: Root, b: Root): boolean {
  if (a.files.size !== b.files.size || a.regoVersion !== b.regoVersion || a.trusted !== b.trusted) return false;
  if (JSON.stringify(a.declared) !== JSON.stringify(b.declared) || changedPaths(a, b).length > 0) return false;
  return sameInherited(a, b);
}

/** Whether the same files count from outside. */
export function sameInherited(
  { inherited: a }: Pick<Root, 'inherited'>,
  { inherited: b }: Pick<Root, 'inherited'>,
): boolean {
  return a.length === b.length && a.every((document, at) => document === b[at]);
}
