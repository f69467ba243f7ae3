/** Models as programs record them. */

/** Words that stand where no model is known or chosen. */
const none = new Set(['', 'unknown', 'auto', 'default', 'none', 'null', 'undefined', '<synthetic>', 'synthetic']);

/** The model that a program recorded; undefined when it recorded none, or something that is no name. */
export function modelId(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const id = value.trim();
  if (none.has(id.toLowerCase())) return undefined;
  return /^[\w.:/@+()[\] -]{1,128}$/.test(id) ? id : undefined;
}
