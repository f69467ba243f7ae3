import type * as vscode from 'vscode';
import type { DisclosureField, FieldValues } from '../../server/protocol.ts';

const typedKey = 'commit.drafts';
const offeredKey = 'commit.offered';

/**
 * What was typed for a repository and is not yet committed. It is kept in the workspace's storage at
 * every change, so that neither Escape, nor an error, nor a closed window loses it.
 */
export interface Drafts {
  typed(repository: vscode.Uri): FieldValues;
  /** What was chosen from a list (model, approver) for the last commit. */
  offered(repository: vscode.Uri): FieldValues;
  set(repository: vscode.Uri, values: FieldValues): Promise<void>;
  /** Remembers what was chosen from a list among these values. */
  offer(repository: vscode.Uri, fields: readonly DisclosureField[], values: FieldValues): Promise<void>;
  /** After a commit with these values. */
  committed(repository: vscode.Uri, fields: readonly DisclosureField[], values: FieldValues): Promise<void>;
}

export function createDrafts(storage: vscode.Memento): Drafts {
  const all = (key: string) => storage.get<Record<string, FieldValues>>(key, {});
  const put = async (key: string, repository: vscode.Uri, values: FieldValues) => {
    await storage.update(key, { ...all(key), [repository.toString()]: values });
  };
  const offer: Drafts['offer'] = async (repository, fields, values) => {
    const listed = new Set(fields.filter(({ suggestions }) => suggestions.length > 0).map(({ name }) => name));
    const offered = Object.fromEntries(Object.entries(values).filter(([name]) => listed.has(name)));
    if (Object.keys(offered).length > 0) await put(offeredKey, repository, offered);
  };
  return {
    offer,
    typed: (repository) => all(typedKey)[repository.toString()] ?? {},
    offered: (repository) => all(offeredKey)[repository.toString()] ?? {},
    set: (repository, values) => put(typedKey, repository, values),
    async committed(repository, fields, values) {
      await offer(repository, fields, values);
      await put(typedKey, repository, {});
    },
  };
}
