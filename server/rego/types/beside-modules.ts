/** What is derived from a root's other files than modules: an edit of a module does not make it again. */
import { patched } from '../../patched.ts';
import { changedPaths } from '../../roots.ts';
import type { Root } from '../../snapshot.ts';
import { isModule } from '../engine-files.ts';

export function besideModules<V>(make: (root: Root) => V): (root: Root) => V {
  return patched(make, (last, before, now) => {
    const isSame = changedPaths(before, now).every((path) => {
      const document = now.files.get(path) ?? before.files.get(path);
      return document !== undefined && isModule(path, document);
    });
    return isSame ? last : undefined;
  });
}
