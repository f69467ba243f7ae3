/** Which documents are commit messages, and of which kind. */
import { URI } from 'vscode-uri';
import { nameOf, normalizeUri } from '../uris.ts';

export type MessageKind =
  /** A message file that git is going to clean: comments, scissors. */
  | 'file'
  /** VS Code's input box: what is typed is committed as it is, but for white space. */
  | 'input'
  /** The todo list of an interactive rebase. */
  | 'rebase';

/** Language identifiers: VS Code's own, and what other editors call the same. */
const kinds: Record<string, MessageKind> = {
  'git-commit': 'file',
  gitcommit: 'file',
  scminput: 'input',
  'git-rebase': 'rebase',
  gitrebase: 'rebase',
};

const messageFiles = new Set(['COMMIT_EDITMSG', 'MERGE_MSG', 'SQUASH_MSG']);

/** For dynamic registrations. Without schemes: VS Code's input box has one of its own, `vscode-scm`. */
export const messageSelector = [
  ...Object.keys(kinds).map((language) => ({ language })),
  ...[...messageFiles, 'git-rebase-todo'].map((name) => ({ pattern: `**/${name}` })),
];

/** Undefined for documents that are no messages. */
export function messageKind({ uri, languageId }: { uri: string; languageId: string }): MessageKind | undefined {
  const known = kinds[languageId];
  if (known) return known;
  const name = nameOf(uri);
  if (messageFiles.has(name)) return 'file';
  return name === 'git-rebase-todo' ? 'rebase' : undefined;
}

/**
 * The repository that a document of VS Code's input box names in its URI
 * (`vscode-scm:git/scm0/input?rootUri=…`, see ExtHostSourceControl in
 * https://github.com/microsoft/vscode/blob/main/src/vs/workbench/api/common/extHostSCM.ts).
 */
export function repositoryOfInput(uri: string): string | undefined {
  let query: string;
  try {
    ({ query } = URI.parse(uri, true));
  } catch {
    return undefined;
  }
  const root = new URLSearchParams(query).get('rootUri');
  return root === null || root === '' ? undefined : normalizeUri(root).replace(/\/$/, '');
}
