/** The same questions as plain lines, answered with a number or a text and Enter. */
import { createInterface } from 'node:readline/promises';
import { printable } from '../terminal.ts';
import type { Dialog } from './form.ts';
import type { Terminal } from './terminal.ts';

export function plainDialog({ input, output }: Terminal): Dialog {
  const write = (said: string) => output.write(`${printable(said)}\n`);
  write('Countersign');
  return {
    say: write,
    complain: write,
    async choose(message, choices) {
      write(message);
      for (const [at, { label, hint }] of choices.entries()) write(`${at + 1}. ${label}${hint ? ` (${hint})` : ''}`);
      for (;;) {
        const answer = await line(`Number from 1 to ${choices.length}, or Enter for 1: `);
        if (answer === undefined) return undefined;
        const chosen = answer.trim() === '' ? choices[0] : choices[Number(answer) - 1];
        if (chosen) return chosen.value;
      }
    },
    async type(message, initial) {
      const answer = await line(`${message}${initial ? `, or Enter for ${initial}` : ''}: `);
      return answer === '' ? initial : answer;
    },
  };

  /** Undefined when the terminal is closed, or interrupted. */
  async function line(prompt: string): Promise<string | undefined> {
    const reader = createInterface({ input, output, terminal: false });
    const gone = new AbortController();
    reader.once('close', () => gone.abort());
    try {
      return await reader.question(printable(prompt), { signal: gone.signal });
    } catch {
      return undefined;
    } finally {
      reader.close();
    }
  }
}
