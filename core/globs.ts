/** Globs as the policies read them (policies/globs.rego says the same in Rego). */

/**
 * The expression for "one of these globs"; it matches nothing when there are none. `*` and `?` stay
 * within a path segment, `**` does not, and a leading part `**` with its slash may match nothing. All
 * else stands for itself.
 */
export function globExpression(globs: readonly string[]): RegExp {
  if (globs.length === 0) return /\b\B/u;
  return new RegExp(`^(?:${globs.map(translated).join('|')})$`, 'su');
}

function translated(glob: string): string {
  return glob.replace(/\*\*\/|\*\*|[*?]|[\\.+()|^$[\]{}]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
}

/** It has no literal part: it may match whatever there is. */
export function matchesAnything(glob: string): boolean {
  return /^[*?/]*$/.test(glob);
}
