/** Finds the `.countersign` folder of a repository, open in the workspace or not. */
import { type Home, readHome } from '../../core/disclosure/home.ts';
import { derived } from '../derived.ts';
import { home as homeFolder } from '../file-kinds.ts';
import type { Runtime } from '../runtime.ts';
import type { Root, Snapshot } from '../snapshot.ts';
import { normalizeUri, uriWithin } from '../uris.ts';

/** How long what was read of a folder outside the workspace, which nobody watches, is taken for true. */
const freshMs = 2000;

const homeOfRoot = derived((root: Root) =>
  readHome([...root.files].map(([path, { text }]) => [inHome(path), text] as const)),
);

/** A path in the `.countersign` folder, of one that leads through it. */
function inHome(path: string): string {
  return path.slice(path.indexOf(`${homeFolder}/`) + homeFolder.length + 1);
}

export function createHomes(runtime: Pick<Runtime, 'scanFolder' | 'now'>, log: (line: string) => void) {
  const outside = new Map<string, { at: number; home: Promise<Home | undefined> }>();

  return async (snapshot: Snapshot, repository: string, signal: AbortSignal): Promise<Home | undefined> => {
    const uri = normalizeUri(repository).replace(/\/$/, '');
    const root = snapshot.roots.get(uriWithin(uri, homeFolder));
    const followed = root && homeOfRoot(root);
    if (followed) return followed;
    // Perhaps it was set up a moment ago, and the watcher has yet to tell: the disk knows.
    const now = runtime.now().getTime();
    const known = outside.get(uri);
    if (known && Math.abs(now - known.at) < freshMs) return known.home;
    const home = scan(uri, signal);
    outside.set(uri, { at: now, home });
    // That there is none is asked again each time.
    const forget = () => outside.delete(uri);
    home.then((found) => found ?? forget(), forget);
    return home;
  };

  async function scan(uri: string, signal: AbortSignal): Promise<Home | undefined> {
    try {
      const { files } = await runtime.scanFolder(uri, homeFolder, log, signal);
      return readHome(files.map(({ path, text }) => [inHome(path), text] as const));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
