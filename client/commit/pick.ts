import * as vscode from 'vscode';
import { handOver } from './hand-over.ts';

export interface Pick {
  title: string;
  placeholder: string;
  /** Cancelled, the list closes as if left. */
  token?: vscode.CancellationToken;
}

/** An item and, where it has buttons, what each of them does. */
export type Item<T> = vscode.QuickPickItem & { choice?: T; buttonChoices?: readonly T[] };

export function separator<T>(label: string): Item<T> {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** Shows a list, with `active` under the cursor (the first by default); undefined when the user leaves it. */
export function pickOne<T>(items: readonly Item<T>[], pick: Pick, active?: Item<T>): Promise<T | undefined> {
  const { title, placeholder, token } = pick;
  const input = vscode.window.createQuickPick<Item<T>>();
  Object.assign(input, { title, placeholder, ignoreFocusOut: true, matchOnDescription: true, matchOnDetail: true });
  input.items = items;
  if (active) input.activeItems = [active];
  return new Promise<T | undefined>((picked) => {
    input.onDidAccept(() => {
      const [item] = input.selectedItems;
      if (item?.choice !== undefined) picked(item.choice);
    });
    input.onDidTriggerItemButton(({ item, button }) => {
      const choice = item.buttonChoices?.[item.buttons?.indexOf(button) ?? -1];
      if (choice !== undefined) picked(choice);
    });
    input.onDidHide(() => picked(undefined));
    token?.onCancellationRequested(() => picked(undefined));
    if (token?.isCancellationRequested) return picked(undefined);
    input.show();
  }).finally(() => handOver(input));
}
