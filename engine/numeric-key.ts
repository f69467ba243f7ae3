/**
 * A key in data that looks like a number. OPA finds `{"2": …}` by `data.x[2]`, too; what runs compiled policies does
 * not.
 */
export function numericKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const own = Array.isArray(value) ? undefined : Object.keys(value).find((key) => /^[-+]?[0-9.]/.test(key));
  return (
    own ??
    Object.values(value)
      .map(numericKey)
      .find((key) => key !== undefined)
  );
}
