/** Which documents are the user's own to mend, and which are views of something else. */
import type { Snapshot } from './snapshot.ts';

/**
 * Whether problems of a document are reported. Not those of other revisions (`git:`), of reviews and of other views
 * that are only read: their schemes are no file's, no unsaved text's and no folder's of the workspace.
 */
export function isReported({ folders }: Pick<Snapshot, 'folders'>, uri: string): boolean {
  const scheme = uri.slice(0, uri.indexOf(':') + 1);
  return scheme === 'file:' || scheme === 'untitled:' || folders.some((folder) => folder.uri.startsWith(scheme));
}
