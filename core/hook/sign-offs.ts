/** Keeps sign-offs last in a message's trailers. Pure. */
import { type DisclosureConfig, disclosingLines } from '../disclosure/profiles.ts';
import { parseTrailers } from '../trailers/parse.ts';

/**
 * The message with the sign-offs that stand just above the disclosure at its end put below it: who
 * signs off, signs what stands above; and `git commit --signoff` looks at the last line alone to
 * see whether it is there.
 */
export function signOffsLast(message: string, config: DisclosureConfig, commentPrefix: string): string {
  const { trailers, block } = parseTrailers(message, { commentPrefix });
  const keys = new Set(Object.values(config.trailers).map((key) => key.toLowerCase()));
  const lines = new Set(disclosingLines(trailers, config).map(({ trailer }) => trailer));
  let first = trailers.length;
  const at = (index: number) => trailers[index];
  for (let one = at(first - 1); one && (keys.has(one.key.toLowerCase()) || lines.has(one)); one = at(first - 1))
    first--;
  let signed = first;
  while (at(signed - 1)?.key.toLowerCase() === 'signed-off-by') signed--;
  const [top, middle] = [at(signed)?.span.start, at(first)?.span.start];
  if (signed === first || top === undefined || middle === undefined) return message;
  const below = message.slice(middle, block.end);
  // An unfinished line, or comments below: left as they are.
  if (!below.endsWith('\n') || message.slice(trailers.at(-1)?.span.end, block.end).trim() !== '') return message;
  const moved = message.slice(0, top) + below + message.slice(top, middle) + message.slice(block.end);
  // A line of white space that moved along may part the block.
  return parseTrailers(moved, { commentPrefix }).trailers.length === trailers.length ? moved : message;
}
