/** One step of the prompt: a list to choose from, or a line to type, both checked while typing. */
import * as vscode from 'vscode';
import { handOver } from './hand-over.ts';

export interface Step {
  title: string;
  /** From 1. */
  step: number;
  totalSteps: number;
  /** Plain text: what to enter. */
  prompt: string;
  placeholder: string;
  /** What stands there at first. */
  value: string;
  suggestions: Suggestion[];
  /** Only a suggestion will do. */
  closed: boolean;
  optional: boolean;
  /** What is wrong with a value; undefined when nothing is. */
  check(value: string): Promise<string | undefined>;
  /** Called at each change, so that nothing typed is lost. */
  changed(value: string): void;
  /** There is something before this step to go back to. */
  back: boolean;
  /** All fields can be seen at once instead. */
  review: boolean;
  /** Cancelled, the step closes as if left. */
  token?: vscode.CancellationToken;
}

export interface Suggestion {
  value: string;
  detail?: string;
  /** A second line: where it is from, and how sure that is. */
  origin?: string;
}

export type Answer = { kind: 'value'; value: string } | { kind: 'back' } | { kind: 'review' } | { kind: 'cancel' };

export function ask(step: Step): Promise<Answer> {
  return step.suggestions.length > 0 ? choose(step) : type(step);
}

/** Calls `show` with the check's answer for the last of several values that come quickly. */
function latest(check: Step['check'], show: (value: string, problem: string | undefined) => void) {
  let turn = 0;
  return async (value: string): Promise<string | undefined> => {
    turn += 1;
    const mine = turn;
    const problem = await check(value);
    if (mine === turn) show(value, problem);
    return problem;
  };
}

const reviewButton = (): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon('checklist'),
  tooltip: vscode.l10n.t('Show All Fields'),
});

/** What both kinds of step share; resolves to how the user leaves it, other than by a value. */
function dress(input: vscode.QuickPick<Choice> | vscode.InputBox, step: Step): Promise<Answer> {
  const { title, step: at, totalSteps, back, review, token } = step;
  Object.assign(input, { title, step: at, totalSteps, ignoreFocusOut: true });
  input.buttons = [...(back ? [vscode.QuickInputButtons.Back] : []), ...(review ? [reviewButton()] : [])];
  return new Promise((left) => {
    input.onDidTriggerButton((button) => left({ kind: button === vscode.QuickInputButtons.Back ? 'back' : 'review' }));
    input.onDidHide(() => left({ kind: 'cancel' }));
    token?.onCancellationRequested(() => left({ kind: 'cancel' }));
    if (token?.isCancellationRequested) left({ kind: 'cancel' });
  });
}

function type(step: Step): Promise<Answer> {
  const input = vscode.window.createInputBox();
  const left = dress(input, step);
  input.prompt = step.prompt;
  input.placeholder = step.placeholder;
  input.value = step.value;
  const check = latest(step.check, (value, problem) => {
    if (value === input.value) input.validationMessage = problem;
  });
  if (step.value) void check(step.value);
  const typed = new Promise<Answer>((answered, failed) => {
    input.onDidChangeValue((value) => {
      step.changed(value);
      check(value).catch(failed);
    });
    input.onDidAccept(async () => {
      const { value } = input;
      input.busy = true;
      const problem = await check(value).catch(failed);
      input.busy = false;
      if (problem === undefined && value === input.value) answered({ kind: 'value', value });
    });
    input.show();
  });
  return Promise.race([typed, left]).finally(() => handOver(input));
}

export const errorIcon = new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));

/** Whether the list still shows a suggestion for what was typed. */
function matches({ label, description = '' }: Choice, typed: string): boolean {
  return `${label} ${description}`.toLowerCase().includes(typed.toLowerCase());
}

/** `typed`: the item stands for what was typed, not for a suggestion. */
type Choice = vscode.QuickPickItem & { value: string; typed?: boolean };

function choose(step: Step): Promise<Answer> {
  const input = vscode.window.createQuickPick<Choice>();
  const left = dress(input, step);
  input.placeholder = step.prompt;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  const offered: Choice[] = step.suggestions.map(({ value, detail, origin }) => {
    return { label: value, description: detail, detail: origin, value };
  });
  const skip: Choice[] = step.optional ? [{ label: vscode.l10n.t('Leave empty'), value: '', alwaysShow: true }] : [];
  const isOffered = (value: string) => step.suggestions.some((suggestion) => suggestion.value === value);

  // What the list was last drawn for.
  let drawn = '';
  // The list and, below it, what was typed, with what is wrong with it.
  const draw = (value: string, problem: string | undefined) => {
    drawn = value;
    const own: Choice[] = [];
    // Half a suggestion is no mistake yet.
    const halfway = problem !== undefined && offered.some((choice) => matches(choice, value));
    if (value && !isOffered(value) && !halfway) {
      own.push({
        label: problem ?? vscode.l10n.t('Use “{0}”', value),
        description: problem ? vscode.l10n.t('“{0}” will not do', value) : undefined,
        iconPath: problem ? errorIcon : new vscode.ThemeIcon('edit'),
        value,
        typed: true,
        alwaysShow: true,
      });
    }
    input.items = [...offered, ...own, ...skip];
  };
  const refuse = async (value: string) =>
    (await step.check(value)) ??
    (step.closed && value && !isOffered(value) ? vscode.l10n.t('Choose one of the list.') : undefined);
  const check = latest(refuse, (value, problem) => {
    if (value === input.value.trim()) draw(value, problem);
  });

  // All before the list is shown: Enter on what is there at first must mean what was kept.
  const kept = step.value !== '' && !isOffered(step.value);
  if (kept) input.value = step.value;
  draw(kept ? step.value : '', undefined);
  if (step.value) input.activeItems = input.items.filter(({ value }) => value === step.value);
  const chosen = new Promise<Answer>((answered, failed) => {
    input.onDidChangeValue((value) => {
      if (value) step.changed(value.trim());
      check(value.trim()).catch(failed);
    });
    input.onDidAccept(async () => {
      const typed = input.value.trim();
      const [picked] = input.selectedItems;
      // Keys may come faster than the list is drawn: then what was typed counts, not what was active by chance.
      const meant = drawn === typed || (picked?.value && !picked.typed && matches(picked, typed));
      const value = picked && meant ? picked.value : typed;
      input.busy = true;
      const problem = await refuse(value).catch(failed);
      input.busy = false;
      if (problem === undefined) {
        step.changed(value);
        answered({ kind: 'value', value });
      } else if (picked && !picked.typed) {
        // A suggestion that will not do after all: its reason is shown in place of its description.
        picked.description = problem;
        input.items = [...input.items];
      } else {
        draw(value, problem);
      }
    });
    input.show();
    if (kept) check(step.value).catch(failed);
  });
  return Promise.race([chosen, left]).finally(() => handOver(input));
}
