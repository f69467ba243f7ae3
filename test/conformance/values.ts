/** JSON values with exact integers: what a case wants may be beyond a double. */

/** JSON text of a value whose integers may be bigints, object keys sorted: equal values give equal texts. */
export function exactJson(value: unknown): string {
  if (typeof value === 'bigint') {
    return value.toString();
  }
  if (Array.isArray(value)) {
    return `[${value.map(exactJson).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${exactJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Reads JSON text, integers beyond a double's precision as bigints. */
export function readExactJson(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value;
  return JSON.parse(text, reviver);
}

/** Whether an integer in it is beyond a double's precision. */
export function needsExactIntegers(value: unknown): boolean {
  if (typeof value === 'bigint') {
    return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
  }
  return value !== null && typeof value === 'object' && Object.values(value).some(needsExactIntegers);
}
