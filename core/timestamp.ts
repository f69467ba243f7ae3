/** A moment as disclosures, notes and exceptions write it: RFC 3339 in UTC, to the second. */
export function timestampOf(moment: Date | number): string {
  return new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');
}
