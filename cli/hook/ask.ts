/** Asks a person: in the window that has the repository open, else in the terminal of the commit. */
import type { FormHome, Home } from '../../core/disclosure/home.ts';
import type { GitRepository } from '../../core/git/repository.ts';
import type { Question } from '../../core/hook/hook-run.ts';
import type { PromptAnswer } from '../../core/prompt-link/messages.ts';

export interface Place {
  repository: GitRepository;
  home: FormHome;
  /** Takes as long to read as a window takes to show the prompt: only the form in a terminal needs it. */
  wholeHome: () => Promise<Home>;
  /** Without anything drawn, for screen readers and simple terminals. */
  plain: boolean;
}

/** How long a window may take to say that it shows the prompt, in milliseconds. */
const waitMs = 400;
/** The same where the terminal is the window's own, or where there is none and the commit would be refused. */
const patientMs = 3000;

/** Undefined when nobody can be asked: no window has the repository open, and there is no terminal. */
export async function askPerson(question: Question, place: Place): Promise<PromptAnswer | undefined> {
  if (process.env.COUNTERSIGN_ASK === 'never') return undefined;
  return (await inWindow(question, place)) ?? (await inTerminal(question, place));
}

async function inWindow(question: Question, { repository, home }: Place): Promise<PromptAnswer | undefined> {
  if (!home.config.hook.window || process.env.COUNTERSIGN_ASK === 'terminal') return undefined;
  const { askWindow } = await import('../../core/prompt-link/ask-window.ts');
  const { message, values, known, violations } = question;
  const request = {
    repository: repository.root,
    message,
    values,
    known: known.values,
    evidence: known.evidence,
    violations: violations.map(({ rule, msg, field }) => ({ rule, msg, ...(field === undefined ? {} : { field }) })),
  };
  const { isTerminalSeen } = await import('./terminal.ts');
  const elsewhere = !process.env.COUNTERSIGN_WINDOW && isTerminalSeen(process.env, isByAgent(question));
  return askWindow(request, { waitMs: elsewhere ? waitMs : patientMs });
}

const isByAgent = ({ known }: Question): boolean => known.evidence.some(({ source }) => source === 'environment');

async function inTerminal(question: Question, place: Place): Promise<PromptAnswer | undefined> {
  const { openTerminal, wantsPlain } = await import('./terminal.ts');
  const terminal = openTerminal(process.env, isByAgent(question));
  if (!terminal) return undefined;
  try {
    const { askInForm } = await import('./form.ts');
    const dialog =
      place.plain || wantsPlain(process.env, terminal)
        ? (await import('./plain-dialog.ts')).plainDialog(terminal)
        : (await import('./drawn-dialog.ts')).drawnDialog(terminal);
    return await askInForm({ ...question, fields: await withApprovers(question, place) }, dialog);
  } finally {
    terminal.close();
  }
}

/** The fields with the people who are likely to approve: owners of the staged files, those who did before. */
async function withApprovers({ fields }: Question, { repository, wholeHome }: Place): Promise<Question['fields']> {
  if (!fields.some(({ name }) => name === 'approver')) return fields;
  const { approverSuggestions } = await import('../../core/approval/people.ts');
  // The form goes without where the history cannot be read.
  const found = await approverSuggestions(repository, await wholeHome(), { limit: 8 }).catch(() => []);
  return fields.map((field) =>
    field.name === 'approver' && !field.closed && found.length > 0 ? { ...field, suggestions: found } : field,
  );
}
