/** What a YAML file with a ConstraintTemplate is known by. */

export const mark = 'ConstraintTemplate';

/** A file that is worth reading: cheap, for every YAML file there is. */
export function mayHoldTemplates(text: string): boolean {
  return text.includes(mark) && /^[ \t-]*["']?kind["']?[ \t]*:[ \t]*["']?ConstraintTemplate\b/m.test(text);
}
