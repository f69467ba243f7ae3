/** The form's questions drawn in a terminal, to be answered with the arrow keys. */
import { intro, isCancel, log, select, text } from '@clack/prompts';
import { printable } from '../terminal.ts';
import type { Dialog } from './form.ts';
import type { Terminal } from './terminal.ts';

export function drawnDialog({ input, output }: Terminal): Dialog {
  intro('Countersign', { output });
  return {
    say: (said) => log.message(printable(said), { output }),
    complain: (said) => log.error(printable(said), { output }),
    async choose(message, choices) {
      const options = choices.map(({ value, label, hint }) => ({ value, label: printable(label), hint }));
      const answer = await select({ message, options, input, output });
      return isCancel(answer) ? undefined : answer;
    },
    async type(message, initial) {
      const answer = await text({ message, initialValue: initial, input, output });
      return isCancel(answer) ? undefined : (answer ?? '');
    },
  };
}
