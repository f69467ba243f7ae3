import { URI } from 'vscode-uri';
import { type GitRepository, openRepository } from '../../core/git/repository.ts';

/** Opens the repository of a request; the editor's own environment names none. */
export function repositoryAt(uri: string): Promise<GitRepository> {
  return openRepository(URI.parse(uri).fsPath, { inherit: false });
}
