import type * as vscode from 'vscode';
import type { DisclosureField } from '../../server/protocol.ts';

/** What was typed into the prompt, by field name. */
export type Values = Record<string, string>;

const key = 'commit.drafts';

/**
 * What was typed for a repository and is not yet committed. It is kept in the workspace's storage at
 * every change, so that neither Escape, nor an error, nor a closed window loses it.
 */
export interface Drafts {
  get(repository: vscode.Uri): Values;
  set(repository: vscode.Uri, values: Values): Promise<void>;
  /** After a commit: only what is chosen from a list (model, approver) is offered again. */
  committed(repository: vscode.Uri, fields: readonly DisclosureField[]): Promise<void>;
}

export function createDrafts(storage: vscode.Memento): Drafts {
  const all = () => storage.get<Record<string, Values>>(key, {});
  const get = (repository: vscode.Uri) => all()[repository.toString()] ?? {};
  const set = async (repository: vscode.Uri, values: Values) => {
    await storage.update(key, { ...all(), [repository.toString()]: values });
  };
  return {
    get,
    set,
    async committed(repository, fields) {
      const chosen = new Set(fields.filter(({ suggestions }) => suggestions.length > 0).map(({ name }) => name));
      await set(repository, Object.fromEntries(Object.entries(get(repository)).filter(([name]) => chosen.has(name))));
    },
  };
}
