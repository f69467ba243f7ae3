/**
 * A list of which several may be chosen, one after the other; what is typed may be chosen, too. VS Code's own
 * list with check boxes has no way to check one from the line that is typed in.
 */
import * as vscode from 'vscode';
import { handOver } from '../commit/hand-over.ts';

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

/** `values` absent: goes on with what is chosen. */
type Item = vscode.QuickPickItem & { values?: string[]; problem?: string };

/** Enter chooses, or takes back what was chosen; with something chosen, the first line goes on. */
export function chooseMany(step: ManyStep): Promise<'next' | 'back' | 'cancel'> {
  const input = vscode.window.createQuickPick<Item>();
  const { title, placeholder, step: at, totalSteps } = step;
  Object.assign(input, { title, placeholder, step: at, totalSteps, ignoreFocusOut: true });
  Object.assign(input, { matchOnDescription: true, matchOnDetail: true });
  if (at > 1) input.buttons = [vscode.QuickInputButtons.Back];
  const chosen = new Set(step.chosen);

  function itemOf({ value, label = value, detail }: Choice): Item {
    const taken = chosen.has(value);
    const words = [...(detail === undefined ? [] : [detail]), ...(taken ? [vscode.l10n.t('chosen')] : [])];
    return {
      label,
      values: [value],
      ...(words.length > 0 && { description: words.join(', ') }),
      iconPath: new vscode.ThemeIcon(taken ? 'check' : 'circle-outline'),
    };
  }

  /** All that there is to choose; `typed` is what the text in the line would be. */
  function show(typed?: Item): void {
    const known = new Set(step.items.map(({ value }) => value));
    const added = [...chosen].filter((value) => !known.has(value)).map((value): Choice => ({ value }));
    const labels = new Map(step.items.map(({ value, label }) => [value, label]));
    const names = [...chosen].map((value) => labels.get(value) ?? value).join(', ');
    const go: Item = {
      label: vscode.l10n.t('Go on with {0}', names),
      iconPath: new vscode.ThemeIcon('arrow-right'),
    };
    const items = [...added, ...step.items].map(itemOf);
    input.items = [...(chosen.size > 0 && input.value === '' ? [go] : []), ...items, ...(typed ? [typed] : [])];
    const begun = (item: Item) => `${item.label} ${item.description}`.toLowerCase().includes(input.value.toLowerCase());
    // Who types the beginning of what there is means that.
    if (typed && !items.some(begun)) input.activeItems = [typed];
  }

  async function offerTyped(text: string): Promise<void> {
    const values = step.typed(text).filter((value) => !step.items.some((item) => item.value === value));
    if (values.length === 0) return show();
    const problems = await Promise.all(values.map((value) => step.check?.(value)));
    if (text !== input.value.trim()) return;
    const problem = problems.find((one) => one !== undefined);
    const label = problem ? vscode.l10n.t('“{0}” will not do', text) : vscode.l10n.t('Use “{0}”', text);
    show({ label, values, alwaysShow: true, ...(problem && { detail: problem, problem }) });
  }

  return new Promise<'next' | 'back' | 'cancel'>((left) => {
    let looking: Promise<void> = Promise.resolve();
    input.onDidTriggerButton(() => left('back'));
    input.onDidHide(() => left('cancel'));
    input.onDidChangeValue((text) => {
      looking = offerTyped(text.trim());
    });
    input.onDidAccept(async () => {
      await looking;
      const [item] = input.activeItems;
      if (!item || item.problem !== undefined) return;
      if (!item.values) return left('next');
      const takesBack = item.values.every((value) => chosen.has(value));
      for (const value of item.values) {
        if (takesBack) chosen.delete(value);
        else chosen.add(value);
      }
      step.changed([...chosen]);
      input.value = '';
      show();
    });
    show();
    input.show();
  }).finally(() => handOver(input));
}
