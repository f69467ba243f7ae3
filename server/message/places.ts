/** Which repository a message belongs to, and what marks a comment there. */
import { URI } from 'vscode-uri';
import type { MessageSettings, Runtime } from '../runtime.ts';
import type { Document, Snapshot } from '../snapshot.ts';
import { messageKind, repositoryOfInput } from './documents.ts';

export interface MessagePlace {
  /** URI of the repository's top folder. */
  repository: string;
  /** What git's configuration says of comments and cleaning; asked once for each document. */
  settings: MessageSettings;
}

/** Undefined for documents that belong to no repository, or that nobody can tell it of. */
export async function findPlace(
  document: Document,
  { folders, trusted }: Pick<Snapshot, 'folders' | 'trusted'>,
  runtime: Pick<Runtime, 'messageGit'>,
): Promise<MessagePlace | undefined> {
  const kind = messageKind(document);
  if (!kind) return undefined;
  const git = await runtime.messageGit();
  const open = folders.map(({ uri }) => uri);
  const { scheme } = URI.parse(document.uri);
  let repository: string | undefined;
  if (kind === 'input' || scheme !== 'file') {
    // Without a name in its URI, the only folder's.
    repository = repositoryOfInput(document.uri);
    if (repository === undefined && open.length === 1) repository = await git.rootOf(open[0]!);
  } else {
    repository = (await git.workTreeOf(document.uri, open)) ?? (await git.rootOf(folderOf(document.uri)));
  }
  if (repository === undefined) return undefined;
  // Git is asked nothing in a workspace that is not trusted: its configuration may name programs.
  const settings = trusted && kind !== 'input' ? await git.settings(repository) : {};
  return { repository, settings };
}

function folderOf(uri: string): string {
  const parsed = URI.parse(uri);
  return parsed.with({ path: parsed.path.replace(/\/[^/]*$/, '') || '/' }).toString();
}
