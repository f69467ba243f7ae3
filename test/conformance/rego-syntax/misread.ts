/** What OPA reads otherwise than it means to, and ours does not. */

/**
 * Within parentheses that may hold operands of `and` and `or`, what looks like a comprehension and is a list: OPA keeps
 * states beside the terms that it has read, goes on from them, and so changes them before it goes back to them the second
 * time. `({1 | {x}, 2})` is `{1, 2}` to it, and `({1 | [x], 2})` is refused.
 */
export function isMisread(text: string): boolean {
  return /^\s*import\s+future\.keywords/m.test(text) && /\(\s*\{.*\|.*,/s.test(text);
}
