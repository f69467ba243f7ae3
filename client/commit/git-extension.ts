/**
 * What is used of VS Code's Git extension (its public API, version 1). It is looked up when needed:
 * an `extensionDependencies` entry would keep this extension from activating in Restricted Mode.
 */
import * as vscode from 'vscode';

export interface GitChange {
  readonly uri: vscode.Uri;
  /** The API's `Status`; see {@link untracked}. */
  readonly status: number;
}

/** The API's `Status.UNTRACKED`. */
export const untracked = 7;

export interface GitCommitOptions {
  /** `tracked` is `git add -u`, as `git commit -a` does it. */
  all?: boolean | 'tracked';
  signoff?: boolean;
  signCommit?: boolean;
}

export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: {
    readonly HEAD: { readonly commit?: string } | undefined;
    readonly onDidChange: vscode.Event<void>;
    readonly mergeChanges: GitChange[];
    readonly indexChanges: GitChange[];
    readonly workingTreeChanges: GitChange[];
    /** Filled only when the setting `git.untrackedChanges` keeps them apart. */
    readonly untrackedChanges?: GitChange[];
  };
  readonly ui: { readonly selected: boolean };
  status(): Promise<void>;
  add(paths: string[]): Promise<void>;
  commit(message: string, options?: GitCommitOptions): Promise<void>;
}

export interface GitApi {
  readonly state: 'uninitialized' | 'initialized';
  readonly onDidChangeState: vscode.Event<'uninitialized' | 'initialized'>;
  readonly onDidOpenRepository: vscode.Event<GitRepository>;
  readonly onDidCloseRepository: vscode.Event<GitRepository>;
  readonly repositories: GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
  /** A file as it is in a commit. */
  toGitUri(uri: vscode.Uri, ref: string): vscode.Uri;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** The Git extension's API once it knows the repositories; undefined when it is absent or switched off. */
export async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  const exports = await extension?.activate();
  if (!exports?.enabled) return undefined;
  const api = exports.getAPI(1);
  if (api.state !== 'initialized') {
    await new Promise<void>((done) => {
      const waiting = api.onDidChangeState((state) => {
        if (state !== 'initialized') return;
        waiting.dispose();
        done();
      });
    });
  }
  return api;
}

/** What git wrote, when it or one of its hooks refused; else the error's own message. */
export function gitWords(error: unknown): string {
  if (error && typeof error === 'object') {
    for (const name of ['stderr', 'stdout', 'message'] as const) {
      const text = (error as Record<string, unknown>)[name];
      if (typeof text === 'string' && text.trim()) return text.trim();
    }
  }
  return String(error);
}
