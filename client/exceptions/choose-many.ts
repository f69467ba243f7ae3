/** A list of which several may be checked; what is typed may be chosen, too. */
import * as vscode from 'vscode';

export interface Choice {
  value: string;
  /** The value itself when absent. */
  label?: string;
  detail?: string;
}

export interface ManyStep {
  title: string;
  placeholder: string;
  step: number;
  totalSteps: number;
  items: readonly Choice[];
  /** The values that a typed text stands for; none when it cannot be one. */
  typed(text: string): string[];
  /** What is wrong with a typed value; undefined when nothing is. */
  check?(value: string): Promise<string | undefined>;
  chosen: readonly string[];
  changed(values: string[]): void;
}

type Item = vscode.QuickPickItem & { values: string[]; problem?: string };

/** Enter takes what is checked, else what is under the cursor. */
export function chooseMany(step: ManyStep): Promise<'next' | 'back' | 'cancel'> {
  const input = vscode.window.createQuickPick<Item>();
  const { title, placeholder, step: at, totalSteps } = step;
  Object.assign(input, { title, placeholder, step: at, totalSteps, ignoreFocusOut: true, canSelectMany: true });
  Object.assign(input, { matchOnDescription: true, matchOnDetail: true });
  if (at > 1) input.buttons = [vscode.QuickInputButtons.Back];
  const offered = new Map(step.items.map(({ value }) => [value, true]));
  const added = step.chosen.filter((value) => !offered.has(value)).map((value): Choice => ({ value }));
  const items = [...step.items, ...added].map(({ value, label = value, detail }): Item => {
    return { label, ...(detail !== undefined && { description: detail }), values: [value] };
  });
  input.items = items;
  input.selectedItems = items.filter(({ values }) => values.some((value) => step.chosen.includes(value)));

  async function offerTyped(text: string): Promise<void> {
    const values = step.typed(text).filter((value) => !offered.has(value));
    const selected = input.selectedItems;
    if (values.length === 0) {
      if (input.items.length !== items.length) input.items = items;
    } else {
      const problems = await Promise.all(values.map((value) => step.check?.(value)));
      if (text !== input.value.trim()) return;
      const problem = problems.find((one) => one !== undefined);
      const label = problem ? vscode.l10n.t('“{0}” will not do', text) : vscode.l10n.t('Use “{0}”', text);
      const item: Item = { label, values, alwaysShow: true, ...(problem && { detail: problem, problem }) };
      input.items = [item, ...items];
      input.activeItems = [item];
    }
    input.selectedItems = selected.filter((one) => input.items.includes(one));
  }

  return new Promise<'next' | 'back' | 'cancel'>((left) => {
    input.onDidTriggerButton(() => left('back'));
    input.onDidHide(() => left('cancel'));
    let looking: Promise<void> = Promise.resolve();
    input.onDidChangeValue((text) => {
      looking = offerTyped(text.trim());
    });
    input.onDidAccept(async () => {
      await looking;
      const taken = input.selectedItems.length > 0 ? input.selectedItems : input.activeItems;
      const values = [...new Set(taken.flatMap((item) => item.values))];
      if (values.length === 0 || taken.some(({ problem }) => problem !== undefined)) return;
      step.changed(values);
      left('next');
    });
    input.show();
  }).finally(() => input.dispose());
}
