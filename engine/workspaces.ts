/**
 * What the engine has been told: enough to tell a new process the same.
 *
 * Changes go in only after the engine accepted them, so that a file that kills it is not sent again.
 */
import type { Methods, OpenParams, UpdateParams, WorkspaceFile } from './protocol.ts';

/** Each open workspace by name: how it was opened, and its files by path. */
export type OpenWorkspaces = Map<string, { options: Omit<OpenParams, 'files'>; files: Map<string, WorkspaceFile> }>;

export type WorkspaceMethod = Extract<keyof Methods, `workspace/${string}`>;

export function isWorkspaceMethod(method: keyof Methods): method is WorkspaceMethod {
  return method.startsWith('workspace/');
}

/** Notes that the engine accepted a `workspace/*` request. */
export function fold<M extends WorkspaceMethod>(open: OpenWorkspaces, method: M, params: Methods[M][0]): void {
  if (method === 'workspace/open') {
    const { files, ...options } = params as OpenParams;
    open.set(options.workspace, { options, files: new Map(files.map((file) => [file.path, file])) });
  } else if (method === 'workspace/update') {
    const { workspace, changed = [], removed = [] } = params as UpdateParams;
    const files = open.get(workspace)?.files;
    for (const path of removed) {
      files?.delete(path);
    }
    for (const file of changed) {
      files?.set(file.path, file);
    }
  } else {
    open.delete(params.workspace);
  }
}

/** The requests that bring a new process to the same state. */
export function reopenings(open: OpenWorkspaces): OpenParams[] {
  return [...open.values()].map(({ options, files }) => ({ ...options, files: [...files.values()] }));
}
